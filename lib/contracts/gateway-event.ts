import { z } from "zod";

/**
 * UP: what a gateway tells the control plane. Written once by gateway/events, read once by workers/jobs/ingest. Gateways are upgraded first
 * (docs/running.md), so a worker of before reads what a newer gateway writes: keys that it does not know are dropped, never refused. What is
 * added is therefore a key of its own, optional, and never a longer tuple or another value of an enumeration.
 */
export const OUTCOMES = ["complete", "failed", "cut", "blocked", "client_gone", "refused"] as const;
export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

export const REQUEST_SOURCES = ["application", "playground", "evaluation", "judge", "smoke", "shadow"] as const;

export const CACHE_RESULTS = ["hit", "miss", "bypass"] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];

/** `api` of inferences of the Open Inference Protocol: they have no tokens, so no first token and no price by tokens. */
export const INFERENCE_API = "/v2/models/{endpoint}/infer";

/** More calls than this are kept as the first ones and the last. */
export const MAX_CALLS_KEPT = 8;
const Micros = z.int().min(-1).max(Number.MAX_SAFE_INTEGER);

/**
 * When the steps before the first call were over, in whole microseconds after the arrival; -1: it did not get there. In order: the body is
 * read, the endpoint found and the limits passed, backend chosen and prompt built, a stored answer looked for, budget reserved and admission on
 * disk.
 */
export const PhaseTimes = z.tuple([Micros, Micros, Micros, Micros, Micros]);
export type PhaseTimes = z.infer<typeof PhaseTimes>;

/**
 * One call of a backend: in whole microseconds after the arrival when it was begun, put on a connection, answered with a head, and over (-1:
 * it did not get there); the backend's status (0: none); how it failed, as routing names it; the backend's revision and the variant, null
 * where they are those of the event.
 */
export const CallTimes = z.tuple([
  Micros,
  Micros,
  Micros,
  Micros,
  z.int().min(0).max(999),
  z.string().max(40).nullable(),
  z.string().nullable(),
  z.string().nullable(),
]);
export type CallTimes = z.infer<typeof CallTimes>;

/** One finished request. Times are milliseconds on the gateway's monotonic clock, `at` is the wall clock at arrival. */
export const UsageEvent = z.object({
  requestId: z.string(),
  /** Arrival, Unix milliseconds. Its UTC day finds the partition. */
  at: z.int(),
  projectId: z.string(),
  environment: z.string(),
  /** null only where the control plane itself asked a backend by its name. */
  endpointId: z.string().nullable(),
  keyId: z.string().nullable(),
  team: z.string().nullable(),
  source: z.enum(REQUEST_SOURCES),
  api: z.string(),
  streamed: z.boolean(),
  /** Hex HMAC-SHA-256 under the project's key; null when the request named no subject (not sticky). */
  subjectHash: z.string().nullable(),
  clientRequestId: z.string().nullable(),
  generation: z.int(),
  /** As assigned by the split; null for a request refused before routing, and for every source but applications: those are assigned nothing. */
  releaseId: z.string().nullable(),
  variantId: z.string().nullable(),
  /** As served. Another release than the assigned one: the dead-man switch. The same release, another variant: a fallback of that release. */
  servedReleaseId: z.string().nullable(),
  servedVariantId: z.string().nullable(),
  rolloutId: z.string().nullable(),
  experimentId: z.string().nullable(),
  armName: z.string().nullable(),
  backendId: z.string().nullable(),
  modelVersionId: z.string().nullable(),
  promptVersionId: z.string().nullable(),
  outcome: Outcome,
  /** HTTP status that the client saw (200 for a stream that broke later). */
  status: z.int(),
  errorCode: z.string().nullable(),
  /** hit: the answer was a stored one. miss: none was stored. bypass: none was looked for, or the look-up had no answer in time. */
  cache: z.enum(CACHE_RESULTS),
  attempts: z.int().nonnegative(),
  queueMs: z.number().nonnegative(),
  ttftMs: z.number().nonnegative().nullable(),
  /** (total − TTFT) / (output tokens − 1); null at one token or none. */
  tpotMs: z.number().nonnegative().nullable(),
  totalMs: z.number().nonnegative(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cachedTokens: z.int().nonnegative(),
  /** True when the backend reported no usable usage and the gateway counted. */
  tokensEstimated: z.boolean(),
  priceId: z.string().nullable(),
  /** Exact decimal USD; null when the model has no price. */
  costUsd: z.string().nullable(),
  /** Exact decimal USD that the answer would have cost from its backend, at the prices of now; only on hits, and only where there is a price. */
  savedUsd: z.string().optional(),
  promptChars: z.int().nonnegative(),
  answerChars: z.int().nonnegative(),
  /** Absent in records of gateways that did not measure it, and where a process died. */
  phases: PhaseTimes.optional(),
  /** In order; absent where no backend was called. */
  calls: z.array(CallTimes).max(MAX_CALLS_KEPT).optional(),
  /** W3C trace id, where the client brought one or the gateway samples this request. */
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
});
export type UsageEvent = z.infer<typeof UsageEvent>;

/** A finished request as it lies in the spool and in the stream: `sequence` grows by one per finished record of a gateway id. */
export const SpooledEvent = z.object({ sequence: z.int().positive(), event: UsageEvent });
export type SpooledEvent = z.infer<typeof SpooledEvent>;

/**
 * One stream entry packs many events of one gateway, ascending by sequence: field `g` = gateway id, field `e` = JSON array of SpooledEvent,
 * field `f` = the lowest sequence that the gateway still holds: what is below it and not in PostgreSQL will not come any more.
 */
export const USAGE_STREAM = "sy:usage";
export const USAGE_GROUP = "ingest";
/** Highest sequence that PostgreSQL has without a gap below it, per gateway; a mirror that the worker can always write again. */
export const usageAckKey = (gatewayId: string): string => `sy:usage:ack:${gatewayId}`;

/** How a gateway's spool is, judged by its own policy (docs/usage.md). */
export const SpoolReport = z.object({
  state: z.enum(["well", "slow", "filling", "refusing"]),
  /** What is wrong, for operators; null when all is well. */
  reason: z.string().nullable(),
  maxBytes: z.int(),
  /** How long the oldest record has waited for its acknowledgement; 0 when none waits. */
  oldestAgeMs: z.int(),
  /** Records that its process had to give up because their file was taken away. */
  lostRecords: z.int(),
  /** How long its disk takes to make records durable: now, or the last time of the last minute. */
  syncMs: z.int(),
});
export type SpoolReport = z.infer<typeof SpoolReport>;

/**
 * Heartbeat of a gateway, once a second, as an entry of HEARTBEAT_STREAM with the one field `h` = JSON of this: the worker stores it and
 * answers by setting `heardKey` to its own Unix milliseconds (a new value each time, which is what the gateway looks for).
 */
export const GatewayHeartbeat = z.object({
  gatewayId: z.string(),
  /** Changes with each process start. */
  bootId: z.string(),
  startedAt: z.int(),
  at: z.int(),
  version: z.string(),
  address: z.string(),
  epoch: z.int(),
  generation: z.int(),
  inFlight: z.int(),
  spoolRecords: z.int(),
  spoolBytes: z.int(),
  /** A newer snapshot was refused; null when all is well. */
  snapshotAlarm: z.string().nullable(),
  /** Ids of the key-encryption keys that it opens sealed keys with; absent: a gateway of before. */
  kekIds: z.array(z.string().max(16)).max(8).optional(),
  /** Absent: a gateway of before. */
  spool: SpoolReport.optional(),
});
export type GatewayHeartbeat = z.infer<typeof GatewayHeartbeat>;
export const HEARTBEAT_STREAM = "sy:gateway:heartbeats";
export const heardKey = (gatewayId: string): string => `sy:gateway:heard:${gatewayId}`;

/** A gateway silent for longer is unknown: a step does not begin on it. */
export const SILENT_AFTER_MS = 10_000;
/** Canary arms fall back by themselves on a gateway that the control plane has not heard for this long. */
export const DEADMAN_AFTER_MS = 60_000;
/** After its dead-man's time (and a margin for clocks and timers) a silent gateway serves the running release only: it counts as gone. */
export const GONE_AFTER_MS = DEADMAN_AFTER_MS + 30_000;
