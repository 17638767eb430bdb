import { AppError } from "@/lib/core/errors";
import type { NanoUsd } from "@/lib/core/money";
import { toMostTokens, toReserve } from "../limits/reserve-size";
import type { Ask, Plan, RequestState } from "./request-state";

/**
 * Reserves the most that the planned call can use and cost in every limit and budget that covers it, before anything is spent. Settled with
 * the request.
 * @throws RateLimitError · AppError budget_exhausted, budget_unknown
 */
export function reserve(state: RequestState, ask: Ask, plan: Plan): void {
  const { hasTokens } = state.operation;
  if (hasTokens && state.limits !== null) state.gateway.limits.reserveTokens(state.limits, toMostTokens(sizeOf(plan)));
  state.hold = state.gateway.budgets.reserve(ask.endpoint, toNano(state, ask, plan));
}

const sizeOf = ({ payload }: Plan) => ({ inputBytes: payload.body.length, maxAnswerTokens: payload.maxAnswerTokens });

function toNano(state: RequestState, ask: Ask, plan: Plan): NanoUsd {
  const isPriced = state.operation.hasTokens && ask.endpoint.budgets.length > 0;
  return !isPriced ? 0n : toReserve(plan.decision.served.variant.price, sizeOf(plan));
}

/** Whether the budgets also cover this plan instead of the one that was reserved for; what is reserved never falls. */
export function reserveInstead(state: RequestState, ask: Ask, plan: Plan): boolean {
  const { budgets } = state.gateway;
  const held = state.hold;
  const nano = toNano(state, ask, plan);
  if (held === null || nano <= held.nano) return true;
  try {
    state.hold = budgets.reserve(ask.endpoint, nano);
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
  budgets.settle({ hold: held, endpointId: ask.endpoint.id, costUsd: null, atMs: state.atMs });
  return true;
}
