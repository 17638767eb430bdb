import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { CACHE_RESULTS, OUTCOMES, REQUEST_SOURCES } from "@/lib/contracts/gateway-event";
import { EnvironmentName, Instant, PageQuery, pageOf } from "@/lib/contracts/page";
import { MAX_ROW_NUMBER } from "@/lib/core/cursor";

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
  /** Who answered; another than the assigned one after a fallback, or where a silent gateway gave a canary's share back. */
  servedVariant: z.string().nullable(),
  isFallback: z.boolean(),
  model: z.string().nullable(),
  modelVersion: z.int().nullable(),
  backend: z.string().nullable(),
  key: z.string().nullable(),
  outcome: z.enum(OUTCOMES),
  status: z.int(),
  errorCode: z.string().nullable(),
  /** Path of the gateway's API, such as /v1/chat/completions. */
  api: z.string(),
  streamed: z.boolean(),
  cache: z.enum(CACHE_RESULTS),
  /** Calls of backends. */
  attempts: z.int(),
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

/** Milliseconds after the arrival at which each step was over; null: it did not get there. */
export const RequestPhases = z.strictObject({
  /** The body is here. */
  readMs: Ms,
  /** The endpoint is found, rate limits are passed. */
  limitedMs: Ms,
  /** Backend chosen, prompt built. */
  plannedMs: Ms,
  /** A stored answer was looked for; also null where none is. */
  lookedUpMs: Ms,
  /** Budget reserved, admission on disk. */
  admittedMs: Ms,
});
export type RequestPhases = z.infer<typeof RequestPhases>;

/** One call of a backend, in milliseconds after the request's arrival. */
export const RequestCall = z.strictObject({
  backend: z.string().nullable(),
  variant: z.string().nullable(),
  startMs: z.number(),
  /** On a connection. */
  sentMs: Ms,
  /** The answer's head came. */
  headMs: Ms,
  endMs: z.number(),
  /** The backend's; null: none came. */
  status: z.int().nullable(),
  /** How it failed, as routing names it; null: it answered. */
  failure: z.string().nullable(),
});
export type RequestCall = z.infer<typeof RequestCall>;

export const RequestDetail = z.strictObject({
  ...RequestLine.shape,
  team: z.string().nullable(),
  subjectHash: z.string().nullable(),
  clientRequestId: z.string().nullable(),
  /** W3C trace id, 32 hex digits; null without a trace. */
  traceId: z.string().nullable(),
  gatewayId: z.string(),
  generation: z.int(),
  servedRelease: z.int().nullable(),
  rolloutId: z.string().nullable(),
  /** Its number. */
  experiment: z.int().nullable(),
  arm: z.string().nullable(),
  isSimulated: z.boolean(),
  prompt: z.string().nullable(),
  promptVersion: z.int().nullable(),
  cachedTokens: z.int(),
  promptChars: z.int(),
  answerChars: z.int(),
  /** What the cost was computed with; null when the model has no price. */
  price: z.strictObject({ validFrom: Instant, inputUsd: z.string(), outputUsd: z.string(), perTokens: z.int() }).nullable(),
  ingestedAt: Instant,
  /** null: not measured. */
  phases: RequestPhases.nullable(),
  /** In order, the first ones and the last; null: not measured. */
  calls: z.array(RequestCall).nullable(),
});
export type RequestDetail = z.infer<typeof RequestDetail>;

const short = z.string().min(1).max(100);

/** What of the log is wanted; parts that are left out leave nothing out. */
export const RequestFilter = z.strictObject({
  /** Whole: a request's id, the client's own x-request-id, or a trace id. */
  id: z.string().min(1).max(128).optional(),
  endpoint: short.optional(),
  /** As assigned. */
  release: z.coerce.number().int().positive().max(MAX_ROW_NUMBER).optional(),
  /** As assigned or as served. */
  variant: short.optional(),
  /** Number of an experiment whose arms its subjects were in. */
  experiment: z.coerce.number().int().positive().max(MAX_ROW_NUMBER).optional(),
  /** `control`, `treatment`: as assigned. */
  arm: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, "is an arm such as control")
    .optional(),
  /** Name or id of a gateway key. */
  key: short.optional(),
  outcome: z.enum(OUTCOMES).optional(),
  status: z
    .string()
    .regex(/^[1-5](?:xx|\d\d)$/, "is a status such as 429, or a class such as 5xx")
    .optional(),
  /** Code of the error catalogue. */
  error: z
    .string()
    .regex(/^[a-z_]{1,60}$/, "is an error code such as upstream_timeout")
    .optional(),
  source: z.enum(REQUEST_SOURCES).optional(),
  cache: z.enum(CACHE_RESULTS).optional(),
  /** Whether another variant than the assigned one answered. */
  fallback: z.enum(["yes", "no"]).optional(),
  slowerThanMs: z.coerce.number().min(0).max(1e12).optional(),
  /** Exact decimal USD. */
  dearerThanUsd: z
    .string()
    .regex(/^\d{1,12}(?:\.\d{1,18})?$/, "is an amount in USD such as 0.01")
    .optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});

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
    ...RequestFilter.shape,
  }),
  returns: pageOf(RequestLine),
});
const { id: _id, from: _from, to: _to, ...tailed } = RequestFilter.shape;
export const tailRequests = endpoint({
  id: "tailRequests",
  method: "GET",
  path: "/requests/tail",
  tag: "Usage",
  summary: "New requests as they are counted",
  description:
    "The answer is `text/event-stream`: events `lines` with the requests that came into the log since the last one, oldest first. At most 25 at a time; `skipped` says how many more there were. A stream ends after the seconds that were asked for: whoever goes on asks again, with the last `until` as `since`.",
  access: "usage:read",
  query: z.strictObject({
    environment: EnvironmentName,
    ...tailed,
    /** `until` of the last event of a stream that has ended: goes on there. From now on when left out. */
    since: Instant.optional(),
    /** How long it lasts. */
    seconds: z.coerce.number().int().min(1).max(300),
  }),
  returns: z.strictObject({ event: z.literal("lines"), items: z.array(RequestLine), skipped: z.int(), until: Instant }),
  streams: true,
  errors: ["rate_limited"],
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
    "Every request counts at the backend that was asked for it last, whoever asked; answers out of the cache reached none. From rollups with mergeable sketches. A backend that answered nothing in the window is not listed. Where there is much, steps are longer; a long range of very many backends is refused: name one.",
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

export const USAGE_ENDPOINTS = [listRequests, tailRequests, getRequest, getTraffic, getBackendTraffic] as const;
