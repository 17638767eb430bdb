import {
  coMomentsOfSums,
  type MidPlace,
  midQuantile,
  normalUpperQuantile,
  quantileEstimate,
  ratioSummary,
  Sketch,
  type Summary,
  tUpperQuantile,
} from "@/lib/core/stats";
import { type FirstScoreQuantile, type FirstTimeQuantile, summarizeFirstMeans, summarizeFirstTimes } from "./first-quantile";

/** Of an arm's requests, as lib/domain/scores counts them: by bucket, and over groups of subjects what is below, at and next to the quantile and in all. */
export interface TimeQuantile {
  readonly counts: readonly (readonly [bucket: number, requests: number])[];
  /** The buckets whose middles the quantile lies between; null beyond the outermost. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly groups: number;
  readonly b: number;
  readonly i: number;
  readonly j: number;
  readonly y: number;
  readonly bb: number;
  readonly bi: number;
  readonly bj: number;
  readonly by: number;
  readonly ii: number;
  readonly ij: number;
  readonly iy: number;
  readonly jj: number;
  readonly jy: number;
  readonly yy: number;
}

/** Subjects whose mean score is the same. */
type Tie = readonly [mean: string, subjects: number];

/** Where a share falls among subjects' mean scores: how many are less than both neighbours, and these; one is null beyond the outermost middle. */
export interface ScorePlace {
  readonly below: number;
  readonly lower: Tie | null;
  readonly upper: Tie | null;
}

/** Of an arm's subjects: the places of the quantile and of the ends of its 95 % interval among their mean scores; null where an end lies beyond them. */
export interface ScoreQuantile {
  readonly subjects: number;
  readonly at: ScorePlace;
  readonly ends: readonly [low: ScorePlace, high: ScorePlace] | null;
}

const TAIL = 0.025;
const Z = normalUpperQuantile(TAIL);

/**
 * A quantile of an arm's requests as the tests of means take it: its standard error is that of its interval of order statistics, at shares whose error
 * is the ratio's over groups of subjects (Deng, Knoblich and Lu, KDD 2018), widened for so many groups. null where an end lies beyond the values.
 */
export function summarizeTimes(
  times: TimeQuantile | FirstTimeQuantile,
  about: { readonly quantile: number; readonly subjects: number },
): Summary | null {
  if (!("j" in times)) return summarizeFirstTimes(times, about);
  const { quantile, subjects } = about;
  const { counts, groups, b, y } = times;
  if (groups < 2) return null;
  const [p, q] = midQuantile(placeOf(times), quantile).parts;
  const moments = coMomentsOfSums({
    n: groups,
    sums: [b + p * times.i + q * times.j, y],
    products: [
      times.bb + p * p * times.ii + q * q * times.jj + 2 * (p * times.bi + q * times.bj + p * q * times.ij),
      times.by + p * times.iy + q * times.jy,
      times.yy,
    ],
  });
  const share = ratioSummary(moments);
  if (share === null) return null;
  const shareStandardError = Math.sqrt(share.variance / groups) * (tUpperQuantile(TAIL, groups - 1) / Z);
  const { value, standardError } = quantileEstimate({ values: Sketch.fromCounts(counts), shareStandardError }, quantile);
  return value === null || standardError === null ? null : toSummary(value, standardError, subjects);
}

/** The place by bucket; what a bucket's value is does not matter to the parts. */
function placeOf({ lower, upper, b, i, j, y }: TimeQuantile): MidPlace {
  const tied = (value: number | null, count: number) => (value === null ? null : { value, count });
  return { n: y, below: b, lower: tied(lower, i), upper: tied(upper, j) };
}

/** The same of subjects' mean scores, which are independent. */
export function summarizeMeans(means: ScoreQuantile | FirstScoreQuantile, quantile: number): Summary | null {
  if (!("at" in means)) return summarizeFirstMeans(means);
  const { subjects, at, ends } = means;
  if (ends === null) return null;
  const tied = (tie: Tie | null) => (tie === null ? null : { value: Number(tie[0]), count: tie[1] });
  const read = ({ below, lower, upper }: ScorePlace, share: number) =>
    midQuantile({ n: subjects, below, lower: tied(lower), upper: tied(upper) }, share);
  const { value, shareVariance } = read(at, quantile);
  const full = quantile * (1 - quantile);
  const half = Z * Math.sqrt(full / subjects);
  const [low, high] = [read(ends[0], quantile - half).value, read(ends[1], quantile + half).value];
  // The ends are those of values without ties: they say how steep it is, the share's own error how far it moves.
  return toSummary(value, ((high - low) / (2 * Z)) * Math.sqrt(shareVariance / full), subjects);
}

const toSummary = (value: number, standardError: number, n: number): Summary => ({
  n,
  mean: value,
  variance: standardError * standardError * n,
});
