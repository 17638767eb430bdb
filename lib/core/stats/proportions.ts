import { type Alternative, assertAlternative, normalPValue } from "./alternative";
import { assertOneOf, assertOpenUnit, StatsError } from "./errors";
import { normalUpperQuantile } from "./normal";

/** How the interval of a difference is made; `newcombe` (default) keeps its coverage near 0 and 1, `wald` does not. */
export type ProportionInterval = "newcombe" | "wald" | "agresti_caffo";

export interface ProportionOptions {
  readonly alternative?: Alternative;
  /** Coverage of the two-sided interval, 0..1 exclusive; default 0.95. */
  readonly confidence?: number;
  readonly interval?: ProportionInterval;
  /** Whether the statistic takes one proportion for both arms, as the hypothesis says (default), or each arm's own. */
  readonly pooled?: boolean;
}

/**
 * `statistic` is z, with the sign of `difference` = second − first proportion. `zero_variance`: nobody or everybody on both sides, so there
 * is no statistic, but the interval stands. `insufficient_data`: a side without trials.
 */
export interface ProportionComparison {
  readonly status: "ok" | "zero_variance" | "insufficient_data";
  readonly statistic: number | null;
  readonly pValue: number | null;
  readonly difference: number | null;
  readonly confidenceInterval: readonly [low: number, high: number] | null;
}

interface Proportion {
  readonly x: number;
  readonly n: number;
  readonly share: number;
}

/**
 * z-test of two proportions, x1 of n1 (control) against x2 of n2 (treatment), without continuity correction. Throws `invalid_value` for
 * counts that are negative, not whole or above their trials.
 */
export function twoProportionZTest(...[x1, n1, x2, n2, options = {}]: TwoProportions): ProportionComparison {
  const { alternative = "two-sided", confidence = 0.95, interval = "newcombe", pooled = true } = options;
  assertAlternative(alternative);
  assertOpenUnit(confidence, "confidence");
  const nothing = { statistic: null, pValue: null } as const;
  assertOneOf(interval, ["newcombe", "wald", "agresti_caffo"], "interval");
  const [control, treatment] = [proportion(x1, n1), proportion(x2, n2)];
  if (n1 === 0 || n2 === 0) return { status: "insufficient_data", ...nothing, difference: null, confidenceInterval: null };
  const difference = (x2 * n1 - x1 * n2) / n1 / n2;
  const confidenceInterval = intervalOfDifference(control, treatment, { interval, z: normalUpperQuantile((1 - confidence) / 2) });
  const all = (x1 + x2) / (n1 + n2);
  const variance = pooled ? all * ((n1 + n2 - x1 - x2) / (n1 + n2)) * (1 / n1 + 1 / n2) : ownVariance(control, treatment);
  if (variance === 0) return { status: "zero_variance", ...nothing, difference, confidenceInterval };
  const statistic = difference / Math.sqrt(variance);
  return { status: "ok", statistic, pValue: normalPValue(statistic, alternative), difference, confidenceInterval };
}

type TwoProportions = [x1: number, n1: number, x2: number, n2: number, options?: ProportionOptions];

/** Wilson's score interval of one proportion, x of n trials (1927); null without trials. */
export function wilsonInterval(x: number, n: number, { confidence = 0.95 }: { confidence?: number } = {}): [number, number] | null {
  assertOpenUnit(confidence, "confidence");
  const found = proportion(x, n);
  return n === 0 ? null : wilson(found, normalUpperQuantile((1 - confidence) / 2));
}

function proportion(x: number, n: number): Proportion {
  // Of no trials nothing is known, whatever was counted beside them.
  if (!Number.isSafeInteger(n) || n < 0 || !Number.isSafeInteger(x) || x < 0 || (x > n && n > 0))
    throw new StatsError("invalid_value", `expected whole counts with 0 ≤ x ≤ n, got ${x} of ${n}`);
  return { x, n, share: x / n };
}

function ownVariance(control: Proportion, treatment: Proportion): number {
  return varianceOfShare(control) + varianceOfShare(treatment);
}

function varianceOfShare({ x, n }: Proportion): number {
  return ((x / n) * ((n - x) / n)) / n;
}

function wilson({ x, n }: Proportion, z: number): [number, number] {
  const z2 = z * z;
  const middle = x + z2 / 2;
  const half = z * Math.sqrt((x * (n - x)) / n + z2 / 4);
  // (middle − half)(middle + half) = x² (n + z²) / n: a low end that does not cancel.
  return [x === 0 ? 0 : (x * x) / n / (middle + half), x === n ? 1 : (middle + half) / (n + z2)];
}

function intervalOfDifference(
  control: Proportion,
  treatment: Proportion,
  { interval, z }: { interval: ProportionInterval; z: number },
): [number, number] {
  switch (interval) {
    case "newcombe":
      return newcombe(control, treatment, z);
    case "wald":
      return around((treatment.x * control.n - control.x * treatment.n) / control.n / treatment.n, z, ownVariance(control, treatment));
    case "agresti_caffo": {
      const [c, t] = [proportion(control.x + 1, control.n + 2), proportion(treatment.x + 1, treatment.n + 2)];
      return around(t.share - c.share, z, ownVariance(c, t));
    }
  }
}

/** Newcombe's method 10 (1998): the Wilson intervals of both sides, squared and added. */
function newcombe(control: Proportion, treatment: Proportion, z: number): [number, number] {
  const difference = (treatment.x * control.n - control.x * treatment.n) / control.n / treatment.n;
  const [controlLow, controlHigh] = wilson(control, z);
  const [treatmentLow, treatmentHigh] = wilson(treatment, z);
  return [
    difference - Math.hypot(treatment.share - treatmentLow, controlHigh - control.share),
    difference + Math.hypot(treatmentHigh - treatment.share, control.share - controlLow),
  ];
}

function around(middle: number, z: number, variance: number): [number, number] {
  const half = z * Math.sqrt(variance);
  return [middle - half, middle + half];
}
