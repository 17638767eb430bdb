import {
  type ArmSums,
  coMomentsOfExactSums,
  NO_SUMS,
  type RatioSums,
  ratioSummary,
  type Summary,
  summaryOfExactSums,
} from "@/lib/core/stats";
import { type ExperimentMetric, findUsageMetric, type UsageMetric } from "./metrics";
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
  /** The primary metric of scores with its largest values cut; absent where it was not looked at. */
  readonly cut?: readonly (ArmSums & { readonly arm: string })[];
}

export interface ArmFigures {
  /** null without subjects. */
  readonly summary: Summary | null;
  readonly subjects: number;
  /** Scores, or the requests that were divided by. */
  readonly scores: number;
}

/** The primary metric's arms with their largest values cut; null where that was not looked at. */
export function cutFiguresOf(sums: ExperimentSums, arm: ArmName): Summary | null {
  const found = sums.cut?.find((s) => s.arm === arm);
  return found === undefined ? null : summaryOfExactSums(found);
}

/** An arm's figures of one metric. The unit is the subject: for scores the mean of its scores, for the usage log its part of a ratio. */
export function figuresOf(sums: ExperimentSums, metric: ExperimentMetric, arm: ArmName): ArmFigures {
  const name = metric.source === "usage" ? findUsageMetric(metric.name) : undefined;
  if (name !== undefined) {
    const ratio = sums.exposures[arm]?.ratios[name];
    const moments = ratio === undefined ? null : coMomentsOfExactSums(ratio);
    if (ratio === undefined || moments === null) return { summary: null, subjects: 0, scores: 0 };
    const only = { n: 1, mean: (moments.means[0] ?? 0) / (moments.means[1] ?? 1), variance: 0 };
    return { summary: ratioSummary(moments) ?? only, subjects: ratio.n, scores: Number(ratio.y) };
  }
  const found = sums.scores.find((s) => s.arm === arm && s.metric === metric.name && s.evaluator === metric.evaluator) ?? NO_SUMS;
  return { summary: summaryOfExactSums(found), subjects: found.subjects, scores: found.scores };
}
