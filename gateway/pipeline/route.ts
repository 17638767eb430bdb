import { AppError } from "@/lib/core/errors";
import type { RuntimeArm, RuntimeBackend, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import type { Operation } from "../operations/operation";
import { chooseBackend } from "../routing/balance";
import { decideSplit } from "../routing/split";
import type { Ask, Decision, GatewayContext, Plan, RequestState } from "./request-state";

export type Callable = Pick<RuntimeVariant, "balancing" | "backends" | "weights">;

function choose(gateway: GatewayContext, { balancing, backends, weights }: Callable, turn: number): RuntimeBackend | null {
  return chooseBackend({ strategy: balancing, backends, weights, view: gateway.backends.view, turn, random: gateway.random });
}

const NONE: ReadonlySet<string> = new Set();

/** Those of a variant's backends that speak what is asked for and have not failed in this request. */
export function toCallable(variant: RuntimeVariant, { name }: Operation, failed: ReadonlySet<string>): Callable {
  const isCallable = (backend: RuntimeBackend) => backend.paths[name] !== null && !failed.has(backend.id);
  if (variant.backends.every(isCallable)) return variant;
  return {
    balancing: variant.balancing,
    backends: variant.backends.filter(isCallable),
    weights: variant.backends.flatMap((b, i) => (isCallable(b) ? [variant.weights[i] ?? 1] : [])),
  };
}

function toPlan(ask: Ask, decision: Decision, backend: RuntimeBackend): Plan {
  const { release, variant: served } = decision.served;
  const variant = ask.bringsPrompt ? { ...served, prompt: null, fixed: served.ownFixed } : served;
  return { decision, backend, payload: ask.toPayload({ endpoint: ask.endpoint, release, variant, backend }) };
}

/** Why none of a variant's backends can be called. */
function toUncallable({ name, api }: Operation, ask: Ask, { backends, unusable }: RuntimeVariant): AppError {
  if (backends.length === 0)
    return new AppError("upstream_unavailable", "The serving backend cannot be called.", { cause: unusable[0]?.unusable });
  const instead = name === "inference" ? "/v1/chat/completions, /v1/completions or /v1/embeddings" : "/v2/models/{endpoint}/infer";
  return new AppError("invalid_request", `The backends of “${ask.endpoint.name}” do not serve ${api}; call ${instead}.`);
}

/** Endpoint → arm → release → variant → backend, and the body for it. @throws AppError unavailable, upstream_unavailable, invalid_request */
export function route(state: RequestState, ask: Ask): Plan {
  const { gateway } = state;
  const decision = decideSplit<RuntimeVariant, RuntimeRelease, RuntimeArm>(ask.endpoint, ask.subject, gateway.unheardMs());
  if (decision === null)
    throw new AppError("unavailable", `The endpoint “${ask.endpoint.name}” has no release yet.`, { retryAfterSeconds: 5 });
  state.decision = decision;
  const { variant } = decision.served;
  const backend = choose(gateway, toCallable(variant, state.operation, NONE), variant.turns.next++);
  if (backend === null) throw toUncallable(state.operation, ask, variant);
  state.deadlineMs = state.askedMs + backend.totalTimeoutMs;
  return toPlan(ask, decision, backend);
}

/** The same request for another variant; null when none of its backends can be called, or its prompt cannot take this request. */
export function planVariant({ gateway, operation }: RequestState, ask: Ask, decision: Decision): Plan | null {
  const { variant } = decision.served;
  const backend = choose(gateway, toCallable(variant, operation, NONE), variant.turns.next++);
  if (backend === null) return null;
  try {
    return toPlan(ask, decision, backend);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** The same request for this backend of the same variant. */
export function moveTo({ operation }: RequestState, { ask, plan }: { ask: Ask; plan: Plan }, backend: RuntimeBackend): Plan {
  const { servedModel, asksStreams } = plan.backend;
  const isLike = backend.servedModel === servedModel && backend.asksStreams === asksStreams;
  const isSame = isLike && backend.paths[operation.name] === plan.payload.path;
  return isSame ? { ...plan, backend } : toPlan(ask, plan.decision, backend);
}

/** The same request for another backend of the same variant; null when each of them failed in it already. */
export function planElsewhere(
  state: RequestState,
  { ask, plan, failed }: { ask: Ask; plan: Plan; failed: ReadonlySet<string> },
): Plan | null {
  const { gateway, operation } = state;
  const callable = toCallable(plan.decision.served.variant, operation, failed);
  // A retry takes no turn: two backends of which one fails would else give every first try to that one.
  const backend = choose(gateway, callable, Math.floor(gateway.random() * callable.backends.length));
  if (backend === null) return null;
  return moveTo(state, { ask, plan }, backend);
}
