import type { CoMoments, QuantileArm, Summary } from "../stats";

/** What a metric is for: it decides, it can veto, or it is only looked at. */
export type MetricRole = "primary" | "guardrail" | "signal";

export interface MetricDesign {
  readonly name: string;
  readonly role: MetricRole;
  /** Which values are better. */
  readonly direction: "higher" | "lower";
  /** Relative difference, 0.02 = 2 %, below which arms count as equal in practice; 0: every real difference counts. */
  readonly practicalMargin: number;
}

/** What a test needs of one arm; the unit is always the subject. All arms of a metric have the same kind. */
export type MetricFigures =
  /** Mean or proportion over subjects' own means. */
  | { readonly kind: "mean"; readonly summary: Summary }
  /** Mean over mean, such as cost per request: co-moments of (numerator, denominator) by subject. */
  | { readonly kind: "ratio"; readonly moments: CoMoments }
  /** Mean with what subjects did before: co-moments of (in the experiment, before) by subject. */
  | { readonly kind: "cuped"; readonly moments: CoMoments }
  /** Ratio with what subjects did before: co-moments of (numerator, denominator, the same two before); both 0 of whom nothing is known. */
  | { readonly kind: "cuped_ratio"; readonly moments: CoMoments }
  | { readonly kind: "quantile"; readonly arm: QuantileArm; readonly quantile: number };

/**
 * The rules by which sums become a verdict. Evidence is computed anew by those that it was kept under; 1 is only for evidence of before there were 2: it
 * tests ratios of subjects that all are alike as if rounding were chance, lets few subjects of a guardrail or of an early look decide, takes a guardrail whose
 * baseline is 0 for kept, and tests shares of a sequential plan as if there were one look.
 */
export type Rules = 1 | 2;
export const RULES = 2;

export interface ExperimentDesign {
  readonly rules: Rules;
  /** Chance of finding a difference where there is none, for each family of metrics together. */
  readonly alpha: number;
  /** `fixed`: one analysis counts, once the plan is reached. `sequential`: every look counts, by an always-valid interval. */
  readonly mode: "fixed" | "sequential";
  /** Subjects of two arms together at which the sequential interval is at its narrowest. */
  readonly tuning: number;
  readonly minSubjectsPerArm: number;
  readonly minDurationSeconds: number;
  /** An A/A test: both arms are the same, and a difference is a fault of the measurement. */
  readonly isAa: boolean;
  readonly metrics: readonly MetricDesign[];
}

/** Of fewer subjects an arm a guardrail says nothing, nor does an early look. */
export const FEWEST_SUBJECTS = 100;

/** How many subjects a guardrail needs in each arm; the plan's minimum is that of the primary metric. */
export function guardrailSubjects({ minSubjectsPerArm }: Pick<ExperimentDesign, "minSubjectsPerArm">): number {
  return Math.min(minSubjectsPerArm, FEWEST_SUBJECTS);
}

/** Figures of one metric of every arm, the control first by name. */
export interface MetricData {
  readonly metric: string;
  readonly control: MetricFigures;
  readonly treatments: Readonly<Record<string, MetricFigures>>;
}
