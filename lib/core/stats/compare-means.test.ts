import { describe, expect, test } from "vitest";
import { isClose, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { compareMeans, compareMeansFromSummary } from "./compare-means";
import { createMoments, summaryOf } from "./moments";
import { roundHalfEven } from "./rounding";

interface ReportCase {
  name: string;
  input: { control: OracleSample; treatment: OracleSample };
  params: { alpha: number; min_samples: number };
  expected: {
    status: "ok" | "zero_variance" | "insufficient_samples";
    control_n?: number;
    treatment_n?: number;
    control_mean?: number;
    treatment_mean?: number;
    lift_pct?: number | null;
    p_value?: number | null;
    p_value_full?: number | null;
    cohens_d?: number | null;
    cohens_d_full?: number | null;
    significant?: boolean;
    recommendation?: string;
  };
}

const { cases } = readOracle<ReportCase>("customer_ab_report");

describe("the article's result block", () => {
  test.each(cases)("equals the reference: $name", ({ input, params, expected }) => {
    const control = sampleOf(input.control);
    const treatment = sampleOf(input.treatment);
    const block = compareMeans(control, treatment, { alpha: params.alpha, minSamples: params.min_samples });
    if (expected.status === "insufficient_samples") {
      expect(block).toMatchObject({
        status: "insufficient_samples",
        controlN: expected.control_n,
        treatmentN: expected.treatment_n,
        minSamples: params.min_samples,
        pValue: null,
        recommendation: null,
      });
      return;
    }
    const close = (got: number | null, want: number | null | undefined) =>
      expect(isClose(got, want ?? null, { rel: 1e-9 }), `got ${got}, expected ${want}`).toBe(true);
    expect(block.status).toBe(expected.significant ? "significant" : "not_significant");
    expect(block.recommendation).toBe(expected.recommendation);
    close(block.controlMean, expected.control_mean);
    close(block.treatmentMean, expected.treatment_mean);
    close(block.liftRatio === null ? null : block.liftRatio * 100, expected.lift_pct);
    close(block.pValue, expected.p_value_full);
    close(block.cohensD, expected.cohens_d_full);
    expect(block.pValue === null ? null : roundHalfEven(block.pValue, 6)).toBe(expected.p_value);
    expect(block.cohensD === null ? null : roundHalfEven(block.cohensD, 4)).toBe(expected.cohens_d);
  });

  test("asks for 1,000 values an arm unless told otherwise", () => {
    const values = Array.from({ length: 999 }, (_, i) => i % 7);
    expect(compareMeans(values, values).status).toBe("insufficient_samples");
    expect(compareMeans([...values, 3], [...values, 3]).status).toBe("not_significant");
  });

  test("one value an arm is never enough, whatever minimum is asked for", () => {
    expect(compareMeans([1], [2], { minSamples: 0 }).status).toBe("insufficient_samples");
  });

  test("is the same from summaries as from the values", () => {
    const [control, treatment] = [
      [1, 4, 2, 8, 5],
      [7, 1, 9, 9, 3, 4],
    ];
    const left = summaryOf(createMoments(control));
    const right = summaryOf(createMoments(treatment));
    if (left === null || right === null) throw new Error("both arms hold enough values");
    const direct = compareMeans(control, treatment, { minSamples: 2 });
    const summed = compareMeansFromSummary(left, right, { minSamples: 2 });
    expect(isClose(summed.pValue, direct.pValue, { rel: 1e-12 })).toBe(true);
    expect({ ...summed, pValue: 0, cohensD: 0, hedgesG: 0 }).toEqual({ ...direct, pValue: 0, cohensD: 0, hedgesG: 0 });
  });

  test.each([
    ["alpha of 0", { alpha: 0 }],
    ["alpha of 1", { alpha: 1 }],
    ["half a sample", { minSamples: 0.5 }],
    ["a negative minimum", { minSamples: -1 }],
  ])("refuses %s", (_, options) => {
    expect(() => compareMeans([1, 2], [2, 3], options)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});
