import { type CallTimes, MAX_CALLS_KEPT, type PhaseTimes } from "@/lib/contracts/gateway-event";
import type { RuntimeBackend } from "../config/runtime-config";
import { CallAbortedError, StaleConnectionError, type UpstreamCall } from "../providers/upstream-call";
import { toFailureKind } from "../providers/upstream-error";
import type { Plan, RequestState } from "./request-state";

/** What is remembered of one call of a backend until its request is settled. Times are monotonic milliseconds. */
export interface CallEntry {
  readonly backend: RuntimeBackend;
  readonly variantId: string;
  readonly call: UpstreamCall;
  readonly startMs: number;
  /** W3C span id that the backend was given as its parent; null without a trace. */
  readonly spanId: string | null;
  /** null: no head came. */
  headMs: number | null;
  status: number;
  /** null while it runs; the call that answers ends with its request. */
  endMs: number | null;
  failure: string | null;
}

/** Remembers a call that is being made. */
export function openCall(
  state: RequestState,
  { backend, decision }: Plan,
  made: Pick<CallEntry, "call" | "startMs" | "spanId">,
): CallEntry {
  const { call, startMs, spanId } = made;
  const variantId = decision.served.variant.id;
  const entry: CallEntry = { backend, variantId, call, startMs, spanId, headMs: null, status: 0, endMs: null, failure: null };
  // The last one is who answered: it stays, whatever came before it.
  if (state.calls.length === MAX_CALLS_KEPT) state.calls.pop();
  state.calls.push(entry);
  return entry;
}

function nameOf(error: unknown): string | null {
  if (error instanceof StaleConnectionError) return "stale_connection";
  if (error instanceof CallAbortedError) return "aborted";
  return error === null ? null : (toFailureKind(error) ?? "failed");
}

/** The newest call has failed. */
export function failCall({ calls, gateway }: RequestState, error: unknown): void {
  const entry = calls[calls.length - 1];
  if (entry === undefined || entry.endMs !== null) return;
  entry.endMs = gateway.clock.monotonicMs();
  entry.failure = nameOf(error);
}

const toMicros = (ms: number | null, startedMs: number): number => (ms === null ? -1 : Math.max(0, Math.round((ms - startedMs) * 1_000)));

export function toPhaseTimes({ startedMs, askedMs, limitedMs, plannedMs, lookedUpMs, admittedMs }: RequestState): PhaseTimes {
  const at = (ms: number | null) => toMicros(ms, startedMs);
  return [at(askedMs), at(limitedMs), at(plannedMs), at(lookedUpMs), at(admittedMs)];
}

/** As the event has them: the calls so far, where the one that still runs ends now; undefined where there was none. */
export function toCallTimes(state: RequestState, endMs: number): CallTimes[] | undefined {
  const { startedMs, plan, brokenBy, cache } = state;
  if (state.calls.length === 0) return undefined;
  // A stored answer's event names no backend.
  const own = cache === null || cache.given === null ? plan : null;
  return state.calls.map((entry): CallTimes => {
    const { backend, variantId } = entry;
    return [
      toMicros(entry.startMs, startedMs),
      toMicros(entry.call.sentMs, startedMs),
      toMicros(entry.headMs, startedMs),
      toMicros(entry.endMs ?? endMs, startedMs),
      entry.status,
      entry.failure ?? (entry.endMs === null ? nameOf(brokenBy) : null),
      own?.backend.id === backend.id ? null : backend.id,
      own?.decision.served.variant.id === variantId ? null : variantId,
    ];
  });
}
