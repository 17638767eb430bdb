import type { RateLimitError } from "../limits/rate-limit-error";
import type { Ask, Caller, RequestState } from "./request-state";

/**
 * Whether this request may be taken at all, before anything is spent on it. Usage that could not be recorded is never served; tokens and
 * money are reserved once its backend is known (reserve.ts).
 * @throws AppError usage_spool_full · RateLimitError
 */
export function limit(state: RequestState, { key }: Caller, { endpoint }: Ask): void {
  const { gateway } = state;
  gateway.usage.assertAccepting();
  state.limits = gateway.limits.find(key.id, endpoint.id);
  if (state.limits !== null) gateway.limits.enter(state.limits);
}

/** Counts a refusal by whose limit it was. */
export function countRefusal({ gateway, ask }: RequestState, { refusal }: RateLimitError): void {
  gateway.metrics.countLimited({ model: ask?.endpoint.name ?? "none", scope: refusal.scope, quantity: refusal.quantity });
}
