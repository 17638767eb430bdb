import type { RequestState } from "./request-state";

/**
 * Whether this request may be taken at all, before anything is spent on it. Usage that could not be recorded is never served; budgets
 * join here, spending from the allowance that gateway/limits holds.
 * @throws AppError usage_spool_full
 */
export function limit(state: RequestState): void {
  state.gateway.usage.assertAccepting();
}
