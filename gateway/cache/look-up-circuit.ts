/** Look-ups in a row without an answer in time before they are left out. */
const FAILURES = 5;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 30_000;

/**
 * Leaves look-ups out while Redis does not answer them: no request pays for finding that out again. After a rest one at a time tries; each
 * that fails doubles the rest.
 */
export class LookUpCircuit {
  #failures = 0;
  #restMs = FIRST_REST_MS;
  /** Monotonic; null while it is closed. */
  #restsUntilMs: number | null = null;
  #isTrying = false;

  /** Whether this look-up may be made; `note` is told the end of one that may. */
  permits(nowMs: number): boolean {
    if (this.#restsUntilMs === null) return true;
    if (this.#isTrying || nowMs < this.#restsUntilMs) return false;
    this.#isTrying = true;
    return true;
  }

  note(answered: boolean, nowMs: number): void {
    const wasTrying = this.#isTrying;
    this.#isTrying = false;
    if (answered) {
      this.#failures = 0;
      this.#restsUntilMs = null;
      this.#restMs = FIRST_REST_MS;
      return;
    }
    this.#failures++;
    if (wasTrying) this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST_MS);
    // Those that were under way when it opened tell nothing new.
    if (wasTrying || (this.#restsUntilMs === null && this.#failures >= FAILURES)) this.#restsUntilMs = nowMs + this.#restMs;
  }
}
