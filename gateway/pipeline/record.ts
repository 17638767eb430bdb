import type { Outcome, UsageEvent } from "@/lib/contracts/gateway-event";
import type { ErrorCode } from "@/lib/core/errors";
import { computeTokenCost, formatUsd } from "@/lib/core/money";
import type { JsonPieces } from "../events/record-codec";
import type { AnswerCounts } from "../operations/answer-meter";
import { toCallTimes, toPhaseTimes } from "./call-log";
import type { Ask, CacheTurn, Caller, RequestState } from "./request-state";
import { traceEnd } from "./trace";

export interface Ending {
  readonly outcome: Outcome;
  /** HTTP status that the client saw. */
  readonly status: number;
  readonly errorCode: ErrorCode | null;
}

/** The part of an event that only its end tells. The rest is known when the request is admitted and written as JSON only once. */
type EndFields =
  | "outcome"
  | "status"
  | "errorCode"
  | "attempts"
  | "queueMs"
  | "ttftMs"
  | "tpotMs"
  | "totalMs"
  | "inputTokens"
  | "outputTokens"
  | "cachedTokens"
  | "tokensEstimated"
  | "costUsd"
  | "savedUsd"
  | "answerChars"
  | "phases"
  | "calls";
export type EventEnd = Pick<UsageEvent, EndFields>;
type EventStart = Omit<UsageEvent, EndFields>;

const NOTHING: AnswerCounts = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, estimated: false, answerChars: 0 };

/** Should the process die, the next start settles an admitted request as this: cut, with a status that no answer carried. */
const DIED = JSON.stringify({
  outcome: "cut",
  status: 500,
  errorCode: "internal",
  attempts: 1,
  queueMs: 0,
  ttftMs: null,
  tpotMs: null,
  totalMs: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  tokensEstimated: true,
  costUsd: null,
  answerChars: 0,
} satisfies EventEnd);

function toTpotMs(totalMs: number, ttftMs: number | null, outputTokens: number): number | null {
  return ttftMs === null || outputTokens <= 1 ? null : Math.max(0, totalMs - ttftMs) / (outputTokens - 1);
}

/** The turn of a request that a stored answer was given to; null for every other. */
const storedTurn = ({ cache }: RequestState): CacheTurn | null => (cache === null || cache.given === null ? null : cache);

/** No variant served what stood in for a failure. */
function toServedVariantId(state: RequestState, { direct }: Ask["endpoint"]): string | null {
  if (direct !== null || storedTurn(state)?.stoodIn === true) return null;
  return state.decision?.served.variant.id ?? null;
}

const toBackendId = (state: RequestState): string | null => (storedTurn(state) === null ? (state.plan?.backend.id ?? null) : null);

/** A trace that neither the client nor a collector knows is worth no field. */
function toTraceField({ trace }: RequestState): { traceId: string } | undefined {
  return trace === null || !(trace.isSampled || trace.parentId !== null) ? undefined : { traceId: trace.traceId };
}

function toEventStart(state: RequestState, caller: Caller, ask: Ask): EventStart {
  const { decision, plan } = state;
  const { key, config, internal } = caller;
  const served = decision?.served;
  const { direct } = ask.endpoint;
  // Only applications are assigned anything: what the control plane asks is in no arm, release or rollout.
  const assigned = internal === null ? decision : null;
  return {
    requestId: state.requestId,
    at: state.atMs,
    projectId: key.scope.project.id,
    environment: key.scope.environment,
    endpointId: direct === null ? ask.endpoint.id : null,
    keyId: key.id,
    team: key.team ?? ask.endpoint.team,
    source: internal?.claims.source ?? "application",
    api: state.operation.api,
    streamed: ask.streamed,
    subjectHash: ask.subjectHash,
    clientRequestId: state.clientRequestId,
    generation: config.generation,
    releaseId: assigned?.assigned.release.id ?? null,
    variantId: assigned?.assigned.variant.id ?? null,
    servedReleaseId: direct === null ? (served?.release.id ?? null) : null,
    servedVariantId: toServedVariantId(state, ask.endpoint),
    rolloutId: assigned?.arm.rolloutId ?? null,
    experimentId: assigned?.arm.experimentId ?? null,
    armName: assigned?.arm.name ?? null,
    backendId: toBackendId(state),
    modelVersionId: direct === null ? (served?.variant.modelVersionId ?? null) : direct.modelVersionId,
    promptVersionId: internal === null ? (served?.variant.prompt?.versionId ?? null) : internal.claims.promptVersionId,
    cache: state.cache?.result ?? "bypass",
    priceId: state.operation.hasTokens ? (served?.variant.price?.id ?? null) : null,
    promptChars: plan?.payload.promptChars ?? 0,
    ...toTraceField(state),
  };
}

/** The end of a request that a stored answer was given to: it used nothing now, and saved what its backend would have cost. */
function toStoredEnd(state: RequestState, ending: Ending, { given, stoodIn }: CacheTurn): EventEnd {
  const nowMs = state.gateway.clock.monotonicMs();
  const price = state.decision?.served.variant.price ?? null;
  const isSaving = price !== null && given !== null && !stoodIn;
  return {
    ...ending,
    attempts: state.attempts,
    queueMs: state.queueMs,
    ttftMs: null,
    tpotMs: null,
    totalMs: Math.max(0, nowMs - state.startedMs),
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    tokensEstimated: false,
    costUsd: price === null ? null : "0",
    ...(isSaving ? { savedUsd: formatUsd(computeTokenCost(given.counts, price)) } : {}),
    answerChars: given?.counts.answerChars ?? 0,
    phases: toPhaseTimes(state),
    calls: toCallTimes(state, nowMs),
  };
}

function toEventEnd(state: RequestState, ending: Ending): EventEnd {
  const stored = storedTurn(state);
  if (stored !== null) return toStoredEnd(state, ending, stored);
  const { decision, plan, meter, startedMs } = state;
  const nowMs = state.gateway.clock.monotonicMs();
  const totalMs = Math.max(0, nowMs - startedMs);
  const ttftMs = meter === null || meter.firstTokenMs === null ? null : Math.max(0, meter.firstTokenMs - startedMs);
  const isCounted = state.operation.hasTokens && meter !== null && plan !== null;
  const counts = !isCounted ? NOTHING : meter.count(plan.payload, ending.outcome !== "complete");
  const price = state.operation.hasTokens ? (decision?.served.variant.price ?? null) : null;
  return {
    outcome: ending.outcome,
    status: ending.status,
    errorCode: ending.errorCode,
    attempts: state.attempts,
    queueMs: state.queueMs,
    ttftMs,
    tpotMs: toTpotMs(totalMs, ttftMs, counts.outputTokens),
    totalMs,
    inputTokens: counts.inputTokens,
    outputTokens: counts.outputTokens,
    cachedTokens: counts.cachedTokens,
    tokensEstimated: counts.estimated,
    costUsd: price === null ? null : formatUsd(computeTokenCost(counts, price)),
    answerChars: counts.answerChars,
    phases: toPhaseTimes(state),
    calls: toCallTimes(state, nowMs),
  };
}

/** Two JSON objects as one. */
const joinJson = (first: string, second: string): JsonPieces => [first.slice(0, -1), ",", second.slice(1)];

/**
 * Puts on disk that a backend is about to be called.
 * @throws AppError usage_spool_full
 */
export function admit(state: RequestState): void {
  const { caller, ask } = state;
  if (caller === null || ask === null) return;
  state.knownJson = JSON.stringify(toEventStart(state, caller, ask));
  state.gateway.usage.admit(state.requestId, joinJson(state.knownJson, DIED));
}

/**
 * Settles a request, once: its event is in the spool when this returns, so it is called before the last byte goes out. A request that
 * reached no endpoint has no event, only a count.
 * @throws AppError usage_spool_full: the answer may not be finished
 */
export function settle(state: RequestState, ending: Ending): void {
  if (state.settled) return;
  state.settled = true;
  state.outcome = ending.outcome;
  const { caller, ask, gateway } = state;
  if (caller === null || ask === null) {
    gateway.metrics.countUnrouted(ending.errorCode ?? ending.outcome);
    return;
  }
  const known = state.knownJson ?? JSON.stringify(toEventStart(state, caller, ask));
  const measured = toEventEnd(state, ending);
  gateway.budgets.settle({
    hold: state.hold,
    endpointId: ask.endpoint.id,
    costUsd: measured.costUsd,
    atMs: state.atMs,
  });
  if (state.limits !== null)
    gateway.limits.settle(state.limits, {
      tokens: measured.inputTokens + measured.outputTokens,
      reached: state.attempts > 0 || storedTurn(state) !== null,
    });
  const { end, error } = finishOrDefer(state, known, measured);
  state.ended = end;
  if (state.trace !== null) traceEnd(state, end);
  gateway.metrics.record(end, {
    model: ask.endpoint.name,
    variant: state.decision?.served.variant.name ?? "none",
    endpoint: state.operation.api,
    cache: state.cache?.result ?? "bypass",
  });
  if (error !== null) throw error;
}

/** An answer that cannot be recorded is not finished for the client either: it ends as cut, and so it will stand in the log. */
function finishOrDefer({ gateway, response, requestId }: RequestState, known: string, end: EventEnd): { end: EventEnd; error: unknown } {
  try {
    gateway.usage.finish(requestId, joinJson(known, JSON.stringify(end)));
    return { end, error: null };
  } catch (error) {
    const status = response.headersSent ? 200 : 503;
    const cut: EventEnd = end.outcome === "complete" ? { ...end, outcome: "cut", status, errorCode: "usage_spool_full" } : end;
    gateway.usage.defer(requestId, joinJson(known, JSON.stringify(cut)));
    return { end: cut, error };
  }
}
