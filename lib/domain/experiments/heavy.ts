import { countSubjects } from "./rules/judge";
import { type ExperimentRow, toParts, toQuantiles } from "./store";

/** Up to so many subjects a look is quick whatever it reads. */
const FEW_SUBJECTS = 20_000;
/** A look goes through about a million subjects in some seconds; it is to be a twentieth of the time or less. */
const REST_MS_PER_SUBJECT = 0.1;

function countOf(row: ExperimentRow): number {
  const { judge } = toParts(row);
  return judge === null ? 0 : countSubjects(judge.subjects);
}

/** Whether a look goes through many subjects: those known from before, or all where a plan wants a quantile of scores. Else it reads kept sums. */
export function isHeavy(row: ExperimentRow): boolean {
  const goesThrough = toParts(row).plan.cuped !== undefined || toQuantiles(row).some(({ source }) => source === "score");
  return goesThrough && countOf(row) > FEW_SUBJECTS;
}

/** How long such an experiment is left alone between two looks, in milliseconds. */
export function restMs(row: ExperimentRow): number {
  return countOf(row) * REST_MS_PER_SUBJECT;
}

/**
 * The metric whose first days and later ones are looked at: of many subjects only in the look that may count (`decides`), for it goes through all their
 * days; undefined for a quantile, which has no sums.
 */
export function toTenure(
  row: ExperimentRow,
  decides: boolean,
): { source: "score" | "usage"; metric: string; evaluator: string } | undefined {
  const { source, name, evaluator, quantile } = toParts(row).metric;
  if (quantile !== undefined || (!decides && countOf(row) > FEW_SUBJECTS)) return undefined;
  return { source, metric: name, evaluator: source === "usage" ? "" : evaluator };
}
