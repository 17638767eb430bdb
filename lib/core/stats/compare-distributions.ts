import { countSortedIntoBins, equalWidthEdges, quantileEdges } from "./bins";
import { psiFromCounts } from "./empty-bins";
import { ksTestSorted } from "./ks";
import { createMoments } from "./moments";
import { percentileOfSorted } from "./percentile";
import type { PsiBin } from "./psi";
import { toSortedValues } from "./sort";

/** Where a sample lies; all null where it is empty. */
export interface Spread {
  readonly n: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** One bar of the picture: (from, to], an open end is null. */
export interface PictureBin {
  readonly from: number | null;
  readonly to: number | null;
  readonly referenceCount: number;
  readonly currentCount: number;
}

/** `psi`, `ks` null and no bins where a side is empty: there is nothing to compare. */
export interface DistributionComparison {
  readonly reference: Spread;
  readonly current: Spread;
  readonly psi: number | null;
  readonly bins: readonly PsiBin[];
  readonly ks: {
    readonly statistic: number;
    readonly pValue: number;
    /** The smallest value where the gap is reached; null where the samples agree. */
    readonly location: number | null;
    /** +1 where more of the reference lies at or below `location`: values grew; −1 where they fell; null where both hold. */
    readonly sign: 1 | -1 | null;
    /** Shares 0..1 of each side at or below `location`: `statistic` apart. */
    readonly atOrBelow: { readonly reference: number; readonly current: number } | null;
    readonly method: "exact" | "asymptotic";
  } | null;
  readonly picture: readonly PictureBin[];
}

const PSI_BINS = 10;
const PICTURE_BINS = 20;
/** The picture shows this inner share of both samples to scale; what lies outside is in its two open bins. */
const PICTURE_FROM = 0.01;
const PICTURE_TO = 0.99;

/**
 * PSI (ten bins at the reference's deciles, right-closed, 1e-4 for an empty share), the two-sample Kolmogorov–Smirnov test, and what
 * a picture needs, from one sort of each side. The values hold no NaN and are finite; their order does not matter to any digit.
 */
export function compareDistributions(reference: Float64Array, current: Float64Array): DistributionComparison {
  const known = toSortedValues(reference);
  const seen = toSortedValues(current);
  const spreads = { reference: spreadOf(known), current: spreadOf(seen) };
  const ks = ksTestSorted(known, seen);
  if (ks.status !== "ok") return { ...spreads, psi: null, bins: [], ks: null, picture: [] };
  const { statistic, pValue, location, sign, method } = ks;
  const shareOf = (sorted: Float64Array, value: number) => (countSortedIntoBins(sorted, [value], "right")[0] ?? 0) / sorted.length;
  const atOrBelow = location === null ? null : { reference: shareOf(known, location), current: shareOf(seen, location) };
  return {
    ...spreads,
    ...psiOfSorted(known, seen),
    ks: { statistic, pValue, location, sign, atOrBelow, method },
    picture: pictureOf(known, seen),
  };
}

function spreadOf(sorted: Float64Array): Spread {
  if (sorted.length === 0) return { n: 0, mean: null, min: null, p50: null, p95: null, max: null };
  const quantile = (share: number) => percentileOfSorted(sorted, share);
  return {
    n: sorted.length,
    mean: createMoments(sorted).mean,
    min: quantile(0),
    p50: quantile(0.5),
    p95: quantile(0.95),
    max: quantile(1),
  };
}

/** `psi` for two sides that are sorted already. */
function psiOfSorted(known: Float64Array, seen: Float64Array): { psi: number; bins: PsiBin[] } {
  const edges = quantileEdges(known, PSI_BINS);
  const referenceCounts = countSortedIntoBins(known, edges, "right");
  const currentCounts = countSortedIntoBins(seen, edges, "right");
  const { psi, contributions } = psiFromCounts(referenceCounts, currentCounts);
  const bins = contributions.map((contribution, index) => ({
    lower: edges[index - 1] ?? null,
    upper: edges[index] ?? null,
    referenceCount: referenceCounts[index] ?? 0,
    currentCount: currentCounts[index] ?? 0,
    referenceShare: (referenceCounts[index] ?? 0) / known.length,
    currentShare: (currentCounts[index] ?? 0) / seen.length,
    contribution,
  }));
  return { psi, bins };
}

function pictureOf(known: Float64Array, seen: Float64Array): PictureBin[] {
  const ends = [known, seen].flatMap((side) => [percentileOfSorted(side, PICTURE_FROM), percentileOfSorted(side, PICTURE_TO)]);
  const inner = ends.filter((value) => value !== null);
  const [low, high] = [Math.min(...inner), Math.max(...inner)];
  const edges = [low, ...(equalWidthEdges(low, high, PICTURE_BINS) ?? []), ...(low === high ? [] : [high])];
  const referenceCounts = countSortedIntoBins(known, edges, "right");
  const currentCounts = countSortedIntoBins(seen, edges, "right");
  return referenceCounts
    .map((referenceCount, index) => ({
      from: edges[index - 1] ?? null,
      to: edges[index] ?? null,
      referenceCount,
      currentCount: currentCounts[index] ?? 0,
    }))
    .filter((bin, index, all) => (index > 0 && index < all.length - 1) || bin.referenceCount + bin.currentCount > 0);
}
