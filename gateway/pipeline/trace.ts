import { NAMES } from "../tracing/conventions";
import type { TracedRequest } from "../tracing/traced-request";
import type { EventEnd } from "./record";
import type { RequestState } from "./request-state";

/** The attributes that say what of Switchyard a request was about; none of them is what was asked or answered. */
function toOwn({ requestId, ask, caller, decision, attempts, cache, operation }: RequestState): TracedRequest["own"] {
  return {
    [NAMES.requestId]: requestId,
    [NAMES.endpoint]: ask?.endpoint.name ?? null,
    [NAMES.environment]: caller?.key.scope.environment ?? null,
    [NAMES.release]: decision?.served.release.number ?? null,
    [NAMES.variant]: decision?.assigned.variant.name ?? null,
    [NAMES.servedVariant]: decision?.served.variant.name ?? null,
    [NAMES.cache]: operation.hasTokens ? (cache?.result ?? "bypass") : null,
    [NAMES.attempts]: attempts,
    [NAMES.generation]: caller?.config.generation ?? null,
    [NAMES.streamed]: ask?.streamed ?? null,
  };
}

/** Hands a sampled request to the exporter once it is settled. */
export function traceEnd(state: RequestState, end: EventEnd): void {
  const { trace, gateway, operation, calls } = state;
  if (trace === null || trace.spanId === null || !trace.isSampled || end.phases === undefined) return;
  const { inputTokens: input, outputTokens: output, cachedTokens: cached } = end;
  const { traceId, spanId, parentId, state: traceState } = trace;
  gateway.tracing.finish({
    ...{ traceId, spanId, parentId, state: traceState },
    atMs: state.atMs,
    totalMs: end.totalMs,
    operation: operation.name,
    api: operation.api,
    status: end.status,
    outcome: end.outcome,
    errorCode: end.errorCode,
    ttftMs: end.ttftMs,
    tokens: operation.hasTokens ? { input, output, cached } : null,
    costUsd: end.costUsd,
    phases: end.phases,
    calls: (end.calls ?? []).flatMap((times, i) => {
      const entry = calls[i];
      if (entry === undefined || entry.spanId === null) return [];
      const { name, kind, origin, servedModel, simulated } = entry.backend;
      return [{ spanId: entry.spanId, times, backend: { name, kind, origin, servedModel, simulated } }];
    }),
    own: toOwn(state),
  });
}
