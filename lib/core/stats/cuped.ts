import { assertAlternative } from "./alternative";
import { type CoMoments, covarianceOf, createCoMoments, meanAt, mergeCoMoments, productAt } from "./co-moments";
import { add, type DoubleDouble, twoProduct } from "./double-double";
import { assertOpenUnit, StatsError } from "./errors";
import type { Summary } from "./moments";
import { ratioGradient, ratioOf } from "./ratio-metric";
import type { Sample } from "./sample";
import { intervalInStandardErrors, tPValue, type WelchOptions, type WelchResult, welchTTestFromSummary } from "./welch";

/** One arm: each subject's value before the experiment (`pre`) and in it (`post`), in the same order. */
export interface CupedSample {
  readonly pre: Sample;
  readonly post: Sample;
}

/**
 * Which rows theta, the slope of post on pre, is taken from: all of both arms stacked (`joint`, which holds the shift between the arms too,
 * as GrowthBook does), pooled within the arms, or the control's alone.
 */
export type CupedTheta = "joint" | "within" | "control_only";

export interface CupedOptions extends WelchOptions {
  readonly theta?: CupedTheta;
}

/** An arm after the adjustment. `varianceReduction` is the share of its variance that is gone; negative where pre misleads; null at none. */
export interface AdjustedArm {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
  readonly varianceReduction: number | null;
}

/** Relative lift of the adjusted difference over the control's unadjusted mean, by its size; null where that is 0 or a test is not possible. */
export interface CupedLift {
  readonly liftRatio: number;
  readonly standardError: number;
  readonly pValue: number | null;
  readonly confidenceInterval: readonly [low: number, high: number];
}

export interface CupedOk {
  /** `zero_pre_variance`: pre says nothing, so nothing is adjusted and theta is 0. */
  readonly status: "ok" | "zero_pre_variance";
  readonly theta: number;
  /** Correlation of pre and post over both arms; null without spread. */
  readonly correlation: number | null;
  readonly control: AdjustedArm;
  readonly treatment: AdjustedArm;
  readonly welch: WelchResult;
  readonly lift: CupedLift | null;
}

export interface CupedDegenerate {
  readonly status: "insufficient_data";
  readonly theta: null;
  readonly correlation: null;
  readonly control: null;
  readonly treatment: null;
  readonly welch: null;
  readonly lift: null;
}

export type CupedResult = CupedOk | CupedDegenerate;

/** What the adjustment needs of an arm: post and pre, linearised around the arm's own means. */
interface Linearised {
  readonly n: number;
  readonly post: DoubleDouble;
  readonly pre: DoubleDouble;
  readonly postVariance: number;
  readonly preVariance: number;
  readonly covariance: number;
}

interface Slope {
  readonly theta: number | null;
  readonly preMean: DoubleDouble;
  readonly correlation: number | null;
}

/** Below this share of what was subtracted, an adjusted variance is rounding noise. */
const NOISE = 2 ** -48;

/**
 * CUPED (Deng, Xu, Kohavi and Walker, WSDM 2013): adjusted mean = mean(post) − theta (mean(pre) − mean(pre) of all), variance = var(post) +
 * theta² var(pre) − 2 theta cov, then Welch's test. Subjects with either value missing are left out; pre and post of an arm need the same length.
 */
export function cuped(control: CupedSample, treatment: CupedSample, options: CupedOptions = {}): CupedResult {
  return cupedFromMoments(createCoMoments([control.post, control.pre]), createCoMoments([treatment.post, treatment.pre]), options);
}

/** cuped from co-moments of (post, pre) of each arm, as rollups and streams give them. */
export function cupedFromMoments(control: CoMoments, treatment: CoMoments, options: CupedOptions = {}): CupedResult {
  if (control.count < 2 || treatment.count < 2) return INSUFFICIENT;
  const slope = slopeOfMeans(control, treatment, options.theta ?? "joint");
  const [c, t] = [lineariseMean(control), lineariseMean(treatment)];
  return adjust(c, t, { slope, options, growth: () => t.post.high / c.post.high });
}

/**
 * CUPED of a ratio metric from co-moments of (numerator, denominator, numerator before, denominator before): both ratios linearised by the
 * delta method, theta = sum over arms of cov(post, pre) / sum of var(pre), as GrowthBook does. A denominator of 0 is insufficient data.
 */
export function cupedRatioFromMoments(control: CoMoments, treatment: CoMoments, options: WelchOptions = {}): CupedResult {
  const arms = [control, treatment];
  if (arms.some(({ count, means }) => count < 2 || means.length !== 4 || means[1] === 0 || means[3] === 0)) return INSUFFICIENT;
  const [c, t] = [lineariseRatio(control), lineariseRatio(treatment)];
  const preVariance = c.preVariance + t.preVariance;
  const theta = preVariance === 0 ? null : (c.covariance + t.covariance) / preVariance;
  const merged = mergeCoMoments(control, treatment);
  const slope = { theta, preMean: { high: ratioOf(merged, 2, 3), low: 0 }, correlation: null };
  return adjust(c, t, { slope, options, growth: (difference) => 1 + difference / c.post.high });
}

const INSUFFICIENT: CupedDegenerate = {
  status: "insufficient_data",
  theta: null,
  correlation: null,
  control: null,
  treatment: null,
  welch: null,
  lift: null,
};

function slopeOfMeans(control: CoMoments, treatment: CoMoments, from: CupedTheta): Slope {
  const merged = mergeCoMoments(control, treatment);
  const preMean = meanAt(merged, 1);
  const spread = productAt(merged, 0, 0) * productAt(merged, 1, 1);
  const correlation = spread > 0 ? productAt(merged, 0, 1) / Math.sqrt(productAt(merged, 0, 0)) / Math.sqrt(productAt(merged, 1, 1)) : null;
  const [shared, own] = productsFor(from, { control, treatment, merged });
  return { theta: own === 0 ? null : shared / own, preMean, correlation };
}

/** Σ of products of post and pre, and of squares of pre, that theta is the quotient of. */
function productsFor(from: CupedTheta, arms: { control: CoMoments; treatment: CoMoments; merged: CoMoments }): [number, number] {
  const { control, treatment, merged } = arms;
  switch (from) {
    case "joint":
      return [productAt(merged, 0, 1), productAt(merged, 1, 1)];
    case "within":
      return [productAt(control, 0, 1) + productAt(treatment, 0, 1), productAt(control, 1, 1) + productAt(treatment, 1, 1)];
    case "control_only":
      return [productAt(control, 0, 1), productAt(control, 1, 1)];
    default:
      throw new StatsError("invalid_option", `theta must be joint, within or control_only, got ${String(from)}`);
  }
}

function lineariseMean(moments: CoMoments): Linearised {
  return {
    n: moments.count,
    post: meanAt(moments, 0),
    pre: meanAt(moments, 1),
    postVariance: covarianceOf(moments, [1, 0], [1, 0]),
    preVariance: covarianceOf(moments, [0, 1], [0, 1]),
    covariance: covarianceOf(moments, [1, 0], [0, 1]),
  };
}

function lineariseRatio(moments: CoMoments): Linearised {
  const [post, pre] = [ratioGradient(moments, 0, 1), ratioGradient(moments, 2, 3)];
  return {
    n: moments.count,
    post: { high: ratioOf(moments, 0, 1), low: 0 },
    pre: { high: ratioOf(moments, 2, 3), low: 0 },
    postVariance: covarianceOf(moments, post, post),
    preVariance: covarianceOf(moments, pre, pre),
    covariance: covarianceOf(moments, post, pre),
  };
}

/** `growth`: treatment over control from the adjusted difference, as GrowthBook takes it: unadjusted for means, adjusted for ratios. */
interface Adjustment {
  readonly slope: Slope;
  readonly options: WelchOptions;
  readonly growth: (difference: number) => number;
}

function adjust(control: Linearised, treatment: Linearised, { slope, options, growth }: Adjustment): CupedOk {
  const theta = slope.theta ?? 0;
  const preMean = slope.preMean;
  const [c, t] = [adjustArm(control, { theta, preMean }), adjustArm(treatment, { theta, preMean })];
  const welch = welchTTestFromSummary(c, t, options);
  return {
    status: slope.theta === null ? "zero_pre_variance" : "ok",
    theta,
    correlation: slope.correlation,
    control: toAdjusted(c, control),
    treatment: toAdjusted(t, treatment),
    welch,
    lift: liftOf({ control, theta, growth }, { adjusted: t, welch, options }),
  };
}

function adjustArm(arm: Linearised, { theta, preMean }: { theta: number; preMean: DoubleDouble }): Summary {
  const gap = add(arm.pre, { high: -preMean.high, low: -preMean.low });
  const shift = twoProduct(-theta, gap.high);
  // In two parts throughout, so that arms which pre explains wholly differ by nothing.
  const mean = add(arm.post, { high: shift.high, low: shift.low - theta * gap.low });
  return { n: arm.n, mean: mean.high, meanLow: mean.low, variance: adjustedVariance(arm, theta, 1) };
}

/** Variance of ratio · post − theta · pre; exactly 0 where pre explains all of it. */
function adjustedVariance({ postVariance, preVariance, covariance }: Linearised, theta: number, ratio: number): number {
  const added = ratio * ratio * postVariance + theta * theta * preVariance;
  const variance = added - 2 * theta * ratio * covariance;
  return variance <= NOISE * added ? 0 : variance;
}

function toAdjusted({ n, mean, variance }: Summary, { postVariance }: Linearised): AdjustedArm {
  return { n, mean, variance, varianceReduction: postVariance === 0 ? null : 1 - variance / postVariance };
}

/** Delta method with the baseline's own error, as GrowthBook: the control's part is growth · post − theta · pre. */
function liftOf(
  { control, theta, growth }: { control: Linearised; theta: number; growth: Adjustment["growth"] },
  { adjusted, welch, options }: { adjusted: Summary; welch: WelchResult; options: WelchOptions },
): CupedLift | null {
  const { confidence = 0.95, alternative = "two-sided" } = options;
  assertOpenUnit(confidence, "confidence");
  assertAlternative(alternative);
  const baseline = Math.abs(control.post.high);
  if (welch.status !== "ok" || baseline === 0) return null;
  const controlPart = adjustedVariance(control, theta, growth(welch.difference));
  const standardError = Math.sqrt(controlPart / control.n + adjusted.variance / adjusted.n) / baseline;
  const liftRatio = welch.difference / baseline;
  const [low, high] = intervalInStandardErrors(welch.df, alternative, confidence);
  return {
    liftRatio,
    standardError,
    pValue: standardError === 0 ? null : tPValue(liftRatio / standardError, welch.df, alternative),
    confidenceInterval: [liftRatio + low * standardError, liftRatio + high * standardError],
  };
}
