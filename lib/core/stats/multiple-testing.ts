import { StatsError } from "./errors";

/** p-values 0..1 in any order; null, undefined and NaN were not tested: they stay null and do not count as tests. */
export type PValues = ArrayLike<number | null | undefined>;

interface Ranked {
  readonly index: number;
  readonly pValue: number;
}

/**
 * Holm's step-down adjustment (1979), in input order: rejecting where it is at most alpha holds the chance of any false rejection at alpha,
 * however the tests depend on each other. Throws `invalid_value` for p-values outside 0..1.
 */
export function holm(pValues: PValues): (number | null)[] {
  const ranked = rank(pValues);
  const adjusted: (number | null)[] = Array.from({ length: pValues.length }, () => null);
  let largest = 0;
  for (const [place, { index, pValue }] of ranked.entries()) {
    largest = Math.max(largest, Math.min(1, pValue * (ranked.length - place)));
    adjusted[index] = largest;
  }
  return adjusted;
}

/**
 * Benjamini and Hochberg's step-up adjustment (1995), in input order: rejecting where it is at most q holds the expected share of false
 * rejections at q for independent or positively dependent tests. Throws `invalid_value` for p-values outside 0..1.
 */
export function benjaminiHochberg(pValues: PValues): (number | null)[] {
  const ranked = rank(pValues);
  const adjusted: (number | null)[] = Array.from({ length: pValues.length }, () => null);
  let smallest = 1;
  for (const [place, { index, pValue }] of [...ranked.entries()].toReversed()) {
    smallest = Math.min(smallest, pValue / ((place + 1) / ranked.length));
    adjusted[index] = smallest;
  }
  return adjusted;
}

/** The tested ones, smallest first; equal ones keep their order. */
function rank(pValues: PValues): Ranked[] {
  const ranked: Ranked[] = [];
  for (let index = 0; index < pValues.length; index++) {
    const pValue = pValues[index];
    if (pValue === null || pValue === undefined || Number.isNaN(pValue)) continue;
    if (!(pValue >= 0 && pValue <= 1)) throw new StatsError("invalid_value", `a p-value lies in 0..1, got ${pValue} at index ${index}`);
    ranked.push({ index, pValue });
  }
  return ranked.sort((a, b) => a.pValue - b.pValue);
}
