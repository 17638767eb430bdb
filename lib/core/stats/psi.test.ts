import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { countIntoBins, countSortedIntoBins } from "./bins";
import { EMPTY_BIN_POLICIES, type EmptyBins, psiFromCounts } from "./empty-bins";
import { type PsiOptions, psi } from "./psi";
import { psiCategorical } from "./psi-categorical";

interface Binned {
  reference_counts: number[];
  current_counts: number[];
  psi: Record<EmptyBins, OracleNumber>;
}

interface PsiCase {
  name: string;
  input: { reference: OracleSample; current: OracleSample };
  params: { bins: number };
  expected: {
    status: string;
    quantile_interior_unique?: number[];
    quantile?: Record<string, Binned>;
    fixed_width_left_closed?: Binned & { edges: number[] };
  };
}

interface CategoricalCase {
  name: string;
  input: { reference_counts: Record<string, number>; current_counts: Record<string, number> };
  expected: { status: string; keys?: string[]; psi?: Record<EmptyBins, OracleNumber> };
}

const numeric = readOracle<PsiCase>("psi");
const categorical = readOracle<CategoricalCase>("categorical_drift");

describe("PSI of a numeric column equals the reference", () => {
  test.each(numeric.cases)("$name", ({ input, params, expected }) => {
    const reference = sampleOf(input.reference);
    const current = sampleOf(input.current);
    const run = (options: PsiOptions) => psi(reference, current, { bins: params.bins, ...options });
    if (expected.status !== "ok") {
      expect(run({})).toEqual({ status: expected.status, psi: null, bins: [] });
      return;
    }
    const check = (options: PsiOptions, binned: Binned | undefined) => {
      if (binned === undefined) return;
      for (const emptyBins of EMPTY_BIN_POLICIES) {
        const result = run({ ...options, emptyBins });
        expect(result.bins.map((bin) => bin.referenceCount)).toEqual(binned.reference_counts);
        expect(result.bins.map((bin) => bin.currentCount)).toEqual(binned.current_counts);
        expect(isClose(result.psi, binned.psi[emptyBins], { rel: 1e-9, abs: 1e-12 }), `${emptyBins}: got ${result.psi}`).toBe(true);
      }
    };
    check({ closed: "right" }, expected.quantile?.right_closed);
    check({ closed: "left" }, expected.quantile?.left_closed);
    check({ binning: "fixed_width", closed: "left" }, expected.fixed_width_left_closed);
    const edges = run({}).bins.map((bin) => bin.upper);
    expect(edges.pop()).toBeNull();
    for (const [index, edge] of (expected.quantile_interior_unique ?? []).entries()) {
      expect(isClose(edges[index] ?? null, edge, { rel: 1e-10 })).toBe(true);
    }
  });

  test("by default with ten right-closed quantile bins and 1e-4 for an empty share", () => {
    const { input, expected } = numeric.cases.find(({ name }) => name === "ties_integers") ?? {};
    if (!input || !expected) throw new Error("the reference has this case");
    expect(
      isClose(
        psi(sampleOf(input.reference), sampleOf(input.current)).psi,
        expected.quantile?.right_closed?.psi["replace_zero_1e-4"] ?? null,
        { rel: 1e-9 },
      ),
    ).toBe(true);
  });
});

describe("PSI of categories equals the reference", () => {
  test.each(categorical.cases)("$name", ({ input, expected }) => {
    for (const emptyBins of EMPTY_BIN_POLICIES) {
      const result = psiCategorical(input.reference_counts, input.current_counts, { emptyBins });
      expect(result.status).toBe(expected.status);
      if (!expected.psi) continue;
      expect(result.bins.map((bin) => bin.category)).toEqual(expected.keys);
      expect(isClose(result.psi, expected.psi[emptyBins], { rel: 1e-9, abs: 1e-12 }), `${emptyBins}: got ${result.psi}`).toBe(true);
    }
  });

  test("whether they come counted or one by one, and missing ones are left out", () => {
    const counted = psiCategorical(
      { chat: 3, code: 1 },
      new Map([
        ["chat", 1],
        ["한국어", 2],
      ]),
    );
    expect(psiCategorical(["code", "chat", null, "chat", "chat"], ["한국어", "chat", undefined, "한국어"])).toEqual(counted);
  });

  test("a category named like a member of Object is a category", () => {
    expect(psiCategorical(["constructor", "__proto__"], ["toString"]).bins.map((bin) => bin.category)).toEqual([
      "__proto__",
      "constructor",
      "toString",
    ]);
  });
});

const sample = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 60 });

describe("PSI", () => {
  test("is 0 against itself, never negative, and the sum of its bins", () => {
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: 1, max: 40 }), fc.constantFrom("left", "right"), (reference, current, bins, closed) => {
        expect(psi(reference, reference.toReversed(), { bins, closed }).psi).toBe(0);
        const result = psi(reference, current, { bins, closed });
        if (result.status !== "ok") throw new Error("both sides hold values");
        expect(result.psi >= 0).toBe(true);
        expect(result.bins.reduce((sum, bin) => sum + bin.contribution, 0)).toBe(result.psi);
        expect(result.bins.reduce((sum, bin) => sum + bin.currentCount, 0)).toBe(current.length);
      }),
    );
  });

  test("counts every value into the bin whose ends hold it, with few edges and with many", () => {
    fc.assert(
      fc.property(sample, fc.uniqueArray(fc.integer({ min: -30, max: 30 }), { maxLength: 50 }), (values, drawn) => {
        const edges = drawn.toSorted((a, b) => a - b);
        const ends = [Number.NEGATIVE_INFINITY, ...edges, Number.POSITIVE_INFINITY];
        const inside = (closed: "left" | "right") =>
          ends.slice(1).map((high, index) => {
            const low = ends[index] ?? Number.NaN;
            return values.filter((value) => (closed === "left" ? value >= low && value < high : value > low && value <= high)).length;
          });
        expect(countIntoBins(Float64Array.from(values), edges, "left")).toEqual(inside("left"));
        expect(countIntoBins(Float64Array.from(values), edges, "right")).toEqual(inside("right"));
        const sorted = Float64Array.from(values).sort();
        expect(countSortedIntoBins(sorted, edges, "left")).toEqual(inside("left"));
        expect(countSortedIntoBins(sorted, edges, "right")).toEqual(inside("right"));
      }),
    );
  });

  test("equal-width bins over a constant reference are a state, not a number", () => {
    expect(psi([2, 2, 2], [1, 2, 3], { binning: "fixed_width" })).toEqual({ status: "zero_variance", psi: null, bins: [] });
  });

  test.each([
    ["no bins", () => psi([1, 2], [1, 2], { bins: 0 }), "invalid_option"],
    ["an infinite reference over equal widths", () => psi([1, Number.POSITIVE_INFINITY], [1], { binning: "fixed_width" }), "non_finite"],
    ["an edge at infinity", () => psi([1, Number.POSITIVE_INFINITY], [1], { bins: 2 }), "non_finite"],
    ["counts below 0", () => psiFromCounts([1, -1], [1, 1]), "invalid_value"],
    ["sides of different length", () => psiFromCounts([1], [1, 1]), "invalid_value"],
    ["a side without observations", () => psiFromCounts([0, 0], [1, 1]), "invalid_value"],
  ])("refuses %s", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});
