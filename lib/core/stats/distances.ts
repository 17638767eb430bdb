import { StatsError } from "./errors";
import { type BinningOptions, countInBins } from "./psi";
import { type Categories, countCategories } from "./psi-categorical";
import type { Sample } from "./sample";

/** A numeric column, which is put into bins of the reference as psi does, or categories, observed or counted. */
export type Observations = Sample | Categories;

/** A bin of a numeric column (an open end is null) or a category. Shares are 0..1, as counted: nothing is filled in. */
export interface ComparedBin {
  readonly category: string | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly referenceCount: number;
  readonly currentCount: number;
  readonly referenceShare: number;
  readonly currentShare: number;
}

interface Undefined {
  readonly status: "insufficient_data" | "zero_variance";
  readonly bins: readonly [];
}

/** Degenerate as psi: a side without values, or equal-width bins over a constant reference. */
export type DistanceResult =
  | { readonly status: "ok"; readonly distance: number; readonly bins: readonly ComparedBin[] }
  | (Undefined & { readonly distance: null });

/** In nats, or in units of `base`; Infinity is possible for klDivergence only. */
export type DivergenceResult =
  | { readonly status: "ok"; readonly divergence: number; readonly bins: readonly ComparedBin[] }
  | (Undefined & { readonly divergence: null });

export interface DivergenceOptions extends BinningOptions {
  /** Of the logarithm: e (default) or 2. */
  readonly base?: number;
}

/** Square root of the Jensen–Shannon divergence, a metric (Endres and Schindelin 2003); 0..√ln 2, or 0..1 in base 2. */
export function jensenShannonDistance(reference: Observations, current: Observations, options: DivergenceOptions = {}): DistanceResult {
  const unit = unitOf(options);
  return distanceOver(reference, current, { options, measure: (shares) => Math.sqrt(jensenShannon(shares) / unit) });
}

/** Jensen–Shannon divergence: mean Kullback–Leibler divergence of both sides from their mixture (Lin 1991). */
export function jensenShannonDivergence(reference: Observations, current: Observations, options: DivergenceOptions = {}): DivergenceResult {
  const unit = unitOf(options);
  return divergenceOver(reference, current, { options, measure: (shares) => jensenShannon(shares) / unit });
}

/** Kullback–Leibler divergence Σ p ln(p/q) of the reference p from the current q; Infinity where the current lacks what the reference has. */
export function klDivergence(reference: Observations, current: Observations, options: DivergenceOptions = {}): DivergenceResult {
  const unit = unitOf(options);
  return divergenceOver(reference, current, {
    options,
    measure: (shares) =>
      Math.max(
        0,
        sumOver(shares, (p, q) => (p === 0 ? 0 : q === 0 ? Number.POSITIVE_INFINITY : p * Math.log(p / q))),
      ) / unit,
  });
}

/** Hellinger distance √(½ Σ (√p − √q)²), 0..1. */
export function hellingerDistance(reference: Observations, current: Observations, options: BinningOptions = {}): DistanceResult {
  return distanceOver(reference, current, {
    options,
    measure: (shares) => Math.sqrt(sumOver(shares, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2) / 2),
  });
}

/** Total variation distance ½ Σ |p − q|, 0..1: the largest difference of probability that any set of bins shows. */
export function totalVariationDistance(reference: Observations, current: Observations, options: BinningOptions = {}): DistanceResult {
  return distanceOver(reference, current, { options, measure: (shares) => sumOver(shares, (p, q) => Math.abs(p - q)) / 2 });
}

type Shares = readonly Pick<ComparedBin, "referenceShare" | "currentShare">[];

interface Measuring {
  readonly options: BinningOptions;
  readonly measure: (shares: Shares) => number;
}

function distanceOver(reference: Observations, current: Observations, { options, measure }: Measuring): DistanceResult {
  const compared = compareShares(reference, current, options);
  if (compared.status !== "ok") return { status: compared.status, distance: null, bins: [] };
  return { status: "ok", distance: measure(compared.bins), bins: compared.bins };
}

function divergenceOver(reference: Observations, current: Observations, { options, measure }: Measuring): DivergenceResult {
  const compared = compareShares(reference, current, options);
  if (compared.status !== "ok") return { status: compared.status, divergence: null, bins: [] };
  return { status: "ok", divergence: measure(compared.bins), bins: compared.bins };
}

/** p ln(2p / (p + q)) as p log1p((p − q) / (p + q)): nothing cancels where both sides nearly agree. */
function jensenShannon(shares: Shares): number {
  const part = (p: number, q: number) => (p === 0 ? 0 : p * Math.log1p((p - q) / (p + q)));
  return Math.max(0, sumOver(shares, (p, q) => part(p, q) + part(q, p)) / 2);
}

function sumOver(shares: Shares, term: (p: number, q: number) => number): number {
  return shares.reduce((sum, { referenceShare, currentShare }) => sum + term(referenceShare, currentShare), 0);
}

function compareShares(
  reference: Observations,
  current: Observations,
  options: BinningOptions,
): { status: "ok"; bins: ComparedBin[] } | { status: "insufficient_data" | "zero_variance" } {
  if (isNumeric(reference) && isNumeric(current)) {
    const binned = countInBins(reference, current, options);
    if (binned.status !== "ok") return binned;
    const { edges, referenceCounts, currentCounts } = binned;
    const ends = referenceCounts.map((_, index) => ({ category: null, lower: edges[index - 1] ?? null, upper: edges[index] ?? null }));
    return { status: "ok", bins: withShares(ends, referenceCounts, currentCounts) };
  }
  if (isNumeric(reference) || isNumeric(current)) throw new StatsError("invalid_value", "one side holds numbers, the other categories");
  const { categories, referenceCounts, currentCounts } = countCategories(reference, current);
  if (!referenceCounts.some((count) => count > 0) || !currentCounts.some((count) => count > 0)) return { status: "insufficient_data" };
  const names = categories.map((category) => ({ category, lower: null, upper: null }));
  return { status: "ok", bins: withShares(names, referenceCounts, currentCounts) };
}

type Place = Pick<ComparedBin, "category" | "lower" | "upper">;

function withShares(places: readonly Place[], referenceCounts: readonly number[], currentCounts: readonly number[]): ComparedBin[] {
  const [referenceTotal, currentTotal] = [totalOf(referenceCounts), totalOf(currentCounts)];
  return places.map((place, index) => {
    const [referenceCount, currentCount] = [referenceCounts[index] ?? 0, currentCounts[index] ?? 0];
    return {
      ...place,
      referenceCount,
      currentCount,
      referenceShare: referenceCount / referenceTotal,
      currentShare: currentCount / currentTotal,
    };
  });
}

function totalOf(counts: readonly number[]): number {
  return counts.reduce((total, count) => {
    if (!Number.isFinite(count) || count < 0)
      throw new StatsError("invalid_value", `a count must be finite and not negative, got ${count}`);
    return total + count;
  }, 0);
}

/** Anything with a length that holds no text: an empty list and one of missing values only count as numbers that are not there. */
function isNumeric(observations: Observations): observations is Sample {
  if (observations instanceof Map || !("length" in observations) || typeof observations.length !== "number") return false;
  return !Array.prototype.some.call(observations, (value) => typeof value === "string");
}

function unitOf({ base = Math.E }: DivergenceOptions): number {
  if (!(base > 1 && Number.isFinite(base))) throw new StatsError("invalid_option", `base must be a number above 1, got ${base}`);
  return base === Math.E ? 1 : Math.log(base);
}
