import { z } from "zod";
import { Instant } from "@/lib/contracts/page";

/** What is compared, each as the gateway recorded it per request. */
export const DRIFT_FEATURES = ["prompt_chars", "answer_chars", "input_tokens", "output_tokens", "ttft_ms", "total_ms"] as const;
export const DriftFeatureName = z.enum(DRIFT_FEATURES);
export type DriftFeatureName = z.infer<typeof DriftFeatureName>;

/** Raw requests are kept for 90 days: no window reaches further back. */
export const MAX_WINDOW_MINUTES = 60 * 24 * 31;
const MAX_GAP_MINUTES = 60 * 24 * 58;
const MAX_EVERY_MINUTES = 60 * 24 * 31;

const WindowMinutes = z.int().min(1).max(MAX_WINDOW_MINUTES);

/** The window that counts as normal: a fixed one, or one that trails the current window. */
export const DriftReference = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), from: Instant, to: Instant }),
  z.strictObject({
    kind: z.literal("trailing"),
    lengthMinutes: WindowMinutes,
    /** Minutes between the reference's end and the current window's beginning. */
    gapMinutes: z.int().min(0).max(MAX_GAP_MINUTES).default(0),
  }),
]);
export type DriftReference = z.infer<typeof DriftReference>;

export const DriftLimits = z.strictObject({
  /** PSI from which a feature has shifted, and from which it has drifted. */
  psiWarn: z.number().positive().max(10).default(0.1),
  psiDrift: z.number().positive().max(10).default(0.25),
  /** The Kolmogorov–Smirnov test counts when its p, multiplied by the number of features compared (Bonferroni), is at most this … */
  ksAlpha: z.number().positive().max(0.2).default(0.01),
  /** … and the gap is at least this: with many requests any difference is beyond chance. */
  ksMinDistance: z.number().min(0).max(1).default(0.1),
});
export type DriftLimits = z.infer<typeof DriftLimits>;

const FeatureList = z
  .array(DriftFeatureName)
  .min(1)
  .max(DRIFT_FEATURES.length)
  .refine((names) => new Set(names).size === names.length, "names a feature twice");

/** What a monitor does, without its name and place. */
const fields = {
  features: FeatureList,
  reference: DriftReference,
  currentMinutes: WindowMinutes,
  /** Minutes between two runs; null runs by hand only. */
  everyMinutes: z.int().min(1).max(MAX_EVERY_MINUTES).nullable(),
  limits: DriftLimits,
  /** Requests with a value that each window needs, for each feature. Fewer are too few, never stable. */
  minSamples: z.int().min(20).max(1_000_000),
  /** `complete`: answers that were given whole; `all`: every request that reached a backend. */
  outcomes: z.enum(["complete", "all"]),
  /** Only what was assigned to this release; null: all of the endpoint's traffic. */
  release: z.int().positive().max(2_147_483_647).nullable(),
};

export const DriftSettings = z.strictObject(fields);
export type DriftSettings = z.infer<typeof DriftSettings>;

export const NewDriftSettings = z.strictObject({
  features: fields.features.default(["prompt_chars", "answer_chars", "ttft_ms", "total_ms"]),
  reference: fields.reference.default({ kind: "trailing", lengthMinutes: 60 * 24 * 7, gapMinutes: 0 }),
  currentMinutes: fields.currentMinutes.default(60 * 24),
  everyMinutes: fields.everyMinutes.default(null),
  limits: fields.limits.prefault({}),
  minSamples: fields.minSamples.default(200),
  outcomes: fields.outcomes.default("complete"),
  release: fields.release.default(null),
});

/** What a run keeps of its monitor's settings: a later change does not touch it. */
export const FrozenSettings = z.strictObject({
  features: fields.features,
  limits: fields.limits,
  minSamples: fields.minSamples,
  outcomes: fields.outcomes,
  release: fields.release,
});
export type FrozenSettings = z.infer<typeof FrozenSettings>;
