import { type Alternative, assertAlternative } from "./alternative";
import { type Arm, type ArmPair, type ArmSummary, armOfSample, armOfSummary, pairArms, summarizeArm } from "./arm";
import { assertOpenUnit } from "./errors";
import type { Summary } from "./moments";
import type { Sample } from "./sample";
import { tUpperQuantile, tUpperTail } from "./student-t";

export interface WelchOptions {
  readonly alternative?: Alternative;
  /** Coverage of the interval, 0..1 exclusive; default 0.95. */
  readonly confidence?: number;
}

/** `difference` = treatment mean − control mean, and t has its sign. A one-sided interval has an infinite end, as in R. */
export interface WelchOk {
  readonly status: "ok";
  readonly t: number;
  readonly df: number;
  readonly pValue: number;
  readonly difference: number;
  readonly standardError: number;
  readonly confidenceInterval: readonly [low: number, high: number];
  readonly control: ArmSummary;
  readonly treatment: ArmSummary;
}

/** No test is possible: an arm with fewer than two values, or no spread on either side (then the difference is still told). */
export interface WelchDegenerate {
  readonly status: "insufficient_data" | "zero_variance";
  readonly t: null;
  readonly df: null;
  readonly pValue: null;
  readonly difference: number | null;
  readonly standardError: null;
  readonly confidenceInterval: null;
  readonly control: ArmSummary;
  readonly treatment: ArmSummary;
}

export type WelchResult = WelchOk | WelchDegenerate;

/** Difference of means with its standard error, both in units of `scale`; df by Welch and Satterthwaite. */
interface StandardisedDifference {
  readonly standardError: number;
  readonly df: number;
}

/**
 * Welch's t-test of raw values (unequal variances); missing values are left out. Stable for offsets up to 10^15 and for values
 * near the ends of the float64 range. Throws StatsError for infinite values and for options out of range.
 */
export function welchTTest(control: Sample, treatment: Sample, options: WelchOptions = {}): WelchResult {
  return welchOfArms(armOfSample(control, "control"), armOfSample(treatment, "treatment"), options);
}

/** Welch's t-test from (mean, sample variance, n) of each arm, as rollups and moments give them. Throws StatsError `invalid_summary`. */
export function welchTTestFromSummary(control: Summary, treatment: Summary, options: WelchOptions = {}): WelchResult {
  return welchOfArms(armOfSummary(control, "control"), armOfSummary(treatment, "treatment"), options);
}

/** The test itself, shared with the other comparisons of two arms. */
export function welchOfArms(control: Arm, treatment: Arm, { alternative = "two-sided", confidence = 0.95 }: WelchOptions): WelchResult {
  assertOpenUnit(confidence, "confidence");
  assertAlternative(alternative);
  const arms = { control: summarizeArm(control), treatment: summarizeArm(treatment) };
  const undecided = { t: null, df: null, pValue: null, standardError: null, confidenceInterval: null, ...arms } as const;
  if (control.n === 0 || treatment.n === 0) return { status: "insufficient_data", difference: null, ...undecided };
  const pair = pairArms(control, treatment);
  const difference = pair.difference * pair.scale;
  if (control.n < 2 || treatment.n < 2) return { status: "insufficient_data", difference, ...undecided };
  const spread = standardise(pair, control.n, treatment.n);
  if (spread === null) return { status: "zero_variance", difference, ...undecided };
  const { standardError, df } = spread;
  const t = pair.difference / standardError;
  const [low, high] = intervalInStandardErrors(df, alternative, confidence);
  return {
    status: "ok",
    t,
    df,
    pValue: tPValue(t, df, alternative),
    difference,
    standardError: standardError * pair.scale,
    confidenceInterval: [(pair.difference + low * standardError) * pair.scale, (pair.difference + high * standardError) * pair.scale],
    ...arms,
  };
}

/** Standard error and degrees of freedom; null where both variances are 0. Counts are at least 2. */
export function standardise(pair: ArmPair, controlN: number, treatmentN: number): StandardisedDifference | null {
  const controlShare = pair.controlVariance / controlN;
  const treatmentShare = pair.treatmentVariance / treatmentN;
  const larger = Math.max(controlShare, treatmentShare);
  if (larger === 0) return null;
  // Shares of the larger one: squares of variances near the float64 limits would overflow or vanish.
  const c = controlShare / larger;
  const t = treatmentShare / larger;
  return {
    standardError: Math.sqrt(larger) * Math.sqrt(c + t),
    df: (c + t) ** 2 / (c ** 2 / (controlN - 1) + t ** 2 / (treatmentN - 1)),
  };
}

/** The p-value of a t statistic; two-sided at most 1. */
export function tPValue(t: number, df: number, alternative: Alternative): number {
  switch (alternative) {
    case "two-sided":
      return Math.min(1, 2 * tUpperTail(Math.abs(t), df));
    case "greater":
      return tUpperTail(t, df);
    case "less":
      return tUpperTail(-t, df);
  }
}

/** Both ends of an interval in standard errors from its estimate; a one-sided one has an infinite end. */
export function intervalInStandardErrors(df: number, alternative: Alternative, confidence: number): [number, number] {
  const outside = 1 - confidence;
  switch (alternative) {
    case "two-sided": {
      const t = tUpperQuantile(outside / 2, df);
      return [-t, t];
    }
    case "greater":
      return [-oneSidedQuantile(outside, df), Number.POSITIVE_INFINITY];
    case "less":
      return [Number.NEGATIVE_INFINITY, oneSidedQuantile(outside, df)];
  }
}

function oneSidedQuantile(outside: number, df: number): number {
  return outside <= 0.5 ? tUpperQuantile(outside, df) : -tUpperQuantile(1 - outside, df);
}
