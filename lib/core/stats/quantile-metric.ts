import { normalPValue } from "./alternative";
import { assertOpenUnit, StatsError } from "./errors";
import { type MidQuantile, midQuantile, placeInSketch, placeInSorted } from "./mid-quantile";
import { normalUpperQuantile } from "./normal";
import { assertQuantile } from "./percentile";
import { largestSize, omitMissing, type Sample } from "./sample";
import { Sketch } from "./sketch";
import { toSortedValues } from "./sort";

export interface QuantileOptions {
  /** Coverage, 0..1 exclusive; default 0.95. */
  readonly confidence?: number;
}

/** One arm: its values, or a sketch of them. */
export interface QuantileArm {
  readonly values: Sample | Sketch;
  /**
   * Standard error of the share of values under the quantile; by default that of independent values. Where one subject has several, it is the
   * root of ratioSummary's variance / n over (values under the quantile, values) of each subject.
   */
  readonly shareStandardError?: number;
}

/** `insufficient_data`: so few values that an end of the interval lies beyond them. */
export interface QuantileEstimate {
  readonly status: "ok" | "insufficient_data";
  readonly n: number;
  readonly value: number | null;
  readonly standardError: number | null;
  readonly confidenceInterval: readonly [low: number, high: number] | null;
}

/** Treatment − control; `zero_variance` where neither interval has a width. */
export interface QuantileComparison {
  readonly status: "ok" | "insufficient_data" | "zero_variance";
  readonly difference: number | null;
  readonly standardError: number | null;
  readonly confidenceInterval: readonly [low: number, high: number] | null;
  readonly pValue: number | null;
  readonly control: QuantileEstimate;
  readonly treatment: QuantileEstimate;
}

/**
 * A quantile of one arm with the interval of order statistics: the values at the shares quantile ± z · the share's standard error (Woodruff 1952;
 * for clustered values Deng, Knoblich and Lu, KDD 2018), each a mid-quantile, so that ties do not make it jump. Needs no density. From a sketch
 * all three are within its 1 % of the values beside them.
 */
export function quantileEstimate(arm: QuantileArm, quantile: number, { confidence = 0.95 }: QuantileOptions = {}): QuantileEstimate {
  assertOpenUnit(confidence, "confidence");
  assertQuantile(quantile);
  const { n, at } = readerOf(arm.values);
  const given = arm.shareStandardError;
  if (given !== undefined && !(given >= 0)) throw new StatsError("invalid_option", `a standard error is not negative, got ${given}`);
  if (n === 0) return { status: "insufficient_data", n, value: null, standardError: null, confidenceInterval: null };
  const { value, shareVariance } = at(quantile);
  // Whether the ends lie within the values is asked of the full error: ties make the share's own smaller, not the values more.
  const z = normalUpperQuantile((1 - confidence) / 2);
  const window = given ?? Math.sqrt((quantile * (1 - quantile)) / n);
  const [low, high] = [quantile - z * window, quantile + z * window];
  if (n < 2 || low < 0 || high > 1) return { status: "insufficient_data", n, value, standardError: null, confidenceInterval: null };
  const part = given === undefined && window > 0 ? Math.sqrt(shareVariance / n) / window : 1;
  const ends = [low, high].map((share) => at(quantile + part * (share - quantile)).value);
  const [from = value, to = value] = ends;
  return { status: "ok", n, value, standardError: (to - from) / (2 * z), confidenceInterval: [from, to] };
}

/** The difference of a quantile of two independent arms, from both intervals' widths (Price and Bonett 2002). */
export function compareQuantiles(
  control: QuantileArm,
  treatment: QuantileArm,
  { quantile, ...options }: QuantileOptions & { readonly quantile: number },
): QuantileComparison {
  const arms = { control: quantileEstimate(control, quantile, options), treatment: quantileEstimate(treatment, quantile, options) };
  const { control: c, treatment: t } = arms;
  const nothing = { standardError: null, confidenceInterval: null, pValue: null } as const;
  if (c.value === null || t.value === null) return { status: "insufficient_data", difference: null, ...nothing, ...arms };
  const difference = t.value - c.value;
  if (c.standardError === null || t.standardError === null) return { status: "insufficient_data", difference, ...nothing, ...arms };
  const standardError = Math.hypot(c.standardError, t.standardError);
  if (standardError === 0) return { status: "zero_variance", difference, ...nothing, ...arms };
  const half = normalUpperQuantile((1 - (options.confidence ?? 0.95)) / 2) * standardError;
  return {
    status: "ok",
    difference,
    standardError,
    confidenceInterval: [difference - half, difference + half],
    pValue: normalPValue(difference / standardError, "two-sided"),
    ...arms,
  };
}

function readerOf(values: Sample | Sketch): { n: number; at: (share: number) => MidQuantile } {
  if (values instanceof Sketch) return { n: values.count, at: (share) => midQuantile(placeInSketch(values, share), share) };
  const sorted = toSortedValues(omitMissing(values).values);
  largestSize(sorted, "an arm");
  return { n: sorted.length, at: (share) => midQuantile(placeInSorted(sorted, share), share) };
}
