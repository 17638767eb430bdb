import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { createCoMoments } from "./co-moments";
import { ratioOfExactSums, summaryOfExactSums } from "./exact-sums";
import { createMoments, summaryOf } from "./moments";
import { ratioSummary } from "./ratio-metric";

const ONE = 10n ** 30n;
const toText = (scaled: bigint, scale: number) => {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(scale + 1, "0");
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};
/** Sums of whole thousandths, as PostgreSQL adds them. */
function sumsOf(thousandths: readonly bigint[]) {
  const scaled = thousandths.map((v) => (v * ONE) / 1_000n);
  return {
    subjects: scaled.length,
    scores: scaled.length,
    meanSum: toText(
      scaled.reduce((a, b) => a + b, 0n),
      30,
    ),
    meanSquareSum: toText(
      scaled.reduce((a, b) => a + b * b, 0n),
      60,
    ),
  };
}

describe("a summary of exact sums", () => {
  it("is what two passes over the values give, at any offset", () => {
    const offset = fc.constantFrom(0n, 1_000_000_000_000n, -1_000_000_000_000n, 1_000_000_000_000_000n);
    const values = fc.array(fc.bigInt({ min: -5_000n, max: 5_000n }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(values, offset, (small, by) => {
        const summary = summaryOfExactSums(sumsOf(small.map((v) => v + by)));
        // Taken without the offset, where doubles are exact enough to compare with.
        const plain = summaryOf(createMoments(small.map((v) => Number(v) / 1_000)));
        if (summary === null || plain === null) throw new Error("no summary");
        expect(summary.variance).toBeCloseTo(plain.variance, 10);
        const mean = summary.mean - Number(by) / 1_000 + (summary.meanLow ?? 0);
        expect(mean).toBeCloseTo(plain.mean + (plain.meanLow ?? 0), 10);
      }),
    );
  });

  it("of values around 10^9 keeps a spread of 1 to the last digit", () => {
    const values = [999_999_999_000n, 1_000_000_000_000n, 1_000_000_001_000n];
    expect(summaryOfExactSums(sumsOf(values))).toEqual({ n: 3, mean: 1e9, meanLow: 0, variance: 1 });
  });

  it("of nothing is null, of one value has no variance, of equal values exactly 0", () => {
    expect(summaryOfExactSums({ subjects: 0, scores: 0, meanSum: "0", meanSquareSum: "0" })).toBeNull();
    expect(summaryOfExactSums(sumsOf([750n]))).toEqual({ n: 1, mean: 0.75, meanLow: 0, variance: 0 });
    expect(summaryOfExactSums(sumsOf([100n, 100n, 100n]))?.variance).toBe(0);
  });

  it("refuses text that is no decimal", () => {
    expect(() => summaryOfExactSums({ subjects: 1, scores: 1, meanSum: "NaN", meanSquareSum: "0" })).toThrow(/not a decimal/);
  });
});

describe("a ratio of exact sums", () => {
  const sumsOfPairs = (pairs: readonly (readonly [number, number])[]) => {
    const sum = (of: (x: number, y: number) => number) => String(pairs.reduce((total, [x, y]) => total + of(x, y), 0));
    return {
      n: pairs.length,
      x: sum((x) => x),
      y: sum((_, y) => y),
      xx: sum((x) => x * x),
      xy: sum((x, y) => x * y),
      yy: sum((_, y) => y * y),
    };
  };
  const pair = fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 50 }));

  it("is the delta method's", () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 40 }), (pairs) => {
        const plain = ratioSummary(createCoMoments([pairs.map(([x]) => x), pairs.map(([, y]) => y)]));
        const exact = ratioOfExactSums(sumsOfPairs(pairs));
        expect(exact?.n).toBe(plain?.n);
        expect(Math.abs((exact?.mean ?? 0) - (plain?.mean ?? 1))).toBeLessThanOrEqual(1e-14 * (plain?.mean ?? 0));
        const scale = (plain?.mean ?? 0) ** 2 + (plain?.variance ?? 0);
        expect(Math.abs((exact?.variance ?? 0) - (plain?.variance ?? 1))).toBeLessThanOrEqual(1e-9 * scale);
      }),
    );
  });

  it("has no spread at all where all subjects have the same one, and is nothing without two subjects or a denominator", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 0, max: 10_007 }),
        (counts, price) => {
          const exact = ratioOfExactSums(sumsOfPairs(counts.map((count) => [count * price, count])));
          expect(exact).toMatchObject({ mean: price, meanLow: 0, variance: 0 });
        },
      ),
    );
    expect(ratioOfExactSums(sumsOfPairs([[1, 1]]))).toBeNull();
    expect(
      ratioOfExactSums(
        sumsOfPairs([
          [1, 0],
          [2, 0],
        ]),
      ),
    ).toBeNull();
  });
});
