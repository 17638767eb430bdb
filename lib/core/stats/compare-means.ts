import { type Arm, armOfSample, armOfSummary, pairArms } from "./arm";
import { effectSizesOfArms } from "./effect-size";
import { assertIntegerAtLeast, assertOpenUnit } from "./errors";
import type { Summary } from "./moments";
import type { Sample } from "./sample";
import { welchOfArms } from "./welch";

export interface CompareMeansOptions {
  /** Significance level, 0..1 exclusive; default 0.05. */
  readonly alpha?: number;
  /** Fewest values an arm must have; default 1000. Below two there is no test, whatever this says. */
  readonly minSamples?: number;
}

interface ArmCounts {
  readonly controlN: number;
  readonly treatmentN: number;
  readonly minSamples: number;
}

/** Too few values: nothing is computed, so that nobody decides on it. */
export interface InsufficientSamples extends ArmCounts {
  readonly status: "insufficient_samples";
  readonly controlMean: null;
  readonly treatmentMean: null;
  readonly liftRatio: null;
  readonly pValue: null;
  readonly cohensD: null;
  readonly hedgesG: null;
  readonly recommendation: null;
}

/**
 * The founding article's result block, unrounded. `liftRatio` = (treatment − control) / control, null on a zero baseline; pValue is
 * Welch's two-sided one, null (with not_significant) where neither arm has any spread. cohensD averages population variances.
 */
export interface ComparedMeans extends ArmCounts {
  readonly status: "significant" | "not_significant";
  readonly controlMean: number;
  readonly treatmentMean: number;
  readonly liftRatio: number | null;
  readonly pValue: number | null;
  readonly cohensD: number | null;
  readonly hedgesG: number | null;
  readonly recommendation: "DEPLOY treatment" | "KEEP control";
}

export type MeansComparison = InsufficientSamples | ComparedMeans;

/**
 * The founding article's comparison: DEPLOY where p < alpha and the lift is above 0, else KEEP. It knows no metric direction, and its
 * lift changes sign with a negative baseline; the product's own verdicts do not rest on it. Throws StatsError as welchTTest does.
 */
export function compareMeans(control: Sample, treatment: Sample, options: CompareMeansOptions = {}): MeansComparison {
  return compareArms(armOfSample(control, "control"), armOfSample(treatment, "treatment"), options);
}

/** compareMeans from (mean, sample variance, n) of each arm. Throws StatsError `invalid_summary`. */
export function compareMeansFromSummary(control: Summary, treatment: Summary, options: CompareMeansOptions = {}): MeansComparison {
  return compareArms(armOfSummary(control, "control"), armOfSummary(treatment, "treatment"), options);
}

function compareArms(control: Arm, treatment: Arm, { alpha = 0.05, minSamples = 1000 }: CompareMeansOptions): MeansComparison {
  assertOpenUnit(alpha, "alpha");
  assertIntegerAtLeast(minSamples, 0, "minSamples");
  const counts = { controlN: control.n, treatmentN: treatment.n, minSamples };
  if (Math.min(control.n, treatment.n) < Math.max(2, minSamples)) {
    const nothing = { controlMean: null, treatmentMean: null, liftRatio: null, pValue: null, cohensD: null, hedgesG: null } as const;
    return { status: "insufficient_samples", ...nothing, recommendation: null, ...counts };
  }
  const { pValue } = welchOfArms(control, treatment, {});
  const pair = pairArms(control, treatment);
  const liftRatio = pair.controlMean === 0 ? null : pair.difference / pair.controlMean;
  const significant = pValue !== null && pValue < alpha;
  const { cohensD, hedgesG } = effectSizesOfArms(control, treatment);
  return {
    status: significant ? "significant" : "not_significant",
    controlMean: pair.controlMean * pair.scale,
    treatmentMean: pair.treatmentMean * pair.scale,
    liftRatio,
    pValue,
    cohensD,
    hedgesG,
    recommendation: significant && liftRatio !== null && liftRatio > 0 ? "DEPLOY treatment" : "KEEP control",
    ...counts,
  };
}
