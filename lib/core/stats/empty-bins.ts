import { StatsError } from "./errors";

/** The treatments of empty bins, none of which tools agree on. `replace_zero_1e-4` is the product's default. */
export const EMPTY_BIN_POLICIES = [
  "replace_zero_1e-4",
  "replace_zero_1e-6",
  "clip_min_1e-4",
  "add_1e-6_renormalise",
  "laplace_half",
  "skip_bins_with_zero",
  "evidently_fill",
  "no_epsilon",
] as const;

/**
 * replace_zero: an empty bin's share becomes that number · clip_min: shares are at least that · add: that is added to each share, then
 * shares sum to 1 again · laplace_half: half an observation more in every bin · skip_bins_with_zero: such bins say nothing ·
 * evidently_fill: 1e-4, or a millionth of the smallest share where that is rarer · no_epsilon: Infinity. Only add and laplace rescale.
 */
export type EmptyBins = (typeof EMPTY_BIN_POLICIES)[number];

/** Population stability index of counts in the same bins: Σ (q − p) ln(q / p), p = reference share, q = current share. */
export interface PsiOfCounts {
  readonly psi: number;
  /** Each bin's part of the sum, in order. */
  readonly contributions: readonly number[];
}

/** PSI of two rows of counts of equal length, each with something in it. Throws StatsError for anything else. */
export function psiFromCounts(
  reference: readonly number[],
  current: readonly number[],
  { emptyBins = "replace_zero_1e-4" }: { emptyBins?: EmptyBins } = {},
): PsiOfCounts {
  if (!EMPTY_BIN_POLICIES.includes(emptyBins)) throw new StatsError("invalid_option", `emptyBins: no policy ${String(emptyBins)}`);
  if (reference.length !== current.length) throw new StatsError("invalid_value", "both sides need the same bins");
  const p = sharesOf(reference, emptyBins);
  const q = sharesOf(current, emptyBins);
  const contributions = p.map((share, index) => contributionOf(share, q[index] ?? 0, emptyBins));
  return { psi: contributions.reduce((sum, part) => sum + part, 0), contributions };
}

function contributionOf(p: number, q: number, emptyBins: EmptyBins): number {
  if (p === 0 || q === 0) return emptyBins === "skip_bins_with_zero" ? 0 : Number.POSITIVE_INFINITY;
  return (q - p) * Math.log(q / p);
}

function sharesOf(counts: readonly number[], emptyBins: EmptyBins): number[] {
  const total = totalOf(counts);
  const shares = counts.map((count) => count / total);
  switch (emptyBins) {
    case "replace_zero_1e-4":
      return shares.map((share) => (share === 0 ? 1e-4 : share));
    case "replace_zero_1e-6":
      return shares.map((share) => (share === 0 ? 1e-6 : share));
    case "clip_min_1e-4":
      return shares.map((share) => Math.max(share, 1e-4));
    case "add_1e-6_renormalise":
      return shares.map((share) => (share + 1e-6) / (1 + 1e-6 * counts.length));
    case "laplace_half":
      return counts.map((count) => (count + 0.5) / (total + 0.5 * counts.length));
    case "evidently_fill": {
      const smallest = Math.min(...shares.filter((share) => share > 0));
      const fill = smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
      return shares.map((share) => (share === 0 ? fill : share));
    }
    case "skip_bins_with_zero":
    case "no_epsilon":
      return shares;
  }
}

function totalOf(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) {
    if (!Number.isFinite(count) || count < 0)
      throw new StatsError("invalid_value", `a count must be finite and not negative, got ${count}`);
    total += count;
  }
  if (total === 0) throw new StatsError("invalid_value", "a side without observations has no shares");
  return total;
}
