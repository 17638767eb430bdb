import { type Arm, armOfSample, armOfSummary, pairArms } from "./arm";
import { assertOneOf } from "./errors";
import { gammaHalfRatio } from "./gamma-ratio";
import type { Summary } from "./moments";
import type { Sample } from "./sample";

/**
 * The standard deviation that Cohen's d divides by: root of the average of the two population variances (the founding article's),
 * of the pooled sample variance, or of the average of the two sample variances.
 */
export type CohensDVariant = "population" | "pooled" | "average";

/**
 * Standardised differences treatment − control. null: undefined, because the divisor is 0 or an arm is too small for it (two values
 * an arm; the population form needs one, Glass's delta two in the control).
 */
export interface EffectSizes {
  readonly difference: number | null;
  readonly cohensD: number | null;
  readonly cohensDPooled: number | null;
  readonly cohensDAverage: number | null;
  readonly hedgesG: number | null;
  readonly glassDelta: number | null;
}

/** Every effect size of two samples in one pass; missing values are left out. Throws StatsError `non_finite` for infinite values. */
export function effectSizes(control: Sample, treatment: Sample): EffectSizes {
  return effectSizesOfArms(armOfSample(control, "control"), armOfSample(treatment, "treatment"));
}

/** Every effect size from (mean, sample variance, n) of each arm. Throws StatsError `invalid_summary`. */
export function effectSizesFromSummary(control: Summary, treatment: Summary): EffectSizes {
  return effectSizesOfArms(armOfSummary(control, "control"), armOfSummary(treatment, "treatment"));
}

/** Cohen's d; null where its divisor is 0 or does not exist. */
export function cohensD(control: Sample, treatment: Sample, { variant = "population" }: { variant?: CohensDVariant } = {}): number | null {
  assertOneOf(variant, ["population", "pooled", "average"], "variant");
  const sizes = effectSizes(control, treatment);
  switch (variant) {
    case "population":
      return sizes.cohensD;
    case "pooled":
      return sizes.cohensDPooled;
    case "average":
      return sizes.cohensDAverage;
  }
}

/** Hedges' g: pooled Cohen's d times the exact small-sample correction (Hedges 1981); null where pooled d is. */
export function hedgesG(control: Sample, treatment: Sample): number | null {
  return effectSizes(control, treatment).hedgesG;
}

/** Glass's delta: the difference in standard deviations of the control; null where the control has no spread. */
export function glassDelta(control: Sample, treatment: Sample): number | null {
  return effectSizes(control, treatment).glassDelta;
}

/** Hedges' exact correction J(df) = Γ(df/2) / (√(df/2) · Γ((df−1)/2)), df ≥ 2; the usual 1 − 3/(4df − 1) approximates it. */
export function hedgesCorrection(df: number): number {
  return gammaHalfRatio((df - 1) / 2) / Math.sqrt(df / 2);
}

/** The effect sizes of two arms, shared with the other comparisons. */
export function effectSizesOfArms(control: Arm, treatment: Arm): EffectSizes {
  if (control.n === 0 || treatment.n === 0) {
    return { difference: null, cohensD: null, cohensDPooled: null, cohensDAverage: null, hedgesG: null, glassDelta: null };
  }
  const pair = pairArms(control, treatment);
  const divideBy = (variance: number) => (variance > 0 ? pair.difference / Math.sqrt(variance) : null);
  const population = divideBy(
    (pair.controlVariance * (control.n - 1)) / control.n / 2 + (pair.treatmentVariance * (treatment.n - 1)) / treatment.n / 2,
  );
  // In the control's own scale: next to a far larger treatment its variance would vanish.
  const glass =
    control.n < 2 || control.variance === 0 ? null : (pair.difference / Math.sqrt(control.variance)) * (pair.scale / control.scale);
  const difference = pair.difference * pair.scale;
  if (control.n < 2 || treatment.n < 2) {
    return { difference, cohensD: population, cohensDPooled: null, cohensDAverage: null, hedgesG: null, glassDelta: glass };
  }
  const df = control.n + treatment.n - 2;
  const pooled = divideBy(pair.controlVariance * ((control.n - 1) / df) + pair.treatmentVariance * ((treatment.n - 1) / df));
  return {
    difference,
    cohensD: population,
    cohensDPooled: pooled,
    cohensDAverage: divideBy(pair.controlVariance / 2 + pair.treatmentVariance / 2),
    hedgesG: pooled === null ? null : pooled * hedgesCorrection(df),
    glassDelta: glass,
  };
}
