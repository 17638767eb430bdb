import { assertIntegerAtLeast, assertOpenUnit, StatsError } from "./errors";
import { omitMissing, type Sample } from "./sample";

export interface AdwinOptions {
  /** Chance of a false alarm that each test may have, 0..1 exclusive; default 0.002. */
  readonly delta?: number;
  /** Values between tests; default 32. */
  readonly clock?: number;
  /** Buckets of each size; default 5. */
  readonly maxBuckets?: number;
  /** Fewest values on either side of a cut; default 5. */
  readonly minWindowLength?: number;
  /** Values before the first test; default 10. */
  readonly gracePeriod?: number;
  /** `reset` (default) begins an empty window after an alarm, as river does; `keep` only drops what is old, as the paper and MOA. */
  readonly afterDrift?: "reset" | "keep";
  /** Leaves out the newest bucket of each size, as river did before 0.11; default false. */
  readonly skipNewest?: boolean;
}

/** `detections` are 0-based indices of the values that raised an alarm; the rest describes the window at the end. */
export interface AdwinResult {
  readonly detections: readonly number[];
  readonly width: number;
  readonly total: number;
  readonly mean: number | null;
  readonly sumOfSquaredDeviations: number;
}

/** Sum and sum of squared deviations of 2^row values, oldest first within a row. */
interface Bucket {
  readonly total: number;
  readonly variance: number;
}

interface Side {
  n: number;
  total: number;
}

/**
 * ADWIN (Bifet and Gavaldà, SDM 2007): a window that grows while its values agree and raises an alarm where some cut leaves two halves whose
 * means differ too much. Memory is logarithmic in the width. Every boundary between buckets is tested, as in river since 0.11.
 */
export class Adwin {
  readonly #options: Required<AdwinOptions>;
  #rows: Bucket[][] = [[]];
  #width = 0;
  #total = 0;
  #variance = 0;
  #ticks = 0;
  #wasDrift = false;

  constructor(options: AdwinOptions = {}) {
    this.#options = {
      delta: 0.002,
      clock: 32,
      maxBuckets: 5,
      minWindowLength: 5,
      gracePeriod: 10,
      afterDrift: "reset",
      skipNewest: false,
      ...options,
    };
    const { delta, clock, maxBuckets, minWindowLength, gracePeriod } = this.#options;
    assertOpenUnit(delta, "delta");
    assertIntegerAtLeast(clock, 1, "clock");
    assertIntegerAtLeast(maxBuckets, 1, "maxBuckets");
    assertIntegerAtLeast(minWindowLength, 1, "minWindowLength");
    assertIntegerAtLeast(gracePeriod, 0, "gracePeriod");
  }

  /** Takes one finite value; true where it raises an alarm. */
  update(value: number): boolean {
    if (!Number.isFinite(value)) throw new StatsError("non_finite", `a detector takes finite values, got ${value}`);
    if (this.#wasDrift && this.#options.afterDrift === "reset") this.#reset();
    this.#insert(value);
    this.#ticks++;
    const isDue = this.#ticks % this.#options.clock === 0 && this.#width > this.#options.gracePeriod;
    this.#wasDrift = isDue && this.#shrink();
    return this.#wasDrift;
  }

  get window(): Omit<AdwinResult, "detections"> {
    const mean = this.#width === 0 ? null : this.#total / this.#width;
    return { width: this.#width, total: this.#total, mean, sumOfSquaredDeviations: this.#variance };
  }

  #reset(): void {
    this.#rows = [[]];
    [this.#width, this.#total, this.#variance, this.#ticks] = [0, 0, 0, 0];
  }

  #insert(value: number): void {
    if (this.#width > 0) this.#variance += (this.#width * (value - this.#total / this.#width) ** 2) / (this.#width + 1);
    this.#width++;
    this.#total += value;
    this.#rows[0]?.push({ total: value, variance: 0 });
    for (const [index, row] of this.#rows.entries()) {
      if (row.length <= this.#options.maxBuckets) return;
      const [a, b] = row.splice(0, 2);
      if (a === undefined || b === undefined) throw new RangeError("a full row holds two buckets");
      const size = 2 ** index;
      const merged = { total: a.total + b.total, variance: a.variance + b.variance + (size / 2) * (a.total / size - b.total / size) ** 2 };
      const next = this.#rows[index + 1];
      if (next === undefined) this.#rows.push([merged]);
      else next.push(merged);
    }
  }

  /** Drops the oldest bucket while some cut is too deep; whether there was one. */
  #shrink(): boolean {
    let isDrift = false;
    while (this.#findCut()) {
      isDrift = true;
      this.#dropOldest();
    }
    return isDrift;
  }

  #findCut(): boolean {
    const old: Side = { n: 0, total: 0 };
    const recent: Side = { n: this.#width, total: this.#total };
    for (let index = this.#rows.length - 1; index >= 0; index--) {
      const row = this.#rows[index] ?? [];
      for (const bucket of this.#options.skipNewest ? row.slice(0, -1) : row) {
        const size = 2 ** index;
        old.n += size;
        recent.n -= size;
        old.total += bucket.total;
        recent.total -= bucket.total;
        if (recent.n === 0) return false;
        if (this.#isTooDeep(old, recent)) return true;
      }
    }
    return false;
  }

  #isTooDeep(old: Side, recent: Side): boolean {
    const { delta, minWindowLength } = this.#options;
    if (old.n < minWindowLength || recent.n < minWindowLength) return false;
    const level = Math.log((2 * Math.log(this.#width)) / delta);
    const inverse = 1 / (old.n - minWindowLength + 1) + 1 / (recent.n - minWindowLength + 1);
    const epsilon = Math.sqrt(2 * inverse * (this.#variance / this.#width) * level) + (2 / 3) * inverse * level;
    return Math.abs(old.total / old.n - recent.total / recent.n) > epsilon;
  }

  #dropOldest(): void {
    const row = this.#rows.at(-1);
    const bucket = row?.shift();
    if (row === undefined || bucket === undefined) throw new RangeError("the last row is never empty while there is a cut");
    const size = 2 ** (this.#rows.length - 1);
    this.#width -= size;
    this.#total -= bucket.total;
    const apart = bucket.total / size - this.#total / this.#width;
    this.#variance -= bucket.variance + (size * this.#width * apart * apart) / (size + this.#width);
    if (row.length === 0) this.#rows.pop();
  }
}

/** Runs ADWIN over a sample, missing values left out (indices count what is left). */
export function adwin(values: Sample, options: AdwinOptions = {}): AdwinResult {
  const detector = new Adwin(options);
  const detections: number[] = [];
  for (const [index, value] of omitMissing(values).values.entries()) if (detector.update(value)) detections.push(index);
  return { detections, ...detector.window };
}
