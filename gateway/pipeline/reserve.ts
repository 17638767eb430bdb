import { toMostTokens, toReserve } from "../limits/reserve-size";
import type { Ask, Plan, RequestState } from "./request-state";

/**
 * Reserves the most that the planned call can use and cost in every limit and budget that covers it, before anything is spent. Settled with
 * the request.
 * @throws RateLimitError · AppError budget_exhausted, budget_unknown
 */
export function reserve(state: RequestState, ask: Ask, { decision, payload }: Plan): void {
  const { hasTokens } = state.operation;
  const size = { inputBytes: payload.body.length, maxAnswerTokens: payload.maxAnswerTokens };
  if (hasTokens && state.limits !== null) state.gateway.limits.reserveTokens(state.limits, toMostTokens(size));
  const { price } = decision.served.variant;
  const isPriced = hasTokens && ask.endpoint.budgets.length > 0;
  const nano = !isPriced ? 0n : toReserve(price, size);
  state.hold = state.gateway.budgets.reserve(ask.endpoint, nano);
}
