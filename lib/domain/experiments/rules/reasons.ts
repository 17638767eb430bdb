import { z } from "zod";

export const VERDICTS = ["deploy_treatment", "keep_control", "no_meaningful_difference", "keep_running", "cannot_tell"] as const;
export const Verdict = z.enum(VERDICTS);
export type Verdict = z.infer<typeof Verdict>;

export const ARM_NAMES = ["control", "treatment"] as const;
export const ArmName = z.enum(ARM_NAMES);
export type ArmName = z.infer<typeof ArmName>;

/** Why a verdict is what it is: a code with its numbers. The sentences are words (lib/core/words), one catalogue. */
export const VerdictReason = z.discriminatedUnion("code", [
  /** Subjects still missing; `estimatedSeconds` at the traffic so far, null where there was none. */
  z.strictObject({
    code: z.literal("subjects_missing"),
    control: z.int(),
    treatment: z.int(),
    estimatedSeconds: z.int().nullable(),
  }),
  z.strictObject({ code: z.literal("time_missing"), seconds: z.int() }),
  /** No subject of the arm has a score of the metric. */
  z.strictObject({ code: z.literal("no_scores"), arm: ArmName }),
  /** Every subject of both arms has the same score: there is nothing to test. */
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
  z.strictObject({ code: z.literal("deadline_reached"), seconds: z.int() }),
  z.strictObject({ code: z.literal("stopped_early"), seconds: z.int() }),
]);
export type VerdictReason = z.infer<typeof VerdictReason>;
