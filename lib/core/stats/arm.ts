import { type DoubleDouble, difference } from "./double-double";
import { assertAllFinite, StatsError } from "./errors";
import { meanOf, type Summary, squaredDeviations } from "./moments";
import { largestSize, omitMissing, type Sample } from "./sample";

/**
 * One side of a comparison: its values are `scale` (a power of two) times what is held, so that squares of values near the
 * ends of the float64 range neither overflow nor vanish. `variance` is the sample variance, 0 where n < 2.
 */
export interface Arm {
  readonly n: number;
  readonly mean: DoubleDouble;
  readonly variance: number;
  readonly scale: number;
}

/** An arm as results show it: mean null without values, variance null with fewer than two (Infinity where it overflows). */
export interface ArmSummary {
  readonly n: number;
  readonly mean: number | null;
  readonly variance: number | null;
}

/** Both arms on one scale, with the difference of means taken before rounding. */
export interface ArmPair {
  readonly difference: number;
  readonly controlMean: number;
  readonly treatmentMean: number;
  readonly controlVariance: number;
  readonly treatmentVariance: number;
  readonly scale: number;
}

const ZERO: DoubleDouble = { high: 0, low: 0 };
const SAFE_EXPONENT = 400;

/** An arm of raw values, missing ones left out. Throws `non_finite` for infinite values. */
export function armOfSample(sample: Sample, name: string): Arm {
  const { values } = omitMissing(sample);
  const scale = safeScale(largestSize(values, name));
  if (values.length === 0) return { n: 0, mean: ZERO, variance: 0, scale: 1 };
  const scaled = scale === 1 ? values : values.map((value) => value / scale);
  const mean = meanOf(scaled);
  return { n: values.length, mean, variance: values.length < 2 ? 0 : squaredDeviations(scaled, mean) / (values.length - 1), scale };
}

/** An arm of (mean, sample variance, n). Throws `invalid_summary` for a negative variance, a count that is none, non-finite figures. */
export function armOfSummary(summary: Summary, name: string): Arm {
  const { n, mean, variance, meanLow = 0 } = summary;
  if (!Number.isSafeInteger(n) || n < 0) throw new StatsError("invalid_summary", `${name}.n must be a non-negative integer, got ${n}`);
  if (n === 0) return { n: 0, mean: ZERO, variance: 0, scale: 1 };
  if (!Number.isFinite(mean) || !Number.isFinite(meanLow))
    throw new StatsError("invalid_summary", `${name}.mean must be finite, got ${mean}`);
  if (n < 2) return { n, mean: { high: mean, low: meanLow }, variance: 0, scale: 1 };
  if (!Number.isFinite(variance) || variance < 0) {
    throw new StatsError("invalid_summary", `${name}.variance must be finite and not negative, got ${variance}`);
  }
  return { n, mean: { high: mean, low: meanLow }, variance, scale: 1 };
}

/** The arm in the units of its values. */
export function summarizeArm(arm: Arm): ArmSummary {
  return {
    n: arm.n,
    mean: arm.n === 0 ? null : (arm.mean.high + arm.mean.low) * arm.scale,
    variance: arm.n < 2 ? null : arm.variance * arm.scale * arm.scale,
  };
}

/** Puts both arms on the larger scale. Either arm may hold one value, neither may be empty. Throws `non_finite` where summaries are too far apart. */
export function pairArms(control: Arm, treatment: Arm): ArmPair {
  const scale = Math.max(control.scale, treatment.scale);
  const controlMean = rescale(control, scale);
  const treatmentMean = rescale(treatment, scale);
  const apart = difference(treatmentMean, controlMean);
  assertAllFinite([apart], "the difference of means");
  return {
    difference: apart,
    controlMean: controlMean.high,
    treatmentMean: treatmentMean.high,
    controlVariance: rescaleVariance(control, scale),
    treatmentVariance: rescaleVariance(treatment, scale),
    scale,
  };
}

function rescale(arm: Arm, scale: number): DoubleDouble {
  const factor = arm.scale / scale;
  return { high: arm.mean.high * factor, low: arm.mean.low * factor };
}

function rescaleVariance(arm: Arm, scale: number): number {
  const factor = arm.scale / scale;
  return arm.variance * factor * factor;
}

function safeScale(largest: number): number {
  if (largest === 0) return 1;
  const exponent = Math.floor(Math.log2(largest));
  if (Math.abs(exponent) < SAFE_EXPONENT) return 1;
  // Below 2^-1022 a scale is itself subnormal, above 2^1023 infinite (log2 rounds up to 1024 for the largest values).
  return 2 ** Math.min(Math.max(exponent, -1022), 1023);
}
