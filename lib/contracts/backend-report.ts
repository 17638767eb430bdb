import { z } from "zod";

/** What active health checks say of a backend. unknown: it is not asked, has no route to ask, or too little was heard yet. */
export const BACKEND_HEALTH = ["healthy", "unhealthy", "unknown"] as const;
export type BackendHealth = (typeof BACKEND_HEALTH)[number];

export const BREAKER_STATES = ["closed", "open", "half_open"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

const Count = z.int().nonnegative();
const Figure = z.number().nonnegative();

/** What one gateway knows of one backend revision. A figure that is not known is null, never 0. Keys of newer gateways are dropped. */
export const BackendReport = z.object({
  revisionId: z.string(),
  health: z.enum(BACKEND_HEALTH),
  /** Unix milliseconds since which `health` is what it is; null while it never changed. */
  healthSince: z.int().nullable(),
  /** Why the last health check was not good; null when it was, or there was none. */
  reason: z.string().max(200).nullable(),
  /** How long the last health check took. */
  probeMs: Figure.nullable(),
  breaker: z.enum(BREAKER_STATES),
  /** Calls of this gateway under way. */
  inFlight: Count,
  /** Requests at this gateway that wait for a place at it (and perhaps at others too). */
  queued: Count,
  /** As the backend's own metrics say, from all who call it: requests that wait there. */
  waiting: Figure.nullable(),
  /** Requests that it works on. */
  running: Figure.nullable(),
  /** Share of its KV cache in use, 0..1. */
  kvUseRatio: z.number().min(0).max(1).nullable(),
  /** Recent average time to the head of an answer. */
  responseMs: Figure.nullable(),
  /** Calls that ended, since the gateway's process began to know this revision. */
  calls: Count,
  /** Of those, the ones that say something bad about the backend. */
  failures: Count,
});
export type BackendReport = z.infer<typeof BackendReport>;

/** Beside a gateway's heartbeat, every BACKEND_REPORT_MS: the JSON of this under `backendReportsKey`, the newest only. */
export const BackendReports = z.object({
  gatewayId: z.string(),
  bootId: z.string(),
  /** The gateway's clock, Unix milliseconds: grows with each report of a process. */
  at: z.int(),
  backends: z.array(BackendReport).max(2_000),
});
export type BackendReports = z.infer<typeof BackendReports>;

export const BACKEND_REPORT_MS = 5_000;
export const backendReportsKey = (gatewayId: string): string => `sy:gateway:backends:${gatewayId}`;
