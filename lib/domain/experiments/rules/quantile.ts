import {
  coMomentsOfSums,
  normalUpperQuantile,
  quantileEstimate,
  ratioSummary,
  Sketch,
  type Summary,
  tUpperQuantile,
} from "@/lib/core/stats";

/** Of an arm's requests, as lib/domain/scores counts them: by bucket, and over groups of subjects what is below, inside and in all. */
export interface TimeQuantile {
  readonly counts: readonly (readonly [bucket: number, requests: number])[];
  readonly groups: number;
  readonly b: number;
  readonly i: number;
  readonly y: number;
  readonly bb: number;
  readonly bi: number;
  readonly by: number;
  readonly ii: number;
  readonly iy: number;
  readonly yy: number;
}

/** Of an arm's subjects: the mean score at the quantile and at the ends of its 95 % interval; an end beyond the values is null. */
export interface ScoreQuantile {
  readonly subjects: number;
  readonly value: string;
  readonly low: string | null;
  readonly high: string | null;
}

const TAIL = 0.025;
const Z = normalUpperQuantile(TAIL);

/**
 * A quantile of an arm's requests as the tests of means take it: its standard error is that of its interval of order statistics, at shares whose error
 * is the ratio's over groups of subjects (Deng, Knoblich and Lu, KDD 2018), widened for so many groups. null where an end lies beyond the values.
 */
export function summarizeTimes(
  times: TimeQuantile,
  { quantile, subjects }: { readonly quantile: number; readonly subjects: number },
): Summary | null {
  const { counts, groups, b, i, y, bb, bi, by, ii, iy, yy } = times;
  if (groups < 2 || i === 0) return null;
  // The part of the quantile's own bucket that is taken to lie under it, so that the share is the quantile's.
  const part = Math.min(1, Math.max(0, (quantile * y - b) / i));
  const moments = coMomentsOfSums({
    n: groups,
    sums: [b + part * i, y],
    products: [bb + 2 * part * bi + part * part * ii, by + part * iy, yy],
  });
  const share = ratioSummary(moments);
  if (share === null) return null;
  const shareStandardError = Math.sqrt(share.variance / groups) * (tUpperQuantile(TAIL, groups - 1) / Z);
  const { value, standardError } = quantileEstimate({ values: Sketch.fromCounts(counts), shareStandardError }, quantile);
  return value === null || standardError === null ? null : toSummary(value, standardError, subjects);
}

/** The same of subjects' mean scores, which are independent. */
export function summarizeMeans({ subjects, value, low, high }: ScoreQuantile): Summary | null {
  if (low === null || high === null) return null;
  return toSummary(Number(value), (Number(high) - Number(low)) / (2 * Z), subjects);
}

const toSummary = (value: number, standardError: number, n: number): Summary => ({
  n,
  mean: value,
  variance: standardError * standardError * n,
});
