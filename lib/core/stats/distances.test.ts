import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { hellingerDistance, jensenShannonDistance, jensenShannonDivergence, klDivergence, totalVariationDistance } from "./distances";
import { wassersteinDistance } from "./wasserstein";

interface CategoricalCase {
  name: string;
  input: { reference_counts: Record<string, number>; current_counts: Record<string, number> };
  expected: { status: string; keys?: string[] } & Partial<
    Record<
      "js_distance_base_e" | "js_distance_base_2" | "js_divergence_base_e" | "kl_ref_cur" | "kl_cur_ref" | "hellinger" | "total_variation",
      OracleNumber
    >
  >;
}

interface WassersteinCase {
  name: string;
  input: { reference: OracleSample; current: OracleSample };
  expected: { status: string; wasserstein_1?: OracleNumber; normed_evidently?: OracleNumber };
}

const categorical = readOracle<CategoricalCase>("categorical_drift");
const wasserstein = readOracle<WassersteinCase>("wasserstein");

function close(got: number | null, want: OracleNumber | undefined, tolerance: { rel?: number; abs?: number }): void {
  if (want !== undefined) expect(isClose(got, want, tolerance), `got ${got}, expected ${want}`).toBe(true);
}

describe("distances of distributions equal the reference", () => {
  test.each(categorical.cases)("of categories: $name", ({ input, expected }) => {
    const [reference, current] = [input.reference_counts, input.current_counts];
    const distance = jensenShannonDistance(reference, current);
    expect(distance.status).toBe(expected.status);
    if (distance.status !== "ok") {
      expect(distance).toEqual({ status: "insufficient_data", distance: null, bins: [] });
      return;
    }
    expect(distance.bins.map(({ category }) => category)).toEqual(expected.keys);
    close(distance.distance, expected.js_distance_base_e, { abs: 1e-12 });
    close(jensenShannonDistance(reference, current, { base: 2 }).distance, expected.js_distance_base_2, { abs: 1e-12 });
    close(jensenShannonDivergence(reference, current).divergence, expected.js_divergence_base_e, { abs: 1e-12 });
    close(klDivergence(reference, current).divergence, expected.kl_ref_cur, { rel: 1e-9, abs: 1e-12 });
    close(klDivergence(current, reference).divergence, expected.kl_cur_ref, { rel: 1e-9, abs: 1e-12 });
    close(hellingerDistance(reference, current).distance, expected.hellinger, { abs: 1e-12 });
    close(totalVariationDistance(reference, current).distance, expected.total_variation, { abs: 1e-12 });
  });

  test.each(wasserstein.cases)("Wasserstein: $name", ({ input, expected }) => {
    const result = wassersteinDistance(sampleOf(input.reference), sampleOf(input.current));
    expect(result.status).toBe(expected.status);
    close(result.distance, expected.wasserstein_1, { rel: 1e-12, abs: 1e-12 });
    close(result.normalised, expected.normed_evidently, { rel: 1e-9, abs: 1e-12 });
  });
});

const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 });
const MEASURES = [jensenShannonDistance, hellingerDistance, totalVariationDistance];

describe("distances of distributions", () => {
  test("are 0 against themselves, never negative, symmetric over categories, and say which bins they used", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [left, right] = [a.map(String), b.map(String)];
        for (const measure of MEASURES) {
          expect(measure(a, a.toReversed()).distance).toBe(0);
          const forward = measure(left, right);
          expect((forward.distance ?? -1) >= 0).toBe(true);
          expect(isClose(forward.distance, measure(right, left).distance, { abs: 1e-12 })).toBe(true);
          const { bins } = measure(a, b);
          expect(bins.reduce((sum, bin) => sum + bin.referenceCount, 0)).toBe(a.length);
          expect(bins[0]?.lower).toBeNull();
        }
      }),
    );
  });

  test("Wasserstein's is the mean gap between sorted values where both sides have as many", () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(pairs, (drawn) => {
        const sorted = (side: 0 | 1) => drawn.map((pair) => pair[side]).toSorted((a, b) => a - b);
        const right = sorted(1);
        const gaps = sorted(0).map((value, index) => Math.abs(value - (right[index] ?? 0)));
        const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
        expect(wassersteinDistance(sorted(0), right).distance).toBeCloseTo(mean, 11);
      }),
    );
  });

  test("a constant reference has no equal-width bins, and numbers are not compared with words", () => {
    expect(hellingerDistance([2, 2], [1, 2], { binning: "fixed_width" })).toEqual({ status: "zero_variance", distance: null, bins: [] });
    expect(() => totalVariationDistance([1, 2], ["a"])).toThrow(expect.objectContaining({ code: "invalid_value" }));
    expect(() => klDivergence({ a: 1 }, { a: -1, b: 2 })).toThrow(expect.objectContaining({ code: "invalid_value" }));
    expect(() => jensenShannonDistance([1], [1], { base: 1 })).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(() => wassersteinDistance([1], [Number.POSITIVE_INFINITY])).toThrow(expect.objectContaining({ code: "non_finite" }));
  });
});
