import type { Outcome, UsageEvent } from "@/lib/contracts/gateway-event";
import type { ErrorCode } from "@/lib/core/errors";
import { computeTokenCost, formatUsd } from "@/lib/core/money";
import type { AnswerCounts } from "./answer-meter";
import type { Caller, ChatAsk, RequestState } from "./request-state";

export interface Ending {
  readonly outcome: Outcome;
  /** HTTP status that the client saw. */
  readonly status: number;
  readonly errorCode: ErrorCode | null;
}

const NOTHING: AnswerCounts = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, estimated: false, answerChars: 0 };

function toTpotMs(totalMs: number, ttftMs: number | null, outputTokens: number): number | null {
  return ttftMs === null || outputTokens <= 1 ? null : Math.max(0, totalMs - ttftMs) / (outputTokens - 1);
}

/** Everything known about a request at this moment, as its usage event would be if it ended now. */
function toUsageEvent(state: RequestState, ending: Ending, { caller, ask }: { caller: Caller; ask: ChatAsk }): UsageEvent {
  const { decision, plan, meter, startedMs } = state;
  const { key, config } = caller;
  const totalMs = Math.max(0, state.gateway.clock.monotonicMs() - startedMs);
  const ttftMs = meter === null || meter.firstTokenMs === null ? null : Math.max(0, meter.firstTokenMs - startedMs);
  const counts = meter === null || plan === null ? NOTHING : meter.count(plan.promptChars, ending.outcome !== "complete");
  const served = decision?.served;
  const price = served?.variant.price ?? null;
  return {
    requestId: state.requestId,
    at: state.atMs,
    projectId: key.scope.project.id,
    environment: key.scope.environment,
    endpointId: ask.endpoint.id,
    keyId: key.id,
    team: key.team ?? ask.endpoint.team,
    source: "application",
    api: state.api,
    streamed: ask.streamed,
    subjectHash: ask.subjectHash,
    clientRequestId: state.clientRequestId,
    generation: config.generation,
    releaseId: decision?.assigned.release.id ?? null,
    variantId: decision?.assigned.variant.id ?? null,
    servedReleaseId: served?.release.id ?? null,
    servedVariantId: served?.variant.id ?? null,
    rolloutId: decision?.arm.rolloutId ?? null,
    experimentId: decision?.arm.experimentId ?? null,
    armName: decision?.arm.name ?? null,
    backendId: plan?.backend.id ?? null,
    modelVersionId: served?.variant.modelVersionId ?? null,
    promptVersionId: served?.variant.prompt?.versionId ?? null,
    outcome: ending.outcome,
    status: ending.status,
    errorCode: ending.errorCode,
    cache: "bypass",
    attempts: state.attempts,
    queueMs: state.queueMs,
    ttftMs,
    tpotMs: toTpotMs(totalMs, ttftMs, counts.outputTokens),
    totalMs,
    inputTokens: counts.inputTokens,
    outputTokens: counts.outputTokens,
    cachedTokens: counts.cachedTokens,
    tokensEstimated: counts.estimated,
    priceId: price?.id ?? null,
    costUsd: price === null ? null : formatUsd(computeTokenCost(counts, price)),
    promptChars: plan?.promptChars ?? 0,
    answerChars: counts.answerChars,
  };
}

/**
 * Puts on disk that a backend is about to be called. Should this process die before the request is settled, the next start settles it
 * as this event: cut, with a status that no answer carried.
 * @throws AppError usage_spool_full
 */
export function admit(state: RequestState): void {
  const { caller, ask } = state;
  if (caller === null || ask === null) return;
  state.gateway.usage.admit(toUsageEvent(state, { outcome: "cut", status: 500, errorCode: "internal" }, { caller, ask }));
}

/**
 * Settles a request, once: its event is in the spool when this returns, so it is called before the last byte goes out. A request that
 * reached no endpoint has no event, only a count.
 * @throws AppError usage_spool_full: the answer may not be finished
 */
export function settle(state: RequestState, ending: Ending): void {
  if (state.settled) return;
  state.settled = true;
  const { caller, ask, gateway } = state;
  if (caller === null || ask === null) {
    gateway.metrics.countUnrouted(ending.errorCode ?? ending.outcome);
    return;
  }
  const event = toUsageEvent(state, ending, { caller, ask });
  const recorded = finishOrDefer(state, event);
  gateway.metrics.record(recorded.event, { model: ask.endpoint.name, variant: state.decision?.served.variant.name ?? "none" });
  if (recorded.error !== null) throw recorded.error;
}

/** An answer that cannot be recorded is not finished for the client either: it ends as cut, and so it will stand in the log. */
function finishOrDefer({ gateway, response }: RequestState, event: UsageEvent): { event: UsageEvent; error: unknown } {
  try {
    gateway.usage.finish(event);
    return { event, error: null };
  } catch (error) {
    const status = response.headersSent ? 200 : 503;
    const cut: UsageEvent = event.outcome === "complete" ? { ...event, outcome: "cut", status, errorCode: "usage_spool_full" } : event;
    gateway.usage.defer(cut);
    return { event: cut, error };
  }
}
