import { describe, expect, test } from "vitest";
import { createPrng, drawExponential, drawLogNormal, drawNormal } from "../prng";
import { createCoMoments } from "./co-moments";
import { compareQuantiles, quantileEstimate } from "./quantile-metric";
import { ratioSummary } from "./ratio-metric";
import { Sketch } from "./sketch";

const prng = createPrng(11);
const latencies = (n: number, slower = 1) => Float64Array.from({ length: n }, () => slower * drawLogNormal(prng, 5, 0.6));
/** The 95th percentile of what latencies draws. */
const TRUE_P95 = Math.exp(5 + 0.6 * 1.6448536269514722);

describe("a quantile with its interval", () => {
  test("holds the true one about as often as it says", () => {
    let covered = 0;
    for (let run = 0; run < 400; run++) {
      const { confidenceInterval } = quantileEstimate({ values: latencies(500) }, 0.95);
      const [low, high] = confidenceInterval ?? [0, 0];
      covered += Number(low <= TRUE_P95 && TRUE_P95 <= high);
    }
    expect(covered / 400).toBeGreaterThan(0.91);
    expect(covered / 400).toBeLessThan(0.98);
  });

  test("of subjects with many values each is as wide as the subjects' own spread makes it", () => {
    let [covered, naive] = [0, 0];
    const truth = Math.exp(Math.sqrt(1.04) * 1.2815515655446004);
    for (let run = 0; run < 100; run++) {
      const subjects = Array.from({ length: 150 }, () => {
        const level = drawNormal(prng, 0, 1);
        return Array.from({ length: 20 }, () => Math.exp(level + drawNormal(prng, 0, 0.2)));
      });
      const values = subjects.flat();
      const { value } = quantileEstimate({ values }, 0.9);
      const under = subjects.map((own) => own.filter((x) => x <= (value ?? 0)).length);
      const share = ratioSummary(createCoMoments([under, subjects.map(({ length }) => length)]));
      const shareStandardError = Math.sqrt((share?.variance ?? 0) / (share?.n ?? 1));
      const [low, high] = quantileEstimate({ values, shareStandardError }, 0.9).confidenceInterval ?? [0, 0];
      const [lowNaive, highNaive] = quantileEstimate({ values }, 0.9).confidenceInterval ?? [0, 0];
      covered += Number(low <= truth && truth <= high);
      naive += Number(lowNaive <= truth && truth <= highNaive);
    }
    expect(covered / 100).toBeGreaterThan(0.87);
    expect(naive / 100).toBeLessThan(0.75);
  });

  test("from a sketch is that of the values within the sketch's error", () => {
    const values = latencies(4_000);
    const sketch = new Sketch();
    for (const value of values) sketch.add(value);
    const [exact, sketched] = [quantileEstimate({ values }, 0.95), quantileEstimate({ values: sketch }, 0.95)];
    for (const end of [0, 1] as const) {
      expect((sketched.confidenceInterval?.[end] ?? 0) / (exact.confidenceInterval?.[end] ?? 1)).toBeCloseTo(1, 1);
    }
    expect(sketched.n).toBe(4_000);
  });

  test("is not made up where the values do not reach: 20 values have no interval of their 99th percentile", () => {
    expect(quantileEstimate({ values: latencies(20) }, 0.99)).toMatchObject({ status: "insufficient_data", confidenceInterval: null });
    expect(quantileEstimate({ values: [] }, 0.5)).toEqual({
      status: "insufficient_data",
      n: 0,
      value: null,
      standardError: null,
      confidenceInterval: null,
    });
  });
});

describe("quantiles of two arms", () => {
  test("tell a slower tail from an equal one", () => {
    const control = { values: latencies(3_000) };
    const slower = compareQuantiles(control, { values: latencies(3_000, 1.3) }, { quantile: 0.95 });
    const same = compareQuantiles(control, { values: latencies(3_000) }, { quantile: 0.95 });
    expect(slower.pValue).toBeLessThan(1e-4);
    expect(slower.confidenceInterval?.[0]).toBeGreaterThan(0);
    expect(same.pValue).toBeGreaterThan(0.001);
  });

  test("reject equal ones about as rarely as they say", () => {
    let rejected = 0;
    for (let run = 0; run < 400; run++) {
      const arm = () => ({ values: Float64Array.from({ length: 400 }, () => drawExponential(prng, 1)) });
      rejected += Number((compareQuantiles(arm(), arm(), { quantile: 0.9 }).pValue ?? 1) < 0.05);
    }
    expect(rejected / 400).toBeLessThan(0.09);
  });

  test("without spread have a difference and no test", () => {
    const [control, treatment] = [{ values: new Float64Array(100).fill(2) }, { values: new Float64Array(100).fill(3) }];
    expect(compareQuantiles(control, treatment, { quantile: 0.5 })).toMatchObject({ status: "zero_variance", difference: 1, pValue: null });
    expect(compareQuantiles({ values: [] }, treatment, { quantile: 0.5 })).toMatchObject({ status: "insufficient_data", difference: null });
  });
});
