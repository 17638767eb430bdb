import { assertIntegerAtLeast, StatsError } from "./errors";
import { omitMissing, type Sample } from "./sample";

export interface DdmOptions {
  /** Outcomes before the first test; default 30. */
  readonly warmStart?: number;
  /** Standard deviations above the best level that warn; default 2. */
  readonly warning?: number;
  /** Standard deviations above the best level that raise an alarm; default 3. */
  readonly drift?: number;
}

/** 0-based indices of the outcomes that raised an alarm, and of those that only warned. */
export interface DdmResult {
  readonly detections: readonly number[];
  readonly warnings: readonly number[];
}

export type DdmState = "in_control" | "warning" | "drift";

/**
 * Drift detection method (Gama, Medas, Castillo and Rodrigues, SBIA 2004) over outcomes, 1 an error and 0 none: the error share with its standard
 * deviation against the lowest of both so far. After an alarm everything begins anew.
 */
export class Ddm {
  readonly #options: Required<DdmOptions>;
  #count = 0;
  #share = 0;
  #lowestShare = 0;
  #lowestDeviation = 0;
  #lowestSum = Number.POSITIVE_INFINITY;
  #state: DdmState = "in_control";

  constructor(options: DdmOptions = {}) {
    this.#options = { warmStart: 30, warning: 2, drift: 3, ...options };
    const { warmStart, warning, drift } = this.#options;
    assertIntegerAtLeast(warmStart, 0, "warmStart");
    if (!(warning > 0 && drift >= warning))
      throw new StatsError("invalid_option", `0 < warning ≤ drift is needed, got ${warning} and ${drift}`);
  }

  /** Takes one outcome, 0 or 1, and says where the detector stands. */
  update(outcome: number): DdmState {
    if (outcome !== 0 && outcome !== 1) throw new StatsError("invalid_value", `an outcome is 0 or 1, got ${outcome}`);
    if (this.#state === "drift") this.#reset();
    this.#count++;
    this.#share += (outcome - this.#share) / this.#count;
    this.#state = this.#count > this.#options.warmStart ? this.#judge() : "in_control";
    return this.#state;
  }

  #judge(): DdmState {
    const deviation = Math.sqrt((this.#share * (1 - this.#share)) / this.#count);
    const sum = this.#share + deviation;
    if (sum <= this.#lowestSum) [this.#lowestShare, this.#lowestDeviation, this.#lowestSum] = [this.#share, deviation, sum];
    const { warning, drift } = this.#options;
    if (sum > this.#lowestShare + drift * this.#lowestDeviation) return "drift";
    return sum > this.#lowestShare + warning * this.#lowestDeviation ? "warning" : "in_control";
  }

  #reset(): void {
    [this.#count, this.#share, this.#lowestShare, this.#lowestDeviation] = [0, 0, 0, 0];
    this.#lowestSum = Number.POSITIVE_INFINITY;
  }
}

/** Runs the method over outcomes, missing ones left out (indices count what is left). */
export function ddm(outcomes: Sample, options: DdmOptions = {}): DdmResult {
  const detector = new Ddm(options);
  const detections: number[] = [];
  const warnings: number[] = [];
  for (const [index, outcome] of omitMissing(outcomes).values.entries()) {
    const state = detector.update(outcome);
    if (state === "drift") detections.push(index);
    else if (state === "warning") warnings.push(index);
  }
  return { detections, warnings };
}
