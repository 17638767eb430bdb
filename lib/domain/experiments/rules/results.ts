import { z } from "zod";
import { Instant } from "@/lib/contracts/page";
import { ExperimentMetric, METRIC_ROLES, USAGE_METRICS } from "./metrics";
import { SizeBasis } from "./plan";
import { ArmName, Check, TreatmentName } from "./reasons";

const ArmResult = z.strictObject({
  /** Subjects that have at least one score; the unit of the test. */
  subjects: z.int(),
  scores: z.int(),
  /** Mean over the subjects' own means; null without subjects. */
  mean: z.number().nullable(),
  /** Sample variance across subjects; null with fewer than two. */
  variance: z.number().nullable(),
});
export type ArmResult = z.infer<typeof ArmResult>;

const Interval = z.strictObject({ low: z.number(), high: z.number() });

/** null where there is none or an end of it is infinite: a sequence says nothing yet. */
export function toInterval(interval: readonly [number, number] | null) {
  return interval === null || !interval.every(Number.isFinite) ? null : { low: interval[0], high: interval[1] };
}

/** CUPED: the metric adjusted by what its subjects did before the start. */
const Adjustment = z.strictObject({
  /** `ok`: the metric's figures are the adjusted ones · `too_few`: of too few subjects is anything known · `no_spread`: all did the same · `not_read`: not read yet */
  status: z.enum(["ok", "too_few", "no_spread", "not_read"]),
  /** Subjects of whom something is known from before. */
  subjects: z.strictObject({ control: z.int(), treatment: z.int() }),
  /** Share of the difference's variance that is gone; negative where the time before misleads. */
  varianceReduction: z.number().nullable(),
  /** What the metric would be without it. */
  unadjusted: z.strictObject({
    difference: z.number().nullable(),
    interval: Interval.nullable(),
    pValue: z.number().nullable(),
    liftRatio: z.number().nullable(),
    liftInterval: Interval.nullable(),
  }),
});
export type Adjustment = z.infer<typeof Adjustment>;

/** One metric of one treatment against the control. What cannot be computed is null with a status that says why. */
export const Comparison = z.strictObject({
  treatment: TreatmentName,
  role: z.enum(METRIC_ROLES),
  metric: ExperimentMetric,
  control: ArmResult,
  treated: ArmResult,
  status: z.enum(["ok", "insufficient_data", "zero_variance"]),
  difference: z.number().nullable(),
  interval: Interval.nullable(),
  pValue: z.number().nullable(),
  /** Corrected over the metrics of its role and all treatments: Holm for primary ones and guardrails, Benjamini and Hochberg for signals. */
  adjustedPValue: z.number().nullable(),
  /** Relative to the size of the control's value, with an interval at the role's corrected level. */
  liftRatio: z.number().nullable(),
  liftInterval: Interval.nullable(),
  /** By the corrected p-value; `none`: no sure difference. */
  effect: z.enum(["better", "worse", "none", "unknown"]),
  /** How what happened before the start was taken in; absent: the plan does not ask. */
  adjustment: Adjustment.optional(),
});
export type Comparison = z.infer<typeof Comparison>;

/** The primary metric of one treatment with everything that is shown of it. */
export const PrimaryResult = z.strictObject({
  treatment: TreatmentName,
  /** Welch's test of treatment − control; everything null where there is none. */
  test: z.strictObject({
    status: z.enum(["ok", "insufficient_data", "zero_variance"]),
    t: z.number().nullable(),
    df: z.number().nullable(),
    pValue: z.number().nullable(),
    difference: z.number().nullable(),
    interval: Interval.nullable(),
  }),
  /** treatment / control − 1, with its interval. */
  lift: z.strictObject({
    status: z.enum(["ok", "insufficient_data", "zero_baseline"]),
    ratio: z.number().nullable(),
    interval: Interval.nullable(),
  }),
  /** Population variances averaged; null where undefined. */
  cohensD: z.number().nullable(),
  hedgesG: z.number().nullable(),
});
export type PrimaryResult = z.infer<typeof PrimaryResult>;

export const Analysis = z.strictObject({
  at: Instant,
  /** The primary metric of every arm, the control first, then the treatments in the plan's order. */
  arms: z.array(z.strictObject({ arm: ArmName, ...ArmResult.shape })),
  /** One a treatment, in the plan's order. */
  primary: z.array(PrimaryResult),
  /** Coverage of each interval of `primary`: 1 − alpha, alpha divided by the number of treatments. */
  confidence: z.number(),
  /** Every metric of every treatment, the primary one first; empty in analyses of before there were several metrics. */
  comparisons: z.array(Comparison),
  /** Checks that speak before the metrics do, failed, warning and passed ones; empty in analyses of before there were any. */
  checks: z.array(Check),
});
export type Analysis = z.infer<typeof Analysis>;

const ArmExposure = z.strictObject({
  arm: ArmName,
  /** Shares of the experiment's subjects that were planned and that came, 0..1; null while nobody came. */
  plannedShare: z.number(),
  share: z.number().nullable(),
  /** Distinct subjects with a request, scored or not. */
  subjects: z.int(),
  requests: z.int(),
  /** Requests that something else than the assigned variant answered. */
  servedElsewhere: z.int(),
  /** Subjects with a score of the primary metric; null where the usage log is what is measured. */
  scoredSubjects: z.int().nullable(),
  /** What the usage log measures by itself, planned or not; null where there was nothing to divide by. */
  usage: z.record(z.enum(USAGE_METRICS), z.number().nullable()),
});

/** What the usage log saw of the arms: description beside the tests, it decides nothing. */
export const ExposureView = z.strictObject({
  /** The control first. */
  arms: z.array(ArmExposure),
  crossedSubjects: z.int(),
  /** Chi-square test of the subjects against the planned shares; in a sequential plan the p-value is right at every look. null while nobody came. */
  sampleRatio: z.strictObject({ statistic: z.number(), pValue: z.number() }).nullable(),
});
export type ExposureView = z.infer<typeof ExposureView>;

/** Where there are several treatments, of the one with the fewest subjects. */
export const Power = z.strictObject({
  /** The relative difference that the plan wants to find, else its practical margin; null: it names neither. */
  relativeEffect: z.number().nullable(),
  /** Chance that it is found with the subjects of now; null where it cannot be said. */
  now: z.number().nullable(),
  /** The same at the deadline, at the pace so far; null once it is over. */
  atDeadline: z.number().nullable(),
});
export type Power = z.infer<typeof Power>;

/** One point of the plot: how each treatment's estimate stood at a look. */
export const HistoryPoint = z.strictObject({
  at: Instant,
  controlSubjects: z.int(),
  /** In the plan's order. */
  treatments: z.array(
    z.strictObject({
      treatment: TreatmentName,
      subjects: z.int(),
      liftRatio: z.number().nullable(),
      liftLow: z.number().nullable(),
      liftHigh: z.number().nullable(),
      pValue: z.number().nullable(),
    }),
  ),
});
export type HistoryPoint = z.infer<typeof HistoryPoint>;

/** How large and how long, from the difference worth finding. `null` throughout: nobody knows the baseline, so name one. */
export const ExperimentSize = z.strictObject({
  /** What the metric was lately over the endpoint's subjects; null with fewer than two. */
  measured: z.strictObject({ subjects: z.int(), mean: z.number().nullable(), deviation: z.number().nullable() }),
  /** Distinct subjects a day at the endpoint's present traffic; of them a layer leaves the experiment its share. */
  subjectsPerDay: z.number(),
  /** How many of them a day are scored with the metric at present; null: it is no score, or nobody was lately. */
  scoredPerDay: z.number().nullable(),
  /** As a plan takes it. */
  basis: SizeBasis.nullable(),
  /** Subjects that the smaller arm needs. */
  subjectsPerArm: z.int().nullable(),
  /** The same, never under the default: what a plan should ask for. */
  minSubjectsPerArm: z.int().nullable(),
  /** Days until the smaller arm has them at the present traffic; null without traffic. */
  days: z.number().nullable(),
  /** The whole weeks that cover those days, at least one. */
  minDurationSeconds: z.int().nullable(),
  /** Power and smallest difference found, over the size of the smaller arm. */
  curve: z.array(z.strictObject({ subjectsPerArm: z.int(), power: z.number(), detectableEffect: z.number() })),
});
export type ExperimentSize = z.infer<typeof ExperimentSize>;
