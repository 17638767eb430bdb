import { binOf, DEFAULT_EPSILON } from "./calibration";
import { classificationMetrics } from "./classification";
import { assertIntegerAtLeast, StatsError } from "./errors";

export type Label = string | number;

export interface ClassFigures {
  readonly label: Label;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** How many truly belong to it. */
  readonly support: number;
}

export interface AveragedFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** scikit-learn's figures with zero_division = 0: a class that nobody predicted has precision 0. `cohenKappa` null where agreement is certain. */
export interface MulticlassOk {
  readonly status: "ok";
  readonly n: number;
  readonly accuracy: number;
  /** Rows are true labels, columns predicted ones, in the order of `labels`. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassFigures[];
  readonly macro: AveragedFigures;
  readonly micro: AveragedFigures;
  readonly weighted: AveragedFigures;
  /** Mean recall of the classes that occur. */
  readonly balancedAccuracy: number;
  readonly mcc: number;
  readonly cohenKappa: number | null;
}

export type MulticlassMetrics = MulticlassOk | { readonly status: "insufficient_data"; readonly n: 0 };

export interface ProbabilityMetrics {
  readonly logLoss: number;
  /** Calibration error of the likeliest label over ten bins. */
  readonly topLabelEce: number;
  /** Σ over labels of squared distances, mean over rows: 0..2. */
  readonly brier: number;
  /** Mean of each label's area against the rest; null where a label never or always occurs. */
  readonly aucOvrMacro: number | null;
  readonly accuracy: number;
}

/** Metrics of predicted labels. `labels` says which and in which order. Throws `invalid_value` for one outside it and for unlike lengths. */
export function multiclassMetrics(
  truth: readonly Label[],
  predicted: readonly Label[],
  { labels }: { labels: readonly Label[] },
): MulticlassMetrics {
  if (truth.length !== predicted.length) throw new StatsError("invalid_value", "each label needs a prediction");
  const n = truth.length;
  if (n === 0) return { status: "insufficient_data", n: 0 };
  const places = placesOf(labels);
  const confusion = labels.map(() => labels.map(() => 0));
  for (const [index, label] of truth.entries()) {
    const row = confusion[placeOf(places, label)];
    const column = placeOf(places, predicted[index]);
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  }
  const supports = confusion.map(sum);
  const predictions = labels.map((_, column) => sum(confusion.map((row) => row[column] ?? 0)));
  const hits = confusion.map((row, index) => row[index] ?? 0);
  const perClass = labels.map((label, index): ClassFigures => {
    const [hit, support, claimed] = [hits[index] ?? 0, supports[index] ?? 0, predictions[index] ?? 0];
    return { label, precision: orZero(hit, claimed), recall: orZero(hit, support), f1: orZero(2 * hit, support + claimed), support };
  });
  const accuracy = sum(hits) / n;
  const present = perClass.filter(({ support }) => support > 0);
  const chance = sum(supports.map((support, index) => support * (predictions[index] ?? 0)));
  const [spreadTrue, spreadPredicted] = [supports, predictions].map((margin) => n * n - sum(margin.map((count) => count * count)));
  const margins = Math.sqrt(spreadTrue ?? 0) * Math.sqrt(spreadPredicted ?? 0);
  return {
    status: "ok",
    n,
    accuracy,
    confusion,
    perClass,
    macro: averaged(perClass, () => 1 / perClass.length),
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    weighted: averaged(perClass, ({ support }) => support / n),
    balancedAccuracy: sum(present.map(({ recall }) => recall)) / present.length,
    mcc: margins === 0 ? 0 : (sum(hits) * n - chance) / margins,
    cohenKappa: n * n === chance ? null : (sum(hits) * n - chance) / (n * n - chance),
  };
}

/**
 * Metrics of probabilities of each label, a row a prediction, columns in the order of `labels`; rows are scaled to sum 1. null without rows.
 * Throws `invalid_value` for rows of other lengths and for what is no probability.
 */
export function multiclassProbabilityMetrics(
  truth: readonly Label[],
  probabilities: readonly (readonly number[])[],
  { labels, bins = 10, epsilon = DEFAULT_EPSILON }: { labels: readonly Label[]; bins?: number; epsilon?: number },
): ProbabilityMetrics | null {
  assertIntegerAtLeast(bins, 1, "bins");
  if (truth.length !== probabilities.length) throw new StatsError("invalid_value", "each label needs a row of probabilities");
  if (truth.length === 0) return null;
  const places = placesOf(labels);
  const gaps = Array.from({ length: bins }, () => 0);
  let [loss, brier, right] = [0, 0, 0];
  for (const [index, label] of truth.entries()) {
    const row = normalised(probabilities[index] ?? [], labels.length);
    const place = placeOf(places, label);
    const top = row.indexOf(Math.max(...row));
    const isRight = top === place ? 1 : 0;
    loss -= Math.log(Math.min(1 - epsilon, Math.max(epsilon, row[place] ?? 0)));
    brier += sum(row.map((share, column) => (share - (column === place ? 1 : 0)) ** 2));
    right += isRight;
    const bin = binOf(row[top] ?? 0, bins);
    gaps[bin] = (gaps[bin] ?? 0) + (row[top] ?? 0) - isRight;
  }
  const n = truth.length;
  const areas = labels.map((label, column) => {
    const metrics = classificationMetrics(
      truth.map((value) => (value === label ? 1 : 0)),
      probabilities.map((row) => row[column]),
    );
    return metrics.status === "ok" ? metrics.aucRoc : null;
  });
  const known = areas.filter((area) => area !== null);
  return {
    logLoss: loss / n,
    topLabelEce: sum(gaps.map(Math.abs)) / n,
    brier: brier / n,
    aucOvrMacro: known.length === areas.length ? sum(known) / known.length : null,
    accuracy: right / n,
  };
}

function normalised(row: readonly number[], length: number): number[] {
  const total = sum(row);
  if (row.length !== length || !(total > 0 && Number.isFinite(total)) || row.some((share) => !(share >= 0)))
    throw new StatsError("invalid_value", `a row holds ${length} probabilities that do not sum to nothing`);
  return row.map((share) => share / total);
}

function averaged(classes: readonly ClassFigures[], weight: (figures: ClassFigures) => number): AveragedFigures {
  const mean = (pick: (figures: ClassFigures) => number) => sum(classes.map((figures) => pick(figures) * weight(figures)));
  return { precision: mean(({ precision }) => precision), recall: mean(({ recall }) => recall), f1: mean(({ f1 }) => f1) };
}

function placesOf(labels: readonly Label[]): ReadonlyMap<Label, number> {
  return new Map(labels.map((label, index) => [label, index]));
}

function placeOf(places: ReadonlyMap<Label, number>, label: Label | undefined): number {
  const place = label === undefined ? undefined : places.get(label);
  if (place === undefined) throw new StatsError("invalid_value", `label ${String(label)} is not among the labels`);
  return place;
}

function orZero(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
