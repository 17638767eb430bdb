import { toReserve } from "../limits/reserve-size";
import type { ChatAsk, Plan, RequestState } from "./request-state";

/**
 * Reserves the most that the planned call can cost in every budget that covers it, before anything is spent. Settled with the request.
 * @throws AppError budget_exhausted, budget_unknown
 */
export function reserve(state: RequestState, ask: ChatAsk, { decision, payload, maxAnswerTokens }: Plan): void {
  const { price } = decision.served.variant;
  const nano = ask.endpoint.budgets.length === 0 ? 0n : toReserve(price, { inputBytes: payload.length, maxAnswerTokens });
  state.hold = state.gateway.budgets.reserve(ask.endpoint, nano);
}
