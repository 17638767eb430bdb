import { describe, expect, test } from "vitest";
import { cochranQ, sequentialHeterogeneity } from "./cochran-q";

const of = (estimate: number, standardError: number, n = 1_000) => ({ estimate, standardError, n });

describe("Cochran's Q", () => {
  // Weights 100, 400, 100 and the mean 0.25: 100 · 0.15² + 400 · 0.05² + 100 · 0.05² = 2.25 + 1 + 0.25; of two degrees of freedom the tail is e^(−Q/2).
  test("is the weighted squared distance from the mean, with one degree of freedom less than there are estimates", () => {
    const { statistic, df, pValue } = cochranQ([of(0.1, 0.1), of(0.3, 0.05), of(0.2, 0.1)]);
    expect(statistic).toBeCloseTo(3.5, 12);
    expect(df).toBe(2);
    expect(pValue).toBeCloseTo(Math.exp(-1.75), 12);
  });

  // For two estimates it is the square of the usual z: (0.5 − 0.1)² / (0.1² + 0.1²) = 8, whose tail is erfc(2).
  test("of two estimates is the square of their distance in standard errors", () => {
    const { statistic, pValue } = cochranQ([of(0.1, 0.1), of(0.5, 0.1)]);
    expect(statistic).toBeCloseTo(8, 12);
    expect(pValue).toBeCloseTo(0.004677734981047266, 14);
  });

  test("is 0 where all estimates are the same", () => {
    expect(cochranQ([of(0.2, 0.1), of(0.2, 0.3)])).toMatchObject({ statistic: 0, pValue: 1 });
  });

  test.each([
    ["nothing", []],
    ["one estimate", [of(1, 0.1)]],
    ["one that has an error, and one that has none", [of(1, 0.1), of(2, 0)]],
  ])("is not told of %s", (_, estimates) => {
    const nothing = { status: "insufficient_data", statistic: null, df: null, pValue: null };
    expect(cochranQ(estimates)).toEqual(nothing);
    expect(sequentialHeterogeneity(estimates, { tuning: 1_000 })).toEqual(nothing);
  });

  test.each([of(Number.NaN, 0.1), of(0, -0.1), of(0, Number.POSITIVE_INFINITY)])("refuses %o", (bad) => {
    expect(() => cochranQ([of(1, 0.1), bad])).toThrow(expect.objectContaining({ code: "non_finite" }));
  });
});

describe("the sequential test of the same", () => {
  test("is more cautious than Cochran's Q at one look, and finds what is far apart", () => {
    const near = [of(0.1, 0.1), of(0.5, 0.1), of(0.2, 0.1)];
    const far = [of(0.1, 0.1), of(1.5, 0.1), of(0.2, 0.1)];
    const at = { tuning: 2_000 };
    expect(sequentialHeterogeneity(near, at).pValue).toBeGreaterThan(cochranQ(near).pValue ?? 1);
    expect(sequentialHeterogeneity(near, at).pValue).toBeGreaterThan(0.05);
    expect(sequentialHeterogeneity(far, at).pValue).toBeLessThan(1e-6);
  });

  // Each against the inverse-variance mean of the others: the widest is 1.5 against 0.15, 1.35 / √(0.01 + 0.005).
  test("tells the largest distance from the others in standard errors", () => {
    expect(sequentialHeterogeneity([of(0.1, 0.1), of(1.5, 0.1), of(0.2, 0.1)], { tuning: 2_000 }).statistic).toBeCloseTo(
      1.35 / Math.sqrt(0.015),
      12,
    );
  });
});
