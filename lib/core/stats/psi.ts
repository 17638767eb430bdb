import { type ClosedSide, countIntoBins, countSortedIntoBins, equalWidthEdges, quantileEdges } from "./bins";
import { type EmptyBins, psiFromCounts } from "./empty-bins";
import { assertIntegerAtLeast, StatsError } from "./errors";
import { at, omitMissing, type Sample } from "./sample";
import { toSortedValues } from "./sort";

export interface BinningOptions {
  /** Bins asked for, default 10; equal quantile edges fall together, so there may be fewer. */
  readonly bins?: number;
  /** Edges at the reference's quantiles (default), or equally wide between its extremes. */
  readonly binning?: "quantile" | "fixed_width";
  /** Default right: (a, b]. */
  readonly closed?: ClosedSide;
}

export interface PsiOptions extends BinningOptions {
  readonly emptyBins?: EmptyBins;
}

/** One bin: an open end is null. Shares are 0..1 as counted, before empty bins are treated; `contribution` is after. */
export interface PsiBin {
  readonly lower: number | null;
  readonly upper: number | null;
  readonly referenceCount: number;
  readonly currentCount: number;
  readonly referenceShare: number;
  readonly currentShare: number;
  readonly contribution: number;
}

/**
 * `psi` in nats; Infinity is possible under `no_epsilon` only. Degenerate: a side without values (`insufficient_data`), or a constant
 * reference that equal-width bins cannot be laid over (`zero_variance`).
 */
export type PsiResult<Bin> =
  | { readonly status: "ok"; readonly psi: number; readonly bins: readonly Bin[] }
  | { readonly status: "insufficient_data" | "zero_variance"; readonly psi: null; readonly bins: readonly [] };

/**
 * Population stability index of a numeric column; missing values are left out (their rate is another figure). Infinite values are
 * allowed where no edge falls on them. Throws StatsError `non_finite` otherwise, and for options out of range.
 */
export function psi(reference: Sample, current: Sample, options: PsiOptions = {}): PsiResult<PsiBin> {
  const binned = countInBins(reference, current, options);
  if (binned.status !== "ok") return { status: binned.status, psi: null, bins: [] };
  const { edges, referenceCounts, currentCounts, knownTotal, seenTotal } = binned;
  const { psi: total, contributions } = psiFromCounts(referenceCounts, currentCounts, { emptyBins: options.emptyBins });
  const described = contributions.map((contribution, index): PsiBin => {
    const referenceCount = referenceCounts[index] ?? 0;
    const currentCount = currentCounts[index] ?? 0;
    return {
      lower: edges[index - 1] ?? null,
      upper: edges[index] ?? null,
      referenceCount,
      currentCount,
      referenceShare: referenceCount / knownTotal,
      currentShare: currentCount / seenTotal,
      contribution,
    };
  });
  return { status: "ok", psi: total, bins: described };
}

/** Both sides counted into the same bins: n edges, n + 1 counts a side. */
export interface BinnedCounts {
  readonly status: "ok";
  readonly edges: readonly number[];
  readonly referenceCounts: readonly number[];
  readonly currentCounts: readonly number[];
  readonly knownTotal: number;
  readonly seenTotal: number;
}

/** The bins that psi lays over the reference, with both sides counted into them; throws as psi does. */
export function countInBins(
  reference: Sample,
  current: Sample,
  { bins = 10, binning = "quantile", closed = "right" }: BinningOptions,
): BinnedCounts | { readonly status: "insufficient_data" | "zero_variance" } {
  assertIntegerAtLeast(bins, 1, "bins");
  if (binning !== "quantile" && binning !== "fixed_width") throw new StatsError("invalid_option", `binning: no ${String(binning)}`);
  if (closed !== "right" && closed !== "left") throw new StatsError("invalid_option", `closed: no ${String(closed)}`);
  const known = omitMissing(reference).values;
  const seen = omitMissing(current).values;
  if (known.length === 0 || seen.length === 0) return { status: "insufficient_data" };
  const sorted = binning === "quantile" ? toSortedValues(known) : null;
  const edges = sorted === null ? rangeEdges(known, bins) : quantileEdges(sorted, bins);
  if (edges === null) return { status: "zero_variance" };
  const referenceCounts = sorted === null ? countIntoBins(known, edges, closed) : countSortedIntoBins(sorted, edges, closed);
  return {
    status: "ok",
    edges,
    referenceCounts,
    currentCounts: countIntoBins(seen, edges, closed),
    knownTotal: known.length,
    seenTotal: seen.length,
  };
}

function rangeEdges(values: Float64Array, bins: number): number[] | null {
  let lowest = at(values, 0);
  let highest = lowest;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return equalWidthEdges(lowest, highest, bins);
}
