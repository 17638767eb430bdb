import { describe, expect, test } from "vitest";
import { isClose, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { type BootstrapStatistic, bootstrap } from "./bootstrap";

interface BootstrapCase {
  name: string;
  input: { control: OracleSample; treatment: OracleSample };
  params: { B: number; seed: number; statistic: BootstrapStatistic; conf: number };
  expected: {
    theta: number;
    boot_mean: number;
    boot_se_ddof1: number;
    ci_percentile: [number, number];
    ci_basic: [number, number];
    first_5_replicates: number[];
    min: number;
    max: number;
  };
}

const { cases } = readOracle<BootstrapCase>("bootstrap");

describe("the bootstrap equals the reference, draw by draw", () => {
  test.each(cases)("$name", ({ input, params, expected }) => {
    const result = bootstrap(sampleOf(input.control), sampleOf(input.treatment), {
      statistic: params.statistic,
      replicates: params.B,
      seed: params.seed,
      confidence: params.conf,
    });
    if (result.status !== "ok") throw new Error("both arms hold values");
    const pairs: [number, number][] = [
      [result.estimate, expected.theta],
      [result.mean, expected.boot_mean],
      [result.standardError, expected.boot_se_ddof1],
      [result.percentileInterval[0], expected.ci_percentile[0]],
      [result.percentileInterval[1], expected.ci_percentile[1]],
      [result.basicInterval[0], expected.ci_basic[0]],
      [result.basicInterval[1], expected.ci_basic[1]],
      [Math.min(...result.replicates), expected.min],
      [Math.max(...result.replicates), expected.max],
      ...expected.first_5_replicates.map((value, index): [number, number] => [result.replicates[index] ?? Number.NaN, value]),
    ];
    for (const [got, want] of pairs) expect(isClose(got, want, { rel: 1e-12 }), `got ${got}, expected ${want}`).toBe(true);
  });
});

describe("the bootstrap", () => {
  test("says why where it has nothing to draw from or to divide by", () => {
    expect(bootstrap([], [1, 2], { seed: 1 }).status).toBe("insufficient_data");
    expect(bootstrap([0, 0], [1, 2], { seed: 1, statistic: "ratio_of_means_minus_1" }).status).toBe("zero_baseline");
  });

  test.each([
    ["one replicate", () => bootstrap([1], [1], { seed: 1, replicates: 1 }), "invalid_option"],
    ["an infinite value", () => bootstrap([1, Number.POSITIVE_INFINITY], [1], { seed: 1 }), "non_finite"],
    // @ts-expect-error: callers in plain JavaScript can pass anything
    ["a statistic it does not know", () => bootstrap([1], [1], { seed: 1, statistic: "mode_diff" }), "invalid_option"],
  ])("refuses %s", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});
