import { z } from "zod";
import { BACKEND_HEALTH, BREAKER_STATES } from "@/lib/contracts/backend-report";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, PageQuery, pageOf } from "@/lib/contracts/page";

const Figure = z.number().nullable();

/** A backend at this moment, as all gateways together see it. A figure that nobody knows is null, never 0. */
export const BackendNow = z.strictObject({
  /** Gateways that were heard a moment ago and have it in their configuration. */
  gateways: z.int(),
  /** healthy: for all of them that know · unhealthy: for none · mixed · unknown: nobody knows. */
  health: z.enum([...BACKEND_HEALTH, "mixed"]),
  /** Gateways whose circuit breaker lets not every call through. */
  breakersOpen: z.int(),
  /** Calls under way and requests that wait for a place, of all gateways. */
  inFlight: z.int(),
  queued: z.int(),
  /** As the backend's own metrics say: requests that wait there and that it works on, and the used share of its KV cache, 0..1. */
  waiting: Figure,
  running: Figure,
  kvUseRatio: Figure,
  /** Recent time to the head of an answer. */
  responseMs: Figure,
});
export type BackendNow = z.infer<typeof BackendNow>;

/** One gateway's view of one revision. */
export const GatewayView = z.strictObject({
  gateway: z.string(),
  revision: z.int(),
  heardSecondsAgo: z.number(),
  health: z.enum(BACKEND_HEALTH),
  healthSince: Instant.nullable(),
  /** Why the last health check was not good; null when it was, or there was none. */
  reason: z.string().nullable(),
  probeMs: Figure,
  breaker: z.enum(BREAKER_STATES),
  inFlight: z.int(),
  queued: z.int(),
  waiting: Figure,
  running: Figure,
  kvUseRatio: Figure,
  responseMs: Figure,
});

/** One minute, all revisions and gateways together. A minute that nobody reported is absent. */
export const BackendMinute = z.strictObject({
  minute: Instant,
  /** Share of the reports with a known health that were healthy. */
  healthyRatio: Figure,
  breakerOpenRatio: z.number(),
  inFlightMax: z.int(),
  queuedMax: z.int(),
  waiting: Figure,
  running: Figure,
  kvUseRatio: Figure,
  responseMs: Figure,
  /** Calls that ended, and those of them that say something bad about the backend. */
  calls: z.number(),
  failures: z.number(),
});
export type BackendMinute = z.infer<typeof BackendMinute>;

export const BackendHealthReport = z.strictObject({
  name: z.string(),
  environment: z.string(),
  now: BackendNow,
  gateways: z.array(GatewayView),
  minutes: z.array(BackendMinute),
});
export type BackendHealthReport = z.infer<typeof BackendHealthReport>;

const TAG = "Backends";

export const listBackendHealth = endpoint({
  id: "listBackendHealth",
  method: "GET",
  path: "/backend-health",
  tag: TAG,
  summary: "Health and load of an environment's backends now, by name",
  access: "backend:read",
  query: z.strictObject({ ...PageQuery.shape, environment: EnvironmentName }),
  returns: pageOf(z.strictObject({ name: z.string(), ...BackendNow.shape })),
});
export const getBackendHealth = endpoint({
  id: "getBackendHealth",
  method: "GET",
  path: "/backends/{name}/health",
  tag: TAG,
  summary: "Health and load of one backend, now by gateway and over time by minute",
  access: "backend:read",
  params: z.strictObject({ name: Name }),
  query: z.strictObject({
    environment: EnvironmentName,
    /** How far back. */
    minutes: z.coerce.number().int().min(1).max(1_440).default(60),
  }),
  returns: BackendHealthReport,
  errors: ["not_found"],
});

export const BACKEND_HEALTH_ENDPOINTS = [listBackendHealth, getBackendHealth] as const;
