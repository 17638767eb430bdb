import { type CoMoments, covarianceOf } from "./co-moments";
import type { Summary } from "./moments";

/**
 * A ratio metric of one arm, mean of the first column over mean of the second (such as cost per request over subjects), as the summary that
 * the tests of means take: the variance is the delta method's, of the subject, so that requests of one subject may depend on each other.
 * null with fewer than two rows and where the denominator's mean is 0.
 */
export function ratioSummary(moments: CoMoments): Summary | null {
  const denominator = moments.means[1];
  if (moments.count < 2 || denominator === undefined || denominator === 0) return null;
  const gradient = ratioGradient(moments, 0, 1);
  return { n: moments.count, mean: ratioOf(moments, 0, 1), variance: Math.max(0, covarianceOf(moments, gradient, gradient)) };
}

/** Two ratios of the same rows, columns 0 over 1 and 2 over 3, and the standard error of the change from the first to the second. */
export interface RatioChange {
  readonly first: number;
  readonly firstError: number;
  readonly second: number;
  readonly secondError: number;
  readonly changeError: number;
}

/** By the delta method with what the rows share; null with fewer than two rows and where a denominator's mean is 0. */
export function ratioChange(moments: CoMoments): RatioChange | null {
  if (moments.count < 2 || moments.means.length !== 4 || moments.means[1] === 0 || moments.means[3] === 0) return null;
  const [first, second] = [ratioGradient(moments, 0, 1), ratioGradient(moments, 2, 3)];
  const change = second.map((slope, column) => slope - (first[column] ?? 0));
  const errorOf = (gradient: readonly number[]) => Math.sqrt(Math.max(0, covarianceOf(moments, gradient, gradient)) / moments.count);
  return {
    first: ratioOf(moments, 0, 1),
    firstError: errorOf(first),
    second: ratioOf(moments, 2, 3),
    secondError: errorOf(second),
    changeError: errorOf(change),
  };
}

/** Mean of one column over the mean of another. */
export function ratioOf(moments: CoMoments, numerator: number, denominator: number): number {
  return meanOfColumn(moments, numerator) / meanOfColumn(moments, denominator);
}

/** How that ratio moves with the mean of each column. */
export function ratioGradient(moments: CoMoments, numerator: number, denominator: number): number[] {
  const below = meanOfColumn(moments, denominator);
  const ratio = ratioOf(moments, numerator, denominator);
  return moments.means.map((_, column) => (column === numerator ? 1 / below : column === denominator ? -ratio / below : 0));
}

function meanOfColumn(moments: CoMoments, column: number): number {
  return moments.means[column] ?? Number.NaN;
}
