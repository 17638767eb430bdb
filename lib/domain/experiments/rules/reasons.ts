import { z } from "zod";

export const VERDICTS = ["deploy_treatment", "keep_control", "no_meaningful_difference", "keep_running", "cannot_tell"] as const;
export const Verdict = z.enum(VERDICTS);
export type Verdict = z.infer<typeof Verdict>;

/** Treatments in the plan's order, by the names that the snapshot, the log and scores know them by. */
export const TREATMENT_NAMES = ["treatment", "treatment_2", "treatment_3", "treatment_4"] as const;
export const TreatmentName = z.enum(TREATMENT_NAMES);
export type TreatmentName = z.infer<typeof TreatmentName>;

export const ARM_NAMES = ["control", ...TREATMENT_NAMES] as const;
export const ArmName = z.enum(ARM_NAMES);
export type ArmName = z.infer<typeof ArmName>;

export const CHECK_CODES = [
  "sample_ratio",
  "crossed_subjects",
  "served_elsewhere",
  "missing_scores",
  "partial_week",
  "quiet_days",
  "novelty",
] as const;

/**
 * A check that speaks before the metrics do. `fail`: nothing that was measured can be believed. `share`: what was seen (of subjects in an arm, in several
 * arms, of requests served elsewhere, of subjects without a score); `otherShare`: what it is held against (planned, limit, limit, control's).
 */
export const Check = z.strictObject({
  code: z.enum(CHECK_CODES),
  status: z.enum(["pass", "warn", "fail"]),
  arm: ArmName.nullable(),
  metric: z.string().nullable(),
  share: z.number().nullable(),
  otherShare: z.number().nullable(),
  pValue: z.number().nullable(),
  /** Days over the last whole week. */
  days: z.int().nullable(),
  /** UTC days of `quiet_days`: on which hardly anybody came or, where a metric is named, hardly any of its scores; absent elsewhere. */
  dates: z.array(z.string()).optional(),
});
export type Check = z.infer<typeof Check>;

export const MissingSubjects = z.strictObject({ arm: ArmName, missing: z.int() });
/** What a plan still waits for. */
export const MissingParts = z.strictObject({
  /** Subjects of every arm, the control first; 0 where none is missing. */
  arms: z.array(MissingSubjects),
  seconds: z.int(),
  /** Until both minimums are reached at the traffic so far; null where that cannot be said. */
  estimatedSeconds: z.int().nullable(),
});

export type MissingSubjects = z.infer<typeof MissingSubjects>;

/** Why a verdict is what it is: a code with its numbers. The sentences are words (lib/core/words), one catalogue. */
export const VerdictReason = z.discriminatedUnion("code", [
  /** Subjects still missing; `estimatedSeconds` at the traffic so far, null where there was none. */
  z.strictObject({
    code: z.literal("subjects_missing"),
    /** Every arm, the control first; 0 where none is missing. */
    arms: z.array(MissingSubjects),
    estimatedSeconds: z.int().nullable(),
  }),
  z.strictObject({ code: z.literal("time_missing"), seconds: z.int() }),
  /** No subject of the arm has a score of the metric. */
  z.strictObject({ code: z.literal("no_scores"), arm: ArmName }),
  /** Every subject has the same score: there is nothing to test. */
  z.strictObject({ code: z.literal("no_spread") }),
  /** The control's mean is 0, so that a relative margin means nothing. */
  z.strictObject({ code: z.literal("zero_baseline") }),
  z.strictObject({ code: z.literal("significant_gain"), pValue: z.number(), alpha: z.number(), liftRatio: z.number().nullable() }),
  z.strictObject({ code: z.literal("significant_harm"), pValue: z.number(), alpha: z.number(), liftRatio: z.number().nullable() }),
  /** Better, and surely so, but by less than the practical margin. */
  z.strictObject({ code: z.literal("gain_below_margin"), liftRatio: z.number(), margin: z.number() }),
  /** The whole interval of the lift lies inside ± the practical margin. */
  z.strictObject({ code: z.literal("inside_margin"), low: z.number(), high: z.number(), margin: z.number() }),
  z.strictObject({ code: z.literal("not_significant"), pValue: z.number(), alpha: z.number() }),
  z.strictObject({ code: z.literal("check_failed"), check: Check }),
  /** Surely worse by its margin or more. */
  z.strictObject({ code: z.literal("guardrail_broken"), metric: z.string(), pValue: z.number(), liftRatio: z.number().nullable() }),
  /** Harm of the margin's size can not be excluded; `worst` null: nor of any size. */
  z.strictObject({ code: z.literal("guardrail_open"), metric: z.string(), worst: z.number().nullable(), margin: z.number() }),
  z.strictObject({ code: z.literal("guardrail_unmeasured"), metric: z.string() }),
  z.strictObject({ code: z.literal("rests_on_outliers"), metric: z.string() }),
  /** The arms of an A/A test are the same, and yet they differ. */
  z.strictObject({ code: z.literal("aa_difference"), metric: z.string(), pValue: z.number() }),
  z.strictObject({ code: z.literal("deadline_reached"), seconds: z.int() }),
  z.strictObject({ code: z.literal("stopped_early"), seconds: z.int() }),
]);
export type VerdictReason = z.infer<typeof VerdictReason>;

/** What is said of one treatment by itself. */
export const TreatmentVerdict = z.strictObject({ treatment: TreatmentName, verdict: Verdict, reasons: z.array(VerdictReason) });
export type TreatmentVerdict = z.infer<typeof TreatmentVerdict>;
