import type { CoMoments } from "./co-moments";
import type { Summary } from "./moments";

/**
 * What is kept of one arm of subjects, each with its mean of one or more scores: the exact decimal sums of these means and of their squares
 * (at most 30 and 60 decimals). Unlike Welford's moments they can be added to and taken from in any order and stay the same to the last digit.
 */
export interface ArmSums {
  readonly subjects: number;
  readonly scores: number;
  readonly meanSum: string;
  readonly meanSquareSum: string;
}

export const NO_SUMS: ArmSums = { subjects: 0, scores: 0, meanSum: "0", meanSquareSum: "0" };

const DECIMALS = 30;

/** Decimal text as a whole number of 10^-scale. */
function toScaled(text: string, scale: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new TypeError(`${text} is not a decimal`);
  const [, sign, whole = "", fraction = ""] = match;
  if (fraction.length > scale) throw new RangeError(`${text} has more than ${scale} decimals`);
  const size = BigInt(whole + fraction.padEnd(scale, "0"));
  return sign === "-" ? -size : size;
}

/**
 * Mean and sample variance from exact sums. The subtraction that costs digits (n·Σm² − (Σm)²) is done in whole numbers, so scores of
 * 10^9 ± 1 lose nothing. null without subjects; variance 0 with one, where none exists.
 */
export function summaryOfExactSums(sums: ArmSums): Summary | null {
  if (sums.subjects === 0) return null;
  const n = BigInt(sums.subjects);
  const sum = toScaled(sums.meanSum, DECIMALS);
  const squares = toScaled(sums.meanSquareSum, 2 * DECIMALS);
  const { high, low } = meanInTwoParts(sum, n);
  const variance = sums.subjects < 2 ? 0 : spreadOf(n, squares, [sum, sum]) / (sums.subjects - 1);
  return { n: sums.subjects, mean: high, meanLow: low, variance };
}

/** Exact decimal sums over subjects of a numerator x and a denominator y, of their squares and of their product. */
export interface RatioSums {
  readonly n: number;
  readonly x: string;
  readonly y: string;
  readonly xx: string;
  readonly xy: string;
  readonly yy: string;
}

/** Co-moments of (x, y) from exact sums, each subtraction in whole numbers; null without subjects. */
export function coMomentsOfExactSums(sums: RatioSums): CoMoments | null {
  if (sums.n === 0) return null;
  const n = BigInt(sums.n);
  const [x, y] = [toScaled(sums.x, DECIMALS), toScaled(sums.y, DECIMALS)];
  const spread = (products: string, pair: readonly [bigint, bigint]) => spreadOf(n, toScaled(products, 2 * DECIMALS), pair);
  const means = [meanInTwoParts(x, n), meanInTwoParts(y, n)];
  return {
    count: sums.n,
    means: means.map(({ high }) => high),
    meanLows: means.map(({ low }) => low),
    products: [spread(sums.xx, [x, x]), spread(sums.xy, [x, y]), spread(sums.yy, [y, y])],
  };
}

/**
 * The ratio Σx / Σy with the delta method's variance of the subject, each of both one division of whole numbers: the same ratio is the same to the last bit, and
 * subjects who all have it have a variance of exactly 0. null with fewer than two subjects and where Σy is 0.
 */
export function ratioOfExactSums(sums: RatioSums): Summary | null {
  const [x, y] = [toScaled(sums.x, DECIMALS), toScaled(sums.y, DECIMALS)];
  if (sums.n < 2 || y === 0n) return null;
  const [xx, xy, yy] = [sums.xx, sums.xy, sums.yy].map((text) => toScaled(text, 2 * DECIMALS));
  const n = BigInt(sums.n);
  // Σ(x − y·Σx/Σy)², times (Σy)²: these deviations sum to 0 by themselves.
  const spread = y * y * (xx ?? 0n) - 2n * x * y * (xy ?? 0n) + x * x * (yy ?? 0n);
  const { high, low } = divideInTwoParts(x, y);
  return { n: sums.n, mean: high, meanLow: low, variance: divideInTwoParts(spread * n * n, y * y * y * y * (n - 1n)).high };
}

/** a / b to about 106 bits. */
function divideInTwoParts(a: bigint, b: bigint): { high: number; low: number } {
  const bitsOf = (value: bigint) => 4 * value.toString(16).length;
  const shift = Math.max(0, 112 + bitsOf(b) - bitsOf(a));
  const quotient = (a << BigInt(shift)) / b;
  const high = Number(quotient);
  const scale = 2 ** -shift;
  return { high: high * scale, low: Number(quotient - BigInt(high)) * scale };
}

/**
 * What subjects were before an experiment, beside what they are in it (x, y): sums over those of whom something is known, of what they had
 * (px over py) and of its products with x and y. The others count as 0.
 */
export interface BeforeSums {
  readonly subjects: number;
  readonly px: string;
  readonly py: string;
  readonly xpx: string;
  readonly xpy: string;
  readonly ypx: string;
  readonly ypy: string;
  readonly pxx: string;
  readonly pxy: string;
  readonly pyy: string;
}

/**
 * Co-moments of (x, y, px, py) as cupedRatioFromMoments takes them. A subject of whom nothing is known from before has px = py = 0, which a
 * ratio's linearisation takes for one exactly at the mean: theta rests on the others alone. null without subjects.
 */
export function coMomentsWithBefore(now: RatioSums, before: BeforeSums): CoMoments | null {
  if (now.n === 0) return null;
  const n = BigInt(now.n);
  const sums = [now.x, now.y, before.px, before.py].map((text) => toScaled(text, DECIMALS));
  const products = [now.xx, now.xy, before.xpx, before.xpy, now.yy, before.ypx, before.ypy, before.pxx, before.pxy, before.pyy];
  const places = sums.flatMap((a, i) => sums.slice(i).map((b) => [a, b] as const));
  const means = sums.map((sum) => meanInTwoParts(sum, n));
  return {
    count: now.n,
    means: means.map(({ high }) => high),
    meanLows: means.map(({ low }) => low),
    products: places.map((pair, i) => spreadOf(n, toScaled(products[i] ?? "0", 2 * DECIMALS), pair)),
  };
}

/** The integer part is exact in a double (|mean| is at most 10^15); what is left goes into the low part. */
function meanInTwoParts(sum: bigint, n: bigint): { high: number; low: number } {
  const one = 10n ** BigInt(DECIMALS);
  const whole = sum / (n * one);
  // As text, so that it is rounded once.
  const rest = Number(`${((sum - whole * n * one) * 10n ** 6n) / n}e-${DECIMALS + 6}`);
  const base = Number(whole);
  const high = base + rest;
  return { high, low: rest - (high - base) };
}

/** Sum of products of deviations: (n·Σab − Σa·Σb) / n. */
function spreadOf(n: bigint, products: bigint, [a, b]: readonly [bigint, bigint]): number {
  return Number(n * products - a * b) / Number(`1e${2 * DECIMALS}`) / Number(n);
}
