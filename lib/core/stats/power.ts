import { type Alternative, assertAlternative } from "./alternative";
import { brent } from "./brent";
import { assertOpenUnit, StatsError } from "./errors";
import { noncentralTUpperTail } from "./noncentral-t";
import { tUpperQuantile } from "./student-t";

/** Hypotheses in statsmodels' words too: larger is greater, smaller is less. */
export type PowerAlternative = Alternative | "larger" | "smaller";

interface Design {
  /** Subjects of the second group for each of the first; default 1. */
  readonly ratio?: number;
  /** Chance of finding a difference where there is none, 0..1 exclusive; default 0.05. */
  readonly alpha?: number;
  readonly alternative?: PowerAlternative;
}

export interface PowerQuestion extends Design {
  /** Difference of means in standard deviations (Cohen's d), second group − first. */
  readonly effectSize: number;
  /** Subjects of the first group; need not be whole. */
  readonly n1: number;
}

export interface SampleSizeQuestion extends Design {
  /** The difference to be found, in standard deviations; not 0. */
  readonly effectSize: number;
  /** Chance of finding it, 0..1 exclusive; default 0.8. */
  readonly power?: number;
}

export interface DetectableEffectQuestion extends Design {
  readonly n1: number;
  readonly power?: number;
}

/** How statsmodels' solve_power brackets and stops, so that both tools plan the same experiment to the same digits. */
const TOLERANCE = 1e-5;
const FIRST_GROUPS = { from: 2, to: 50 };
const FIRST_EFFECTS = { from: 1e-8, to: 1 };
const GROWTH = 10;
const LARGEST = 1e15;

/**
 * Chance that the t-test of two means (equal variances, df = n1 + n2 − 2) rejects, from the noncentral t distribution; two-sided counts both
 * tails. Absolute error under 1e-10. Throws `invalid_option` for groups without degrees of freedom.
 */
export function powerForMeans({ effectSize, n1, ratio = 1, alpha = 0.05, alternative = "two-sided" }: PowerQuestion): number {
  assertOpenUnit(alpha, "alpha");
  assertPositive(ratio, "ratio");
  if (!Number.isFinite(effectSize)) throw new StatsError("invalid_option", `effectSize must be finite, got ${effectSize}`);
  const df = n1 + n1 * ratio - 2;
  if (!(df > 0 && Number.isFinite(df) && n1 > 0))
    throw new StatsError("invalid_option", `no degrees of freedom with n1 = ${n1}, ratio = ${ratio}`);
  return rejections({ df, shift: effectSize * Math.sqrt((n1 * ratio) / (1 + ratio)), alpha, alternative: toAlternative(alternative) });
}

/**
 * Subjects of the first group, not rounded, at which the test of two means finds the effect with the chance asked for; round it up. The
 * second group is `ratio` times as large. Within 0.00001 subjects. Throws `invalid_option` for an effect of 0 or one the alternative looks
 * away from.
 */
export function sampleSizeForMeans({ effectSize, power = 0.8, ...design }: SampleSizeQuestion): number {
  assertOpenUnit(power, "power");
  const { ratio = 1 } = design;
  assertPositive(ratio, "ratio");
  const alternative = toAlternative(design.alternative ?? "two-sided");
  const isAway = (alternative === "greater" && effectSize < 0) || (alternative === "less" && effectSize > 0);
  if (!Number.isFinite(effectSize) || effectSize === 0 || isAway)
    throw new StatsError("invalid_option", `no sample size finds an effect of ${effectSize} (${alternative})`);
  const lack = (n1: number) => powerForMeans({ ...design, effectSize, n1 }) - power;
  // Both groups together need some degree of freedom; effects that two subjects show are planned from there.
  const least = 2.001 / (1 + ratio);
  if (least < FIRST_GROUPS.from && lack(FIRST_GROUPS.from) >= 0) {
    return lack(least) >= 0 ? least : brent(lack, { from: least, to: FIRST_GROUPS.from, tolerance: TOLERANCE });
  }
  return solve(lack, { from: Math.max(least, FIRST_GROUPS.from), to: Math.max(2 * least, FIRST_GROUPS.to) });
}

/**
 * The smallest difference, in standard deviations, that the test of two means finds with the chance asked for: its size, for whichever
 * direction, within 0.00001. Throws `invalid_option` where power is not above alpha.
 */
export function minimumDetectableEffect({ n1, power = 0.8, ...design }: DetectableEffectQuestion): number {
  assertOpenUnit(power, "power");
  const { alpha = 0.05 } = design;
  if (power <= alpha) throw new StatsError("invalid_option", `power must be above alpha, got ${power} and ${alpha}`);
  const sign = toAlternative(design.alternative ?? "two-sided") === "less" ? -1 : 1;
  return solve((size) => powerForMeans({ ...design, n1, effectSize: sign * size }) - power, FIRST_EFFECTS);
}

/** Where an increasing function becomes 0, going up from the first bracket by factors of ten. */
function solve(lack: (x: number) => number, first: { from: number; to: number }): number {
  let { from, to } = first;
  while (lack(to) < 0) {
    if (to > LARGEST) throw new StatsError("invalid_option", `no answer up to ${LARGEST}`);
    [from, to] = [to, to * GROWTH];
  }
  return brent(lack, { from, to, tolerance: TOLERANCE });
}

function rejections({ df, shift, alpha, alternative }: { df: number; shift: number; alpha: number; alternative: Alternative }): number {
  switch (alternative) {
    case "two-sided": {
      const critical = tUpperQuantileOf(alpha / 2, df);
      return Math.min(1, noncentralTUpperTail(critical, df, shift) + noncentralTUpperTail(critical, df, -shift));
    }
    case "greater":
      return noncentralTUpperTail(tUpperQuantileOf(alpha, df), df, shift);
    case "less":
      return noncentralTUpperTail(tUpperQuantileOf(alpha, df), df, -shift);
  }
}

function tUpperQuantileOf(upperTail: number, df: number): number {
  return upperTail <= 0.5 ? tUpperQuantile(upperTail, df) : -tUpperQuantile(1 - upperTail, df);
}

function toAlternative(alternative: PowerAlternative): Alternative {
  const known = alternative === "larger" ? "greater" : alternative === "smaller" ? "less" : alternative;
  assertAlternative(known);
  return known;
}

function assertPositive(value: number, name: string): void {
  if (!(value > 0 && Number.isFinite(value))) throw new StatsError("invalid_option", `${name} must be a positive number, got ${value}`);
}
