import { AppError } from "@/lib/core/errors";
import type { RuntimeBackend } from "../config/runtime-config";
import type { BackendState } from "../providers/backend-states";
import { UpstreamFailure } from "../providers/upstream-error";
import { type BackendView, chooseBackend } from "../routing/balance";
import type { Permit } from "../routing/circuit-breaker";
import type { Ask, GatewayContext, Plan, RequestState } from "./request-state";
import { moveTo, toCallable } from "./route";

/** A call that is counted at its backend, to be ended there once; with NO_PERMIT it is not counted and may not be made. */
export interface TakenPlace {
  readonly plan: Plan;
  readonly backend: BackendState;
  readonly permit: Permit;
}

interface Wanted {
  readonly ask: Ask;
  readonly plan: Plan;
  /** Backends that failed in this request. */
  readonly failed: ReadonlySet<string>;
}

export function toRestingError({ backends }: GatewayContext, { decision }: Plan): UpstreamFailure {
  const waitMs = Math.min(...decision.served.variant.backends.map((b) => backends.of(b).retryAfterMs));
  return new UpstreamFailure("resting", "upstream_resting", "The serving backend failed repeatedly and is left alone for a moment.", {
    retryAfterSeconds: Math.max(1, waitMs / 1_000),
  });
}

/** No other backend of the variant could take the call. */
function isAlone({ backends }: GatewayContext, { decision }: Plan, id: string): boolean {
  return decision.served.variant.backends.every((b) => {
    if (b.id === id) return true;
    const { standing } = backends.of(b);
    return standing === "out" || standing === "last";
  });
}

/** Asks the backend's breaker; NO_PERMIT: it may not be called now. */
function begin(gateway: GatewayContext, plan: Plan, backend: BackendState): Permit {
  return backend.begin(backend.breaker !== "closed" && isAlone(gateway, plan, backend.id));
}

/**
 * Estimated as metering estimates where a backend does not count: characters / 4. What is surely too long is not worth a backend's work.
 * @throws AppError context_length_exceeded
 */
function assertInputFits({ decision, payload }: Plan): void {
  const { maxInputTokens } = decision.served.variant;
  if (maxInputTokens === null) return;
  const tokens = Math.ceil(payload.promptChars / 4) + payload.promptTokens;
  if (tokens <= maxInputTokens) return;
  const detail = `The input has about ${tokens} tokens; this endpoint takes at most ${maxInputTokens}. Shorten it.`;
  throw new AppError("context_length_exceeded", detail);
}

/** Waits until one of the variant's backends has room, those that failed in this request left out where others are there. */
async function awaitPlace(state: RequestState, { ask, plan, failed }: Wanted): Promise<TakenPlace> {
  const { gateway } = state;
  const { release, variant } = plan.decision.served;
  const others = toCallable(variant, state.operation, failed);
  const callable = others.backends.length > 0 ? others : toCallable(variant, state.operation, new Set());
  // Who waits may take room that is not for those who come.
  const view = (backend: RuntimeBackend): BackendView => {
    const { standing, inFlight, responseMs, load, room } = gateway.backends.of(backend);
    return { standing, inFlight, responseMs, load, isFull: !room.hasRoom };
  };
  const { balancing: strategy, backends, weights } = callable;
  const choose = (): RuntimeBackend | null => {
    const backend = chooseBackend({ strategy, backends, weights, view, turn: variant.turns.next, random: gateway.random });
    return backend !== null && gateway.backends.of(backend).room.hasRoom ? backend : null;
  };
  try {
    const {
      backend,
      state: counted,
      permit,
    } = await gateway.places.enter({
      variantId: variant.id,
      backends,
      ...release.queue,
      deadlineMs: Math.min(state.deadlineMs, state.headDeadlineMs),
      choose,
      begin: (chosen) => begin(gateway, plan, chosen),
      isGone: () => state.gone,
    });
    return { plan: backend.id === plan.backend.id ? plan : moveTo(state, { ask, plan }, backend), backend: counted, permit };
  } finally {
    state.queueMs = gateway.clock.monotonicMs() - state.askedMs;
  }
}

/**
 * The planned call's place now, or, where every backend is at its capacity, a like one of another backend of the variant after a wait. At
 * once where it need not wait: between the choice of a backend and its call nothing else may happen.
 * @throws AppError context_length_exceeded · UpstreamFailure queue_full, queue_timeout · CallAbortedError
 */
export function takePlace(state: RequestState, wanted: Wanted): TakenPlace | Promise<TakenPlace> {
  const { gateway } = state;
  const { plan } = wanted;
  assertInputFits(plan);
  const backend = gateway.backends.of(plan.backend);
  return backend.isFull ? awaitPlace(state, wanted) : { plan, backend, permit: begin(gateway, plan, backend) };
}
