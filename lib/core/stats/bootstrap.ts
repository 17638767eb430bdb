import { createPrng, type Prng } from "../prng";
import { assertIntegerAtLeast, assertOpenUnit, StatsError } from "./errors";
import { createMoments } from "./moments";
import { largestSize, omitMissing, type Sample } from "./sample";
import { toSortedValues } from "./sort";

/** What is compared: the arms' means, medians or 95th percentiles, treatment − control, or treatment's mean over control's, less 1. */
export type BootstrapStatistic = "mean_diff" | "ratio_of_means_minus_1" | "median_diff" | "p95_diff";

export interface BootstrapOptions {
  readonly statistic?: BootstrapStatistic;
  /** How often both arms are drawn anew; default 2000. */
  readonly replicates?: number;
  /** The same seed gives the same answer to the last digit on every machine. */
  readonly seed: number;
  /** Coverage, 0..1 exclusive; default 0.95. */
  readonly confidence?: number;
}

export interface BootstrapOk {
  readonly status: "ok";
  readonly estimate: number;
  readonly mean: number;
  /** Sample deviation of the replicates. */
  readonly standardError: number;
  readonly percentileInterval: readonly [low: number, high: number];
  /** 2 · estimate − percentile, the tails turned round. */
  readonly basicInterval: readonly [low: number, high: number];
  /** In the order drawn. */
  readonly replicates: Float64Array;
}

/** `zero_baseline`: a ratio whose control mean is 0, drawn or as given. */
export interface BootstrapDegenerate {
  readonly status: "insufficient_data" | "zero_baseline";
  readonly estimate: null;
  readonly mean: null;
  readonly standardError: null;
  readonly percentileInterval: null;
  readonly basicInterval: null;
  readonly replicates: null;
}

export type BootstrapResult = BootstrapOk | BootstrapDegenerate;

/**
 * Bootstrap of two independent samples (Efron and Tibshirani 1993, §§ 13 and 14), missing values left out. Each replicate draws the control with
 * replacement, then the treatment, from one stream of mulberry32: index floor(u · n). Throws `non_finite` and `invalid_option`.
 */
export function bootstrap(control: Sample, treatment: Sample, options: BootstrapOptions): BootstrapResult {
  const { statistic = "mean_diff", replicates: count = 2000, seed, confidence = 0.95 } = options;
  assertOpenUnit(confidence, "confidence");
  assertIntegerAtLeast(count, 2, "replicates");
  const compare = STATISTICS[statistic];
  if (compare === undefined) throw new StatsError("invalid_option", `statistic: no ${String(statistic)}`);
  const [left, right] = [omitMissing(control).values, omitMissing(treatment).values];
  largestSize(left, "control");
  largestSize(right, "treatment");
  if (left.length === 0 || right.length === 0) return nothing("insufficient_data");
  const estimate = compare(left, right);
  const prng = createPrng(seed);
  const [drawnLeft, drawnRight] = [new Float64Array(left.length), new Float64Array(right.length)];
  const replicates = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    resample(left, drawnLeft, prng);
    resample(right, drawnRight, prng);
    replicates[i] = compare(drawnLeft, drawnRight);
  }
  if (!Number.isFinite(estimate) || !replicates.every(Number.isFinite)) return nothing("zero_baseline");
  const sorted = toSortedValues(replicates);
  const [low, high] = [linearQuantile(sorted, (1 - confidence) / 2), linearQuantile(sorted, (1 + confidence) / 2)];
  const { mean, m2 } = createMoments(replicates);
  return {
    status: "ok",
    estimate,
    mean,
    standardError: Math.sqrt(m2 / (count - 1)),
    percentileInterval: [low, high],
    basicInterval: [2 * estimate - high, 2 * estimate - low],
    replicates,
  };
}

/** Means are plain sums from left to right, so that another implementation of the same draws gets the same digits. */
const STATISTICS: Record<BootstrapStatistic, (control: Float64Array, treatment: Float64Array) => number> = {
  mean_diff: (control, treatment) => plainMean(treatment) - plainMean(control),
  ratio_of_means_minus_1: (control, treatment) => plainMean(treatment) / plainMean(control) - 1,
  median_diff: (control, treatment) => linearQuantile(toSortedValues(treatment), 0.5) - linearQuantile(toSortedValues(control), 0.5),
  p95_diff: (control, treatment) => linearQuantile(toSortedValues(treatment), 0.95) - linearQuantile(toSortedValues(control), 0.95),
};

function resample(values: Float64Array, into: Float64Array, prng: Prng): void {
  for (let i = 0; i < into.length; i++) into[i] = values[Math.floor(prng.next() * values.length)] ?? Number.NaN;
}

function plainMean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

/** Type 7 without refinements, from the lower neighbour: the same operations in the same order as the other implementations. */
function linearQuantile(sorted: Float64Array, quantile: number): number {
  const rank = quantile * (sorted.length - 1);
  const index = Math.floor(rank);
  const low = sorted[index] ?? Number.NaN;
  return low + (rank - index) * ((sorted[Math.min(index + 1, sorted.length - 1)] ?? low) - low);
}

function nothing(status: BootstrapDegenerate["status"]): BootstrapDegenerate {
  return { status, estimate: null, mean: null, standardError: null, percentileInterval: null, basicInterval: null, replicates: null };
}
