import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, PageQuery, pageOf, Reason, RowNumber } from "@/lib/contracts/page";
import { ROLLOUT_STATES } from "./rules/decide";
import { EXPERIMENT_GATE_REASONS } from "./rules/experiment-gate";
import { Plan } from "./rules/plan";

export const RolloutStateName = z.enum(ROLLOUT_STATES);

export const RolloutGateResult = z.strictObject({
  metric: z.enum(["error_ratio", "latency_p95_ms"]),
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  reason: z.enum(["within", "beyond_baseline", "beyond_limit", "too_few", "stale", "no_baseline", "not_sure"]),
  value: z.number().nullable(),
  baseline: z.number().nullable(),
  /** 95 % interval of the new release's value. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The gate fails beyond this, as things are now. */
  bound: z.number().nullable(),
  samples: z.int(),
  baselineSamples: z.int(),
  minSamples: z.int(),
});

export const RolloutEvent = z.strictObject({
  at: Instant,
  kind: z.string(),
  fromState: z.string(),
  toState: z.string(),
  stepIndex: z.int(),
  weightBps: z.int(),
  actor: z.string(),
  reason: z.string(),
});

const ReleaseRef = z.strictObject({ id: z.string(), number: z.int(), digest: z.string() });

export const RolloutSummary = z.strictObject({
  id: z.string(),
  number: z.int(),
  endpoint: z.strictObject({ id: z.string(), name: z.string(), environment: z.string() }),
  from: ReleaseRef,
  to: ReleaseRef,
  strategy: z.literal("canary"),
  state: RolloutStateName,
  /** Zero-based step that is under way or was reached. */
  stepIndex: z.int(),
  stepCount: z.int(),
  /** Share of the new release as wanted now, basis points; 0 until its backends have answered. */
  weightBps: z.int(),
  /** Why the first share is not given yet; null when nothing is known to be missing. */
  waitsFor: z.string().nullable(),
  verdict: z.enum(["pass", "fail", "inconclusive"]).nullable(),
  createdBy: z.string(),
  createdAt: Instant,
  stepStartedAt: Instant.nullable(),
  /** When the waiting it is in ends by itself; null once it is over. */
  deadlineAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  endReason: z.string().nullable(),
});
export type RolloutSummary = z.infer<typeof RolloutSummary>;

export const Rollout = z.strictObject({
  ...RolloutSummary.shape,
  plan: Plan,
  /** The experiment that the plan names, as it stands now; null: it names none. */
  experiment: z
    .strictObject({
      /** null: it is not there any more. */
      experiment: z.strictObject({ id: z.string(), number: z.int(), name: z.string() }).nullable(),
      verdict: z.enum(["pass", "fail", "inconclusive"]),
      reason: z.enum(EXPERIMENT_GATE_REASONS),
      /** Of the evidence that there is; null: none yet. */
      evidenceDigest: z.string().nullable(),
    })
    .nullable(),
  judge: z.strictObject({ judgedAt: Instant.nullable(), failuresInRow: z.int(), results: z.array(RolloutGateResult) }),
  /** What a person may do now. */
  allowed: z.strictObject({ pause: z.boolean(), resume: z.boolean(), promote: z.boolean(), rollback: z.boolean(), abort: z.boolean() }),
  events: z.array(RolloutEvent),
});
export type Rollout = z.infer<typeof Rollout>;

const RolloutParams = z.strictObject({
  /** `rol_…` or the project's rollout number. */
  id: z.string().regex(/^(rol_[0-9a-f]{32}|[1-9]\d{0,8})$/, "is a rollout id or number"),
});

export const listRollouts = endpoint({
  id: "listRollouts",
  method: "GET",
  path: "/rollouts",
  tag: "Rollouts",
  summary: "Rollouts, newest first",
  access: "release:read",
  query: z.strictObject({
    ...PageQuery.shape,
    environment: z.string().max(40).optional(),
    endpoint: z.string().max(100).optional(),
    state: z.enum([...ROLLOUT_STATES, "active"]).optional(),
  }),
  returns: pageOf(RolloutSummary),
});

export const getRollout = endpoint({
  id: "getRollout",
  method: "GET",
  path: "/rollouts/{id}",
  tag: "Rollouts",
  summary: "One rollout with its plan, gates and history",
  access: "release:read",
  params: RolloutParams,
  returns: Rollout,
  errors: ["not_found"],
});

export const createRollout = endpoint({
  id: "createRollout",
  method: "POST",
  path: "/rollouts",
  tag: "Rollouts",
  summary: "Start a canary from the running release to another",
  description:
    "Once its backends answer, the new release is given the first step's share, which counts from when every gateway serves it; gates are judged beside the running release, and the controller goes on, promotes or rolls back by itself. The plan is frozen. `plan.experiment` names an experiment whose verdict must be deploy_treatment for exactly this release.",
  access: "rollout:drive",
  body: z.strictObject({
    endpoint: Name,
    environment: EnvironmentName,
    /** Number of the release to move to. */
    release: RowNumber,
    strategy: z.literal("canary").default("canary"),
    plan: Plan.prefault({}),
    reason: Reason,
    /** Needed to try a release again that an earlier rollout rolled back. */
    retry: z.boolean().default(false),
  }),
  returns: Rollout,
  status: 201,
  errors: ["invalid_reference", "endpoint_busy", "state_conflict", "environment_unknown"],
});

interface VerbSpec {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: "rollout:drive" | "rollout:override";
}

/** The verbs differ in name and right only, so they share one type. */
function verb({ id, name, summary, description, access }: VerbSpec) {
  return endpoint({
    id,
    method: "POST",
    path: `/rollouts/{id}/${name}`,
    tag: "Rollouts",
    summary,
    description,
    access,
    params: RolloutParams,
    body: z.strictObject({ reason: Reason }),
    returns: Rollout,
    errors: ["not_found", "state_conflict"],
  });
}
export type RolloutVerb = ReturnType<typeof verb>;

export const pauseRollout = verb({
  id: "pauseRollout",
  name: "pause",
  summary: "Hold the share where it is; harm is still watched",
  access: "rollout:drive",
});
export const resumeRollout = verb({
  id: "resumeRollout",
  name: "resume",
  summary: "End a pause: the step begins again",
  access: "rollout:drive",
});
export const abortRollout = verb({
  id: "abortRollout",
  name: "abort",
  summary: "Give the running release all traffic back and end as aborted",
  access: "rollout:drive",
});
export const rollbackRollout = verb({
  id: "rollbackRollout",
  name: "rollback",
  summary: "Give the running release all traffic back and end as rolled back",
  access: "rollout:drive",
});
export const promoteRollout = verb({
  id: "promoteRollout",
  name: "promote",
  summary: "Move all traffic to the new release now, past the gates that are open",
  description: "An override by a person: it needs the role approver, a reason, and is refused while a gate fails.",
  access: "rollout:override",
});

export const ROLLOUT_ENDPOINTS = [
  listRollouts,
  getRollout,
  createRollout,
  pauseRollout,
  resumeRollout,
  promoteRollout,
  abortRollout,
  rollbackRollout,
] as const;
