import { type Arm, armOfSummary, pairArms } from "./arm";
import { assertOneOf, assertOpenUnit } from "./errors";
import type { Summary } from "./moments";
import { normalUpperQuantile } from "./normal";
import { tUpperQuantile } from "./student-t";
import { standardise } from "./welch";

export interface LiftIntervalOptions {
  /**
   * `fieller` (default): every ratio that the data do not refuse (Fieller 1954), right however near the baseline is to 0 · `log_ratio`: around
   * the logarithm of the ratio, for positive means · `delta`: symmetric, as relativeLift has it.
   */
  readonly method?: "fieller" | "log_ratio" | "delta";
  /** Coverage, 0..1 exclusive; default 0.95. */
  readonly confidence?: number;
  /** Quantile of Student's t with Welch's df (default) or of the normal. */
  readonly distribution?: "t" | "normal";
}

/**
 * Two-sided interval of the relative lift treatment / control − 1 from (mean, sample variance, n) of each arm. null where none exists: fewer
 * than two values, a baseline of 0, means that are not positive for `log_ratio`, and for `fieller` a baseline that is not told from 0.
 */
export function liftIntervalFromSummary(
  control: Summary,
  treatment: Summary,
  { method = "fieller", confidence = 0.95, distribution = "t" }: LiftIntervalOptions = {},
): [low: number, high: number] | null {
  assertOpenUnit(confidence, "confidence");
  assertOneOf(distribution, ["t", "normal"], "distribution");
  assertOneOf(method, ["fieller", "log_ratio", "delta"], "method");
  const [c, t] = [armOfSummary(control, "control"), armOfSummary(treatment, "treatment")];
  if (c.n < 2 || t.n < 2) return null;
  const figures = figuresOf(c, t);
  if (figures.controlMean === 0) return null;
  if (figures.df === null) return [figures.lift, figures.lift];
  const quantile = (tail: number, df: number) => (distribution === "normal" ? normalUpperQuantile(tail) : tUpperQuantile(tail, df));
  const q = quantile((1 - confidence) / 2, figures.df);
  switch (method) {
    case "fieller":
      return fieller(figures, q);
    case "log_ratio":
      return logRatio(figures, q);
    case "delta": {
      const half = q * Math.hypot(figures.treatmentError, figures.controlError * (1 + figures.lift));
      return [figures.lift - half, figures.lift + half];
    }
  }
}

/** Standard errors of both means in units of the control's mean. */
interface Figures {
  readonly lift: number;
  readonly controlMean: number;
  readonly controlError: number;
  readonly treatmentError: number;
  readonly df: number | null;
}

function figuresOf(control: Arm, treatment: Arm): Figures {
  const pair = pairArms(control, treatment);
  const size = Math.abs(pair.controlMean);
  return {
    lift: pair.difference / pair.controlMean,
    controlMean: pair.controlMean,
    controlError: Math.sqrt(pair.controlVariance / control.n) / size,
    treatmentError: Math.sqrt(pair.treatmentVariance / treatment.n) / size,
    df: standardise(pair, control.n, treatment.n)?.df ?? null,
  };
}

function fieller({ lift, controlError, treatmentError }: Figures, q: number): [number, number] | null {
  const g = (q * controlError) ** 2;
  if (g >= 1) return null;
  const ratio = 1 + lift;
  const half = q * Math.sqrt(treatmentError ** 2 * (1 - g) + (ratio * controlError) ** 2);
  // (ratio ± half) / (1 − g) − 1, without taking 1 from it.
  return [(lift + g - half) / (1 - g), (lift + g + half) / (1 - g)];
}

function logRatio({ lift, controlMean, controlError, treatmentError }: Figures, q: number): [number, number] | null {
  const ratio = 1 + lift;
  if (controlMean < 0 || ratio <= 0) return null;
  const half = q * Math.hypot(controlError, treatmentError / ratio);
  return [Math.expm1(Math.log1p(lift) - half), Math.expm1(Math.log1p(lift) + half)];
}
