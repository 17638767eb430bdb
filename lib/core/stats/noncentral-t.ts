import { stirlingError } from "./binomial";
import { normalUpperTail } from "./normal";

/** Steps of the trapezoidal rule in each standard deviation of ln(chi / √df), and how many deviations it covers. */
const STEPS = 48;
const WIDTH = 12;
const STIRLING_FROM = 16;

/**
 * P(T > t) for the noncentral t distribution with df > 0 degrees of freedom and noncentrality `shift`; absolute error under 1e-12. The
 * normal tail averaged over S = chi / √df, T > t ⇔ Z > tS − shift, by the trapezoidal rule in ln S: the integrand is analytic and falls
 * off at both ends, where the rule converges faster than any power of the step (Trefethen and Weideman 2014).
 */
export function noncentralTUpperTail(t: number, df: number, shift: number): number {
  // ln S has density e^(df·(u − e^(2u)/2)) up to a constant: a peak at 0 of deviation 1/√(2·df), a left tail of rate df.
  const step = 1 / Math.sqrt(2 * df) / STEPS;
  const from = -WIDTH / Math.sqrt(2 * df) - 40 / df;
  const to = Math.min(WIDTH / Math.sqrt(2 * df), 3);
  let sum = 0;
  for (let k = Math.floor(from / step); k * step <= to; k++) {
    const u = k * step;
    // u − (e^(2u) − 1)/2 without cancellation at its peak.
    sum += Math.exp(df * (u - Math.expm1(2 * u) / 2)) * normalUpperTail(t * Math.exp(u) - shift);
  }
  return Math.min(1, sum * step * peakOfLogChi(df));
}

/** 2 (df/2)^(df/2) e^(−df/2) / Γ(df/2): the density of ln(chi / √df) at 0. */
function peakOfLogChi(df: number): number {
  let shape = df / 2;
  let factor = 2;
  // Γ(a + 1) = a Γ(a): up to where Stirling's series holds. Each step carries its part of a^a e^−a.
  while (shape < STIRLING_FROM) {
    factor *= Math.exp(1 - (shape + 1) * Math.log1p(1 / shape));
    shape++;
  }
  return factor * Math.sqrt(shape / (2 * Math.PI)) * Math.exp(-stirlingError(shape));
}
