export interface RetryBudgetOptions {
  /** Retries per request of recent traffic: 0.1 lets retries add at most a tenth. */
  readonly ratio: number;
  /** Retries a second that are always granted, so that a quiet endpoint is retried too. */
  readonly floorPerSecond: number;
  /** The most that can be saved up. */
  readonly burst: number;
}

export const RETRY_BUDGET: RetryBudgetOptions = { ratio: 0.1, floorPerSecond: 0.2, burst: 10 };

/**
 * Bounds retries by a share of the traffic: in any span of t seconds with n requests at most `burst + ratio · n + floorPerSecond · t`
 * retries are granted. A backend that fails everything is therefore not also given several times its load.
 */
export class RetryBudget {
  #saved: number;
  #atMs: number;

  constructor(
    private readonly options: RetryBudgetOptions,
    nowMs: number,
  ) {
    this.#saved = options.burst;
    this.#atMs = nowMs;
  }

  /** A request came, not counting its retries. */
  earn(): void {
    this.#saved = Math.min(this.options.burst, this.#saved + this.options.ratio);
  }

  /** Takes one retry, if there is one. */
  spend(nowMs: number): boolean {
    const { floorPerSecond, burst } = this.options;
    this.#saved = Math.min(burst, this.#saved + (Math.max(0, nowMs - this.#atMs) / 1_000) * floorPerSecond);
    this.#atMs = nowMs;
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
