import { RULES } from "@/lib/core/experiments";
import { sampleRatioMismatch, sequentialSampleRatio } from "@/lib/core/stats";
import { armsOf, type Design } from "./analyse";
import { USAGE_METRICS, type UsageMetric } from "./metrics";
import type { ArmName } from "./reasons";
import type { ExposureView } from "./results";
import { type ExperimentSums, figuresOf } from "./sums";

/** The arms as the usage log saw them: description beside the tests, it decides nothing. */
export function toExposureView(sums: ExperimentSums, { metric, shares, plan }: Pick<Design, "metric" | "shares" | "plan">): ExposureView {
  const seen = armsOf({ shares }).map((arm) => ({ arm, weight: shares[arm] ?? 0, exposure: sums.exposures[arm] }));
  const planned = seen.reduce((sum, { weight }) => sum + weight, 0);
  const subjects = seen.reduce((sum, { exposure }) => sum + (exposure?.subjects ?? 0), 0);
  const [counts, weights] = [seen.map(({ exposure }) => exposure?.subjects ?? 0), seen.map(({ weight }) => weight)];
  const { statistic, pValue: once } = sampleRatioMismatch(counts, weights);
  const pValue = plan.mode === "fixed" ? once : sequentialSampleRatio(counts, weights).pValue;
  return {
    arms: seen.map(({ arm, weight, exposure }) => ({
      arm,
      plannedShare: weight / planned,
      share: subjects === 0 ? null : (exposure?.subjects ?? 0) / subjects,
      subjects: exposure?.subjects ?? 0,
      requests: exposure?.requests ?? 0,
      servedElsewhere: exposure?.elsewhere ?? 0,
      scoredSubjects: metric.source === "score" ? figuresOf(sums, { metric, rules: RULES }, arm).subjects : null,
      usage: usageOf(sums, arm),
    })),
    crossedSubjects: sums.crossedSubjects,
    sampleRatio: statistic === null || pValue === null ? null : { statistic, pValue },
  };
}

function usageOf(sums: ExperimentSums, arm: ArmName): Record<UsageMetric, number | null> {
  const means = USAGE_METRICS.map((name) => {
    const metric = { source: "usage", name, evaluator: "auto", direction: "lower", practicalMargin: 0 } as const;
    const { summary, scores } = figuresOf(sums, { metric, rules: RULES }, arm);
    return [name, summary === null || scores === 0 ? null : summary.mean] as const;
  });
  // Every name of USAGE_METRICS, from the list itself.
  return Object.fromEntries(means) as Record<UsageMetric, number | null>;
}
