import type { DistributionComparison } from "@/lib/core/stats";
import type { DriftFeatureName, DriftLimits } from "./settings";

/** Best first: a report's verdict is the worst of its features. Too few is never stable. */
export const DRIFT_VERDICTS = ["stable", "too_few", "shifted", "drifted"] as const;
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

/** Why a feature got its verdict. */
export const DRIFT_REASONS = [
  "within",
  "too_few_reference",
  "too_few_current",
  "too_few_both",
  "psi_past_drift",
  "psi_past_warn",
  "ks_gap",
  "psi_by_chance",
] as const;
export type DriftReason = (typeof DRIFT_REASONS)[number];

/** One feature as compared: values that were there, and how many requests had none. */
export interface ComparedFeature {
  readonly feature: DriftFeatureName;
  readonly comparison: DistributionComparison;
  readonly referenceMissing: number;
  readonly currentMissing: number;
}

export interface FeatureJudgement {
  readonly verdict: DriftVerdict;
  readonly reason: DriftReason;
  /** p of the Kolmogorov–Smirnov test times the number of features compared, at most 1 (Bonferroni); null when it was not tested. */
  readonly pCorrected: number | null;
  /** PSI up to here can be chance with so many values: see `psiChanceBound`. Null when nothing was compared. */
  readonly psiChance: number | null;
}

/**
 * PSI that two samples of the same distribution stay below but for about one time in a hundred or rarer. Without drift PSI / (1/n + 1/m)
 * is near a χ² with bins − 1 degrees of freedom (Yurdakul and Naranjo 2020, Statistical properties of the population stability index):
 * its mean and four standard deviations.
 */
export function psiChanceBound(bins: number, referenceN: number, currentN: number): number {
  const degrees = Math.max(0, bins - 1);
  return (degrees + 4 * Math.sqrt(2 * degrees)) * (1 / referenceN + 1 / currentN);
}

/**
 * A feature has drifted or shifted when its PSI is past the limit and no chance: beyond the bound above, or with a Kolmogorov–Smirnov
 * test that is significant after correction. A significant gap of at least `ksMinDistance` is a shift by itself.
 */
export function judgeFeatures(
  features: readonly ComparedFeature[],
  { limits, minSamples }: { limits: DriftLimits; minSamples: number },
): FeatureJudgement[] {
  const isEnough = ({ comparison: { reference, current } }: ComparedFeature) => reference.n >= minSamples && current.n >= minSamples;
  const tested = features.filter(isEnough).length;
  return features.map((feature) => {
    const { comparison } = feature;
    const { psi, ks } = comparison;
    if (!isEnough(feature) || psi === null || ks === null) return { ...tooFew(comparison, minSamples), pCorrected: null, psiChance: null };
    const pCorrected = Math.min(1, ks.pValue * tested);
    const psiChance = psiChanceBound(comparison.bins.length, comparison.reference.n, comparison.current.n);
    const isSignificant = pCorrected <= limits.ksAlpha;
    const figures = { pCorrected, psiChance };
    const isReal = isSignificant || psi > psiChance;
    if (psi >= limits.psiDrift && isReal) return { verdict: "drifted", reason: "psi_past_drift", ...figures };
    if (psi >= limits.psiWarn && isReal) return { verdict: "shifted", reason: "psi_past_warn", ...figures };
    if (isSignificant && ks.statistic >= limits.ksMinDistance) return { verdict: "shifted", reason: "ks_gap", ...figures };
    return { verdict: "stable", reason: psi >= limits.psiWarn ? "psi_by_chance" : "within", ...figures };
  });
}

function tooFew({ reference, current }: DistributionComparison, minSamples: number): { verdict: "too_few"; reason: DriftReason } {
  const [lacksReference, lacksCurrent] = [reference.n < minSamples, current.n < minSamples];
  const reason = lacksReference && lacksCurrent ? "too_few_both" : lacksReference ? "too_few_reference" : "too_few_current";
  return { verdict: "too_few", reason };
}

/** The worst of the features; nothing compared is too few. */
export function worstVerdict(verdicts: readonly DriftVerdict[]): DriftVerdict {
  if (verdicts.length === 0) return "too_few";
  return verdicts.reduce((worst, verdict) => (DRIFT_VERDICTS.indexOf(verdict) > DRIFT_VERDICTS.indexOf(worst) ? verdict : worst));
}
