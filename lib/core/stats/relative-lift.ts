import { type Alternative, assertAlternative } from "./alternative";
import { type Arm, armOfSample, armOfSummary, pairArms } from "./arm";
import { assertOpenUnit } from "./errors";
import type { Summary } from "./moments";
import type { Sample } from "./sample";
import { intervalInStandardErrors, standardise, tPValue } from "./welch";

/**
 * Relative lift treatment / control − 1 with a delta-method interval (independent arms, t with Welch's df). The interval is only
 * as good as the baseline is far from 0 in standard errors. Without spread on either side the interval is the point, df and pValue null.
 */
export interface LiftOk {
  readonly status: "ok";
  readonly liftRatio: number;
  readonly standardError: number;
  readonly df: number | null;
  /** Of no lift, on the relative scale: not the p-value of the difference of means. */
  readonly pValue: number | null;
  readonly confidenceInterval: readonly [low: number, high: number];
}

export interface LiftDegenerate {
  readonly status: "insufficient_data" | "zero_baseline";
  readonly liftRatio: null;
  readonly standardError: null;
  readonly df: null;
  readonly pValue: null;
  readonly confidenceInterval: null;
}

export type RelativeLift = LiftOk | LiftDegenerate;

export interface RelativeLiftOptions {
  /** Coverage of the interval, 0..1 exclusive; default 0.95. */
  readonly confidence?: number;
  readonly alternative?: Alternative;
  /** `signed` (default) divides by the control's mean, `absolute` by its size, so that a lift is up where values go up. */
  readonly baseline?: "signed" | "absolute";
}

/** Relative lift of two samples, missing values left out. Throws StatsError `non_finite` for infinite values. */
export function relativeLift(control: Sample, treatment: Sample, options: RelativeLiftOptions = {}): RelativeLift {
  return liftOfArms(armOfSample(control, "control"), armOfSample(treatment, "treatment"), options);
}

/** Relative lift from (mean, sample variance, n) of each arm. Throws StatsError `invalid_summary`. */
export function relativeLiftFromSummary(control: Summary, treatment: Summary, options: RelativeLiftOptions = {}): RelativeLift {
  return liftOfArms(armOfSummary(control, "control"), armOfSummary(treatment, "treatment"), options);
}

function liftOfArms(control: Arm, treatment: Arm, options: RelativeLiftOptions): RelativeLift {
  const { confidence = 0.95, alternative = "two-sided", baseline = "signed" } = options;
  assertOpenUnit(confidence, "confidence");
  assertAlternative(alternative);
  const nothing = { liftRatio: null, standardError: null, df: null, pValue: null, confidenceInterval: null } as const;
  if (control.n < 2 || treatment.n < 2) return { status: "insufficient_data", ...nothing };
  const pair = pairArms(control, treatment);
  if (pair.controlMean === 0) return { status: "zero_baseline", ...nothing };
  const ratio = pair.difference / pair.controlMean;
  const liftRatio = baseline === "absolute" && pair.controlMean < 0 ? -ratio : ratio;
  const spread = standardise(pair, control.n, treatment.n);
  if (spread === null) {
    return { status: "ok", liftRatio, standardError: 0, df: null, pValue: null, confidenceInterval: [liftRatio, liftRatio] };
  }
  const treatmentPart = Math.sqrt(pair.treatmentVariance / treatment.n) / Math.abs(pair.controlMean);
  const controlPart = (Math.sqrt(pair.controlVariance / control.n) / Math.abs(pair.controlMean)) * (1 + ratio);
  const standardError = Math.hypot(treatmentPart, controlPart);
  const [low, high] = intervalInStandardErrors(spread.df, alternative, confidence);
  return {
    status: "ok",
    liftRatio,
    standardError,
    df: spread.df,
    pValue: standardError === 0 ? null : tPValue(liftRatio / standardError, spread.df, alternative),
    confidenceInterval: [liftRatio + low * standardError, liftRatio + high * standardError],
  };
}
