import type { RuntimeConfig } from "../config/runtime-config";
import { RETRY_BUDGET, RetryBudget } from "../routing/retry-budget";

/** One retry budget for each endpoint: what fails on one leaves the others their retries. */
export class RetryBudgets {
  readonly #budgets = new Map<string, RetryBudget>();

  constructor(private readonly monotonicMs: () => number) {}

  /** A request came. */
  earn(endpointId: string): void {
    this.#of(endpointId).earn();
  }

  /** Takes one retry, if there is one. */
  spend(endpointId: string): boolean {
    return this.#of(endpointId).spend(this.monotonicMs());
  }

  /** Forgets endpoints that no key of the snapshot reaches. */
  keepOnly(config: RuntimeConfig): void {
    const kept = new Set<string>();
    for (const { scope } of config.keyByHash.values()) for (const { id } of scope.endpoints.values()) kept.add(id);
    for (const id of this.#budgets.keys()) if (!kept.has(id)) this.#budgets.delete(id);
  }

  #of(endpointId: string): RetryBudget {
    const known = this.#budgets.get(endpointId);
    if (known !== undefined) return known;
    const budget = new RetryBudget(RETRY_BUDGET, this.monotonicMs());
    this.#budgets.set(endpointId, budget);
    return budget;
  }
}
