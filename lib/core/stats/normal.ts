import erfc from "@stdlib/math-base-special-erfc";
import erfcInverse from "@stdlib/math-base-special-erfcinv";
import { assertNotNaN, assertOpenUnit } from "./errors";

/** P(Z > z) for the standard normal; relative error under 2e-13 in the upper tail, down to 1e-300. Never 1 − cdf. */
export function normalUpperTail(z: number): number {
  assertNotNaN(z, "z");
  return 0.5 * erfc(z / Math.SQRT2);
}

/** The z with P(Z > z) = upperTail, for 0 < upperTail < 1; relative error about 1e-13. */
export function normalUpperQuantile(upperTail: number): number {
  assertOpenUnit(upperTail, "upperTail");
  // + 0 turns −0 at the median into 0.
  return Math.SQRT2 * erfcInverse(2 * upperTail) + 0;
}
