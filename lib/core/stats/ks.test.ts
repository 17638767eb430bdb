import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { exactPValue, ksTest, ksTestSorted } from "./ks";

interface KsCase {
  name: string;
  input: { x: OracleSample; y: OracleSample };
  expected: {
    status: string;
    D: number;
    sign: 1 | -1 | null;
    location: OracleNumber;
    p_asymp_scipy: OracleNumber;
    p_exact?: number;
  };
}

const { cases } = readOracle<KsCase>("ks_2sample");

describe("the two-sample Kolmogorov–Smirnov test equals the reference", () => {
  test.each(cases)("$name", ({ input, expected }) => {
    const reference = sampleOf(input.x);
    const current = sampleOf(input.y);
    const result = ksTest(reference, current);
    expect(result.status).toBe(expected.status);
    if (result.status !== "ok") {
      expect([result.statistic, result.pValue]).toEqual([null, null]);
      return;
    }
    expect(Math.abs(result.statistic - expected.D)).toBeLessThanOrEqual(1e-12);
    expect(result.sign).toBe(expected.sign);
    expect(result.location).toBe(expected.location);
    expect(result.method).toBe(reference.length * current.length <= 10_000 ? "exact" : "asymptotic");
    if (expected.p_exact !== undefined) {
      const { pValue } = ksTest(reference, current, { method: "exact" });
      expect(isClose(pValue, expected.p_exact, { rel: 1e-9 }), `exact p: got ${pValue}, expected ${expected.p_exact}`).toBe(true);
      if (result.method === "exact") expect(result.pValue).toBe(pValue);
    }
    const asymptotic = ksTest(reference, current, { method: "asymptotic" });
    if (expected.p_asymp_scipy === "NaN") {
      expect([asymptotic.method, asymptotic.pValue]).toEqual(["exact", 1]);
      return;
    }
    const rel = Number(expected.p_asymp_scipy) < 1e-50 ? 1e-6 : 1e-8;
    expect(isClose(asymptotic.pValue, expected.p_asymp_scipy, { rel }), `asymptotic p: got ${asymptotic.pValue}`).toBe(true);
  });
});

/** All orders of n and m distinct values, as strings of x and y. */
function orders(n: number, m: number): string[] {
  if (n === 0) return ["y".repeat(m)];
  if (m === 0) return ["x".repeat(n)];
  return [...orders(n - 1, m).map((rest) => `x${rest}`), ...orders(n, m - 1).map((rest) => `y${rest}`)];
}

function gapOf(order: string, n: number, m: number): number {
  let [i, j, gap] = [0, 0, 0];
  for (const side of order) {
    if (side === "x") i++;
    else j++;
    gap = Math.max(gap, Math.abs(i * m - j * n));
  }
  return gap;
}

describe("the exact p-value", () => {
  test.each([
    [1, 1],
    [2, 3],
    [4, 4],
    [6, 3],
    [5, 7],
  ])("of %i and %i values is the share of orders at least as far apart, counted one by one", (n, m) => {
    const gaps = orders(n, m).map((order) => gapOf(order, n, m));
    for (const gap of new Set(gaps)) {
      const share = gaps.filter((other) => other >= gap).length / gaps.length;
      expect(exactPValue(n, m, gap)).toBeCloseTo(share, 13);
    }
  });

  test("keeps its digits in the far tail: two fully separated samples have 2 orders of C(200, 100)", () => {
    const binomial = Array.from({ length: 100 }, (_, i) => BigInt(i + 1)).reduce((product, k) => (product * (100n + k)) / k, 1n);
    const low = Array.from({ length: 100 }, (_, i) => i);
    const { pValue } = ksTest(
      low,
      low.map((value) => value + 1000),
    );
    expect(isClose(pValue, 2 / Number(binomial), { rel: 1e-12 })).toBe(true);
  });
});

/** Few different values, so that ties within and across the sides are everywhere, at the ends too; or many. */
const values = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 }),
  fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 30 }),
);

describe("the two-sample Kolmogorov–Smirnov test", () => {
  test("gives the largest gap of the two step functions, at the value it names", () => {
    fc.assert(
      fc.property(values, values, (reference, current) => {
        const share = (sample: number[], x: number) => sample.filter((value) => value <= x).length / sample.length;
        const all = [...reference, ...current].toSorted((a, b) => a - b);
        const gaps = all.map((x) => share(reference, x) - share(current, x));
        const result = ksTest(reference, current);
        expect(result.statistic).toBeCloseTo(Math.max(...gaps.map(Math.abs)), 13);
        if (result.location === null) return;
        expect(Math.abs(share(reference, result.location) - share(current, result.location))).toBeCloseTo(result.statistic ?? -1, 13);
      }),
    );
  });

  test("does not depend on the order of values, and swapping the sides turns the sign only", () => {
    fc.assert(
      fc.property(values, values, (reference, current) => {
        const forward = ksTest(reference, current);
        expect(ksTest(reference.toReversed(), Float64Array.from(current).reverse())).toEqual(forward);
        const swapped = ksTest(current, reference);
        expect([swapped.statistic, swapped.location]).toEqual([forward.statistic, forward.location]);
        expect(swapped.sign).toBe(forward.sign === null ? null : -forward.sign);
        expect(isClose(swapped.pValue, forward.pValue, { rel: 1e-12 })).toBe(true);
      }),
    );
  });

  test("a reference kept sorted gives the same answer", () => {
    const reference = [5, 1, 4, 4, 2];
    const current = [2, 9, 9];
    expect(ksTestSorted(Float64Array.from(reference).sort(), Float64Array.from(current).sort())).toEqual(ksTest(reference, current));
  });

  test("refuses an exact p that would take minutes, and a method it does not know", () => {
    const long = new Float64Array(10_001);
    expect(() => ksTest(long, long, { method: "exact" })).toThrow(expect.objectContaining({ code: "sample_too_large" }));
    // @ts-expect-error: callers in plain JavaScript can pass anything
    expect(() => ksTest([1], [2], { method: "limit" })).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});
