/** A new time weighs at least a tenth, and all the more the longer nothing was heard. */
const LEAST_WEIGHT = 0.1;
const MEMORY_MS = 10_000;
/** What was measured fades with this time constant, so that a backend that was slow once is tried again. */
const FADE_MS = 30_000;

/** Exponentially weighted average of a backend's response times, in milliseconds. */
export class ResponseTime {
  #valueMs = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  observe(ms: number, nowMs: number): void {
    const weight = Math.max(LEAST_WEIGHT, 1 - Math.exp(-Math.max(0, nowMs - this.#atMs) / MEMORY_MS));
    this.#valueMs += (ms - this.#valueMs) * weight;
    this.#atMs = nowMs;
  }

  /** 0 before the first. */
  read(nowMs: number): number {
    return this.#valueMs === 0 ? 0 : this.#valueMs * Math.exp(-Math.max(0, nowMs - this.#atMs) / FADE_MS);
  }
}
