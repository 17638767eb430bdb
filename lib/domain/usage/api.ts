import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { CACHE_RESULTS, OUTCOMES, REQUEST_SOURCES } from "@/lib/contracts/gateway-event";
import { EnvironmentName, Instant, PageQuery, pageOf } from "@/lib/contracts/page";

const Ms = z.number().nullable();

export const RequestLine = z.strictObject({
  id: z.string(),
  at: Instant,
  environment: z.string(),
  /** null: the console asked a backend by itself. */
  endpoint: z.string().nullable(),
  /** Who asked: an application with a gateway key, or the console itself. */
  source: z.enum(REQUEST_SOURCES),
  /** As assigned; only applications are assigned a release. */
  release: z.int().nullable(),
  variant: z.string().nullable(),
  model: z.string().nullable(),
  modelVersion: z.int().nullable(),
  backend: z.string().nullable(),
  outcome: z.enum(OUTCOMES),
  status: z.int(),
  errorCode: z.string().nullable(),
  /** Path of the gateway's API, such as /v1/chat/completions. */
  api: z.string(),
  streamed: z.boolean(),
  cache: z.enum(CACHE_RESULTS),
  queueMs: z.number(),
  ttftMs: Ms,
  tpotMs: Ms,
  totalMs: z.number(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  tokensEstimated: z.boolean(),
  /** Exact decimal; null when the model has no price. */
  costUsd: z.string().nullable(),
  /** What a cache hit would have cost; null on every other request, and where the model has no price. */
  savedUsd: z.string().nullable(),
});
export type RequestLine = z.infer<typeof RequestLine>;

export const RequestDetail = z.strictObject({
  ...RequestLine.shape,
  key: z.string().nullable(),
  team: z.string().nullable(),
  subjectHash: z.string().nullable(),
  clientRequestId: z.string().nullable(),
  gatewayId: z.string(),
  generation: z.int(),
  servedRelease: z.int().nullable(),
  rolloutId: z.string().nullable(),
  arm: z.string().nullable(),
  isSimulated: z.boolean(),
  prompt: z.string().nullable(),
  promptVersion: z.int().nullable(),
  attempts: z.int(),
  cachedTokens: z.int(),
  promptChars: z.int(),
  answerChars: z.int(),
  ingestedAt: Instant,
});
export type RequestDetail = z.infer<typeof RequestDetail>;

export const listRequests = endpoint({
  id: "listRequests",
  method: "GET",
  path: "/requests",
  tag: "Usage",
  summary: "The usage log, newest first",
  access: "usage:read",
  query: z.strictObject({
    ...PageQuery.shape,
    environment: EnvironmentName,
    endpoint: z.string().max(100).optional(),
    outcome: z.enum(OUTCOMES).optional(),
    cache: z.enum(CACHE_RESULTS).optional(),
    source: z.enum(REQUEST_SOURCES).optional(),
    release: z.coerce.number().int().positive().optional(),
    slowerThanMs: z.coerce.number().min(0).optional(),
    from: Instant.optional(),
    to: Instant.optional(),
  }),
  returns: pageOf(RequestLine),
});
export const getRequest = endpoint({
  id: "getRequest",
  method: "GET",
  path: "/requests/{id}",
  tag: "Usage",
  summary: "One request",
  access: "usage:read",
  params: z.strictObject({ id: z.string().regex(/^req_[0-9a-f]{32}$/, "is a request id") }),
  returns: RequestDetail,
  errors: ["not_found"],
});

/** Numbers of a window. Null says that there is no such number: nothing is ever zero for want of data. */
export const Traffic = z.strictObject({
  requests: z.int(),
  requestsPerMinute: z.number(),
  complete: z.int(),
  failed: z.int(),
  cut: z.int(),
  blocked: z.int(),
  clientGone: z.int(),
  refused: z.int(),
  errorRatio: z.number().nullable(),
  totalMsP50: Ms,
  totalMsP95: Ms,
  totalMsP99: Ms,
  ttftMsP95: Ms,
  tpotMsP95: Ms,
  inputTokens: z.int(),
  outputTokens: z.int(),
  costUsd: z.string(),
  /** Requests whose model has no price: their cost is not in costUsd. */
  unpriced: z.int(),
  /** Requests whose answer was a stored one, and those for which a stored one was looked for in vain. */
  cacheHits: z.int(),
  cacheMisses: z.int(),
  /** Hits of all that looked for a stored answer; null when none did. */
  cacheHitRatio: z.number().nullable(),
  /** What the hits would have cost. */
  savedUsd: z.string(),
});
export type Traffic = z.infer<typeof Traffic>;

export const TrafficPoint = z.strictObject({
  at: Instant,
  requests: z.int(),
  errorRatio: z.number().nullable(),
  totalMsP95: Ms,
  ttftMsP95: Ms,
  costUsd: z.string(),
  cacheHitRatio: z.number().nullable(),
  savedUsd: z.string(),
});
export const TrafficGroup = z.strictObject({
  endpoint: z.string(),
  release: z.int().nullable(),
  traffic: Traffic,
  points: z.array(TrafficPoint),
});

export const RANGES = ["1h", "24h", "7d", "30d"] as const;
export const getTraffic = endpoint({
  id: "getTraffic",
  method: "GET",
  path: "/traffic",
  tag: "Usage",
  summary: "Traffic of a window: rates, errors, percentiles, tokens and cost, with a series",
  description:
    "From rollups with mergeable sketches (at most 1 % error of a percentile). Compared with the window before it of the same length.",
  access: "usage:read",
  query: z.strictObject({
    environment: EnvironmentName,
    endpoint: z.string().max(100).optional(),
    range: z.enum(RANGES).default("24h"),
    /** Splits by endpoint or by release of an endpoint. */
    by: z.enum(["endpoint", "release"]).default("endpoint"),
  }),
  returns: z.strictObject({
    from: Instant,
    to: Instant,
    stepSeconds: z.int(),
    total: Traffic,
    before: Traffic,
    points: z.array(TrafficPoint),
    groups: z.array(TrafficGroup),
    /** When the newest counted request arrived; null when there is none. */
    newestAt: Instant.nullable(),
  }),
});
export type TrafficAnswer = z.infer<(typeof getTraffic)["returns"]>;

/** Numbers of one backend in a window, by the outcome of the requests that it was asked for last. */
export const BackendTraffic = z.strictObject({
  requests: z.int(),
  requestsPerMinute: z.number(),
  /** Requests that were sent more than once: to this backend, or first to another. */
  retried: z.int(),
  complete: z.int(),
  failed: z.int(),
  cut: z.int(),
  blocked: z.int(),
  clientGone: z.int(),
  refused: z.int(),
  errorRatio: z.number().nullable(),
  totalMsP50: Ms,
  totalMsP95: Ms,
  totalMsP99: Ms,
  ttftMsP50: Ms,
  ttftMsP95: Ms,
  inputTokens: z.int(),
  outputTokens: z.int(),
  costUsd: z.string(),
  /** Requests whose model has no price: their cost is not in costUsd. */
  unpriced: z.int(),
});
export type BackendTraffic = z.infer<typeof BackendTraffic>;

const BackendTrafficPoint = z.strictObject({
  at: Instant,
  requests: z.int(),
  failed: z.int(),
  cut: z.int(),
  errorRatio: z.number().nullable(),
  totalMsP50: Ms,
  totalMsP95: Ms,
  ttftMsP50: Ms,
  ttftMsP95: Ms,
});
/** endpoint and release are null for what the console itself asked the backend by its name. */
const BackendUser = z.strictObject({
  endpoint: z.string().nullable(),
  release: z.int().nullable(),
  requests: z.int(),
  requestsPerMinute: z.number(),
  errorRatio: z.number().nullable(),
});
export const getBackendTraffic = endpoint({
  id: "getBackendTraffic",
  method: "GET",
  path: "/traffic/backends",
  tag: "Usage",
  summary: "What each backend answered in a window, and for which releases",
  description:
    "Every request counts at the backend that was asked for it last, whoever asked; answers out of the cache reached none. From rollups with mergeable sketches. A backend that answered nothing in the window is not listed.",
  access: "usage:read",
  query: z.strictObject({
    environment: EnvironmentName,
    /** Name; all of the environment when left out. */
    backend: z.string().max(100).optional(),
    range: z.enum(RANGES).default("24h"),
  }),
  returns: z.strictObject({
    from: Instant,
    to: Instant,
    stepSeconds: z.int(),
    items: z.array(
      z.strictObject({
        backend: z.string(),
        traffic: BackendTraffic,
        points: z.array(BackendTrafficPoint),
        users: z.array(BackendUser),
      }),
    ),
  }),
});
export type BackendTrafficAnswer = z.infer<(typeof getBackendTraffic)["returns"]>;

export const USAGE_ENDPOINTS = [listRequests, getRequest, getTraffic, getBackendTraffic] as const;
