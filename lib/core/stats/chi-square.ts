import { chiSquareUpperTail } from "./chi-square-tail";
import { assertAllFinite, StatsError } from "./errors";

/** Observed counts, one row an arm or side, all rows of one length. */
export type ContingencyTable = readonly ArrayLike<number>[];

/**
 * `zero_margin`: a row or column is empty, so that its cells expect nothing. With one row or one column there is nothing to compare: statistic
 * 0 at 0 degrees of freedom, p 1. `cramersV` 0..1 is the strength of the association, null where it has no meaning.
 */
export interface ChiSquareResult {
  readonly status: "ok" | "zero_margin";
  readonly statistic: number | null;
  readonly df: number | null;
  readonly pValue: number | null;
  readonly expected: readonly (readonly number[])[];
  /** The smallest count expected; below 5 the p-value is rough. */
  readonly minExpected: number | null;
  readonly cramersV: number | null;
}

/** `no_traffic`: nothing was counted. */
export interface GoodnessOfFit {
  readonly status: "ok" | "no_traffic";
  readonly statistic: number | null;
  readonly df: number | null;
  readonly pValue: number | null;
  /** Counts expected in the arms that have a weight, in order. */
  readonly expected: readonly number[];
}

/**
 * Pearson's chi-square test of independence. `yates` (default false) takes half off each distance at one degree of freedom, never past 0.
 * Throws `invalid_value` for counts that are negative or not finite and for rows of different length.
 */
export function chiSquareTest(table: ContingencyTable, { yates = false }: { yates?: boolean } = {}): ChiSquareResult {
  const rows = table.map((row) => Array.from(row, assertCount));
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) throw new StatsError("invalid_value", "all rows need the same number of columns");
  const rowSums = rows.map(sum);
  const columnSums = Array.from({ length: width }, (_, column) => sum(rows.map((row) => row[column] ?? 0)));
  const total = sum(rowSums);
  if (total === 0 || rowSums.includes(0) || columnSums.includes(0)) {
    return { status: "zero_margin", statistic: null, df: null, pValue: null, expected: [], minExpected: null, cramersV: null };
  }
  const expected = rowSums.map((row) => columnSums.map((column) => (row * column) / total));
  const df = (rows.length - 1) * (width - 1);
  const correction = yates && df === 1 ? 0.5 : 0;
  const parts = rows.flatMap((row, i) =>
    row.map((observed, j) => {
      // (observed · total − row · column) / total: exact for counts up to 2^26, where observed − expected would cancel.
      const marginal = (rowSums[i] ?? 0) * (columnSums[j] ?? 0);
      const distance = Math.max(0, Math.abs(observed * total - marginal) / total - correction);
      return (distance * distance) / (marginal / total);
    }),
  );
  const statistic = sum(parts);
  assertAllFinite([total, statistic, ...expected.flat()], "a product of the counts");
  const smaller = Math.min(rows.length, width) - 1;
  return {
    status: "ok",
    statistic,
    df,
    pValue: df === 0 ? 1 : chiSquareUpperTail(statistic, df),
    expected,
    minExpected: Math.min(...expected.flat()),
    cramersV: smaller === 0 ? null : Math.sqrt(statistic / total / smaller),
  };
}

/**
 * Chi-square test of counts against weights (any positive scale). Arms of weight 0 are left out, with what was counted in them. Throws
 * `invalid_value` for unlike lengths, negative numbers, and weights that sum to nothing.
 */
export function chiSquareGoodnessOfFit(counts: ArrayLike<number>, weights: ArrayLike<number>): GoodnessOfFit {
  if (counts.length !== weights.length) throw new StatsError("invalid_value", "each count needs a weight");
  const arms = Array.from(counts, (count, index) => ({ count: assertCount(count), weight: assertCount(weights[index] ?? Number.NaN) }));
  const active = arms.filter(({ weight }) => weight > 0);
  if (active.length === 0) throw new StatsError("invalid_value", "no arm has a weight");
  const total = sum(active.map(({ count }) => count));
  if (total === 0) return { status: "no_traffic", statistic: null, df: null, pValue: null, expected: active.map(() => 0) };
  const allWeights = sum(active.map(({ weight }) => weight));
  const expected = active.map(({ weight }) => (total * weight) / allWeights);
  const statistic = sum(active.map(({ count }, index) => (count - (expected[index] ?? 0)) ** 2 / (expected[index] ?? 1)));
  assertAllFinite([total, allWeights, statistic, ...expected], "a product of the counts");
  const df = active.length - 1;
  return { status: "ok", statistic, df, pValue: df === 0 ? 1 : chiSquareUpperTail(statistic, df), expected };
}

/**
 * Whether subjects came to the arms in the shares that were planned: a small p-value (the usual alarm is 0.001) says that something loses
 * or adds subjects of one arm, so nothing else that is measured can be believed. Arms of weight 0 are left out.
 */
export function sampleRatioMismatch(counts: ArrayLike<number>, weights: ArrayLike<number>): GoodnessOfFit {
  return chiSquareGoodnessOfFit(counts, weights);
}

function assertCount(count: number): number {
  if (!Number.isFinite(count) || count < 0)
    throw new StatsError("invalid_value", `a count or weight must be finite and not negative, got ${count}`);
  return count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
