const WINDOW_MS = 10_000;
const LONGEST_SECONDS = 60;

/** How many calls ended per second of late: over the last one to two windows, so that a few long answers count too. */
export class ServiceRate {
  #startMs = Number.NEGATIVE_INFINITY;
  #now = 0;
  #before = 0;
  #hadBefore = false;

  note(nowMs: number): void {
    this.#turn(nowMs);
    this.#now++;
  }

  /** 0 while nothing ended of late. */
  perSecond(nowMs: number): number {
    this.#turn(nowMs);
    const spanMs = nowMs - this.#startMs + (this.#hadBefore ? WINDOW_MS : 0);
    return ((this.#now + this.#before) * 1_000) / Math.max(1_000, spanMs);
  }

  #turn(nowMs: number): void {
    const elapsed = nowMs - this.#startMs;
    if (elapsed < WINDOW_MS) return;
    const isNext = elapsed < 2 * WINDOW_MS;
    this.#before = isNext ? this.#now : 0;
    this.#hadBefore = isNext;
    this.#now = 0;
    this.#startMs = isNext ? this.#startMs + WINDOW_MS : nowMs;
  }
}

/** Whole seconds after which a place is likely free for one who comes behind `ahead` others; `otherwiseMs` where nothing ended of late. */
export function planComeBack({ ahead, perSecond, otherwiseMs }: { ahead: number; perSecond: number; otherwiseMs: number }): number {
  const seconds = perSecond > 0 ? (ahead + 1) / perSecond : otherwiseMs / 1_000;
  return Math.min(LONGEST_SECONDS, Math.max(1, Math.ceil(seconds)));
}
