import {
  confidenceSequence,
  minimumDetectableEffect,
  normalUpperQuantile,
  normalUpperTail,
  powerForMeans,
  sampleSizeForMeans,
} from "../stats";

/** What is planned, before anything is measured. */
export interface SizeQuestion {
  /** Of the metric over subjects today. A proportion p has the deviation √(p (1 − p)). */
  readonly baseline: { readonly mean: number; readonly standardDeviation: number };
  /** The smallest relative difference worth finding, 0.02 = 2 %. */
  readonly relativeEffect: number;
  readonly alpha: number;
  readonly power: number;
  readonly mode: "fixed" | "sequential";
  /** Treatments compared with the one control; the level is divided among them. */
  readonly treatments: number;
  /** Shares 0..1 of the endpoint's subjects. */
  readonly shares: { readonly control: number; readonly treatment: number };
  /** New subjects a day at the whole endpoint at present; those who come back are counted once. */
  readonly subjectsPerDay: number;
  readonly minSubjectsPerArm: number;
}

/** `null` where the question has no answer: a baseline of 0, or one without spread. */
export interface PlannedSize {
  /** The effect in standard deviations. */
  readonly effectSize: number;
  readonly control: number;
  readonly treatment: number;
  /** Days at present traffic, in whole weeks; null without traffic. */
  readonly days: number | null;
  /** Where a sequential interval is tuned to: the subjects of both arms together. */
  readonly tuning: number;
  /** The minimum decided, not the power. */
  readonly isAtMinimum: boolean;
}

const WEEK_DAYS = 7;

/** Subjects of each arm that find the effect with the power asked for, never fewer than the minimum, and how long they take to come. */
export function planSize(question: SizeQuestion): PlannedSize | null {
  const { baseline, relativeEffect, shares, subjectsPerDay, minSubjectsPerArm } = question;
  const effectSize = Math.abs(baseline.mean * relativeEffect) / baseline.standardDeviation;
  if (!(effectSize > 0 && Number.isFinite(effectSize))) return null;
  const ratio = shares.treatment / shares.control;
  const planned = Math.ceil(sizeOf(question, effectSize));
  // The smaller arm has the minimum too.
  const control = Math.max(planned, Math.ceil(minSubjectsPerArm / Math.min(1, ratio)));
  const treatment = Math.ceil(control * ratio);
  const perDay = subjectsPerDay * shares.control;
  const weeks = Math.max(1, Math.ceil(control / perDay / WEEK_DAYS));
  return {
    effectSize,
    control,
    treatment,
    days: perDay > 0 ? weeks * WEEK_DAYS : null,
    tuning: control + treatment,
    isAtMinimum: control > planned,
  };
}

/** The chance that each effect is found with arms of a size; sequential: at the last look alone, so at least that. */
export function powerCurve(
  question: Omit<SizeQuestion, "relativeEffect" | "power">,
  control: number,
  relativeEffects: readonly number[],
): { readonly relativeEffect: number; readonly power: number }[] {
  const { baseline, mode, shares } = question;
  const alpha = question.alpha / question.treatments;
  const ratio = shares.treatment / shares.control;
  return relativeEffects.map((relativeEffect) => {
    const effectSize = Math.abs(baseline.mean * relativeEffect) / baseline.standardDeviation;
    if (mode === "fixed") return { relativeEffect, power: powerForMeans({ effectSize, n1: control, ratio, alpha }) };
    const shift = effectSize * Math.sqrt((control * ratio) / (1 + ratio));
    const limit = sequentialLimit(alpha);
    return { relativeEffect, power: normalUpperTail(limit - shift) + normalUpperTail(limit + shift) };
  });
}

/** The smallest relative effect that arms of a size find with the power asked for. */
export function detectableEffect(question: Omit<SizeQuestion, "relativeEffect">, control: number): number {
  const { baseline, power, mode, shares } = question;
  const alpha = question.alpha / question.treatments;
  const ratio = shares.treatment / shares.control;
  const effectSize =
    mode === "fixed"
      ? minimumDetectableEffect({ n1: control, ratio, power, alpha })
      : (sequentialLimit(alpha) + normalUpperQuantile(1 - power)) * Math.sqrt((1 + ratio) / (control * ratio));
  return (effectSize * baseline.standardDeviation) / Math.abs(baseline.mean);
}

function sizeOf(question: SizeQuestion, effectSize: number): number {
  const { power, mode, shares } = question;
  const alpha = question.alpha / question.treatments;
  const ratio = shares.treatment / shares.control;
  if (mode === "fixed") return sampleSizeForMeans({ effectSize, power, alpha, ratio });
  const needed = (sequentialLimit(alpha) + normalUpperQuantile(1 - power)) / effectSize;
  return needed * needed * (1 + 1 / ratio);
}

/** Half width in standard errors of a sequence that is looked at where it is tuned to: it does not depend on the size. */
function sequentialLimit(alpha: number): number {
  const { confidenceInterval } = confidenceSequence({ estimate: 0, standardError: 1, n: 1 }, { alpha, tuning: 1 });
  return confidenceInterval?.[1] ?? Number.POSITIVE_INFINITY;
}
