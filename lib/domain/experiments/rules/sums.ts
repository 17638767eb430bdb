import type { Rules } from "@/lib/core/experiments";
import {
  type ArmSums,
  type BeforeSums,
  type CoMoments,
  coMomentsOfExactSums,
  coMomentsWithBefore,
  NO_SUMS,
  type RatioSums,
  ratioOfExactSums,
  ratioSummary,
  type Summary,
  summaryOfExactSums,
} from "@/lib/core/stats";
import type { FirstScoreQuantile, FirstTimeQuantile } from "./first-quantile";
import { type ExperimentMetric, findUsageMetric, type UsageMetric } from "./metrics";
import { type ScoreQuantile, summarizeMeans, summarizeTimes, type TimeQuantile } from "./quantile";
import type { ArmName } from "./reasons";

/** What the usage log says of an arm: every subject that had a request, scored or not. */
export interface Exposure {
  readonly subjects: number;
  readonly requests: number;
  /** Requests that something else than the assigned variant answered. */
  readonly elsewhere: number;
  readonly ratios: Readonly<Record<UsageMetric, RatioSums>>;
}

/** Exact sums that everything said of an experiment is computed from; arms without anything are absent. */
export interface ExperimentSums {
  readonly scores: readonly (ArmSums & { readonly metric: string; readonly evaluator: string; readonly arm: string })[];
  readonly exposures: Readonly<Partial<Record<ArmName, Exposure>>>;
  /** Subjects with requests in both arms. */
  readonly crossedSubjects: number;
  /** What subjects did before the start, of those of whom it is known; absent where the plan does not ask or it was not read yet. */
  readonly before?: readonly (BeforeSums & {
    readonly source: ExperimentMetric["source"];
    readonly metric: string;
    readonly evaluator: string;
    readonly arm: string;
  })[];
  /** What the plan's quantiles are computed from; absent where it has none. */
  readonly quantiles?: readonly {
    readonly source: ExperimentMetric["source"];
    readonly metric: string;
    readonly evaluator: string;
    readonly quantile: number;
    readonly arm: string;
    readonly times?: TimeQuantile | FirstTimeQuantile;
    readonly means?: ScoreQuantile | FirstScoreQuantile;
  }[];
  /** The primary metric on subjects' first days and on their later ones; absent where it was not looked at. */
  readonly tenure?: readonly (RatioSums & BeforeSums & { readonly arm: string })[];
  /** What came on each UTC day, of all arms; `scores`: of the primary metric, null where it is not one of scores. Absent where it was not looked at. */
  readonly days?: readonly { readonly day: string; readonly subjects: number; readonly requests: number; readonly scores: number | null }[];
  /** The primary metric of scores with its largest values cut; absent where it was not looked at. */
  readonly cut?: readonly (ArmSums & { readonly arm: string })[];
  /** The same beside what its subjects did before the start. */
  readonly cutBefore?: readonly (BeforeSums & { readonly arm: string })[];
}

/** Whether these sums are of before quantiles lay between middles. */
export function hasFirstQuantiles({ quantiles = [] }: ExperimentSums): boolean {
  return quantiles.some(({ times, means }) => (times !== undefined && !("j" in times)) || (means !== undefined && !("at" in means)));
}

export interface ArmFigures {
  /** null without subjects. */
  readonly summary: Summary | null;
  readonly subjects: number;
  /** Scores, or the requests that were divided by. */
  readonly scores: number;
}

/** The sums as they are with the primary metric's largest values cut, for its figures only; null where that was not looked at. */
export function withCut(sums: ExperimentSums, { name: metric, evaluator }: ExperimentMetric): ExperimentSums | null {
  if (sums.cut === undefined) return null;
  const before = sums.cutBefore?.map((each) => ({ source: "score" as const, metric, evaluator, ...each }));
  return {
    scores: sums.cut.map((each) => ({ metric, evaluator, ...each })),
    exposures: sums.exposures,
    crossedSubjects: sums.crossedSubjects,
    ...(before === undefined ? {} : { before }),
  };
}

export interface ArmBefore {
  /** Subjects of whom something is known from before. */
  readonly subjects: number;
  /** Co-moments of numerator and denominator, now and before; null without subjects. */
  readonly moments: CoMoments | null;
}

const NOTHING_BEFORE: BeforeSums = {
  subjects: 0,
  px: "0",
  py: "0",
  xpx: "0",
  xpy: "0",
  ypx: "0",
  ypy: "0",
  pxx: "0",
  pxy: "0",
  pyy: "0",
};

/** A metric of an arm beside what its subjects did before; null where nobody looked. */
export function beforeOf(sums: ExperimentSums, metric: ExperimentMetric, arm: string): ArmBefore | null {
  if (sums.before === undefined) return null;
  const evaluator = metric.source === "usage" ? "" : metric.evaluator;
  const before =
    sums.before.find((b) => b.arm === arm && b.source === metric.source && b.metric === metric.name && b.evaluator === evaluator) ??
    NOTHING_BEFORE;
  const now = ratioOf(sums, metric, arm);
  return { subjects: before.subjects, moments: now === null ? null : coMomentsWithBefore(now, before) };
}

/** A metric of an arm as a ratio over subjects; a mean is one over 1. */
function ratioOf(sums: ExperimentSums, metric: ExperimentMetric, arm: string): RatioSums | null {
  const name = metric.source === "usage" ? findUsageMetric(metric.name) : undefined;
  if (name !== undefined) return Object.entries(sums.exposures).find(([known]) => known === arm)?.[1].ratios[name] ?? null;
  const found = sums.scores.find((s) => s.arm === arm && s.metric === metric.name && s.evaluator === metric.evaluator);
  if (found === undefined) return null;
  const { subjects: n, meanSum: x, meanSquareSum: xx } = found;
  return { n, x, y: String(n), xx, xy: x, yy: String(n) };
}

/** A metric to be read by some rules. */
interface Wanted {
  readonly metric: ExperimentMetric;
  readonly rules: Rules;
}

function quantileFiguresOf(
  sums: ExperimentSums,
  { metric, rules, quantile }: Wanted & { readonly quantile: number },
  arm: ArmName,
): ArmFigures {
  const { quantile: _, ...mean } = metric;
  const { subjects, scores } = figuresOf(sums, { metric: mean, rules }, arm);
  const found = sums.quantiles?.find(
    (q) =>
      q.arm === arm &&
      q.source === metric.source &&
      q.metric === metric.name &&
      q.quantile === quantile &&
      (metric.source === "usage" || q.evaluator === metric.evaluator),
  );
  if (found?.times !== undefined) return { summary: summarizeTimes(found.times, { quantile, subjects }), subjects, scores };
  return { summary: found?.means === undefined ? null : summarizeMeans(found.means, quantile), subjects, scores };
}

/** An arm's figures of one metric. The unit is the subject: for scores the mean of its scores, for the usage log its part of a ratio. */
export function figuresOf(sums: ExperimentSums, { metric, rules }: Wanted, arm: ArmName): ArmFigures {
  const name = metric.source === "usage" ? findUsageMetric(metric.name) : undefined;
  if (metric.quantile !== undefined) return quantileFiguresOf(sums, { metric, rules, quantile: metric.quantile }, arm);
  if (name !== undefined) {
    const ratio = sums.exposures[arm]?.ratios[name];
    const moments = ratio === undefined ? null : coMomentsOfExactSums(ratio);
    if (ratio === undefined || moments === null) return { summary: null, subjects: 0, scores: 0 };
    const only = { n: 1, mean: (moments.means[0] ?? 0) / (moments.means[1] ?? 1), variance: 0 };
    const summary = rules === 1 ? ratioSummary(moments) : ratioOfExactSums(ratio);
    return { summary: summary ?? only, subjects: ratio.n, scores: Number(ratio.y) };
  }
  const found = sums.scores.find((s) => s.arm === arm && s.metric === metric.name && s.evaluator === metric.evaluator) ?? NO_SUMS;
  return { summary: summaryOfExactSums(found), subjects: found.subjects, scores: found.scores };
}
