import type { RequestState } from "./request-state";

/**
 * Whether this request may be taken at all, before anything is spent on it. Usage that could not be recorded is never served;
 * what it may cost is reserved once its backend is known (reserve.ts).
 * @throws AppError usage_spool_full
 */
export function limit(state: RequestState): void {
  state.gateway.usage.assertAccepting();
}
