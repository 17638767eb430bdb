import { assertIntegerAtLeast, StatsError } from "./errors";
import { omitMissing, type Sample } from "./sample";

export interface PageHinkleyOptions {
  /** Values before the first test; default 30. */
  readonly minInstances?: number;
  /** Size of a change that is let pass, in the values' unit; default 0.005. */
  readonly delta?: number;
  /** How far the sum may leave its extreme, in the values' unit; default 50. */
  readonly threshold?: number;
  /** Share 0..1 of the sum that each value keeps; default 0.9999. */
  readonly alpha?: number;
  /** Which direction raises an alarm; default both. */
  readonly mode?: "up" | "down" | "both";
}

/** `detections` are 0-based indices of the values that raised an alarm; mean and sums are those since the last one. */
export interface PageHinkleyResult {
  readonly detections: readonly number[];
  readonly mean: number | null;
  readonly sumIncrease: number;
  readonly sumDecrease: number;
}

/**
 * The Page–Hinkley test (Page 1954; Hinkley 1971) as river has it since 0.13: cumulated deviations from the running mean, less or plus delta,
 * against their smallest or largest value so far. After an alarm everything begins anew.
 */
export class PageHinkley {
  readonly #options: Required<PageHinkleyOptions>;
  #count = 0;
  #mean = 0;
  #increase = 0;
  #decrease = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;
  #wasDrift = false;

  constructor(options: PageHinkleyOptions = {}) {
    this.#options = { minInstances: 30, delta: 0.005, threshold: 50, alpha: 0.9999, mode: "both", ...options };
    const { minInstances, delta, threshold, alpha, mode } = this.#options;
    assertIntegerAtLeast(minInstances, 1, "minInstances");
    if (!(delta >= 0) || !(threshold > 0) || !(alpha >= 0 && alpha <= 1))
      throw new StatsError("invalid_option", `delta ≥ 0, threshold > 0 and alpha in 0..1 are needed, got ${delta}, ${threshold}, ${alpha}`);
    if (mode !== "up" && mode !== "down" && mode !== "both") throw new StatsError("invalid_option", `mode: no ${String(mode)}`);
  }

  /** Takes one finite value; true where it raises an alarm. */
  update(value: number): boolean {
    if (!Number.isFinite(value)) throw new StatsError("non_finite", `a detector takes finite values, got ${value}`);
    if (this.#wasDrift) this.#reset();
    const { alpha, delta } = this.#options;
    this.#count++;
    this.#mean += (value - this.#mean) / this.#count;
    const deviation = value - this.#mean;
    this.#increase = alpha * this.#increase + deviation - delta;
    this.#decrease = alpha * this.#decrease + deviation + delta;
    this.#lowest = Math.min(this.#lowest, this.#increase);
    this.#highest = Math.max(this.#highest, this.#decrease);
    this.#wasDrift = this.#count >= this.#options.minInstances && this.#isOut();
    return this.#wasDrift;
  }

  get sums(): Omit<PageHinkleyResult, "detections"> {
    return { mean: this.#count === 0 ? null : this.#mean, sumIncrease: this.#increase, sumDecrease: this.#decrease };
  }

  #isOut(): boolean {
    const { mode, threshold } = this.#options;
    const isUp = this.#increase - this.#lowest > threshold;
    const isDown = this.#highest - this.#decrease > threshold;
    return (mode !== "down" && isUp) || (mode !== "up" && isDown);
  }

  #reset(): void {
    [this.#count, this.#mean, this.#increase, this.#decrease] = [0, 0, 0, 0];
    [this.#lowest, this.#highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  }
}

/** Runs the Page–Hinkley test over a sample, missing values left out (indices count what is left). */
export function pageHinkley(values: Sample, options: PageHinkleyOptions = {}): PageHinkleyResult {
  const detector = new PageHinkley(options);
  const detections: number[] = [];
  for (const [index, value] of omitMissing(values).values.entries()) if (detector.update(value)) detections.push(index);
  return { detections, ...detector.sums };
}
