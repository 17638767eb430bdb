import { add, type DoubleDouble, divide, twoProduct, twoSum } from "./double-double";
import { StatsError } from "./errors";
import { largestSize, omitMissing, type Sample } from "./sample";

/**
 * Count, mean and sum of squared deviations of a stream, as plain data (JSON-safe). The mean is mean + meanLow: without
 * the low part a spread of 1 around 10^15 would lose its digits. Values up to about 10^150 in size.
 */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly meanLow: number;
  readonly m2: number;
}

/** What the tests need of one arm. `variance` is the unbiased sample variance; `meanLow` refines `mean` below its last bit. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
  readonly meanLow?: number;
}

const EMPTY: Moments = { count: 0, mean: 0, meanLow: 0, m2: 0 };

/** Moments of a sample, missing values left out, by two passes; of nothing: count 0. Throws `non_finite` for infinite values. */
export function createMoments(sample: Sample = []): Moments {
  const { values } = omitMissing(sample);
  largestSize(values, "sample");
  if (values.length === 0) return EMPTY;
  const mean = meanOf(values);
  return { count: values.length, mean: mean.high, meanLow: mean.low, m2: squaredDeviations(values, mean) };
}

/** Moments with one more value (Welford 1962). Throws `non_finite` for NaN and infinities. */
export function addToMoments(moments: Moments, value: number): Moments {
  if (!Number.isFinite(value)) throw new StatsError("non_finite", `cannot add ${value} to moments`);
  return mergeMoments(moments, { count: 1, mean: value, meanLow: 0, m2: 0 });
}

/** Moments of both streams together (Chan, Golub and LeVeque 1979); the order of merging changes no more than the last bits. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const apart = add({ high: b.mean, low: b.meanLow }, { high: -a.mean, low: -a.meanLow });
  const mean = add({ high: a.mean, low: a.meanLow }, scaled(apart, b.count, count));
  const m2 = a.m2 + b.m2 + apart.high * apart.high * ((a.count / count) * b.count);
  return { count, mean: mean.high, meanLow: mean.low, m2 };
}

/** The summary that the tests take; null with fewer than two values, where a sample variance does not exist. */
export function summaryOf(moments: Moments): Summary | null {
  if (moments.count < 2) return null;
  return { n: moments.count, mean: moments.mean, meanLow: moments.meanLow, variance: moments.m2 / (moments.count - 1) };
}

/** Mean of at least one finite value, exact to about 100 bits (Ogita, Rump and Oishi 2005, Sum2). */
export function meanOf(values: Float64Array): DoubleDouble {
  let sum = 0;
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const next = sum + value;
    const virtual = next - sum;
    error += sum - (next - virtual) + (value - virtual);
    sum = next;
  }
  return divide(twoSum(sum, error), values.length);
}

/** Sum of squared deviations from a mean held in two parts; exactly 0 for a constant sample. */
export function squaredDeviations(values: Float64Array, mean: DoubleDouble): number {
  const { high, low } = mean;
  let sum = 0;
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = (values[i] ?? 0) - high - low;
    const square = deviation * deviation;
    const next = sum + square;
    const virtual = next - sum;
    error += sum - (next - virtual) + (square - virtual);
    sum = next;
  }
  return sum + error;
}

function scaled(value: DoubleDouble, part: number, whole: number): DoubleDouble {
  const share = divide(value, whole);
  const product = twoProduct(share.high, part);
  return twoSum(product.high, product.low + share.low * part);
}
