import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { type MannWhitneyOptions, mannWhitneyU } from "./mann-whitney";

interface RankCase {
  name: string;
  input: { x: OracleSample; y: OracleSample };
  expected: {
    status: string;
    u1?: number;
    common_language_effect?: number;
    rank_biserial?: number;
    z_nocc?: OracleNumber;
  } & Record<`p_${"two_sided" | "greater" | "less"}_${"cc" | "nocc" | "exact"}`, OracleNumber | undefined>;
}

const { cases } = readOracle<RankCase>("mann_whitney");
const SIDES = [
  ["two_sided", "two-sided"],
  ["greater", "greater"],
  ["less", "less"],
] as const;

describe("Mann and Whitney's U test equals the reference", () => {
  test.each(cases)("$name", ({ input, expected }) => {
    const [x, y] = [sampleOf(input.x), sampleOf(input.y)];
    const run = (options: MannWhitneyOptions = {}) => mannWhitneyU(x, y, options);
    const close = (got: number | null, want: OracleNumber | undefined, rel: number) => {
      if (want !== undefined) expect(isClose(got, want, { rel }), `got ${got}, expected ${want}`).toBe(true);
    };
    const result = run();
    expect(result.status).toBe(expected.status);
    if (result.status === "insufficient_data") {
      expect([result.statistic, result.pValue]).toEqual([null, null]);
      return;
    }
    expect(result.statistic).toBe(expected.u1);
    close(result.commonLanguageEffect, expected.common_language_effect, 1e-12);
    close(result.rankBiserial, expected.rank_biserial, 1e-12);
    close(result.z, expected.z_nocc, 1e-10);
    for (const [side, alternative] of SIDES) {
      close(run({ alternative }).pValue, expected[`p_${side}_cc`], 1e-8);
      close(run({ alternative, continuityCorrection: false }).pValue, expected[`p_${side}_nocc`], 1e-8);
      const exact = expected[`p_${side}_exact`];
      if (exact !== undefined && x.length * y.length <= 2_000) close(run({ alternative, method: "exact" }).pValue, exact, 1e-8);
    }
  });
});

describe("Mann and Whitney's U test", () => {
  test("counts the pairs of which the first sample has the larger value, ties half", () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const pairs = a.flatMap((x) => b.map((y) => (x > y ? 1 : x === y ? 0.5 : 0)));
        const { statistic, pValue } = mannWhitneyU(a, b);
        expect(statistic).toBe(pairs.reduce((sum: number, part) => sum + part, 0));
        expect(pValue !== null && pValue >= 0 && pValue <= 1).toBe(true);
      }),
    );
  });

  test("leaves out what is missing", () => {
    expect(mannWhitneyU([1, null, 5, Number.NaN], [2, 3])).toEqual(mannWhitneyU([1, 5], [2, 3]));
  });

  test.each([
    ["an exact p-value with ties", () => mannWhitneyU([1, 2], [2, 3], { method: "exact" }), "invalid_value"],
    [
      "an exact p-value of large samples",
      () =>
        mannWhitneyU(
          new Float64Array(200).map((_, i) => i),
          new Float64Array(200).map((_, i) => i + 0.5),
          { method: "exact" },
        ),
      "sample_too_large",
    ],
  ])("refuses %s", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});
