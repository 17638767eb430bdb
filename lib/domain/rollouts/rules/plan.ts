import { z } from "zod";
import { ExperimentGate } from "./experiment-gate";

/** Gates that a canary step is judged by. Ratios are 0..1. */
export const Gate = z.discriminatedUnion("metric", [
  z.strictObject({
    metric: z.literal("error_ratio"),
    /** Largest tolerated difference to the running release, e.g. 0.01 = one point. */
    maxIncrease: z.number().min(0).max(1),
    /** Absolute limit, or null for none. */
    limit: z.number().min(0).max(1).nullable().default(null),
    minSamples: z.int().min(20).max(10_000_000),
  }),
  z.strictObject({
    metric: z.literal("latency_p95_ms"),
    /** Largest tolerated ratio to the running release, e.g. 1.2. */
    maxRatio: z.number().min(1).max(100),
    limit: z.number().positive().nullable().default(null),
    minSamples: z.int().min(20).max(10_000_000),
  }),
]);
export type Gate = z.infer<typeof Gate>;

export const Step = z.strictObject({
  /** Share of the new release, basis points. 10,000 is not a step: it is what the promotion brings. */
  weightBps: z.int().min(1).max(9_999),
  /** Shortest time at this share before the step can pass. */
  minSeconds: z.int().min(1).max(604_800),
});
export type Step = z.infer<typeof Step>;

/** The rollout's plan, frozen at its start. */
export const Plan = z
  .strictObject({
    steps: z
      .array(Step)
      .min(1)
      .max(20)
      .default([
        { weightBps: 1_000, minSeconds: 300 },
        { weightBps: 2_500, minSeconds: 300 },
        { weightBps: 5_000, minSeconds: 300 },
      ]),
    gates: z
      .array(Gate)
      .min(1)
      .max(20)
      .default([
        { metric: "error_ratio", maxIncrease: 0.01, limit: null, minSamples: 500 },
        { metric: "latency_p95_ms", maxRatio: 1.2, limit: null, minSamples: 500 },
      ]),
    /** An experiment whose verdict must be for exactly this release; null: none is asked. Judged at every step beside the gates. */
    experiment: ExperimentGate.nullable().default(null),
    /** Time between two judgements. */
    judgeEverySeconds: z.int().min(1).max(3_600).default(10),
    /** Failed judgements in a row that end the rollout. */
    failureLimit: z.int().min(1).max(20).default(2),
    /** A step that has not passed by then rolls back. */
    stepDeadlineSeconds: z.int().min(5).max(2_592_000).default(7_200),
    /** Gateways that do not serve a new share by then: roll back. */
    convergeDeadlineSeconds: z.int().min(5).max(3_600).default(60),
    /** A pause that nobody ends by then rolls back. */
    pauseDeadlineSeconds: z.int().min(5).max(2_592_000).default(86_400),
    /** Newest sample older than this: no judgement. */
    staleSeconds: z.int().min(5).max(3_600).default(60),
  })
  .superRefine((plan, context) => {
    for (let i = 1; i < plan.steps.length; i++) {
      if ((plan.steps[i]?.weightBps ?? 0) <= (plan.steps[i - 1]?.weightBps ?? 0))
        context.addIssue({ code: "custom", path: ["steps", i, "weightBps"], message: "must be larger than the step before" });
    }
    plan.steps.forEach((step, i) => {
      if (step.minSeconds >= plan.stepDeadlineSeconds)
        context.addIssue({ code: "custom", path: ["steps", i, "minSeconds"], message: "must be shorter than stepDeadlineSeconds" });
    });
    const metrics = plan.gates.map((g) => g.metric);
    metrics.forEach((metric, i) => {
      if (metrics.indexOf(metric) !== i) context.addIssue({ code: "custom", path: ["gates", i, "metric"], message: "stands twice" });
    });
  });
export type Plan = z.infer<typeof Plan>;
