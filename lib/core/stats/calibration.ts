import { twoProduct } from "./double-double";
import { meanOf } from "./moments";

/** What scikit-learn clips float64 probabilities by. */
export const DEFAULT_EPSILON = 2 ** -52;

export interface CalibrationOptions {
  /** Equal bins (lo, hi] of 0..1 for the calibration errors, 0 in the first; default 10. */
  readonly bins?: number;
  /** Probabilities are kept this far from 0 and 1 in the log loss; default 2^-52. */
  readonly epsilon?: number;
}

/** All null where a score is no probability. */
export interface Calibration {
  readonly brier: number | null;
  /** In nats. */
  readonly logLoss: number | null;
  /** Mean gap of score and share of positives over the bins, by how many they hold; `mce` is the largest gap. */
  readonly ece: number | null;
  readonly mce: number | null;
  /** The same of the predicted class: its probability against how often it was right. */
  readonly eceConfidence: number | null;
  readonly binCounts: readonly number[] | null;
}

interface Pairs {
  readonly labels: Float64Array;
  readonly scores: Float64Array;
}

interface Bin {
  count: number;
  /** Σ (claimed − true), as its two sums would give it. */
  gap: number;
}

/** Calibration of probabilities of the positive class; at least one pair. */
export function calibrationOf({ labels, scores }: Pairs, options: Required<CalibrationOptions> & { threshold: number }): Calibration {
  if (scores.some((score) => score < 0 || score > 1)) {
    return { brier: null, logLoss: null, ece: null, mce: null, eceConfidence: null, binCounts: null };
  }
  const { bins, epsilon, threshold } = options;
  const byScore = emptyBins(bins);
  const byConfidence = emptyBins(bins);
  const losses = scores.map((score, index) => {
    const label = labels[index] ?? 0;
    addTo(byScore[binOf(score, bins)], score - label);
    const isPositive = score >= 0.5;
    const isRight = (score >= threshold ? 1 : 0) === label ? 1 : 0;
    addTo(byConfidence[isPositive ? binOf(score, bins) : binOfComplement(score, bins)], (isPositive ? score : 1 - score) - isRight);
    return label === 1 ? -Math.log(Math.max(epsilon, Math.min(1 - epsilon, score))) : lossOfNegative(score, epsilon);
  });
  return {
    brier: meanOf(scores.map((score, index) => (score - (labels[index] ?? 0)) ** 2)).high,
    logLoss: meanOf(losses).high,
    ece: meanGap(byScore, scores.length),
    mce: Math.max(...byScore.map(({ count, gap }) => (count === 0 ? 0 : Math.abs(gap) / count))),
    eceConfidence: meanGap(byConfidence, scores.length),
    binCounts: byScore.map(({ count }) => count),
  };
}

/** −ln(1 − score), the complement kept within [epsilon, 1 − epsilon] before it is rounded. */
function lossOfNegative(score: number, epsilon: number): number {
  return 1 - score <= epsilon ? -Math.log(epsilon) : -Math.log1p(-Math.max(epsilon, score));
}

/** The bin (k/bins, (k + 1)/bins] of a probability, by its exact binary value: 0.3 is a little below three tenths. 0 is in the first. */
export function binOf(probability: number, bins: number): number {
  const { high, low } = twoProduct(probability, bins);
  const ceiling = Math.ceil(high) + (Number.isInteger(high) && low > 0 ? 1 : 0);
  return Math.max(0, ceiling - 1);
}

/** binOf(1 − probability), before 1 − probability is rounded. */
function binOfComplement(probability: number, bins: number): number {
  const { high, low } = twoProduct(probability, bins);
  const floor = Math.floor(high) - (Number.isInteger(high) && low < 0 ? 1 : 0);
  return Math.max(0, bins - floor - 1);
}

function emptyBins(bins: number): Bin[] {
  return Array.from({ length: bins }, () => ({ count: 0, gap: 0 }));
}

function addTo(bin: Bin | undefined, gap: number): void {
  if (bin === undefined) throw new RangeError("a probability lies in some bin");
  bin.count++;
  bin.gap += gap;
}

function meanGap(bins: readonly Bin[], n: number): number {
  return bins.reduce((sum, { gap }) => sum + Math.abs(gap), 0) / n;
}
