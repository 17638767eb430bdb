import { difference, twoSum } from "./double-double";
import { StatsError } from "./errors";
import { meanOf, squaredDeviations } from "./moments";
import { percentile } from "./percentile";
import type { Sample } from "./sample";

/**
 * Metrics of predictions of a number, in its unit. `bias` is the mean of prediction − truth. `r2` null where the truth does not vary;
 * `mape` leaves out truths of 0 (null where all are), `mapeClipped` divides by at least 2^-52 as scikit-learn does; `smape` 0..2, 0/0 as 0.
 */
export interface RegressionOk {
  readonly status: "ok";
  readonly n: number;
  readonly mae: number;
  /** Infinity where it overflows; `rmse` does not. */
  readonly mse: number;
  readonly rmse: number;
  readonly bias: number;
  readonly medianAbsoluteError: number;
  readonly maxError: number;
  readonly r2: number | null;
  readonly mape: number | null;
  readonly mapeClipped: number;
  readonly smape: number;
}

export type RegressionMetrics = RegressionOk | { readonly status: "insufficient_data"; readonly n: 0 };

const SMALLEST_TRUTH = 2 ** -52;

/** Metrics of predictions against truths; pairs with either missing are left out. Throws `invalid_value` for infinities and unlike lengths. */
export function regressionMetrics(truth: Sample, predicted: Sample): RegressionMetrics {
  const { truths, predictions } = pairUp(truth, predicted);
  const n = truths.length;
  if (n === 0) return { status: "insufficient_data", n: 0 };
  const errors = predictions.map((prediction, index) => prediction - (truths[index] ?? 0));
  const sizes = errors.map(Math.abs);
  const squares = meanSquare(errors);
  const relative = (divisor: (truth: number, prediction: number) => number) =>
    sizes.map((size, index) => (size === 0 ? 0 : size / divisor(truths[index] ?? 0, predictions[index] ?? 0)));
  const nonZero = relative((y) => Math.abs(y)).filter((_, index) => truths[index] !== 0);
  return {
    status: "ok",
    n,
    mae: meanOf(sizes).high,
    mse: squares.mean * squares.scale * squares.scale,
    rmse: Math.sqrt(squares.mean) * squares.scale,
    bias: biasOf(truths, predictions),
    medianAbsoluteError: percentile(sizes, 0.5) ?? 0,
    maxError: sizes.reduce((largest, size) => Math.max(largest, size), 0),
    r2: determination(truths, squares),
    mape: nonZero.length === 0 ? null : meanOf(nonZero).high,
    mapeClipped: meanOf(relative((y) => Math.max(Math.abs(y), SMALLEST_TRUTH))).high,
    smape: meanOf(relative((y, p) => (Math.abs(y) + Math.abs(p)) / 2)).high,
  };
}

function pairUp(truth: Sample, predicted: Sample): { truths: Float64Array; predictions: Float64Array } {
  if (truth.length !== predicted.length) throw new StatsError("invalid_value", "each truth needs a prediction");
  const [truths, predictions] = [new Float64Array(truth.length), new Float64Array(truth.length)];
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    const [y, p] = [truth[i] ?? Number.NaN, predicted[i] ?? Number.NaN];
    if (Number.isNaN(y) || Number.isNaN(p)) continue;
    if (!Number.isFinite(y) || !Number.isFinite(p)) throw new StatsError("invalid_value", `values must be finite, got ${y} and ${p}`);
    truths[count] = y;
    predictions[count++] = p;
  }
  return { truths: truths.subarray(0, count), predictions: predictions.subarray(0, count) };
}

/** Mean of squares in units of a power of two near the largest value, so that none overflows or vanishes. */
function meanSquare(values: Float64Array): { mean: number; scale: number } {
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  if (largest === 0) return { mean: 0, scale: 1 };
  const scale = 2 ** Math.max(-1022, Math.min(1023, Math.floor(Math.log2(largest))));
  return { mean: meanOf(values.map((value) => (value / scale) ** 2)).high, scale };
}

/** The difference of both means before either is rounded; errors of values far from 0 lose digits. */
function biasOf(truths: Float64Array, predictions: Float64Array): number {
  const [predicted, known] = [meanOf(predictions), meanOf(truths)];
  return difference(twoSum(predicted.high, predicted.low), twoSum(known.high, known.low));
}

function determination(truths: Float64Array, errors: { mean: number; scale: number }): number | null {
  const centre = meanOf(truths).high;
  const largest = truths.reduce((size, value) => Math.max(size, Math.abs(value - centre)), 0);
  if (largest === 0) return null;
  const scale = 2 ** Math.max(-1022, Math.min(1023, Math.floor(Math.log2(largest))));
  const scaled = truths.map((value) => value / scale);
  const spread = squaredDeviations(scaled, meanOf(scaled)) / truths.length;
  return spread === 0 ? null : 1 - (errors.mean / spread) * (errors.scale / scale) * (errors.scale / scale);
}
