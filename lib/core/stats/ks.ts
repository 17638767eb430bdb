import { assertIntegerAtLeast, StatsError } from "./errors";
import { kolmogorovUpperTail } from "./kolmogorov";
import { omitMissing, type Sample } from "./sample";
import { toSortedValues } from "./sort";

const AUTO_EXACT_PAIRS = 10_000;
const LARGEST_EXACT_PAIRS = 100_000_000;

export interface KsOptions {
  /** `auto` (default) is exact while n·m ≤ 10,000. `exact` is refused above n·m = 10^8. */
  readonly method?: "auto" | "exact" | "asymptotic";
}

/**
 * `statistic` = sup |F_reference − F_current|. `location` is the smallest value where it is reached (null where the samples agree),
 * `sign` +1 where F_reference is the higher there, −1 where F_current is, null where both directions reach it. `method` is the one used.
 */
export interface KsOk {
  readonly status: "ok";
  readonly statistic: number;
  readonly pValue: number;
  readonly location: number | null;
  readonly sign: 1 | -1 | null;
  readonly method: "exact" | "asymptotic";
  readonly referenceN: number;
  readonly currentN: number;
}

/** A side without values: there is nothing to compare. */
export interface KsDegenerate {
  readonly status: "insufficient_data";
  readonly statistic: null;
  readonly pValue: null;
  readonly location: null;
  readonly sign: null;
  readonly method: null;
  readonly referenceN: number;
  readonly currentN: number;
}

export type KsResult = KsOk | KsDegenerate;

/** The largest gaps both ways, as whole numbers of 1/(n·m), and where the larger is first reached. */
interface Gaps {
  readonly above: number;
  readonly below: number;
  readonly location: number | null;
}

/**
 * Two-sample Kolmogorov–Smirnov test, two-sided. Missing values are left out, infinities are values like others. The exact p counts
 * lattice paths as if there were no ties (conservative with ties); the asymptotic one is scipy's: kstwo.sf(D, round(nm/(n+m))).
 */
export function ksTest(reference: Sample, current: Sample, options: KsOptions = {}): KsResult {
  return ksTestSorted(toSortedValues(omitMissing(reference).values), toSortedValues(omitMissing(current).values), options);
}

/** ksTest for values already ascending and free of NaN, such as a reference kept sorted between runs. */
export function ksTestSorted(reference: Float64Array, current: Float64Array, { method = "auto" }: KsOptions = {}): KsResult {
  const [n, m] = [reference.length, current.length];
  const counts = { referenceN: n, currentN: m };
  if (method !== "auto" && method !== "exact" && method !== "asymptotic") {
    throw new StatsError("invalid_option", `method must be auto, exact or asymptotic, got ${String(method)}`);
  }
  if (n === 0 || m === 0) {
    return { status: "insufficient_data", statistic: null, pValue: null, location: null, sign: null, method: null, ...counts };
  }
  const { above, below, location } = findGaps(reference, current);
  const gap = Math.max(above, below);
  const statistic = gap / (n * m);
  const used = chooseMethod(n, m, method);
  return {
    status: "ok",
    statistic,
    pValue: used === "exact" ? exactPValue(n, m, gap) : kolmogorovUpperTail(effectiveSize(n, m), statistic),
    location,
    sign: above === below ? null : above > below ? 1 : -1,
    method: used,
    ...counts,
  };
}

/**
 * P(D ≥ gap/(n·m)) over all equally likely orders of n and m distinct values. The share of paths that have left the band, built up
 * cell by cell from positive terms only, so that small p-values keep their digits. O(n·m) time.
 */
export function exactPValue(n: number, m: number, gap: number): number {
  assertIntegerAtLeast(gap, 0, "gap");
  if (gap === 0) return 1;
  const outside = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= gap) outside[j] = 1;
      else if (i + j > 0) outside[j] = (i * (outside[j] ?? 0) + j * (outside[j - 1] ?? 0)) / (i + j);
    }
  }
  return Math.min(1, outside[m] ?? 1);
}

function chooseMethod(n: number, m: number, asked: "auto" | "exact" | "asymptotic"): "exact" | "asymptotic" {
  const pairs = n * m;
  if (asked === "exact" && pairs > LARGEST_EXACT_PAIRS) {
    throw new StatsError("sample_too_large", `an exact p for ${n} and ${m} values would take ${pairs} steps; use auto or asymptotic`);
  }
  // One value on each side: the asymptotic law has no sample size left, the exact p is 1.
  if (effectiveSize(n, m) === 0) return "exact";
  if (asked === "auto") return pairs <= AUTO_EXACT_PAIRS ? "exact" : "asymptotic";
  return asked;
}

/** nm/(n+m) rounded to a whole number, ties to even. */
function effectiveSize(n: number, m: number): number {
  const size = (Math.max(n, m) * Math.min(n, m)) / (n + m);
  const floor = Math.floor(size);
  const rest = size - floor;
  if (rest !== 0.5) return Math.round(size);
  return floor % 2 === 0 ? floor : floor + 1;
}

function findGaps(reference: Float64Array, current: Float64Array): Gaps {
  const [n, m] = [reference.length, current.length];
  let [i, j, above, below] = [0, 0, 0, 0];
  let [locationAbove, locationBelow] = [0, 0];
  while (i < n && j < m) {
    const x = reference[i] ?? 0;
    const y = current[j] ?? 0;
    const value = Math.min(x, y);
    // The step functions are compared behind the last of equal values, also where a side ends with them.
    if (x === value) i = endOfRun(reference, i, value);
    if (y === value) j = endOfRun(current, j, value);
    const gap = i * m - j * n;
    if (gap > above) {
      above = gap;
      locationAbove = value;
    } else if (-gap > below) {
      below = -gap;
      locationBelow = value;
    }
  }
  // + 0 turns −0 into 0.
  if (above === below) return { above, below, location: above === 0 ? null : Math.min(locationAbove, locationBelow) + 0 };
  return { above, below, location: (above > below ? locationAbove : locationBelow) + 0 };
}

/** The index behind the last of the equal values that begin at `from`. */
function endOfRun(sorted: Float64Array, from: number, value: number): number {
  let index = from + 1;
  while (index < sorted.length && sorted[index] === value) index++;
  return index;
}
