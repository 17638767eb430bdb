import { describe, expect, test } from "vitest";
import { isClose, readOracle } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { chiSquareUpperTail } from "./chi-square-tail";
import { normalUpperQuantile, normalUpperTail } from "./normal";
import { tUpperQuantile, tUpperTail } from "./student-t";

interface FunctionCase {
  name: string;
  fn: "t_sf" | "t_isf" | "norm_sf" | "norm_ppf" | "chi2_sf" | "kolmogorov_sf" | "betainc_regularized";
  args: [number, number];
  expected: number;
}

const { cases } = readOracle<FunctionCase>("special_functions");
// The other two are steps of other tools' p-values that no statistic here is made of.
const FUNCTIONS: Record<string, (first: number, second: number) => number> = {
  t_sf: tUpperTail,
  t_isf: tUpperQuantile,
  norm_sf: normalUpperTail,
  norm_ppf: (p) => -normalUpperQuantile(p),
  chi2_sf: chiSquareUpperTail,
};
const known = cases.filter(({ fn }) => fn in FUNCTIONS);

describe("tails and quantiles equal 60-digit values", () => {
  test.each(known)("$name", ({ fn, args, expected }) => {
    const got = FUNCTIONS[fn]?.(...args) ?? null;
    expect(isClose(got, expected, { rel: 1e-11 }), `got ${got}, expected ${expected}`).toBe(true);
  });
});

// mpmath 1.3, gammainc(df/2, x/2, inf, regularized=True) at 40 digits.
const CHI_SQUARE: [x: number, df: number, tail: number][] = [
  [2339.9697983176206, 999, 3.7347309424445757e-109],
  [5000, 5000, 0.4973403788923451],
  [5050, 5000, 0.30677794962244354],
  [9500, 5000, 4.663311870113622e-283],
  [900, 1000, 0.9892827619087102],
  [1e-8, 1, 0.9999202115440526],
];

describe("the chi-square tail", () => {
  test.each(CHI_SQUARE)("at %d with %d degrees of freedom keeps its digits where a library's does not", (x, df, tail) => {
    expect(isClose(chiSquareUpperTail(x, df), tail, { rel: 1e-11 }), `got ${chiSquareUpperTail(x, df)}`).toBe(true);
  });

  test("of one degree of freedom is the normal's on both sides, of two an exponential's", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 30, noNaN: true }), (z) => {
        expect(isClose(chiSquareUpperTail(z * z, 1), 2 * normalUpperTail(z), { rel: 1e-11 })).toBe(true);
        expect(isClose(chiSquareUpperTail(2 * z, 2), Math.exp(-z), { rel: 1e-13 })).toBe(true);
      }),
    );
  });

  test("ends at 1 and at 0", () => {
    expect([chiSquareUpperTail(0, 3), chiSquareUpperTail(Number.POSITIVE_INFINITY, 3), chiSquareUpperTail(1e6, 3)]).toEqual([1, 0, 0]);
  });
});
