/** Something that has a time limit. */
export interface Watched {
  /** Looks at its own limits, and acts when one has passed. */
  check(nowMs: number): void;
}

const TICK_MS = 50;

/**
 * One timer for the limits of all requests: a timer each would cost more than the limits are worth. A limit is noticed at most one tick
 * late. The timer runs only while something is watched, and keeps no process alive.
 */
export class DeadlineWatch {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly monotonicMs: () => number) {}

  /** How many limits are under watch. */
  get size(): number {
    return this.#watched.size;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
  }

  #tick(): void {
    const nowMs = this.monotonicMs();
    for (const watched of this.#watched) watched.check(nowMs);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
