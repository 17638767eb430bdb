/** Both clocks of a gateway, injectable for tests. */
export interface Clock {
  /** Wall clock, Unix milliseconds: for `at` and ids, never for durations. */
  readonly nowMs: () => number;
  /** Monotonic milliseconds with fractions, from an arbitrary start: for every duration and deadline. */
  readonly monotonicMs: () => number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
