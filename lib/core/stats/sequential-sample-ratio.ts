import type { GoodnessOfFit } from "./chi-square";
import { StatsError } from "./errors";

/** Subjects that the prior of the alternative weighs: shares that differ by a percentage point or two are what is looked for. */
const CONCENTRATION = 1_000;

/**
 * Whether subjects came in the planned shares, right at every look at once (Lindon and Malek, NeurIPS 2022): without a fault the Bayes factor of "shares drawn from a
 * Dirichlet distribution around the planned ones" against these is a martingale of mean 1, so that it ever exceeds 1/p with a chance of at most p. Arms of weight
 * 0 are left out. Throws `invalid_value` as sampleRatioMismatch does, and for counts that are not whole.
 */
export function sequentialSampleRatio(
  counts: ArrayLike<number>,
  weights: ArrayLike<number>,
): Pick<GoodnessOfFit, "status" | "pValue"> & { readonly logBayesFactor: number | null } {
  if (counts.length !== weights.length) throw new StatsError("invalid_value", "each count needs a weight");
  const arms = Array.from(counts, (count, index) => ({ count, weight: weights[index] ?? Number.NaN }));
  if (!arms.every(({ count, weight }) => Number.isSafeInteger(count) && count >= 0 && weight >= 0 && Number.isFinite(weight)))
    throw new StatsError("invalid_value", "counts must be whole, weights finite, and neither negative");
  const active = arms.filter(({ weight }) => weight > 0);
  if (active.length === 0) throw new StatsError("invalid_value", "no arm has a weight");
  const all = active.reduce((sum, { weight }) => sum + weight, 0);
  const total = active.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return { status: "no_traffic", pValue: null, logBayesFactor: null };
  let logBayesFactor = logGamma(CONCENTRATION) - logGamma(CONCENTRATION + total);
  for (const { count, weight } of active) {
    const share = weight / all;
    logBayesFactor += logGamma(CONCENTRATION * share + count) - logGamma(CONCENTRATION * share) - count * Math.log(share);
  }
  return { status: "ok", pValue: Math.min(1, Math.exp(-logBayesFactor)), logBayesFactor };
}

const ASYMPTOTIC_FROM = 15;

/** ln Γ(x) for x > 0 by Stirling's series, to about 1e-14 relative above 2. */
function logGamma(x: number): number {
  let [at, below] = [x, 0];
  while (at < ASYMPTOTIC_FROM) below += Math.log(at++);
  const square = 1 / (at * at);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1_260 - square * (1 / 1_680 - square / 1_188)))) / at;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - below;
}
