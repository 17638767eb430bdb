import { describe, expect, test } from "vitest";
import { isClose, numberOf, type OracleNumber, readOracle } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { benjaminiHochberg, holm } from "./multiple-testing";

interface Adjusted {
  adjusted: OracleNumber[];
  "reject_0.05"?: boolean[];
}

const { cases } = readOracle<{ name: string; input: { p: OracleNumber[] }; expected: { holm: Adjusted; fdr_bh: Adjusted } }>(
  "multiple_testing",
);

describe("adjusted p-values equal the reference", () => {
  test.each(cases)("$name", ({ input, expected }) => {
    const pValues = input.p.map(numberOf);
    for (const [got, want] of [
      [holm(pValues), expected.holm],
      [benjaminiHochberg(pValues), expected.fdr_bh],
    ] as const) {
      expect(got.length).toBe(want.adjusted.length);
      for (const [index, value] of want.adjusted.entries()) expect(isClose(got[index] ?? null, value, { rel: 1e-12 })).toBe(true);
      if (want["reject_0.05"]) expect(got.map((value) => value !== null && value <= 0.05)).toEqual(want["reject_0.05"]);
    }
  });
});

describe("adjusted p-values", () => {
  test("keep the order of the p-values, are never smaller than them, and Holm's never below Benjamini and Hochberg's", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (pValues) => {
        const [byHolm, byHochberg] = [holm(pValues), benjaminiHochberg(pValues)];
        for (const [i, p] of pValues.entries()) {
          const [strict, mild] = [byHolm[i] ?? Number.NaN, byHochberg[i] ?? Number.NaN];
          expect(strict >= mild - 1e-15 && mild >= p - 1e-15 && strict <= 1).toBe(true);
          for (const [j, q] of pValues.entries()) if (p < q) expect(strict <= (byHolm[j] ?? Number.NaN)).toBe(true);
        }
      }),
    );
  });

  test("a p-value outside 0..1 is an error", () => {
    expect(() => holm([0.2, 1.2])).toThrow(expect.objectContaining({ code: "invalid_value" }));
    expect(() => benjaminiHochberg([-0.1])).toThrow(expect.objectContaining({ code: "invalid_value" }));
  });
});
