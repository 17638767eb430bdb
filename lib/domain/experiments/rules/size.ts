import { type SizeQuestion as CoreQuestion, detectableEffect, planSize, powerCurve as powerOf } from "@/lib/core/experiments";
import { type ExperimentPlan, PLAN_DEFAULTS, type SizeBasis } from "./plan";

export interface SizeQuestion {
  readonly basis: SizeBasis;
  readonly alpha: number;
  readonly power: number;
  /** `sequential` pays for looking at any time with more subjects. */
  readonly mode: ExperimentPlan["mode"];
  /** Treatments that share the level, each compared with the control. */
  readonly treatments: number;
  readonly controlBps: number;
  /** Of the smallest treatment. */
  readonly treatmentBps: number;
}

function toCore({ basis, alpha, power, mode, treatments, controlBps, treatmentBps }: SizeQuestion): CoreQuestion {
  return {
    baseline: { mean: basis.baselineMean, standardDeviation: basis.baselineDeviation },
    relativeEffect: basis.minimumDetectableEffect,
    alpha,
    power,
    mode,
    treatments,
    shares: { control: controlBps / 10_000, treatment: treatmentBps / 10_000 },
    subjectsPerDay: 0,
    minSubjectsPerArm: 1,
  };
}

/** In standard deviations: a smaller effect needs more than 10^11 subjects an arm. */
const SMALLEST_EFFECT = 1e-5;

/** Subjects that the smaller arm needs; the larger one has as many more as its share. null: more than will ever come. */
export function sizePerArm(question: SizeQuestion): number | null {
  const { minimumDetectableEffect, baselineMean, baselineDeviation } = question.basis;
  if (!((minimumDetectableEffect * Math.abs(baselineMean)) / baselineDeviation >= SMALLEST_EFFECT)) return null;
  const size = planSize(toCore(question));
  return size === null ? null : Math.max(2, Math.min(size.control, size.treatment));
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
  const planned = sizePerArm(question);
  if (planned === null) return [];
  const core = toCore(question);
  const ratio = question.treatmentBps / question.controlBps;
  const sizes = Array.from({ length: CURVE_POINTS }, (_, i) => Math.max(4, Math.round((planned / 10) * 30 ** (i / (CURVE_POINTS - 1)))));
  return [...new Set(sizes)].map((subjectsPerArm) => {
    const control = ratio < 1 ? subjectsPerArm / ratio : subjectsPerArm;
    const [point] = powerOf(core, control, [core.relativeEffect]);
    return { subjectsPerArm, power: point?.power ?? 0, detectableEffect: detectableEffect(core, control) };
  });
}

const WEEK_DAYS = 7;
const DAY_SECONDS = 86_400;

/** Days until the smaller arm, with its share of all subjects of the endpoint, has its subjects, and the whole weeks that cover them, at least one; null where no subjects come. */
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
