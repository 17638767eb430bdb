import type { IncomingMessage, ServerResponse } from "node:http";
import type { CacheResult, Outcome } from "@/lib/contracts/gateway-event";
import type { InternalCallClaims } from "@/lib/contracts/internal-call";
import type { AppError } from "@/lib/core/errors";
import type { Logger } from "@/lib/infra/logger";
import type { BackendMetrics } from "../backend-metrics";
import type { Answers } from "../cache/answers";
import type { EntryPlace, ProjectCacheKeys } from "../cache/cache-key";
import type { CacheUse } from "../cache/cache-use";
import type { StoredAnswer } from "../cache/sealed-answer";
import type { Clock } from "../clock";
import type {
  RuntimeArm,
  RuntimeBackend,
  RuntimeCache,
  RuntimeConfig,
  RuntimeEndpoint,
  RuntimeKey,
  RuntimeRelease,
  RuntimeVariant,
} from "../config/runtime-config";
import type { Capture } from "../content/capture";
import type { Contents } from "../content/contents";
import type { DeadlineWatch } from "../deadline-watch";
import type { JsonPieces } from "../events/record-codec";
import type { FeedbackSink } from "../feedback/feedback-sink";
import type { BodyLimits } from "../http/read-body";
import type { InternalCalls } from "../internal/internal-calls";
import type { BudgetGuard, Hold } from "../limits/budget-guard";
import type { PlaceQueue } from "../limits/place-queue";
import type { LimitHold, RateLimits } from "../limits/rate-limits";
import type { RetryBudgets } from "../limits/retry-budgets";
import type { GatewayMetrics } from "../metrics";
import type { AnswerMeter } from "../operations/answer-meter";
import type { Operation, Payload, ReadRequest } from "../operations/operation";
import type { BackendStates } from "../providers/backend-states";
import type { UpstreamCall } from "../providers/upstream-call";
import type { Upstreams } from "../providers/upstreams";
import type { SplitDecision } from "../routing/split";
import type { RequestTrace, Tracing } from "../tracing/tracing";
import type { CallEntry } from "./call-log";
import type { EventEnd } from "./record";

/**
 * Where usage goes, as the JSON of UsageEvents. The calls return only when the record would survive the death of this process.
 */
export interface UsageSink {
  /** @throws AppError usage_spool_full when no further request may be taken */
  assertAccepting(): void;
  /** The request is about to be sent to a backend: should this process die, it settles as this event. @throws AppError usage_spool_full */
  admit(requestId: string, eventJson: JsonPieces): void;
  /** The request is over. @throws AppError usage_spool_full: its last byte may not go out */
  finish(requestId: string, eventJson: JsonPieces): void;
  /** After `finish` threw: keeps the event of an admitted request until it can be written; one that was never admitted is let go. */
  defer(requestId: string, eventJson: JsonPieces): void;
}

/** What all requests of a gateway share. */
export interface GatewayContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly upstreams: Upstreams;
  readonly backends: BackendStates;
  readonly places: PlaceQueue;
  readonly backendMetrics: BackendMetrics;
  readonly usage: UsageSink;
  readonly budgets: Pick<BudgetGuard, "reserve" | "settle">;
  readonly internalCalls: InternalCalls;
  readonly limits: Pick<RateLimits, "find" | "enter" | "enterKey" | "reserveTokens" | "settle" | "toHeaders">;
  readonly watch: DeadlineWatch;
  readonly bodyLimits: BodyLimits;
  /** A client that takes nothing for this long is cut. */
  readonly writeIdleMs: number;
  readonly config: () => RuntimeConfig | null;
  /** Milliseconds since the control plane last heard this gateway; Infinity when it never did. */
  readonly unheardMs: () => number;
  readonly newRequestId: () => string;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly retries: RetryBudgets;
  readonly tracing: Tracing;
  readonly answers: Answers;
  readonly contents: Contents;
  readonly feedback: FeedbackSink;
  /** Requests whose connection is still open, for a stop that does not wait for ever. */
  readonly running: Set<RequestState>;
}

/** The control plane's own call, and what it names. */
export interface InternalCaller {
  readonly claims: InternalCallClaims;
  readonly endpoint: RuntimeEndpoint;
}

/** Who asks: filled by authenticate. */
export interface Caller {
  readonly config: RuntimeConfig;
  readonly key: Pick<RuntimeKey, "team" | "scope"> & { /** null: no key but an internal token. */ readonly id: string | null };
  readonly internal: InternalCaller | null;
}

/** What is asked: filled by parse. */
export interface Ask extends Pick<ReadRequest, "streamed" | "wantsUsage" | "toPayload" | "fields"> {
  readonly endpoint: RuntimeEndpoint;
  /** Its messages hold a prompt already: the variant's own is left away. */
  readonly bringsPrompt: boolean;
  readonly subject: string;
  /** HMAC of the subject; null when the request named none. */
  readonly subjectHash: string | null;
}

export type Decision = SplitDecision<RuntimeArm, RuntimeRelease, RuntimeVariant>;

/** Who answers: filled by route. */
export interface Plan {
  readonly decision: Decision;
  readonly backend: RuntimeBackend;
  /** What it is sent; made for this backend, because the model's name is the backend's. */
  readonly payload: Payload;
}

/** What stored answers have to do with a request: filled by look-up. */
export interface CacheTurn {
  readonly use: CacheUse;
  readonly settings: RuntimeCache;
  readonly keys: ProjectCacheKeys;
  readonly place: EntryPlace;
  result: CacheResult;
  /** The answer that comes is the assigned variant's own, and may be stored. */
  stores: boolean;
  /** The stored answer that was given; null while none was. */
  given: StoredAnswer | null;
  /** It was given because no backend could answer. */
  stoodIn: boolean;
}

/** One request on its way through the steps. Each step fills its part; record reads whatever is there. */
export interface RequestState {
  readonly gateway: GatewayContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly operation: Operation;
  /** It came to the address of internal calls. */
  readonly isInternal: boolean;
  readonly requestId: string;
  readonly clientRequestId: string | null;
  /** Arrival on the wall clock. */
  readonly atMs: number;
  /** Arrival on the monotonic clock. */
  readonly startedMs: number;
  /** Its place in a distributed trace; null where it has none. */
  readonly trace: RequestTrace | null;
  caller: Caller | null;
  ask: Ask | null;
  /** Kept apart from the plan: a body that the assigned variant's prompt refuses is still this variant's refusal. */
  decision: Decision | null;
  plan: Plan | null;
  /** The rate limits that cover it, and what it took of them; null where none does. */
  limits: LimitHold | null;
  /** What is reserved in budgets while it runs; null where none covers it. */
  hold: Hold | null;
  meter: AnswerMeter | null;
  /** null: its release stores no answers, or not for this request. */
  cache: CacheTurn | null;
  /** Its content is kept; null for nearly all. */
  capture: Capture | null;
  /** Calls of backends so far. */
  attempts: number;
  /** Monotonic time at which the whole request must be answered; set when it is planned. */
  deadlineMs: number;
  /** Request complete → put on a connection to the backend. */
  queueMs: number;
  /** Monotonic time at which the request was complete. */
  askedMs: number;
  /** Monotonic times at which limits, planning, the look for a stored answer, and reserve with admission were passed; null before. */
  limitedMs: number | null;
  plannedMs: number | null;
  lookedUpMs: number | null;
  admittedMs: number | null;
  /** Calls of backends, the first ones and the last. */
  readonly calls: CallEntry[];
  settled: boolean;
  /** Who may answer instead of the variant that was chosen first; empty before the first call. */
  chain: RuntimeVariant["fallbacks"];
  /** Monotonic time by which an answer must have begun, where another variant could still answer; Infinity where none could. */
  headDeadlineMs: number;
  /** The next call goes over a connection that nothing else was sent on. */
  wantsFresh: boolean;
  /** How it ended; null while it runs. */
  outcome: Outcome | null;
  /** What broke off an answer that had begun; null while nothing did. */
  brokenBy: AppError | null;
  /** What the log has of its end; null while it runs, and for what never reached an endpoint. */
  ended: EventEnd | null;
  /** JSON of the event's part that is known at admission, made once; null before. */
  knownJson: string | null;
  /** The running call of a backend, for whoever must end it: the client's hang-up, the gateway's stop. */
  upstream: UpstreamCall | null;
  /** The client has gone before its answer was complete. */
  gone: boolean;
}

const CLIENT_ID = /^[\x21-\x7e]{1,128}$/;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** It came to the address of internal calls. */
  readonly isInternal?: boolean;
}

export function openState(
  gateway: GatewayContext,
  { request, response, isInternal = false }: Exchange,
  operation: Operation,
): RequestState {
  const clientId = request.headers["x-request-id"];
  const startedMs = gateway.clock.monotonicMs();
  return {
    gateway,
    request,
    response,
    operation,
    isInternal,
    requestId: gateway.newRequestId(),
    clientRequestId: typeof clientId === "string" && CLIENT_ID.test(clientId) ? clientId : null,
    atMs: gateway.clock.nowMs(),
    startedMs,
    trace: gateway.tracing.begin(request.headers),
    caller: null,
    ask: null,
    decision: null,
    plan: null,
    limits: null,
    hold: null,
    meter: null,
    cache: null,
    capture: null,
    attempts: 0,
    deadlineMs: Number.POSITIVE_INFINITY,
    queueMs: 0,
    askedMs: startedMs,
    limitedMs: null,
    plannedMs: null,
    lookedUpMs: null,
    admittedMs: null,
    calls: [],
    settled: false,
    chain: [],
    headDeadlineMs: Number.POSITIVE_INFINITY,
    wantsFresh: false,
    outcome: null,
    brokenBy: null,
    ended: null,
    knownJson: null,
    upstream: null,
    gone: false,
  };
}

export const EVENT_STREAM = "text/event-stream; charset=utf-8";
/** Of every streamed answer; flat name, value, … */
export const STREAM_HEADERS = ["content-type", EVENT_STREAM, "cache-control", "no-cache", "x-accel-buffering", "no"] as const;

/** Headers of every answer, as far as the request got; flat name, value, … */
export function toAnswerHeaders(
  state: Pick<RequestState, "requestId" | "decision" | "ask" | "attempts" | "caller"> &
    Partial<Pick<RequestState, "gateway" | "limits" | "cache">>,
): string[] {
  const headers = ["x-request-id", state.requestId, "x-switchyard-request-id", state.requestId];
  // What answered an internal call stands in its last event.
  if (state.caller !== null && state.caller.internal !== null) return headers;
  if (state.decision !== null) headers.push(...state.decision.served.variant.headers);
  else if (state.ask !== null) headers.push("x-switchyard-endpoint", encodeURIComponent(state.ask.endpoint.name));
  headers.push("x-switchyard-cache", state.cache?.result ?? "bypass", "x-switchyard-attempts", String(state.attempts));
  if (state.caller !== null) headers.push("x-switchyard-generation", String(state.caller.config.generation));
  if (state.limits != null && state.gateway !== undefined) headers.push(...state.gateway.limits.toHeaders(state.limits));
  return headers;
}
