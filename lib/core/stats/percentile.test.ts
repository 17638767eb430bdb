import { describe, expect, test } from "vitest";
import { isClose, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { percentile, percentiles } from "./percentile";
import { SKETCH_RELATIVE_ERROR, Sketch } from "./sketch";

type Quantiles = Record<string, { linear_numpy: number; lower: number; higher: number }>;

interface PercentileCase {
  name: string;
  input: { x: OracleSample } | OracleSample;
  expected: { count: number; min: number; max: number; sum: number; quantiles: Quantiles };
}

const { cases } = readOracle<PercentileCase>("percentiles");

function valuesOf({ input }: PercentileCase): number[] {
  return sampleOf("x" in input ? input.x : input).filter((value) => value !== null);
}

/** 0.999 from "p99.9", without the rounding of 99.9 / 100. */
function quantileOf(name: string): number {
  return Number(`${name.slice(1)}e-2`);
}

describe("percentiles equal the reference", () => {
  test.each(cases)("$name", (oracle) => {
    const values = valuesOf(oracle);
    for (const [name, expected] of Object.entries(oracle.expected.quantiles)) {
      const quantile = quantileOf(name);
      const linear = percentile(values, quantile);
      expect(isClose(linear, expected.linear_numpy, { rel: 1e-10 }), `${name}: got ${linear}, expected ${expected.linear_numpy}`).toBe(
        true,
      );
      expect(percentile(values, quantile, "lower")).toBe(expected.lower);
      expect(percentile(values, quantile, "higher")).toBe(expected.higher);
    }
  });
});

describe("a sketch holds the reference's percentiles within its error", () => {
  test.each(cases.filter((oracle) => oracle.expected.min >= 0))("$name", (oracle) => {
    const sketch = new Sketch();
    for (const value of valuesOf(oracle)) sketch.add(value);
    const { count, min, max, sum, quantiles } = oracle.expected;
    expect([sketch.count, sketch.min, sketch.max]).toEqual([count, min, max]);
    expect(isClose(sketch.sum, sum, { rel: 1e-12 })).toBe(true);
    for (const [name, { lower }] of Object.entries(quantiles)) {
      const estimate = sketch.quantile(quantileOf(name)) ?? Number.NaN;
      expect(Math.abs(estimate - lower) <= SKETCH_RELATIVE_ERROR * lower * (1 + 1e-9), `${name}: ${estimate} for ${lower}`).toBe(true);
    }
  });
});

describe("a percentile", () => {
  test("lies between the neighbouring values and grows with the quantile", () => {
    const sample = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), { minLength: 1 });
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, a, b) => {
        const [low, high] = percentiles(values, [Math.min(a, b), Math.max(a, b)]);
        expect(Number(low) <= Number(high)).toBe(true);
        expect(Number(low) >= Number(percentile(values, Math.min(a, b), "lower"))).toBe(true);
        expect(Number(high) <= Number(percentile(values, Math.max(a, b), "higher"))).toBe(true);
      }),
    );
  });

  test("leaves missing values out, and of nothing is null", () => {
    expect(percentile([null, 4, Number.NaN, 2], 0.5)).toBe(3);
    expect(percentiles([null, Number.NaN], [0.5, 0.9])).toEqual([null, null]);
  });

  test.each([-0.01, 1.01, Number.NaN])("refuses the quantile %f", (quantile) => {
    expect(() => percentile([1], quantile)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});
