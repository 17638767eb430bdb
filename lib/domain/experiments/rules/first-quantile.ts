import { coMomentsOfSums, normalUpperQuantile, ratioSummary, Sketch, type Summary, tUpperQuantile } from "@/lib/core/stats";

/** Quantiles as evidence kept them before they lay between middles: read and computed anew for ever, written no more. */

/** By bucket, and over groups of subjects what is below the quantile's own bucket, inside it and in all. */
export interface FirstTimeQuantile {
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

/** The mean score of the quantile's rank and those at the ends of its 95 % interval; an end beyond the values is null. */
export interface FirstScoreQuantile {
  readonly subjects: number;
  readonly value: string;
  readonly low: string | null;
  readonly high: string | null;
}

const TAIL = 0.025;
const Z = normalUpperQuantile(TAIL);
/** That of an interval of 95 % as it was computed for times, which differs from TAIL in its last bit. */
const Z_TIMES = normalUpperQuantile((1 - 0.95) / 2);

export function summarizeFirstTimes(
  { counts, groups, b, i, y, bb, bi, by, ii, iy, yy }: FirstTimeQuantile,
  { quantile, subjects }: { readonly quantile: number; readonly subjects: number },
): Summary | null {
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
  const error = Math.sqrt(share.variance / groups) * (tUpperQuantile(TAIL, groups - 1) / Z);
  const [low, high] = [quantile - Z_TIMES * error, quantile + Z_TIMES * error];
  const sketch = Sketch.fromCounts(counts);
  if (sketch.count < 2 || low < 0 || high > 1) return null;
  const at = (share: number) => sketch.quantile(share) ?? Number.NaN;
  return toSummary(at(quantile), (at(high) - at(low)) / (2 * Z_TIMES), subjects);
}

export function summarizeFirstMeans({ subjects, value, low, high }: FirstScoreQuantile): Summary | null {
  if (low === null || high === null) return null;
  return toSummary(Number(value), (Number(high) - Number(low)) / (2 * Z), subjects);
}

const toSummary = (value: number, standardError: number, n: number): Summary => ({
  n,
  mean: value,
  variance: standardError * standardError * n,
});
