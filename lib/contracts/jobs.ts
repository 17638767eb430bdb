import { z } from "zod";

/**
 * Every job there is: its queue and the shape of its payload. Payloads carry ids only; the rows carry the state, so a job may run
 * twice, late or never. workers/registry.ts does not compile while a handler is missing.
 */
export const JOBS = {
  "publish-snapshot": { queue: "control", payload: z.strictObject({}) },
  "write-audit-anchors": { queue: "control", payload: z.strictObject({}) },
  "reconcile-rollouts": { queue: "control", payload: z.strictObject({}) },
  "analyse-experiments": { queue: "control", payload: z.strictObject({}) },
  "read-segments": { queue: "long", payload: z.strictObject({}) },
  "retire-experiments": { queue: "long", payload: z.strictObject({}) },
  "sweep-scores": { queue: "control", payload: z.strictObject({}) },
  "reconcile-budgets": { queue: "control", payload: z.strictObject({}) },
  "reconcile-approvals": { queue: "control", payload: z.strictObject({}) },
  "maintain-partitions": { queue: "control", payload: z.strictObject({}) },
  "sweep-expired": { queue: "control", payload: z.strictObject({}) },
  "schedule-drift-runs": { queue: "control", payload: z.strictObject({}) },
  "run-drift-monitor": { queue: "heavy", payload: z.strictObject({ runId: z.string() }) },
  "reconcile-verifications": { queue: "control", payload: z.strictObject({}) },
  "verify-artifacts": { queue: "heavy", payload: z.strictObject({ verificationId: z.string() }) },
} as const satisfies Record<string, { queue: string; payload: z.ZodType }>;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]["payload"]>;
export type QueueName = (typeof JOBS)[JobName]["queue"];
/**
 * `heavy` holds what takes seconds of a core and much memory, one at a time a worker; `long` what PostgreSQL may take minutes for. The controllers never wait
 * behind either, nor they behind each other.
 */
export const QUEUES: readonly QueueName[] = ["control", "heavy", "long"];

/** One wish to run a job, written in the same transaction as the change that causes it. */
export type JobDraft = { [N in JobName]: { readonly job: N; readonly payload: JobPayload<N> } }[JobName];

/** Jobs that need nothing but to be run. */
type ClockJob = { [N in JobName]: JobPayload<N> extends Record<string, never> ? N : never }[JobName];

/** Jobs that run on a clock. Each run is level-triggered: missing one or running two changes nothing. */
export const SCHEDULES: readonly { readonly job: ClockJob; readonly everyMs: number }[] = [
  { job: "publish-snapshot", everyMs: 5_000 },
  { job: "write-audit-anchors", everyMs: 1_000 },
  { job: "reconcile-rollouts", everyMs: 1_000 },
  { job: "analyse-experiments", everyMs: 5_000 },
  { job: "read-segments", everyMs: 10_000 },
  { job: "sweep-scores", everyMs: 5_000 },
  { job: "reconcile-budgets", everyMs: 2_000 },
  { job: "reconcile-approvals", everyMs: 5_000 },
  { job: "maintain-partitions", everyMs: 600_000 },
  { job: "sweep-expired", everyMs: 60_000 },
  { job: "retire-experiments", everyMs: 600_000 },
  { job: "schedule-drift-runs", everyMs: 2_000 },
  { job: "reconcile-verifications", everyMs: 5_000 },
];
