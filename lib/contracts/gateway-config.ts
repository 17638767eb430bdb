import { z } from "zod";
import { GatewayCache } from "./cache";
import { GatewayCapture } from "./content";
import { FALLBACK_CLASSES } from "./failure-classes";
import { PROMPT_KINDS, PromptMessage, PromptVariable } from "./prompt";
import { RateLimits } from "./rate-limits";

/**
 * DOWN: the compiled configuration that every gateway serves. Compiled and signed by the worker's publish-snapshot job, read by
 * gateway/config. Everything is resolved: no alias, label or name is looked up by a gateway.
 */
export const CONFIG_SCHEMA_VERSION = 3;
/** An upgraded gateway may find the snapshot of its predecessor on its disk: what came since has a default. */
const READABLE_SCHEMAS = [2, CONFIG_SCHEMA_VERSION] as const;

export const BACKEND_KINDS = ["vllm", "tgi", "tensorrt-llm", "triton", "openai", "kserve", "llamacpp", "simulated"] as const;

/** How a variant's requests are spread over its backends. */
export const BALANCING = ["round_robin", "weighted", "least_requests", "least_response_time", "resource"] as const;
export type Balancing = (typeof BALANCING)[number];

export { FALLBACK_CLASSES, type FallbackClass } from "./failure-classes";

/** Half-open bucket range [from, to) of 0..10,000. */
const BucketRange = z.tuple([z.int().min(0).max(9_999), z.int().min(1).max(10_000)]);

/** Text sealed with the key-encryption key (AES-256-GCM), opened in memory only; see lib/infra/secrets.ts for the format. */
const Sealed = z.string().max(20_000);

export const GatewayProject = z.strictObject({
  id: z.string(),
  slug: z.string(),
  /** Key of HMAC-SHA-256 over subjects, sealed. */
  subjectKey: Sealed,
});

export const GatewayConfigKey = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  environment: z.string(),
  /** Lower-case hex SHA-256 of the whole key text. */
  hash: z.string().length(64),
  team: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  /** Absent: none. */
  limits: RateLimits.optional(),
});

export const GatewayBackend = z.strictObject({
  /** Revision id: changes when kind, URL or served model name change. */
  id: z.string(),
  backendId: z.string(),
  name: z.string(),
  kind: z.enum(BACKEND_KINDS),
  baseUrl: z.url(),
  /** Sent upstream as `model`; null keeps the endpoint's name. */
  servedModel: z.string().nullable(),
  apiKey: Sealed.nullable(),
  /** host:port is on the operator's list of private addresses. */
  privateAllowed: z.boolean(),
  simulated: z.boolean(),
  /** Requests at a time, all gateways together. Absent: not bounded. */
  capacity: z.int().positive().optional(),
  /** Where its metrics are read, other than at the usual place of its kind. */
  metrics: z.strictObject({ url: z.url(), privateAllowed: z.boolean() }).optional(),
  connectTimeoutMs: z.int().positive(),
  firstByteTimeoutMs: z.int().positive(),
  idleTimeoutMs: z.int().positive(),
  totalTimeoutMs: z.int().positive(),
  /** As in CallSettings; absent: totalTimeoutMs. */
  answerTimeoutMs: z.int().positive().optional(),
});

/** A prompt as it is rendered: what it takes in from other prompts stands in its messages already. */
export const GatewayPrompt = z.strictObject({
  /** Found by variants: the version's id, or the variant's own where other prompts stand in it. */
  id: z.string(),
  versionId: z.string(),
  name: z.string(),
  number: z.int().positive(),
  kind: z.enum(PROMPT_KINDS).default("chat"),
  messages: z.array(PromptMessage),
  variables: z.array(PromptVariable),
  /** OpenAI request fields that the prompt fixes (temperature, top_p, max_tokens, stop, seed, response_format, tools). */
  parameters: z.record(z.string(), z.json()),
});

/**
 * A prompt version that labels of the project name, for applications that fetch it. `content` is null, and `problem` says why, where it is
 * left out: it is larger than the project's share of the snapshot allows, or cannot be composed at the moment.
 */
export const GatewayLabelledPrompt = z.strictObject({
  projectId: z.string(),
  name: z.string(),
  number: z.int().positive(),
  labels: z.array(z.string()).min(1),
  content: z
    .strictObject({
      kind: z.enum(PROMPT_KINDS),
      contentHash: z.string(),
      messages: z.array(PromptMessage),
      variables: z.array(PromptVariable),
      parameters: z.record(z.string(), z.json()),
      includes: z.array(z.strictObject({ reference: z.string(), name: z.string(), version: z.int(), contentHash: z.string() })),
    })
    .nullable(),
  problem: z.string().nullable(),
});

/** Exact decimal USD per `perTokens` tokens, as strings; see lib/core/money.ts. */
export const GatewayPrice = z.strictObject({
  id: z.string(),
  inputUsd: z.string(),
  outputUsd: z.string(),
  perTokens: z.int().positive(),
});

export const GatewayVariant = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** Share inside its release, basis points; the variants of a release sum to 10,000. */
  weightBps: z.int().min(0).max(10_000),
  modelVersionId: z.string(),
  modelName: z.string(),
  modelVersionNumber: z.int().positive(),
  backendIds: z.array(z.string()).min(1),
  /** Absent: round_robin. */
  balancing: z.enum(BALANCING).optional(),
  /** Shares of `weighted`, one a backend in their order. Absent: all equal. */
  backendWeights: z.array(z.int().min(1).max(1_000)).optional(),
  /** Other variants of the release that answer instead, in order, each for these failures only. Absent: none. */
  fallbacks: z.array(z.strictObject({ variantId: z.string(), on: z.array(z.enum(FALLBACK_CLASSES)).min(1) })).optional(),
  /** Longer input is refused before a backend is called, or goes to a fallback for it. Absent: the backend itself says what is too long. */
  maxInputTokens: z.int().positive().optional(),
  promptId: z.string().nullable(),
  /** OpenAI request fields that the variant fixes, over the prompt's. */
  parameters: z.record(z.string(), z.json()),
  price: GatewayPrice.nullable(),
});

/** How backends are called for a release. What is left out is the installation's own (DEFAULT_CALLS). */
export const CallSettings = z.strictObject({
  /** Name resolution, TCP and TLS together. */
  connectTimeoutMs: z.int().min(50).max(30_000).optional(),
  /** Request sent → head of the answer: of a stream, and of answers that nobody has to write first (embeddings, inference). */
  firstByteTimeoutMs: z.int().min(50).max(3_600_000).optional(),
  /** Request sent → head of a whole answer that is written first: servers send it when the last token is there. Left out: totalTimeoutMs. */
  answerTimeoutMs: z.int().min(50).max(7_200_000).optional(),
  /** Between two events of a stream, or two pieces of a whole answer. */
  idleTimeoutMs: z.int().min(50).max(3_600_000).optional(),
  /** The whole request with all its attempts and waits, to the last byte. */
  totalTimeoutMs: z.int().min(100).max(7_200_000).optional(),
  /**
   * Calls of backends for one request, the first included; repeated only while the client has no byte of an answer. Left out, a request is
   * repeated only when no backend took it.
   */
  maxAttempts: z.int().min(1).max(5).optional(),
  /** Who waits, and how long, while every backend of a variant has as many requests as its capacity allows. */
  queue: z
    .strictObject({
      /** Requests of one variant that wait at one gateway; 0: none waits. */
      maxLength: z.int().min(0).max(10_000),
      timeoutMs: z.int().min(50).max(600_000),
    })
    .optional(),
});
export type CallSettings = z.infer<typeof CallSettings>;
export const DEFAULT_CALLS = {
  connectTimeoutMs: 2_000,
  firstByteTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  totalTimeoutMs: 300_000,
  maxAttempts: 3,
  queue: { maxLength: 100, timeoutMs: 10_000 },
} as const satisfies Omit<Required<CallSettings>, "answerTimeoutMs">;

export const GatewayRelease = z.strictObject({
  id: z.string(),
  number: z.int().positive(),
  digest: z.string(),
  variants: z.array(GatewayVariant).min(1),
  /** Ceiling put on `max_tokens` / `max_completion_tokens`; also the default when the client names none. */
  maxOutputTokens: z.int().positive(),
  /** Absent: all as the installation has it. */
  calls: CallSettings.optional(),
  /** Absent: no answer is stored or given again. */
  cache: GatewayCache.optional(),
});

/**
 * Who gets what: all arms of an endpoint together cover every bucket exactly once. `variantId` null means the release's own base split.
 * `deadman`: a gateway that has not been heard by the control plane for `afterMs` serves `releaseId` to this arm's buckets instead.
 */
export const GatewayArm = z.strictObject({
  kind: z.enum(["steady", "canary", "experiment"]),
  name: z.string(),
  ranges: z.array(BucketRange).min(1),
  releaseId: z.string(),
  variantId: z.string().nullable(),
  rolloutId: z.string().nullable(),
  experimentId: z.string().nullable(),
  deadman: z.strictObject({ afterMs: z.int().positive(), releaseId: z.string() }).nullable(),
});

/** A blocking budget that applies to an endpoint's traffic; spending needs a lease held by the gateway. */
export const GatewayBudget = z.strictObject({
  id: z.string(),
  name: z.string(),
  projectId: z.string(),
  /** null: every endpoint of the project. */
  endpointId: z.string().nullable(),
  environment: z.string().nullable(),
  /** Without a lease: true serves, false refuses. */
  allowsUnknown: z.boolean(),
});

export const GatewayEndpoint = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  environment: z.string(),
  name: z.string(),
  team: z.string().nullable(),
  /** Salt of the endpoint's layer: rollout, experiment and steady state share it. */
  salt: z.string(),
  releases: z.array(GatewayRelease),
  /** Empty: the endpoint has no release yet and answers 503. */
  arms: z.array(GatewayArm),
  /**
   * Only subjects in these buckets of a layer (by its own salt) are in the arms; everybody else gets `outsideReleaseId` and is in none.
   * Absent: everybody is.
   */
  layer: z.strictObject({ salt: z.string(), ranges: z.array(BucketRange).min(1), outsideReleaseId: z.string() }).optional(),
  /** Absent: none. */
  limits: RateLimits.optional(),
  /** How often its stored answers were given up: what was stored before is never found again. Absent: never. */
  cachePurges: z.int().positive().optional(),
  /** How the content of its requests is kept. Absent: not at all. */
  capture: GatewayCapture.optional(),
});

/**
 * A saved backend that the control plane itself may ask without an endpoint. Its tokens cost what the model costs that endpoints of its
 * environment serve on it; null where they serve none, or several.
 */
export const GatewayDirectBackend = z.strictObject({
  backendId: z.string(),
  projectId: z.string(),
  environment: z.string(),
  /** Its present revision, one of `backends`. */
  revisionId: z.string(),
  /** null: several versions of that model. */
  modelVersionId: z.string().nullable(),
  modelVersionNumber: z.int().positive().nullable(),
  modelName: z.string().nullable(),
  price: GatewayPrice.nullable(),
});

export const GatewayConfig = z.strictObject({
  schema: z.literal(READABLE_SCHEMAS),
  epoch: z.int().nonnegative(),
  generation: z.int().positive(),
  compiledAt: z.iso.datetime(),
  projects: z.array(GatewayProject),
  keys: z.array(GatewayConfigKey),
  backends: z.array(GatewayBackend),
  prompts: z.array(GatewayPrompt),
  labelledPrompts: z.array(GatewayLabelledPrompt).default([]),
  endpoints: z.array(GatewayEndpoint),
  directBackends: z.array(GatewayDirectBackend).default([]),
  budgets: z.array(GatewayBudget),
});

export type GatewayConfig = z.infer<typeof GatewayConfig>;
export type GatewayEndpoint = z.infer<typeof GatewayEndpoint>;
export type GatewayRelease = z.infer<typeof GatewayRelease>;
export type GatewayVariant = z.infer<typeof GatewayVariant>;
export type GatewayArm = z.infer<typeof GatewayArm>;
export type GatewayBackend = z.infer<typeof GatewayBackend>;
export type GatewayDirectBackend = z.infer<typeof GatewayDirectBackend>;
export type GatewayPrompt = z.infer<typeof GatewayPrompt>;
export type GatewayConfigKey = z.infer<typeof GatewayConfigKey>;
export type GatewayPrice = z.infer<typeof GatewayPrice>;
export type GatewayBudget = z.infer<typeof GatewayBudget>;
export type GatewayLabelledPrompt = z.infer<typeof GatewayLabelledPrompt>;

/**
 * What travels: the exact bytes that were signed (`content` is the JSON text of a GatewayConfig) and an Ed25519 signature (base64)
 * over `switchyard-snapshot-v1\n` + content. Never re-serialised between signing and checking.
 */
export const SignedSnapshot = z.strictObject({
  epoch: z.int().nonnegative(),
  generation: z.int().positive(),
  content: z.string(),
  signature: z.string(),
});
export type SignedSnapshot = z.infer<typeof SignedSnapshot>;
export const SNAPSHOT_SIGNING_DOMAIN = "switchyard-snapshot-v1\n";

/** Redis names on the way down. */
export const SNAPSHOT_CHANNEL = "sy:snapshot:announce";
/** Holds the newest SignedSnapshot as JSON; may be absent after a flush until the worker puts it back. */
export const SNAPSHOT_KEY = "sy:snapshot:latest";
