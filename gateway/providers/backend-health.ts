/** After this many calls in a row without an answer a backend is left out while others answer. */
const FAILURES_TO_EJECT = 5;
const EJECTED_MS = 5_000;

interface Record {
  failures: number;
  ejectedUntilMs: number;
}

/** What real traffic says about each backend revision: nothing is asked of a health route, which may answer while completions fail. */
export class BackendHealth {
  readonly #records = new Map<string, Record>();

  constructor(private readonly monotonicMs: () => number) {}

  isHealthy(backendId: string): boolean {
    const record = this.#records.get(backendId);
    return record === undefined || record.ejectedUntilMs <= this.monotonicMs();
  }

  succeed(backendId: string): void {
    if (this.#records.size > 0) this.#records.delete(backendId);
  }

  fail(backendId: string): void {
    const record = this.#records.get(backendId) ?? { failures: 0, ejectedUntilMs: 0 };
    record.failures++;
    if (record.failures >= FAILURES_TO_EJECT) record.ejectedUntilMs = this.monotonicMs() + EJECTED_MS;
    this.#records.set(backendId, record);
  }

  /** Forgets revisions that no snapshot names any more. */
  keepOnly(backendIds: ReadonlySet<string>): void {
    for (const id of this.#records.keys()) if (!backendIds.has(id)) this.#records.delete(id);
  }
}
