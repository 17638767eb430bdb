import { CallAbortedError, StaleConnectionError } from "../providers/upstream-call";
import { toFailureKind, UpstreamFailure } from "../providers/upstream-error";
import { type CallVerdict, NO_PERMIT } from "../routing/circuit-breaker";
import { FAILURES, type FailureKind } from "../routing/failures";
import { planRetry } from "../routing/plan-retry";
import { call } from "./call";
import { failCall } from "./call-log";
import { pause } from "./pause";
import { relayStream } from "./relay-stream";
import { relayWhole } from "./relay-whole";
import type { Ask, Plan, RequestState } from "./request-state";
import { reserveInstead } from "./reserve";
import { planElsewhere, planVariant } from "./route";
import { standIn } from "./stand-in";
import { takePlace, toRestingError } from "./take-place";

/** What an error says about the backend's health. */
function toVerdict(error: unknown): CallVerdict {
  const kind = toFailureKind(error);
  return kind === null ? "none" : FAILURES[kind].health;
}

const NONE: ReadonlySet<string> = new Set();

/** One call and its answer. Resolves once the answer went out, whole or broken off; what it throws, the client has heard nothing of. */
async function tryOnce(state: RequestState, { ask, planned, failed }: { ask: Ask; planned: Plan; failed: ReadonlySet<string> }) {
  const { gateway } = state;
  const taken = takePlace(state, { ask, plan: planned, failed });
  const { plan, backend, permit } = taken instanceof Promise ? await taken : taken;
  if (plan !== planned) {
    state.plan = plan;
    state.knownJson = null;
  }
  if (permit === NO_PERMIT) throw toRestingError(gateway, plan);
  let verdict: CallVerdict = "none";
  try {
    if (state.gone) throw new CallAbortedError("client gone");
    state.meter = null;
    const answer = await call(state, ask, plan);
    backend.observe(answer.waitedMs);
    if (ask.streamed) await relayStream({ state, ask, plan, answer });
    else await relayWhole(state, plan, answer);
    if (state.outcome === "complete") verdict = "good";
    else if (state.brokenBy !== null) verdict = toVerdict(state.brokenBy);
  } catch (error) {
    verdict = toVerdict(error);
    failCall(state, error);
    throw error;
  } finally {
    backend.end(permit, verdict);
  }
}

/** A kept connection that was closed under us twice is no coincidence any more. */
function toKind(error: unknown, stale: number): FailureKind | null {
  if (error instanceof StaleConnectionError) return stale > 1 ? "unreachable" : "stale_connection";
  return toFailureKind(error);
}

/** What one request has been through. */
interface History {
  readonly failedBackends: Set<string>;
  stale: number;
  /** Of the last call that was made; null while none failed. */
  error: unknown;
  /** Variants that were asked already. */
  readonly asked: Set<string>;
  /** Calls that were made for them. */
  attemptsBefore: number;
}

/** No backend was called. */
const isUncalled = (error: unknown): boolean => error instanceof UpstreamFailure && (error.kind === "resting" || error.kind === "no_place");

/** What the client is told in the end. What a call came to says more than that no other was made after it. */
function toThrow(error: unknown, last: unknown): unknown {
  const told = last !== null && isUncalled(error) ? last : error;
  return told instanceof StaleConnectionError
    ? new UpstreamFailure("unreachable", "upstream_unavailable", "The serving backend closed the connection twice.", { cause: told })
    : told;
}

interface Failed {
  readonly ask: Ask;
  readonly plan: Plan;
  readonly error: unknown;
  readonly history: History;
}

/** Another variant's plan, once nothing is left to try for this one; null when the failure stands. */
function resort(state: RequestState, { error, ...failed }: Failed): Plan | null {
  const kind = toKind(error, failed.history.stale);
  if (kind === null || state.gone || state.settled || state.response.headersSent) return null;
  return state.chain.length === 0 || kind === "too_long" ? null : fallBack(state, { ...failed, kind });
}

/** The plan of the next try of the same variant, after the wait that it needs; null when nothing is left to try. */
async function recover(state: RequestState, { ask, plan, error, history }: Failed): Promise<Plan | null> {
  const { gateway } = state;
  if (error instanceof StaleConnectionError) history.stale++;
  state.wantsFresh = false;
  const kind = toKind(error, history.stale);
  if (kind !== null) gateway.backendMetrics.countFailure(kind);
  if (kind === null || state.settled || state.response.headersSent) return null;
  if (kind === "stale_connection") {
    // Other kept connections were likely closed in the same moment, as when the backend was started anew.
    state.wantsFresh = true;
    return plan;
  }
  history.failedBackends.add(plan.backend.id);
  const other = planElsewhere(state, { ask, plan, failed: history.failedBackends });
  const next = planRetry({
    kind,
    attempts: state.attempts - history.attemptsBefore,
    ...plan.decision.served.release.retries,
    hasOther: other !== null,
    remainingMs: state.deadlineMs - gateway.clock.monotonicMs(),
    retryAfterMs: error instanceof UpstreamFailure ? error.retryAfterMs : null,
    random: gateway.random(),
  });
  if (next === null) return null;
  // One that was not called cost nobody anything.
  const isGranted = kind === "resting" || gateway.retries.spend(ask.endpoint.id);
  gateway.backendMetrics.countRetry(!isGranted ? "no_budget" : next.elsewhere ? "elsewhere" : "same");
  if (!isGranted) return null;
  if (next.waitMs > 0) await pause(state, next.waitMs);
  return next.elsewhere && other !== null ? other : plan;
}

/** The next variant of the chain that may answer after a failure of this kind; null when there is none. */
function fallBack(state: RequestState, { ask, plan, kind, history }: { ask: Ask; plan: Plan; kind: FailureKind; history: History }) {
  const failure = FAILURES[kind].fallback;
  const { decision } = plan;
  const { release } = decision.served;
  for (const { variantId, on } of state.chain) {
    const variant = release.variants.find((v) => v.id === variantId);
    if (variant === undefined || !on.has(failure) || history.asked.has(variantId)) continue;
    history.asked.add(variantId);
    const next = planVariant(state, ask, { ...decision, served: { release, variant } });
    if (next === null || !reserveInstead(state, ask, next)) continue;
    state.gateway.backendMetrics.countFallback(failure);
    history.failedBackends.clear();
    history.attemptsBefore = state.attempts;
    state.decision = next.decision;
    if (state.cache !== null) state.cache.stores = false;
    shareTime(state, state.chain.length - history.asked.size + 1);
    return next;
  }
  return null;
}

/** While `others` variants could still answer, each may wait for its answer to begin for no more than its share of the time that is left. */
function shareTime(state: RequestState, others: number): void {
  const nowMs = state.gateway.clock.monotonicMs();
  state.headDeadlineMs = others <= 0 ? Number.POSITIVE_INFINITY : nowMs + (state.deadlineMs - nowMs) / (others + 1);
}

/**
 * Calls backends until one has answered, the failure is one that no repetition mends, or attempts, deadline or retry budget are used up.
 * Nothing is repeated once a byte of an answer reached the client.
 * @throws AppError the last failure · CallAbortedError when the client has gone
 */
export async function serve(state: RequestState, ask: Ask, first: Plan): Promise<void> {
  state.gateway.retries.earn(ask.endpoint.id);
  const { variant } = first.decision.served;
  state.chain = variant.fallbacks;
  if (state.chain.length > 0) shareTime(state, state.chain.length);
  let plan = first;
  let history: History | null = null;
  for (;;) {
    if (state.gone) throw new CallAbortedError("client gone");
    try {
      await tryOnce(state, { ask, planned: plan, failed: history?.failedBackends ?? NONE });
      return;
    } catch (error) {
      history ??= { failedBackends: new Set(), stale: 0, error: null, asked: new Set([variant.id]), attemptsBefore: 0 };
      // A wait for room may have ended at another backend than the planned one.
      plan = state.plan ?? plan;
      const next = (await recover(state, { ask, plan, error, history })) ?? resort(state, { ask, plan, error, history });
      if (next === null && (await standIn(state, { ask, first, kind: toKind(error, history.stale) }))) return;
      if (next === null) throw toThrow(error, history.error);
      if (!isUncalled(error)) history.error = error;
      plan = next;
      state.plan = next;
      state.knownJson = null;
    }
  }
}
