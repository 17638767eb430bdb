import type { Prng } from "@/lib/core/prng";
import { confidenceSequence, createMoments, type Moments, mergeMoments, summaryOf, tUpperQuantile } from "@/lib/core/stats";

/** One subject's value. Both arms draw from the same: whatever is found is false. */
export type Draw = (prng: Prng) => number;

export interface PeekingPlan {
  readonly runs: number;
  /** Looks come at every so many subjects an arm, up to the last. */
  readonly every: number;
  readonly upTo: number;
  readonly alpha: number;
  /** Tuning of the confidence sequence. */
  readonly tuning: number;
}

/** Shares 0..1 of the runs in which a difference was claimed where there is none. */
export interface FalsePositives {
  /** The always-valid sequence, at any look. */
  readonly sequential: number;
  /** The t-test, at any look: what a person does who stops when it looks good. */
  readonly naive: number;
  /** The t-test at the last look alone, as it is meant. */
  readonly fixed: number;
}

/** A/A experiments that are looked at again and again. */
export function simulatePeeking(prng: Prng, draw: Draw, { runs, every, upTo, alpha, tuning }: PeekingPlan): FalsePositives {
  const critical = Array.from({ length: upTo / every }, (_, look) => tUpperQuantile(alpha / 2, 2 * every * (look + 1) - 2));
  const block = new Float64Array(every);
  const next = (moments: Moments) => {
    for (let i = 0; i < every; i++) block[i] = draw(prng);
    return mergeMoments(moments, createMoments(block));
  };
  let [sequential, naive, fixed] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    let [control, treatment] = [createMoments(), createMoments()];
    let [isSequential, isNaive, isFixed] = [false, false, false];
    for (const limit of critical) {
      control = next(control);
      treatment = next(treatment);
      const { estimate, standardError } = differenceOf(control, treatment);
      const t = Math.abs(estimate / standardError);
      isFixed = t > limit;
      isNaive ||= isFixed;
      const { pValue } = confidenceSequence({ estimate, standardError, n: 2 * control.count }, { alpha, tuning });
      isSequential ||= pValue !== null && pValue < alpha;
    }
    sequential += Number(isSequential);
    naive += Number(isNaive);
    fixed += Number(isFixed);
  }
  return { sequential: sequential / runs, naive: naive / runs, fixed: fixed / runs };
}

/** Difference of means with Welch's standard error; with arms of equal size its degrees of freedom hardly leave 2n − 2. */
function differenceOf(control: Moments, treatment: Moments): { estimate: number; standardError: number } {
  const [c, t] = [summaryOf(control), summaryOf(treatment)];
  if (c === null || t === null) throw new Error("a look comes after two subjects an arm at least");
  return { estimate: t.mean - c.mean, standardError: Math.sqrt(c.variance / c.n + t.variance / t.n) };
}
