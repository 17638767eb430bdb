import { type ClassificationMetrics, classificationMetrics } from "./classification";

/** Instants in any one unit. */
export interface Prediction {
  readonly id: string;
  readonly at: number;
  readonly score: number;
}

export interface DelayedLabel {
  readonly id: string;
  readonly at: number;
  /** 1 positive, 0 negative. */
  readonly label: number;
}

/** What was known at `asOf` of the predictions in a window [start, end). `coverage` 0..1 is the share that had a label, null without any. */
export interface WindowEvaluation {
  readonly predictions: number;
  readonly labelled: number;
  readonly coverage: number | null;
  readonly metrics: ClassificationMetrics;
}

/**
 * Metrics of a window's predictions by the labels known at `asOf`: labels join by id, the latest wins, of equally late ones the later in the
 * list. A late label changes the window of its prediction, so the same window asked later can answer otherwise.
 */
export function evaluateWindow(
  { predictions, labels }: { predictions: readonly Prediction[]; labels: readonly DelayedLabel[] },
  { asOf, window: [start, end], threshold = 0.5 }: { asOf: number; window: readonly [start: number, end: number]; threshold?: number },
): WindowEvaluation {
  const latest = new Map<string, DelayedLabel>();
  for (const label of labels) {
    if (label.at > asOf || label.at < (latest.get(label.id)?.at ?? Number.NEGATIVE_INFINITY)) continue;
    latest.set(label.id, label);
  }
  const inside = predictions.filter(({ at }) => at >= start && at < end && at <= asOf);
  const joined = inside.filter(({ id }) => latest.has(id));
  return {
    predictions: inside.length,
    labelled: joined.length,
    coverage: inside.length === 0 ? null : joined.length / inside.length,
    metrics: classificationMetrics(
      joined.map(({ id }) => latest.get(id)?.label),
      joined.map(({ score }) => score),
      { threshold },
    ),
  };
}

/** How many labels name no prediction: a sign of ids that do not match, or of predictions that were lost. */
export function countOrphanLabels(predictions: readonly Prediction[], labels: readonly DelayedLabel[]): number {
  const known = new Set(predictions.map(({ id }) => id));
  return labels.filter(({ id }) => !known.has(id)).length;
}
