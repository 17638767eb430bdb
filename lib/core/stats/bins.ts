import { assertIntegerAtLeast, StatsError } from "./errors";
import { interpolate } from "./percentile";
import { at } from "./sample";

/** Which end of a bin belongs to it: `right` is (a, b], `left` is [a, b). */
export type ClosedSide = "right" | "left";

/** Up to this many edges, comparing with each of them without a branch beats a binary search. */
const FEW_EDGES = 24;

/**
 * Interior edges at the reference's quantiles 1/bins, 2/bins, … (linear), equal ones once; the outer bins are open, so n edges make
 * n + 1 bins. The reference is ascending, free of NaN and not empty. Throws `non_finite` where an edge would be infinite.
 */
export function quantileEdges(sortedReference: Float64Array, bins: number): number[] {
  assertIntegerAtLeast(bins, 1, "bins");
  const last = sortedReference.length - 1;
  const edges: number[] = [];
  for (let k = 1; k < bins; k++) {
    const index = Math.floor((k * last) / bins);
    const rest = (k * last) % bins;
    const edge =
      rest === 0 ? at(sortedReference, index) + 0 : interpolate(at(sortedReference, index), at(sortedReference, index + 1), rest / bins);
    if (!Number.isFinite(edge)) throw new StatsError("non_finite", "the reference holds infinite values where a bin edge falls");
    if (edges.at(-1) !== edge) edges.push(edge);
  }
  return edges;
}

/** Interior edges of equal-width bins between two finite values; null where they are equal and there is no width. */
export function equalWidthEdges(lowest: number, highest: number, bins: number): number[] | null {
  assertIntegerAtLeast(bins, 1, "bins");
  const step = (highest - lowest) / bins;
  if (!Number.isFinite(step)) throw new StatsError("non_finite", "the reference's range is not finite");
  if (step === 0) return null;
  return Array.from({ length: bins - 1 }, (_, k) => (k + 1) * step + lowest);
}

/** How many values fall in each of edges.length + 1 bins. Edges ascend; values hold no NaN. */
export function countIntoBins(values: Float64Array, edges: readonly number[], closed: ClosedSide): number[] {
  const bounds = Float64Array.from(edges);
  const counts = edges.length > FEW_EDGES ? countBySearch(values, bounds, closed) : countByComparing(values, bounds, closed);
  return [...counts];
}

/** countIntoBins for values already ascending: a search for each edge instead of one for each value. */
export function countSortedIntoBins(sorted: Float64Array, edges: readonly number[], closed: ClosedSide): number[] {
  const ends = edges.map((edge) => passedIn(sorted, edge, closed === "right"));
  return [...ends, sorted.length].map((end, index) => end - (ends[index - 1] ?? 0));
}

function countByComparing(values: Float64Array, edges: Float64Array, closed: ClosedSide): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  const isLeft = closed === "left";
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    let index = 0;
    if (isLeft) for (let k = 0; k < edges.length; k++) index += Number(value >= (edges[k] ?? 0));
    else for (let k = 0; k < edges.length; k++) index += Number(value > (edges[k] ?? 0));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

function countBySearch(values: Float64Array, edges: Float64Array, closed: ClosedSide): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  for (let i = 0; i < values.length; i++) {
    const index = passedIn(edges, values[i] ?? 0, closed === "left");
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** How many of the ascending numbers are below a limit, or at it where `orEqual`. */
function passedIn(ascending: Float64Array, limit: number, orEqual: boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = ascending[middle] ?? 0;
    if (orEqual ? found <= limit : found < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
