import type { CsvCell } from "@/components/charts/prepare/csv";
import type { Analysis, Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { type Comparison, listComparisons } from "./results-model";

/** Of one treatment against the control, in `toComparisonCells`. */
export const COMPARISON_HEAD = [
  "treatment",
  "status",
  "controlSubjects",
  "controlMean",
  "controlVariance",
  "treatmentSubjects",
  "treatmentMean",
  "treatmentVariance",
  "difference",
  "differenceLow",
  "differenceHigh",
  "liftRatio",
  "liftLow",
  "liftHigh",
  "pValue",
  "adjustedPValue",
  "effect",
] as const;

export const CSV_HEAD = [
  "experiment",
  "planDigest",
  "state",
  "verdict",
  "analysis",
  "at",
  "role",
  "source",
  "metric",
  "evaluator",
  "quantile",
  "direction",
  "practicalMargin",
  ...COMPARISON_HEAD,
  "checks",
] as const;

interface Compared extends Pick<Comparison, "treatment" | "control"> {
  readonly treated: Comparison["arm"];
  /** A segment has a status that no metric of the whole has, and no effect where nothing may be said. */
  readonly result: Omit<Comparison["result"], "status" | "effect" | "adjustment"> & {
    readonly status: string;
    readonly effect: string | null;
  };
}

export const toComparisonCells = ({ treatment, control, treated, result }: Compared): CsvCell[] => [
  treatment,
  result.status,
  control.subjects,
  control.mean,
  control.variance,
  treated.subjects,
  treated.mean,
  treated.variance,
  result.difference,
  result.interval?.low ?? null,
  result.interval?.high ?? null,
  result.liftRatio,
  result.liftInterval?.low ?? null,
  result.liftInterval?.high ?? null,
  result.pValue,
  result.adjustedPValue,
  result.effect,
];

/** What did not pass, of the whole analysis: `quiet_days 2026-11-03 2026-11-04; partial_week`. Empty: everything did. */
function checksText({ checks }: Analysis): string {
  const found = checks.filter(({ status }) => status !== "pass");
  return found
    .map(({ code, arm, metric, dates = [] }) => [code, arm, metric, ...dates].filter((part) => part !== null).join(" "))
    .join("; ");
}

/** One line a metric and treatment: of the analysis that counts first, then of the one of now. Ratios are 0..1. */
export function toCsvRows({ experiment, results }: { experiment: Experiment; results: ExperimentResults }): CsvCell[][] {
  const { planned, current } = results;
  const verdict = planned?.verdict ?? results.verdict;
  const lines = (kind: "planned" | "current", analysis: Analysis) =>
    listComparisons(analysis, experiment.metric, experiment.plan).map(({ role, metric, treatment, control, arm, result }): CsvCell[] => [
      experiment.number,
      experiment.planDigest,
      experiment.state,
      verdict,
      kind,
      analysis.at,
      role,
      metric.source,
      metric.name,
      metric.source === "usage" ? null : metric.evaluator,
      metric.quantile ?? null,
      metric.direction,
      metric.practicalMargin,
      ...toComparisonCells({ treatment, control, treated: arm, result }),
      checksText(analysis),
    ]);
  return [...(planned === null ? [] : lines("planned", planned.analysis)), ...(current === null ? [] : lines("current", current))];
}
