import tCdf from "@stdlib/stats-base-dists-t-cdf";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { assertNotNaN, StatsError } from "./errors";
import { gammaHalfRatio } from "./gamma-ratio";

const CENTRE = 1e-3;
/** From here the first term of the tail is exact to the last bit, and t² may overflow. */
const FAR_OUT = 1e100;
const CONVERGED = 2 ** -51;
const MAX_POLISH = 60;

/**
 * P(T > t) for Student's t with df ≥ 1 degrees of freedom (need not be whole); relative error about 2e-13 in the upper tail
 * down to 1e-300. The library's cdf at −t, never 1 − cdf; near 0, where that cdf keeps 9 digits only, the density's series.
 */
export function tUpperTail(t: number, df: number): number {
  assertNotNaN(t, "t");
  if (!(df > 0)) throw new StatsError("invalid_option", `df must be above 0, got ${df}`);
  if (t < 0) return 1 - tUpperTail(-t, df);
  if (t < CENTRE) return 0.5 - tDensity(0, df) * t * (1 - ((df + 1) / (6 * df)) * t * t);
  if (t > FAR_OUT) return farTail(t, df);
  return tCdf(-t, df);
}

/**
 * The t ≥ 0 with P(T > t) = upperTail, for 0 < upperTail ≤ ½ and df ≥ 1; relative error about 1e-13. The library's quantile,
 * which is good to 9 or 10 digits for fractional df, polished by Newton steps on the tail.
 */
export function tUpperQuantile(upperTail: number, df: number): number {
  const start = -tQuantile(upperTail, df);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let t = Number.isFinite(start) && start >= 0 ? start : 1;
  for (let step = 0; step < MAX_POLISH; step++) {
    const tail = tUpperTail(t, df);
    if (tail > upperTail) low = t;
    else high = t;
    const next = t + (tail - upperTail) / tDensity(t, df);
    if (Math.abs(next - t) <= CONVERGED * t) return next;
    // The tail is convex, so a step past what is already known means a start too far out: halve instead.
    if (next > low && next < high) t = next;
    else t = high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2;
  }
  return t;
}

function farTail(t: number, df: number): number {
  return (peakDensity(df) / Math.sqrt(df)) * Math.exp(-df * (Math.log(t) - Math.log(df) / 2));
}

function peakDensity(df: number): number {
  return gammaHalfRatio(df / 2) / Math.sqrt(Math.PI * df);
}

function tDensity(t: number, df: number): number {
  return peakDensity(df) * Math.exp(-((df + 1) / 2) * Math.log1p(t * (t / df)));
}
