import { type Alternative, assertAlternative, normalPValue } from "./alternative";
import { assertOneOf, StatsError } from "./errors";
import { normalUpperTail } from "./normal";
import { omitMissing, type Sample } from "./sample";
import { toSortedValues } from "./sort";

/** Steps that the exact p-value may cost: counts of each U for each pair of sizes. */
const LARGEST_EXACT_WORK = 200_000_000;

export interface MannWhitneyOptions {
  /** `greater`: values of the first sample tend to be larger. */
  readonly alternative?: Alternative;
  /** Half a step towards the mean, as the statistic is discrete; default true. The exact p-value knows none. */
  readonly continuityCorrection?: boolean;
  /** `asymptotic` (default) is the normal approximation with ties in its variance; `exact` is refused with ties. */
  readonly method?: "asymptotic" | "exact";
}

/**
 * `statistic` is U of the first sample: pairs in which its value is the larger, ties half. `z` is without continuity correction.
 * `commonLanguageEffect` 0..1 is U over all pairs. `zero_variance`: all values are equal; p is 1 with the correction, else undefined.
 */
export interface MannWhitneyResult {
  readonly status: "ok" | "zero_variance" | "insufficient_data";
  readonly statistic: number | null;
  readonly pValue: number | null;
  readonly z: number | null;
  readonly commonLanguageEffect: number | null;
  readonly rankBiserial: number | null;
}

interface Counts {
  /** Twice U of the first sample, a whole number. */
  readonly twiceU: number;
  /** Σ (t³ − t) over groups of equal values. */
  readonly ties: number;
}

/**
 * Mann and Whitney's U test (1947) of two samples; missing values are left out, infinities have ranks like others, −0 equals 0. Throws
 * `sample_too_large` or `invalid_value` where an exact p-value was asked for and is not to be had.
 */
export function mannWhitneyU(a: Sample, b: Sample, options: MannWhitneyOptions = {}): MannWhitneyResult {
  const { alternative = "two-sided", continuityCorrection = true, method = "asymptotic" } = options;
  assertAlternative(alternative);
  assertOneOf(method, ["asymptotic", "exact"], "method");
  const [x, y] = [toSortedValues(omitMissing(a).values), toSortedValues(omitMissing(b).values)];
  const [n, m] = [x.length, y.length];
  if (n === 0 || m === 0) {
    return { status: "insufficient_data", statistic: null, pValue: null, z: null, commonLanguageEffect: null, rankBiserial: null };
  }
  const { twiceU, ties } = countPairs(x, y);
  const statistic = twiceU / 2;
  const effects = { commonLanguageEffect: twiceU / (2 * n * m), rankBiserial: twiceU / (n * m) - 1 };
  const total = n + m;
  // One tie of all values makes this exactly 0: total³ − total = (total − 1) total (total + 1).
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  const isConstant = ties === total ** 3 - total;
  const distance = (twiceU - n * m) / 2;
  if (isConstant && method === "asymptotic") {
    const pValue = continuityCorrection ? 1 : null;
    return { status: "zero_variance", statistic, pValue, z: null, ...effects };
  }
  const z = distance / Math.sqrt(variance);
  if (method === "exact") {
    if (ties > 0) throw new StatsError("invalid_value", "an exact p-value is not defined with ties");
    return { status: "ok", statistic, pValue: exactPValue(statistic, { n, m }, alternative), z, ...effects };
  }
  const pValue = continuityCorrection ? correctedPValue(distance, Math.sqrt(variance), alternative) : normalPValue(z, alternative);
  return { status: "ok", statistic, pValue, z, ...effects };
}

function correctedPValue(distance: number, deviation: number, alternative: Alternative): number {
  switch (alternative) {
    case "two-sided":
      return Math.min(1, 2 * normalUpperTail((Math.abs(distance) - 0.5) / deviation));
    case "greater":
      return normalUpperTail((distance - 0.5) / deviation);
    case "less":
      return normalUpperTail((-distance - 0.5) / deviation);
  }
}

/** One walk over both ascending samples, a group of equal values at a time. */
function countPairs(x: Float64Array, y: Float64Array): Counts {
  let [i, j, twiceU, ties] = [0, 0, 0, 0];
  while (i < x.length || j < y.length) {
    const value = Math.min(x[i] ?? Number.POSITIVE_INFINITY, y[j] ?? Number.POSITIVE_INFINITY);
    const [fromX, fromY] = [i, j];
    while (i < x.length && x[i] === value) i++;
    while (j < y.length && y[j] === value) j++;
    const [inX, inY] = [i - fromX, j - fromY];
    twiceU += inX * (2 * fromY + inY);
    const size = inX + inY;
    ties += size ** 3 - size;
  }
  return { twiceU, ties };
}

/** From the shares of all orders with each U, built up sample by sample from positive terms only (Mann and Whitney's recurrence). */
function exactPValue(u: number, { n, m }: { n: number; m: number }, alternative: Alternative): number {
  const pairs = n * m;
  if (pairs * pairs > LARGEST_EXACT_WORK) throw new StatsError("sample_too_large", `an exact p for ${n} and ${m} values takes too long`);
  const shares = sharesOfU(n, m);
  const atLeast = (from: number) => {
    let sum = 0;
    for (let k = pairs; k >= from; k--) sum += shares[k] ?? 0;
    return Math.min(1, sum);
  };
  // Mirrored: P(U ≤ u) = P(U ≥ nm − u).
  const [greater, less] = [atLeast(u), atLeast(pairs - u)];
  switch (alternative) {
    case "two-sided":
      return Math.min(1, 2 * Math.min(greater, less));
    case "greater":
      return greater;
    case "less":
      return less;
  }
}

/** P(U = u) for u = 0..nm: f(i, j) = i/(i+j) · f(i−1, j) shifted by j + j/(i+j) · f(i, j−1), the larger one drawn last. */
function sharesOfU(n: number, m: number): Float64Array {
  let rows = Array.from({ length: m + 1 }, () => new Float64Array(n * m + 1));
  for (const row of rows) row[0] = 1;
  for (let i = 1; i <= n; i++) {
    const next = Array.from({ length: m + 1 }, () => new Float64Array(n * m + 1));
    for (let j = 0; j <= m; j++) {
      const [row, above, left] = [next[j], rows[j], next[j - 1]];
      if (row === undefined || above === undefined) throw new RangeError("rows run from 0 to m");
      for (let u = 0; u <= i * j; u++) {
        row[u] = ((u >= j ? (above[u - j] ?? 0) : 0) * i + (left?.[u] ?? 0) * j) / (i + j);
      }
    }
    rows = next;
  }
  return rows[m] ?? new Float64Array(0);
}
