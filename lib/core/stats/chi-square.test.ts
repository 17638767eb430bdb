import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, readOracle } from "@/test/oracles/oracle";
import { chiSquareGoodnessOfFit, chiSquareTest, sampleRatioMismatch } from "./chi-square";

interface TableFigures {
  status?: string;
  chi2: OracleNumber;
  dof: number;
  p: OracleNumber;
  expected_freq?: number[][];
  min_expected?: number;
  cramers_v?: OracleNumber;
  chi2_yates?: number;
  p_yates?: number;
}

interface TableCase {
  name: string;
  kind: "contingency" | "goodness_of_fit";
  input: { table?: number[][]; observed?: number[]; weights?: number[] };
  expected: TableFigures & { expected_counts?: number[]; after_dropping_zero_margins?: TableFigures | null };
}

interface RatioCase {
  name: string;
  input: { users: number[]; weights: number[] };
  expected: { status: string; chi2_active_arms?: number; dof_active_arms?: number; p_active_arms?: number };
}

interface DriftCase {
  name: string;
  input: { reference_counts: Record<string, number>; current_counts: Record<string, number> };
  expected: { keys?: string[]; chi2_contingency?: TableFigures & { chi2_yates_nannyml_scipy_default?: number } };
}

const tables = readOracle<TableCase>("chi_square");
const ratios = readOracle<RatioCase>("srm");
const drifts = readOracle<DriftCase>("categorical_drift");

function close(got: number | null, want: OracleNumber | undefined, tolerance: { rel: number; abs?: number }): void {
  if (want !== undefined) expect(isClose(got, want, tolerance), `got ${got}, expected ${want}`).toBe(true);
}

describe("chi-square tests equal the reference", () => {
  test.each(tables.cases)("$name", ({ kind, input, expected }) => {
    if (kind === "goodness_of_fit") {
      const fit = chiSquareGoodnessOfFit(input.observed ?? [], input.weights ?? []);
      close(fit.statistic, expected.chi2, { rel: 1e-9, abs: 1e-12 });
      close(fit.pValue, expected.p, { rel: 1e-8 });
      expect(fit.df).toBe(expected.dof);
      for (const [index, count] of (expected.expected_counts ?? []).entries()) close(fit.expected[index] ?? null, count, { rel: 1e-10 });
      return;
    }
    const table = input.table ?? [];
    const result = chiSquareTest(table);
    expect(result.status).toBe(expected.status);
    if (result.status === "zero_margin") {
      expect([result.statistic, result.df, result.pValue]).toEqual([null, null, null]);
      return;
    }
    expect(result.df).toBe(expected.dof);
    close(result.statistic, expected.chi2, { rel: 1e-9, abs: 1e-12 });
    close(result.pValue, expected.p, { rel: 1e-8 });
    close(result.minExpected, expected.min_expected, { rel: 1e-10 });
    close(result.cramersV, expected.cramers_v, { rel: 1e-9 });
    for (const [i, row] of (expected.expected_freq ?? []).entries()) {
      for (const [j, count] of row.entries()) close(result.expected[i]?.[j] ?? null, count, { rel: 1e-10 });
    }
    const yates = chiSquareTest(table, { yates: true });
    close(yates.statistic, expected.chi2_yates, { rel: 1e-9, abs: 1e-12 });
    close(yates.pValue, expected.p_yates, { rel: 1e-8 });
  });

  test.each(drifts.cases)("of two sides' categories: $name", ({ input, expected }) => {
    if (!expected.chi2_contingency || !expected.keys) return;
    const row = (counts: Record<string, number>) => (expected.keys ?? []).map((key) => counts[key] ?? 0);
    const table = [row(input.reference_counts), row(input.current_counts)];
    const { statistic, pValue, df } = chiSquareTest(table);
    close(statistic, expected.chi2_contingency.chi2, { rel: 1e-9, abs: 1e-12 });
    close(pValue, expected.chi2_contingency.p, { rel: 1e-8 });
    expect(df).toBe(expected.chi2_contingency.dof);
    close(chiSquareTest(table, { yates: true }).statistic, expected.chi2_contingency.chi2_yates_nannyml_scipy_default, { rel: 1e-9 });
  });

  test.each(ratios.cases)("sample ratio: $name", ({ input, expected }) => {
    const result = sampleRatioMismatch(input.users, input.weights);
    expect(result.status).toBe(expected.status);
    if (result.status === "no_traffic") {
      expect([result.statistic, result.df, result.pValue]).toEqual([null, null, null]);
      return;
    }
    expect(result.df).toBe(expected.dof_active_arms);
    close(result.statistic, expected.chi2_active_arms, { rel: 1e-9, abs: 1e-12 });
    close(result.pValue, expected.p_active_arms, { rel: 1e-8 });
  });
});

describe("chi-square tests", () => {
  test("the 60:40 loss of an arm's subjects is an alarm, a fair coin is none", () => {
    expect(sampleRatioMismatch([6_000, 4_000], [0.5, 0.5]).pValue).toBeLessThan(1e-80);
    expect(sampleRatioMismatch([5_040, 4_960], [5_000, 5_000]).pValue).toBeGreaterThan(0.4);
  });

  test("an arm of weight 0 is left out with what was counted in it", () => {
    expect(sampleRatioMismatch([100, 90, 5], [0.5, 0.5, 0])).toEqual(sampleRatioMismatch([100, 90], [1, 1]));
    expect(sampleRatioMismatch([7, 3], [1, 0])).toMatchObject({ statistic: 0, df: 0, pValue: 1 });
  });

  test.each([
    ["rows of different length", () => chiSquareTest([[1, 2], [3]])],
    ["a negative count", () => chiSquareTest([[1, -2]])],
    ["a count that is no number", () => sampleRatioMismatch([1, Number.NaN], [1, 1])],
    ["a weight short", () => sampleRatioMismatch([1, 2], [1])],
    ["no weights at all", () => sampleRatioMismatch([1, 2], [0, 0])],
  ])("refuse %s", (_, run) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code: "invalid_value" }));
  });
});
