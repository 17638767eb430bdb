import { type Alternative, assertAlternative } from "./alternative";
import { assertOpenUnit, StatsError } from "./errors";

/** An estimate such as a difference of means, its standard error now, and how many subjects (of all arms together) it rests on. */
export interface SequentialEstimate {
  readonly estimate: number;
  readonly standardError: number;
  readonly n: number;
}

export interface ConfidenceSequenceOptions {
  /** Chance that any of all looks ever excludes the truth, 0..1 exclusive; default 0.05. */
  readonly alpha?: number;
  /** The number of subjects at which the sequence is to be at its narrowest, relative to a fixed interval; default 5000. */
  readonly tuning?: number;
  readonly alternative?: Alternative;
}

/** A one-sided interval has an infinite end. `zero_variance`: without a standard error there is nothing to say. */
export interface SequentialResult {
  readonly status: "ok" | "zero_variance" | "insufficient_data";
  readonly confidenceInterval: readonly [low: number, high: number] | null;
  readonly pValue: number | null;
}

/**
 * Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), the mixture of normals that GrowthBook uses too:
 * right at every look at once, however often one looks and whenever one stops. The p-value is the smallest alpha whose interval leaves out 0
 * (with the mixture kept as tuned for `alpha`), never above 1. Throws `invalid_option` and `invalid_summary`.
 */
export function confidenceSequence(input: SequentialEstimate, options: ConfidenceSequenceOptions = {}): SequentialResult {
  const { alpha = 0.05, tuning = 5000, alternative = "two-sided" } = options;
  assertOpenUnit(alpha, "alpha");
  assertAlternative(alternative);
  if (!(tuning > 0 && Number.isFinite(tuning))) throw new StatsError("invalid_option", `tuning must be a positive number, got ${tuning}`);
  const { estimate, standardError, n } = input;
  if (!Number.isFinite(estimate)) throw new StatsError("invalid_summary", `estimate must be finite, got ${estimate}`);
  if (!(standardError >= 0 && standardError < Number.POSITIVE_INFINITY) || !(n >= 0 && n < Number.POSITIVE_INFINITY))
    throw new StatsError("invalid_summary", `expected a standard error and a count, got ${standardError} and ${n}`);
  if (n === 0) return { status: "insufficient_data", confidenceInterval: null, pValue: null };
  if (standardError === 0) return { status: "zero_variance", confidenceInterval: null, pValue: null };
  // One-sided: the two-sided sequence of twice the alpha, of which one end is kept (its alpha is at most 1 there).
  const isTwoSided = alternative === "two-sided";
  const information = n * mixing(isTwoSided ? alpha : Math.min(2 * alpha, 1 - 1e-12), tuning);
  const grown = information + 1;
  const level = isTwoSided ? Math.log(grown) / 2 - Math.log(alpha) : Math.log1p(Math.sqrt(grown) / (2 * alpha));
  const half = standardError * Math.sqrt((2 * grown * level) / information);
  const z = estimate / standardError;
  // What the interval's level must be for 0 to lie on its edge.
  const reached = ((z * z) / 2) * (information / grown);
  switch (alternative) {
    case "two-sided":
      return {
        status: "ok",
        confidenceInterval: [estimate - half, estimate + half],
        pValue: Math.min(1, Math.exp(Math.log(grown) / 2 - reached)),
      };
    case "greater":
      return { status: "ok", confidenceInterval: [estimate - half, Number.POSITIVE_INFINITY], pValue: oneSided(z > 0, reached, grown) };
    case "less":
      return { status: "ok", confidenceInterval: [Number.NEGATIVE_INFINITY, estimate + half], pValue: oneSided(z < 0, reached, grown) };
  }
}

/** rho²: how much of the mixture's variance comes with each subject. */
function mixing(alpha: number, tuning: number): number {
  const level = -2 * Math.log(alpha);
  return (level + Math.log(level + 1)) / tuning;
}

function oneSided(isOnSide: boolean, reached: number, grown: number): number {
  // An estimate on the other side says nothing for this one.
  return isOnSide ? Math.min(1, Math.sqrt(grown) / (2 * Math.expm1(reached))) : 1;
}
