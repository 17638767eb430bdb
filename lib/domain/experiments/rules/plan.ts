import { z } from "zod";
import { RowNumber } from "@/lib/contracts/page";
import { TREATMENT_NAMES } from "./reasons";
import { DeclaredSegments } from "./segment-dimensions";

const BPS = 10_000;
/** A rest smaller than this that nobody named is taken for a slip of the pen. */
const SLIP_BPS = 100;

export const ArmChoice = z.strictObject({
  release: RowNumber,
  /** A variant of the release; null: the release's own base split. */
  variant: z.string().min(1).max(100).nullable().default(null),
  /** Share of the endpoint's subjects, basis points. */
  shareBps: z.int({ error: "is a whole number of basis points: 5000 is half of all subjects" }).min(1).max(9_999),
});
export type ArmChoice = z.infer<typeof ArmChoice>;

export const Arms = z
  .strictObject({
    control: ArmChoice,
    /** Up to four, each compared with the one control. */
    treatments: z.array(ArmChoice).min(1, "needs a treatment").max(TREATMENT_NAMES.length, "has more than four treatments"),
    /** Share that stays outside, basis points. Where it is said, all shares must sum to exactly 10,000. */
    holdoutBps: z.int().min(0).max(9_998).optional(),
  })
  .superRefine(({ control, treatments, holdoutBps }, context) => {
    const shared = treatments.reduce((sum, { shareBps }) => sum + shareBps, control.shareBps);
    const last = ["treatments", treatments.length - 1, "shareBps"];
    const others = treatments.length === 1 ? "the control's share" : "the other arms' shares";
    if (shared > BPS) {
      context.addIssue({ code: "custom", path: last, message: `and ${others} sum to more than 10,000 basis points` });
      return;
    }
    const sum = shared + (holdoutBps ?? 0);
    const missing = BPS - sum;
    if (holdoutBps !== undefined && missing !== 0)
      context.addIssue({
        code: "custom",
        path: ["holdoutBps"],
        message: `and the arms' shares sum to ${sum} basis points: ${missing > 0 ? `${missing} are missing` : `${-missing} are too many`}`,
      });
    if (holdoutBps === undefined && missing > 0 && missing < SLIP_BPS)
      context.addIssue({
        code: "custom",
        path: last,
        message: `and ${others} sum to ${sum} basis points: ${missing} are missing to 10,000. Say holdoutBps: ${missing} if they are to stay outside`,
      });
  });
export type Arms = z.infer<typeof Arms>;

export const PLAN_DEFAULTS = {
  alpha: 0.05,
  power: 0.8,
  minSubjectsPerArm: 1_000,
  minDurationSeconds: 604_800,
  maxDurationSeconds: 2_419_200,
} as const;
const WEEK_SECONDS = 604_800;

/** What the size was planned for: the smallest relative difference worth finding, against a baseline that was assumed. */
export const SizeBasis = z.strictObject({
  minimumDetectableEffect: z.number().min(0.0001).max(10),
  baselineMean: z.number().refine((mean) => mean !== 0, "is not 0: a relative difference needs a baseline"),
  baselineDeviation: z.number().positive(),
});
export type SizeBasis = z.infer<typeof SizeBasis>;

/** Longer windows reach for days that subjects do not resemble any more, and for a log that is kept for 90. */
export const Cuped = z.strictObject({ windowDays: z.int().min(1).max(28).default(14) });

/** When the analysis that counts is made, and when waiting for it ends. Frozen at the start. */
export const ExperimentPlan = z
  .strictObject({
    /** Chance of seeing a difference where there is none. */
    alpha: z.number().min(0.001).max(0.2).default(PLAN_DEFAULTS.alpha),
    /** Chance of seeing the smallest difference worth finding where there is one. */
    power: z.number().min(0.5).max(0.999).default(PLAN_DEFAULTS.power),
    /** fixed: one analysis counts, at the planned size. sequential: every look counts, by an always-valid interval. */
    mode: z.enum(["fixed", "sequential"]).default("fixed"),
    /** All arms the same: what differs is a fault of the measurement. */
    isAa: z.boolean().default(false),
    /** What the size rests on; null: it was chosen. */
    basis: SizeBasis.nullable().default(null),
    /** Adjusts every metric that is a mean or a ratio by what its subjects did in so many days before the start; absent: nothing is adjusted. */
    cuped: Cuped.optional(),
    /** Dimensions whose segments are tested beside the whole; absent: all are only looked at. */
    segments: DeclaredSegments.optional(),
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

export const SHORTCUTS = ["minSubjectsPerArm", "minDurationSeconds", "alpha", "power", "wholeWeeks", "plannedSize"] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

/** Where a plan asks for less than the defaults or than its own size calculation do: shown, so that nobody takes a quick look for a full one. */
export function findShortcuts(plan: ExperimentPlan, plannedPerArm: number | null): Shortcut[] {
  const found: Record<Shortcut, boolean> = {
    minSubjectsPerArm: plan.minSubjectsPerArm < PLAN_DEFAULTS.minSubjectsPerArm,
    minDurationSeconds: plan.minDurationSeconds < PLAN_DEFAULTS.minDurationSeconds,
    alpha: plan.alpha > PLAN_DEFAULTS.alpha,
    power: plan.power < PLAN_DEFAULTS.power,
    wholeWeeks: plan.minDurationSeconds > WEEK_SECONDS && plan.minDurationSeconds % WEEK_SECONDS !== 0,
    plannedSize: plannedPerArm !== null && plan.minSubjectsPerArm < plannedPerArm,
  };
  return SHORTCUTS.filter((name) => found[name]);
}
