import { z } from "zod";

/** UP: what a gateway tells the control plane. Written once by gateway/events, read once by workers/jobs/ingest. */
export const OUTCOMES = ["complete", "failed", "cut", "blocked", "client_gone", "refused"] as const;
export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

export const REQUEST_SOURCES = ["application", "playground", "evaluation", "judge", "smoke", "shadow"] as const;

/** `api` of inferences of the Open Inference Protocol: they have no tokens, so no first token and no price by tokens. */
export const INFERENCE_API = "/v2/models/{endpoint}/infer";

export const CACHE_RESULTS = ["hit", "miss", "bypass"] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];

/** One finished request. Times are milliseconds on the gateway's monotonic clock, `at` is the wall clock at arrival. */
export const UsageEvent = z.strictObject({
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
});
export type UsageEvent = z.infer<typeof UsageEvent>;

/** A finished request as it lies in the spool and in the stream: `sequence` grows by one per finished record of a gateway id. */
export const SpooledEvent = z.strictObject({ sequence: z.int().positive(), event: UsageEvent });
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
export const SpoolReport = z.strictObject({
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
export const GatewayHeartbeat = z.strictObject({
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
