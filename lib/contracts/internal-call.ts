import { z } from "zod";
import { REQUEST_SOURCES } from "./gateway-event";

/**
 * Calls of models by the control plane itself (playground, evaluation, judge, smoke test, shadow): they go through a gateway like everybody's,
 * but with a token of one call instead of a gateway key, on an address of their own. Web (later the worker) signs, gateways hold public
 * keys only.
 *
 * Text form: `sy-int-v1.<base64url claims>.<base64url signature>`, Ed25519 over `switchyard-internal-call-v1\n` + the middle part.
 */
export const INTERNAL_PREFIX = "/internal";
export const INTERNAL_CHAT_PATH = `${INTERNAL_PREFIX}/v1/chat/completions`;
export const INTERNAL_TOKEN_PREFIX = "sy-int-v1";
export const INTERNAL_TOKEN_SIGNING_DOMAIN = "switchyard-internal-call-v1\n";
/** A token lives at most this long; it is checked when the call begins, and an answer may take longer. */
export const INTERNAL_TOKEN_MAX_MS = 60_000;
/** How far the clocks of who signs and who checks may lie apart. */
export const INTERNAL_TOKEN_SKEW_MS = 5_000;

const Id = z.string().min(1).max(100);

/** An endpoint as its traffic is routed now, or one of the project's saved backends by itself. */
export const InternalTarget = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("endpoint"), endpointId: Id }),
  z.strictObject({ kind: z.literal("backend"), backendId: Id }),
]);
export type InternalTarget = z.infer<typeof InternalTarget>;

export const InternalCallClaims = z.strictObject({
  /** Names this one call: it is taken once. */
  id: z.string().min(16).max(100),
  /** Everything but the applications, which have gateway keys. */
  source: z.enum(REQUEST_SOURCES).exclude(["application"]),
  projectId: Id,
  environment: z.string().min(1).max(40),
  /** Person, token or component on whose behalf it is; also the subject that the endpoint's split assigns by. */
  actorId: Id,
  target: InternalTarget,
  /** The version whose text stands in the body; null for a draft or none. */
  promptVersionId: Id.nullable(),
  /** Lower-case hex SHA-256 of the body's very bytes. */
  bodySha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Unix milliseconds by the signer's clock. */
  issuedAt: z.int().nonnegative(),
  expiresAt: z.int().nonnegative(),
});
export type InternalCallClaims = z.infer<typeof InternalCallClaims>;

/**
 * How an internal call ended well, as an event of its stream before `[DONE]`: `event: switchyard.settled`. It is what the usage log will
 * have, so nothing has to wait for the log.
 */
export const SETTLED_EVENT = "switchyard.settled";
export const InternalSettlement = z.object({
  requestId: z.string(),
  outcome: z.string(),
  attempts: z.int(),
  queueMs: z.number(),
  ttftMs: z.number().nullable(),
  tpotMs: z.number().nullable(),
  totalMs: z.number(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cachedTokens: z.int(),
  tokensEstimated: z.boolean(),
  costUsd: z.string().nullable(),
  backend: z.string(),
  simulated: z.boolean(),
  release: z.int().nullable(),
  variant: z.string().nullable(),
  modelName: z.string().nullable(),
  modelVersion: z.int().nullable(),
});
export type InternalSettlement = z.infer<typeof InternalSettlement>;
