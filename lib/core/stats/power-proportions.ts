import { assertOneOf, assertOpenUnit, StatsError } from "./errors";
import { normalUpperQuantile } from "./normal";

export interface ProportionSampleSizeQuestion {
  /** Proportions of control and treatment, 0..1 exclusive, not equal. */
  readonly p1: number;
  readonly p2: number;
  /** Chance of finding the difference, 0..1 exclusive; default 0.8. */
  readonly power?: number;
  /** Two-sided; default 0.05. */
  readonly alpha?: number;
  /** Variance of each arm by itself (default), pooled under the hypothesis (Fleiss 1981), or Cohen's arcsine h (1988). */
  readonly method?: "unpooled" | "pooled" | "arcsine";
}

/** Subjects of each of two equal arms, not rounded, at which the z-test of two proportions finds their difference. */
export function sampleSizeForProportions({ p1, p2, power = 0.8, alpha = 0.05, method = "unpooled" }: ProportionSampleSizeQuestion): number {
  for (const [value, name] of [
    [p1, "p1"],
    [p2, "p2"],
    [power, "power"],
    [alpha, "alpha"],
  ] as const) {
    assertOpenUnit(value, name);
  }
  assertOneOf(method, ["unpooled", "pooled", "arcsine"], "method");
  if (p1 === p2) throw new StatsError("invalid_option", "no sample size finds a difference of 0");
  const [zAlpha, zPower] = [normalUpperQuantile(alpha / 2), normalUpperQuantile(1 - power)];
  const own = p1 * (1 - p1) + p2 * (1 - p2);
  switch (method) {
    case "unpooled":
      return ((zAlpha + zPower) ** 2 * own) / (p1 - p2) ** 2;
    case "pooled": {
      const middle = (p1 + p2) / 2;
      return (zAlpha * Math.sqrt(2 * middle * (1 - middle)) + zPower * Math.sqrt(own)) ** 2 / (p1 - p2) ** 2;
    }
    case "arcsine":
      return 2 * ((zAlpha + zPower) / (2 * Math.asin(Math.sqrt(p1)) - 2 * Math.asin(Math.sqrt(p2)))) ** 2;
  }
}
