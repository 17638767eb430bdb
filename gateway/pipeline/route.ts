import { AppError } from "@/lib/core/errors";
import type { RuntimeArm, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import { chooseBackend } from "../routing/choose-backend";
import { decideSplit } from "../routing/split";
import { buildPayload } from "./build-payload";
import type { ChatAsk, Plan, RequestState } from "./request-state";

/** Endpoint → arm → release → variant → backend, and the body for it. @throws AppError unavailable, upstream_unavailable, invalid_request */
export function route(state: RequestState, ask: ChatAsk): Plan {
  const { gateway } = state;
  const decision = decideSplit<RuntimeVariant, RuntimeRelease, RuntimeArm>(ask.endpoint, ask.subject, gateway.unheardMs());
  if (decision === null)
    throw new AppError("unavailable", `The endpoint “${ask.endpoint.name}” has no release yet.`, { retryAfterSeconds: 5 });
  state.decision = decision;
  const { release, variant } = decision.served;
  const usable = variant.backends.filter((b) => b.unusable === null);
  const backend = chooseBackend({ backends: usable, isHealthy: (b) => gateway.health.isHealthy(b.id), turn: gateway.nextTurn() });
  if (backend === null)
    throw new AppError("upstream_unavailable", "The serving backend cannot be called.", { cause: variant.backends[0]?.unusable });
  return { decision, backend, ...buildPayload(ask, { release, variant, backend }) };
}
