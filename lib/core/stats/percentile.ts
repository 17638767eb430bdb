import { twoProduct } from "./double-double";
import { assertOneOf, StatsError } from "./errors";
import { at, omitMissing, type Sample } from "./sample";
import { toSortedValues } from "./sort";

/** `linear` interpolates (type 7, numpy's default); `lower` and `higher` take the neighbouring value. */
export type PercentileMethod = "linear" | "lower" | "higher";

const METHODS: readonly PercentileMethod[] = ["linear", "lower", "higher"];

/** A place between two order statistics: the lower one's index and the share 0..1 towards the next. */
interface Rank {
  readonly index: number;
  readonly fraction: number;
}

/**
 * The value below which the share `quantile` (0..1, not percent) of a sample lies; null where nothing is there. Missing values are
 * left out. Throws `invalid_option` for a quantile outside 0..1, and `non_finite` where it lies between a value and an infinite one.
 */
export function percentile(sample: Sample, quantile: number, method: PercentileMethod = "linear"): number | null {
  const [value = null] = percentiles(sample, [quantile], method);
  return value;
}

/** Several percentiles of one sample, sorted once, in the order asked. */
export function percentiles(sample: Sample, quantiles: readonly number[], method: PercentileMethod = "linear"): (number | null)[] {
  assertOneOf(method, METHODS, "method");
  const sorted = toSortedValues(omitMissing(sample).values);
  return quantiles.map((quantile) => percentileOfSorted(sorted, quantile, method));
}

/** percentile for values already ascending and free of NaN. */
export function percentileOfSorted(sorted: Float64Array, quantile: number, method: PercentileMethod = "linear"): number | null {
  assertQuantile(quantile);
  assertOneOf(method, METHODS, "method");
  if (sorted.length === 0) return null;
  const rank = rankOf(sorted.length, quantile);
  if (method === "lower" || rank.fraction === 0) return at(sorted, rank.index) + 0;
  if (method === "higher") return at(sorted, rank.index + 1) + 0;
  const [low, high] = [at(sorted, rank.index), at(sorted, rank.index + 1)];
  if (low !== high && !(Number.isFinite(low) && Number.isFinite(high)))
    throw new StatsError("non_finite", `nothing lies between ${low} and ${high}`);
  return interpolate(low, high, rank.fraction);
}

/** Where quantile × (count − 1) falls. A product that rounds to a whole number is that rank: 0.9 of 101 values is the 91st. */
export function rankOf(count: number, quantile: number): Rank {
  const { high, low } = twoProduct(quantile, count - 1);
  const index = Math.floor(high);
  return { index, fraction: high === index ? 0 : high - index + low };
}

/** From a to b by a share 0..1, from the nearer end, as numpy does; equal ends give exactly their value. */
export function interpolate(a: number, b: number, fraction: number): number {
  if (a === b) return a + 0;
  const step = b - a;
  return fraction >= 0.5 ? b - step * (1 - fraction) : a + step * fraction;
}

/** Throws `invalid_option` unless 0 ≤ quantile ≤ 1. */
export function assertQuantile(quantile: number): void {
  if (!(quantile >= 0 && quantile <= 1)) throw new StatsError("invalid_option", `quantile must lie in 0..1, got ${quantile}`);
}
