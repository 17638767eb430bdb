import type { CsvCell } from "@/components/charts/prepare/csv";
import type { Words } from "@/lib/core/words";
import type { Experiment, ExperimentSegments, HarmedSegment, SegmentComparison, SegmentsOfDimension } from "@/lib/domain/experiments/api";
import { armText, pSentence } from "./experiment-look";
import { COMPARISON_HEAD, toComparisonCells } from "./results-csv";
import { differenceText, liftChange, metricText, type Standing, standingOf } from "./results-model";

type Named = { readonly dimension: SegmentsOfDimension["dimension"]; readonly value: string; readonly name: string | null };
type Texts = Readonly<Record<string, string>>;

/** `checkout`, `Streamed`, `Monday`, `All other keys` */
export function segmentText({ dimension, value, name }: Named, words: Words): string {
  const text = words.segments;
  const own: Texts = dimension === "streaming" ? text.streaming : dimension === "subject" ? text.subject : {};
  if (dimension === "weekday") return text.weekdays[Number(value) - 1] ?? value;
  if (value === "*") return (text.rest as Texts)[dimension] ?? value;
  if (value === "-") return (text.none as Texts)[dimension] ?? value;
  return name ?? own[value] ?? value;
}

/** One treatment in one segment. */
export interface SegmentRow {
  readonly id: string;
  readonly segment: string;
  readonly comparison: SegmentComparison;
  /** Guardrails that are surely worse here by their margin or more. */
  readonly broken: readonly string[];
}

/** The primary metric of every value and treatment, in the order of the answer. */
export function listSegmentRows({ dimension, values }: SegmentsOfDimension, words: Words): SegmentRow[] {
  return values.flatMap((value) =>
    value.comparisons
      .filter(({ role }) => role === "primary")
      .map((comparison) => ({
        id: `${value.value} ${comparison.treatment}`,
        segment: segmentText({ dimension, ...value }, words),
        comparison,
        broken: value.comparisons
          .filter((each) => each.treatment === comparison.treatment && segmentStanding(each, "counts") === "broken")
          .map(({ metric }) => metricText(metric, words)),
      })),
  );
}

/** Where a treatment stands in a declared segment; `tooFew`: it is not tested. */
export function segmentStanding(comparison: SegmentComparison, state: ExperimentSegments["state"]): Standing | "tooFew" {
  const { status, role, metric, effect, difference, liftRatio, liftInterval, interval, pValue, adjustedPValue } = comparison;
  if (status === "too_few") return "tooFew";
  if (status !== "ok" || pValue === null) return "unmeasured";
  if (state !== "counts" || effect === null) return "early";
  const result = { status, effect, difference, liftRatio, liftInterval, interval, pValue, adjustedPValue };
  return standingOf({ role, metric, missing: 0, result }, false);
}

/** Declared segments that deploying would harm, a sentence each. */
export function harmedSentences(harmed: readonly HarmedSegment[], experiment: Pick<Experiment, "arms">, words: Words): string[] {
  const text = words.segments;
  return harmed.map((each) => {
    const arm = experiment.arms.treatments.find(({ key }) => key === each.treatment);
    const about = {
      segment: text.of({ dimension: text.dimensions[each.dimension], value: segmentText(each, words) }),
      metric: metricText(each.metric, words),
      treatment: arm === undefined ? words.experiments[each.treatment] : armText(arm, words),
      lift: each.liftRatio === null ? differenceText(each.metric, each.difference, []) : liftChange(each.liftRatio, null),
      p: pSentence(each.adjustedPValue),
    };
    return each.role === "guardrail" ? text.harmedGuardrail(about) : text.harmedPrimary(about);
  });
}

export const SEGMENTS_CSV_HEAD = [
  "experiment",
  "planDigest",
  "state",
  "readAt",
  "dimension",
  "declared",
  "value",
  "name",
  "role",
  "source",
  "metric",
  "evaluator",
  "quantile",
  ...COMPARISON_HEAD,
] as const;

/** One line a segment, metric and treatment. Ratios are 0..1. */
export function toSegmentCsvRows(
  { number, planDigest }: Pick<Experiment, "number" | "planDigest">,
  segments: ExperimentSegments,
): CsvCell[][] {
  const { state, readAt, dimensions } = segments;
  return dimensions.flatMap(({ dimension, isDeclared, values }) =>
    values.flatMap(({ value, name, comparisons }) =>
      comparisons.map((each): CsvCell[] => [
        number,
        planDigest,
        state,
        readAt,
        dimension,
        isDeclared ? "yes" : "no",
        value,
        name,
        each.role,
        each.metric.source,
        each.metric.name,
        each.metric.source === "usage" ? null : each.metric.evaluator,
        each.metric.quantile ?? null,
        ...toComparisonCells({ treatment: each.treatment, control: each.control, treated: each.treated, result: each }),
      ]),
    ),
  );
}
