import { toReserve } from "../limits/reserve-size";
import type { Ask, Plan, RequestState } from "./request-state";

/**
 * Reserves the most that the planned call can cost in every budget that covers it, before anything is spent. Settled with the request.
 * @throws AppError budget_exhausted, budget_unknown
 */
export function reserve(state: RequestState, ask: Ask, { decision, payload }: Plan): void {
  const { price } = decision.served.variant;
  const isPriced = state.operation.hasTokens && ask.endpoint.budgets.length > 0;
  const nano = !isPriced ? 0n : toReserve(price, { inputBytes: payload.body.length, maxAnswerTokens: payload.maxAnswerTokens });
  state.hold = state.gateway.budgets.reserve(ask.endpoint, nano);
}
