import { z } from "zod";
import { RowNumber } from "@/lib/contracts/page";
import { EvaluatorName, MetricName } from "../../scores/api";

/** The one metric that decides. */
export const PrimaryMetric = z.strictObject({
  name: MetricName,
  evaluator: EvaluatorName.default("auto"),
  /** Which values are better. */
  direction: z.enum(["higher", "lower"]).default("higher"),
  /** Relative difference, e.g. 0.02 = 2 %, below which the arms count as equal in practice; 0: every real difference counts. */
  practicalMargin: z.number().min(0).max(10).default(0),
});
export type PrimaryMetric = z.infer<typeof PrimaryMetric>;

export const ArmChoice = z.strictObject({
  release: RowNumber,
  /** A variant of the release; null: the release's own base split. */
  variant: z.string().min(1).max(100).nullable().default(null),
  /** Share of the endpoint's subjects, basis points. */
  shareBps: z.int().min(1).max(9_999),
});
export type ArmChoice = z.infer<typeof ArmChoice>;

export const Arms = z
  .strictObject({ control: ArmChoice, treatment: ArmChoice })
  .refine(({ control, treatment }) => control.shareBps + treatment.shareBps <= 10_000, {
    path: ["treatment", "shareBps"],
    message: "and the control's share sum to more than 10,000 basis points",
  })
  .refine(({ control, treatment }) => control.release !== treatment.release || control.variant !== treatment.variant, {
    path: ["treatment"],
    message: "is the same as the control: choose another release or another variant",
  });
export type Arms = z.infer<typeof Arms>;

export const PLAN_DEFAULTS = { alpha: 0.05, minSubjectsPerArm: 1_000, minDurationSeconds: 604_800, maxDurationSeconds: 2_419_200 } as const;

/** When the one analysis that counts is made, and when waiting for it ends. Frozen at the start. */
export const ExperimentPlan = z
  .strictObject({
    /** Chance of seeing a difference where there is none. */
    alpha: z.number().min(0.001).max(0.2).default(PLAN_DEFAULTS.alpha),
    minSubjectsPerArm: z.int().min(10).max(100_000_000).default(PLAN_DEFAULTS.minSubjectsPerArm),
    minDurationSeconds: z.int().min(1).max(7_776_000).default(PLAN_DEFAULTS.minDurationSeconds),
    /** The experiment stops by itself so long after its start. */
    maxDurationSeconds: z.int().min(10).max(15_552_000).default(PLAN_DEFAULTS.maxDurationSeconds),
  })
  .refine((p) => p.maxDurationSeconds >= p.minDurationSeconds, {
    path: ["maxDurationSeconds"],
    message: "is shorter than minDurationSeconds",
  });
export type ExperimentPlan = z.infer<typeof ExperimentPlan>;

/** Where a plan asks for less than the defaults do: shown, so that nobody takes a quick look for a full one. */
export function findShortcuts(plan: ExperimentPlan): ("minSubjectsPerArm" | "minDurationSeconds" | "alpha")[] {
  return [
    ...(plan.minSubjectsPerArm < PLAN_DEFAULTS.minSubjectsPerArm ? (["minSubjectsPerArm"] as const) : []),
    ...(plan.minDurationSeconds < PLAN_DEFAULTS.minDurationSeconds ? (["minDurationSeconds"] as const) : []),
    ...(plan.alpha > PLAN_DEFAULTS.alpha ? (["alpha"] as const) : []),
  ];
}
