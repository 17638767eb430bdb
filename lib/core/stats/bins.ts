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
  const counts = new Float64Array(edges.length + 1);
  const bounds = Float64Array.from(edges);
  const indexOf = edges.length <= FEW_EDGES ? indexByComparing : indexBySearch;
  for (const value of values) {
    const index = indexOf(bounds, value, closed === "left");
    counts[index] = at(counts, index) + 1;
  }
  return [...counts];
}

function indexByComparing(edges: Float64Array, value: number, leftClosed: boolean): number {
  let index = 0;
  if (leftClosed) for (const edge of edges) index += value >= edge ? 1 : 0;
  else for (const edge of edges) index += value > edge ? 1 : 0;
  return index;
}

function indexBySearch(edges: Float64Array, value: number, leftClosed: boolean): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const edge = at(edges, middle);
    if (leftClosed ? value >= edge : value > edge) low = middle + 1;
    else high = middle;
  }
  return low;
}
