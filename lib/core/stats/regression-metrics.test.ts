import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { regressionMetrics } from "./regression-metrics";

const { cases } = readOracle<{
  name: string;
  input: { y_true: OracleSample; y_pred: OracleSample };
  expected: Record<string, OracleNumber> & { status?: string };
}>("regression");

const NAMES = {
  n: "n",
  mae: "mae",
  mse: "mse",
  rmse: "rmse",
  bias: "bias_mean_error",
  medianAbsoluteError: "median_ae",
  maxError: "max_error",
  r2: "r2",
  mape: "mape_skip_zero",
  mapeClipped: "mape_sklearn",
  smape: "smape",
} as const;

describe("metrics of a predicted number", () => {
  test.each(cases)("equal the reference: $name", ({ input, expected }) => {
    const metrics = regressionMetrics(sampleOf(input.y_true), sampleOf(input.y_pred));
    if (metrics.status !== "ok") {
      expect(expected.status).toBe("insufficient_data");
      return;
    }
    for (const [name, theirs] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) {
      const got = metrics[name];
      expect(isClose(got, expected[theirs] ?? null, { rel: 1e-12 }), `${name}: got ${got}, expected ${expected[theirs]}`).toBe(true);
    }
  });

  test("leave out pairs with anything missing, and refuse what is no pair", () => {
    expect(regressionMetrics([1, null, 3], [1.5, 2, Number.NaN])).toEqual(regressionMetrics([1], [1.5]));
    expect(regressionMetrics([0, 0], [1, 1])).toMatchObject({ r2: null, mape: null });
    expect(() => regressionMetrics([1], [])).toThrow(expect.objectContaining({ code: "invalid_value" }));
    expect(() => regressionMetrics([1], [Number.POSITIVE_INFINITY])).toThrow(expect.objectContaining({ code: "invalid_value" }));
  });
});
