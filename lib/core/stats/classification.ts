import { type Calibration, type CalibrationOptions, calibrationOf, DEFAULT_EPSILON } from "./calibration";
import { assertIntegerAtLeast, StatsError } from "./errors";
import type { Sample } from "./sample";
import { toSortedValues } from "./sort";

export interface ClassificationOptions extends CalibrationOptions {
  /** A score of at least this is a predicted positive; default 0.5. */
  readonly threshold?: number;
}

/**
 * Metrics of a binary classifier. Shares 0..1; null where one is undefined (nobody predicted, nobody positive, …), never 0 by convention.
 * What rests on scores being probabilities is null where a score lies outside 0..1.
 */
export interface ClassificationOk extends Calibration {
  readonly status: "ok";
  readonly n: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
  readonly accuracy: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly specificity: number | null;
  readonly f1: number | null;
  readonly balancedAccuracy: number | null;
  /** Matthews correlation −1..1; 0 where a row or column of the confusion is empty, as scikit-learn has it. */
  readonly mcc: number;
  readonly aucRoc: number | null;
  readonly averagePrecision: number | null;
}

export type ClassificationMetrics = ClassificationOk | { readonly status: "insufficient_data"; readonly n: 0 };

/** Scores of both classes and how often each was predicted. */
interface Split {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  readonly tp: number;
  readonly fp: number;
}

/**
 * Metrics of scores against labels, 1 positive and 0 negative; pairs with either missing are left out. Throws `invalid_value` for other labels,
 * infinite scores and unlike lengths.
 */
export function classificationMetrics(truth: Sample, scores: Sample, options: ClassificationOptions = {}): ClassificationMetrics {
  const { threshold = 0.5, bins = 10, epsilon = DEFAULT_EPSILON } = options;
  assertIntegerAtLeast(bins, 1, "bins");
  if (!Number.isFinite(threshold)) throw new StatsError("invalid_option", `threshold must be finite, got ${threshold}`);
  const pairs = pairUp(truth, scores);
  if (pairs.labels.length === 0) return { status: "insufficient_data", n: 0 };
  const { positives, negatives, tp, fp } = split(pairs, threshold);
  const [fn, tn] = [positives.length - tp, negatives.length - fp];
  const n = positives.length + negatives.length;
  const [recall, specificity] = [divideBy(tp, positives.length), divideBy(tn, negatives.length)];
  return {
    status: "ok",
    n,
    tp,
    fp,
    fn,
    tn,
    accuracy: (tp + tn) / n,
    precision: divideBy(tp, tp + fp),
    recall,
    specificity,
    f1: divideBy(2 * tp, 2 * tp + fp + fn),
    balancedAccuracy: recall === null || specificity === null ? null : (recall + specificity) / 2,
    mcc: correlationOf({ tp, fp, fn, tn }),
    ...ranking(positives, negatives),
    ...calibrationOf(pairs, { threshold, bins, epsilon }),
  };
}

function pairUp(truth: Sample, scores: Sample): { labels: Float64Array; scores: Float64Array } {
  if (truth.length !== scores.length) throw new StatsError("invalid_value", "each label needs a score");
  const [labels, kept] = [new Float64Array(truth.length), new Float64Array(truth.length)];
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    const [label, score] = [truth[i] ?? Number.NaN, scores[i] ?? Number.NaN];
    if (Number.isNaN(label) || Number.isNaN(score)) continue;
    if (label !== 0 && label !== 1) throw new StatsError("invalid_value", `a label is 0 or 1, got ${label} at index ${i}`);
    if (!Number.isFinite(score)) throw new StatsError("invalid_value", `a score must be finite, got ${score} at index ${i}`);
    labels[count] = label;
    kept[count++] = score;
  }
  return { labels: labels.subarray(0, count), scores: kept.subarray(0, count) };
}

function split({ labels, scores }: { labels: Float64Array; scores: Float64Array }, threshold: number): Split {
  const positives = scores.filter((_, index) => labels[index] === 1);
  const negatives = scores.filter((_, index) => labels[index] === 0);
  const predicted = (values: Float64Array) => values.reduce((count, score) => count + (score >= threshold ? 1 : 0), 0);
  return { positives, negatives, tp: predicted(positives), fp: predicted(negatives) };
}

/**
 * Area under the ROC curve (pairs in which the positive scores higher, ties half) and average precision Σ (R_k − R_k−1) P_k over the distinct
 * scores from the highest down, in one walk.
 */
function ranking(positives: Float64Array, negatives: Float64Array): { aucRoc: number | null; averagePrecision: number | null } {
  const [p, n] = [positives.length, negatives.length];
  const [high, low] = [toSortedValues(positives), toSortedValues(negatives)];
  let [i, j, twicePairs, precision] = [p, n, 0, 0];
  while (i > 0 || j > 0) {
    const score = Math.max(high[i - 1] ?? Number.NEGATIVE_INFINITY, low[j - 1] ?? Number.NEGATIVE_INFINITY);
    const [fromI, fromJ] = [i, j];
    while (i > 0 && high[i - 1] === score) i--;
    while (j > 0 && low[j - 1] === score) j--;
    twicePairs += (fromI - i) * (j + fromJ);
    if (fromI > i) precision += ((fromI - i) / p) * ((p - i) / (p - i + n - j));
  }
  return { aucRoc: p === 0 || n === 0 ? null : twicePairs / (2 * p * n), averagePrecision: p === 0 ? null : precision };
}

function correlationOf({ tp, fp, fn, tn }: { tp: number; fp: number; fn: number; tn: number }): number {
  const margins = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
  return margins === 0 ? 0 : (tp * tn - fp * fn) / margins;
}

function divideBy(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
