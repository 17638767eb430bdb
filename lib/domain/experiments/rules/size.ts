import { minimumDetectableEffect, powerForMeans, sampleSizeForMeans } from "@/lib/core/stats";
import { PLAN_DEFAULTS, type SizeBasis } from "./plan";

export interface SizeQuestion {
  readonly basis: SizeBasis;
  readonly alpha: number;
  readonly power: number;
  readonly controlBps: number;
  readonly treatmentBps: number;
}

/** The smallest relative difference worth finding, in standard deviations. */
function toEffectSize({ minimumDetectableEffect: relative, baselineMean, baselineDeviation }: SizeBasis): number {
  return (relative * Math.abs(baselineMean)) / baselineDeviation;
}

/** Subjects that the smaller arm needs for the t-test of two means, rounded up; the larger one has as many more as its share. */
export function sizePerArm({ basis, alpha, power, controlBps, treatmentBps }: SizeQuestion): number {
  const ratio = treatmentBps / controlBps;
  const control = sampleSizeForMeans({ effectSize: toEffectSize(basis), power, alpha, ratio });
  return Math.ceil(Math.min(control, control * ratio));
}

export interface PowerPoint {
  readonly subjectsPerArm: number;
  readonly power: number;
  /** Smallest relative difference found with the plan's power at this size. */
  readonly detectableEffect: number;
}

const CURVE_POINTS = 24;

/** Power and detectable difference at sizes of the smaller arm from a tenth of the planned one to three times it. */
export function powerCurve(question: SizeQuestion): PowerPoint[] {
  const { basis, alpha, power, controlBps, treatmentBps } = question;
  const planned = sizePerArm(question);
  const ratio = treatmentBps / controlBps;
  const effectSize = toEffectSize(basis);
  const relative = (effect: number) => (effect * basis.baselineDeviation) / Math.abs(basis.baselineMean);
  const sizes = Array.from({ length: CURVE_POINTS }, (_, i) => Math.max(4, Math.round((planned / 10) * 30 ** (i / (CURVE_POINTS - 1)))));
  return [...new Set(sizes)].map((subjectsPerArm) => {
    const n1 = ratio < 1 ? subjectsPerArm / ratio : subjectsPerArm;
    const detectableEffect = relative(minimumDetectableEffect({ n1, ratio, power, alpha }));
    return { subjectsPerArm, power: powerForMeans({ effectSize, n1, ratio, alpha }), detectableEffect };
  });
}

const WEEK_DAYS = 7;
const DAY_SECONDS = 86_400;

/** Days until the smaller arm has its subjects, and the whole weeks that cover them, at least one; null where no subjects come. */
export function daysToReach({
  subjectsPerArm,
  shareBps,
  subjectsPerDay,
}: {
  subjectsPerArm: number;
  shareBps: number;
  subjectsPerDay: number;
}) {
  const perDay = (subjectsPerDay * shareBps) / 10_000;
  if (!(perDay > 0)) return { days: null, wholeWeeksSeconds: PLAN_DEFAULTS.minDurationSeconds };
  const days = subjectsPerArm / perDay;
  return { days, wholeWeeksSeconds: Math.max(1, Math.ceil(days / WEEK_DAYS)) * WEEK_DAYS * DAY_SECONDS };
}
