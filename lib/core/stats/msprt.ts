import { assertOpenUnit, StatsError } from "./errors";

export interface MsprtOptions {
  /** Variance of the effects that are expected, in squares of the metric's unit: the mixture is normal around 0. */
  readonly tau2: number;
  /** Chance that any of all looks ever excludes the truth, 0..1 exclusive; default 0.05. */
  readonly alpha?: number;
}

/** `logLikelihoodRatio` is ln Λ; the p-value 1/Λ, at most 1, only has meaning as the smallest of all looks so far. */
export interface MsprtResult {
  readonly status: "ok" | "zero_variance";
  readonly logLikelihoodRatio: number | null;
  readonly confidenceInterval: readonly [low: number, high: number] | null;
  readonly pValue: number | null;
}

/**
 * Mixture sequential probability ratio test of an estimate of variance `variance` (Robbins 1970; Johari, Pekelis and Walsh 2015): always valid,
 * as confidenceSequence, which equals it for tau2 = n · rho² · standardError². Throws `invalid_option` and `invalid_summary`.
 */
export function msprt({ estimate, variance }: { estimate: number; variance: number }, { tau2, alpha = 0.05 }: MsprtOptions): MsprtResult {
  assertOpenUnit(alpha, "alpha");
  if (!(tau2 > 0 && Number.isFinite(tau2))) throw new StatsError("invalid_option", `tau2 must be a positive number, got ${tau2}`);
  if (!Number.isFinite(estimate) || !(variance >= 0 && variance < Number.POSITIVE_INFINITY))
    throw new StatsError("invalid_summary", `expected an estimate and its variance, got ${estimate} and ${variance}`);
  if (variance === 0) return { status: "zero_variance", logLikelihoodRatio: null, confidenceInterval: null, pValue: null };
  const growth = Math.log1p(tau2 / variance);
  const share = tau2 / (variance + tau2);
  const logLikelihoodRatio = (share * estimate * (estimate / variance) - growth) / 2;
  const half = Math.sqrt((variance / share) * (growth - 2 * Math.log(alpha)));
  return {
    status: "ok",
    logLikelihoodRatio,
    confidenceInterval: [estimate - half, estimate + half],
    pValue: Math.min(1, Math.exp(-logLikelihoodRatio)),
  };
}

/** What an experiment has shown up to now: its smallest p-value and what lies in all its intervals; null where they exclude each other. */
export interface SequentialRecord {
  readonly pValue: number;
  readonly confidenceInterval: readonly [low: number, high: number] | null;
}

/** The record with one more look. Begin with null; looks without a test change nothing. */
export function addLook(
  record: SequentialRecord | null,
  look: { readonly pValue: number | null; readonly confidenceInterval: readonly [low: number, high: number] | null },
): SequentialRecord | null {
  const { pValue, confidenceInterval } = look;
  if (pValue === null || confidenceInterval === null) return record;
  if (record === null) return { pValue, confidenceInterval };
  const seen = record.confidenceInterval;
  const low = Math.max(seen?.[0] ?? Number.POSITIVE_INFINITY, confidenceInterval[0]);
  const high = Math.min(seen?.[1] ?? Number.NEGATIVE_INFINITY, confidenceInterval[1]);
  return { pValue: Math.min(record.pValue, pValue), confidenceInterval: low <= high ? [low, high] : null };
}
