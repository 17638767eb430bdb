import { AppError } from "@/lib/core/errors";
import type { RuntimeArm, RuntimeBackend, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import { chooseBackend } from "../routing/choose-backend";
import { decideSplit } from "../routing/split";
import { buildPayload } from "./build-payload";
import type { ChatAsk, Decision, GatewayContext, Plan, RequestState } from "./request-state";

function choose(gateway: GatewayContext, backends: readonly RuntimeBackend[], turn: number): RuntimeBackend | null {
  return chooseBackend({ backends, isHealthy: (b) => gateway.health.isHealthy(b.id), turn });
}

function toPlan(ask: ChatAsk, decision: Decision, backend: RuntimeBackend): Plan {
  const { release, variant } = decision.served;
  return { decision, backend, ...buildPayload(ask, { release, variant, backend }) };
}

/** Endpoint → arm → release → variant → backend, and the body for it. @throws AppError unavailable, upstream_unavailable, invalid_request */
export function route(state: RequestState, ask: ChatAsk): Plan {
  const { gateway } = state;
  const decision = decideSplit<RuntimeVariant, RuntimeRelease, RuntimeArm>(ask.endpoint, ask.subject, gateway.unheardMs());
  if (decision === null)
    throw new AppError("unavailable", `The endpoint “${ask.endpoint.name}” has no release yet.`, { retryAfterSeconds: 5 });
  state.decision = decision;
  const { variant } = decision.served;
  const backend = choose(gateway, variant.backends, gateway.nextTurn());
  if (backend === null)
    throw new AppError("upstream_unavailable", "The serving backend cannot be called.", { cause: variant.unusable[0]?.unusable });
  state.deadlineMs = state.askedMs + backend.totalTimeoutMs;
  return toPlan(ask, decision, backend);
}

/** The same request for another backend of the same variant; null when each of them failed in it already. */
export function planElsewhere(
  { gateway }: RequestState,
  { ask, plan, failed }: { ask: ChatAsk; plan: Plan; failed: ReadonlySet<string> },
): Plan | null {
  const { decision } = plan;
  const { backends } = decision.served.variant;
  if (backends.length <= failed.size) return null;
  const left = backends.filter((b) => !failed.has(b.id));
  // A retry takes no turn: two backends of which one fails would else give every first try to that one.
  const backend = choose(gateway, left, Math.floor(gateway.random() * left.length));
  if (backend === null) return null;
  return backend.servedModel === plan.backend.servedModel ? { ...plan, backend } : toPlan(ask, decision, backend);
}
