import { describe, expect, test } from "vitest";
import { createPrng, drawExponential, drawLogNormal, drawNormal } from "../prng";
import { createCoMoments } from "./co-moments";
import { compareQuantiles, type QuantileArm, quantileEstimate } from "./quantile-metric";
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

/** How often two arms that are alike are said to differ at 5 %. */
const claims = (runs: number, arm: () => QuantileArm, quantile: number) => {
  const found = Array.from({ length: runs }, () => compareQuantiles(arm(), arm(), { quantile }).pValue ?? 1);
  return found.filter((p) => p < 0.05).length / runs;
};

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

  test.each([0.5, 0.51, 0.52, 0.8])(
    "of scores that are 4 or 5, a share of %d of them 4, are claimed to differ no more often than stated",
    (share) => {
      const arm = () => ({ values: Float64Array.from({ length: 1_000 }, () => (prng.next() < share ? 4 : 5)) });
      expect(claims(400, arm, 0.5)).toBeLessThan(0.09);
      const better = { values: Float64Array.from({ length: 1_000 }, () => (prng.next() < share - 0.15 ? 4 : 5)) };
      expect(compareQuantiles(arm(), better, { quantile: 0.5 }).pValue).toBeLessThan(0.001);
    },
  );

  test("of scores in steps of a tenth are claimed to differ no more often than stated", () => {
    const arm = () => ({ values: Float64Array.from({ length: 2_000 }, () => Math.round(10 * drawNormal(prng, 0.55, 0.2)) / 10) });
    expect(claims(300, arm, 0.5)).toBeLessThan(0.09);
    expect(claims(300, arm, 0.9)).toBeLessThan(0.09);
  });

  test("from sketches so large that the interval is narrower than a bucket are claimed to differ no more often than stated", () => {
    const arm = () => {
      const values = new Sketch();
      // The median stands at the edge between two buckets.
      for (let i = 0; i < 4_000; i++) values.add(100 + 10 * prng.next());
      return { values };
    };
    const { confidenceInterval } = quantileEstimate(arm(), 0.5);
    const [low, high] = confidenceInterval ?? [0, 9];
    expect(high / low).toBeLessThan(1.01);
    expect(claims(300, arm, 0.5)).toBeLessThan(0.09);
  });

  test("without spread have a difference and no test", () => {
    const [control, treatment] = [{ values: new Float64Array(100).fill(2) }, { values: new Float64Array(100).fill(3) }];
    expect(compareQuantiles(control, treatment, { quantile: 0.5 })).toMatchObject({ status: "zero_variance", difference: 1, pValue: null });
    expect(compareQuantiles({ values: [] }, treatment, { quantile: 0.5 })).toMatchObject({ status: "insufficient_data", difference: null });
  });
});
