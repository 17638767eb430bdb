import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, readOracle } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { type ProportionOptions, twoProportionZTest, wilsonInterval } from "./proportions";

type Interval = [OracleNumber, OracleNumber];

interface ProportionCase {
  name: string;
  input: { control?: { count: number; n: number }; treatment?: { count: number; n: number } } & {
    reference?: { nulls: number; n: number };
    current?: { nulls: number; n: number };
  };
  expected: {
    status: string;
    diff?: number;
    z_pooled?: OracleNumber;
    p_two_sided?: OracleNumber;
    p_greater?: OracleNumber;
    p_less?: OracleNumber;
    z_unpooled?: OracleNumber;
    p_two_sided_unpooled?: OracleNumber;
    ci95_wald?: Interval;
    ci95_newcombe?: Interval;
    ci95_agresti_caffo?: Interval;
    ci95_wilson_control?: Interval;
    ci95_wilson_treatment?: Interval;
  };
}

const { cases } = readOracle<ProportionCase>("proportions");

function expectInterval(got: readonly [number, number] | null, want: Interval | undefined): void {
  if (want === undefined) return;
  const half = (Number(want[1]) - Number(want[0])) / 2;
  for (const end of [0, 1] as const)
    expect(isClose(got?.[end] ?? null, want[end], { rel: 1e-9, abs: 1e-9 * half }), `got ${got}`).toBe(true);
}

describe("the test of two proportions equals the reference", () => {
  test.each(cases)("$name", ({ input, expected }) => {
    const [x1, n1] = input.control ? [input.control.count, input.control.n] : [input.reference?.nulls ?? 0, input.reference?.n ?? 0];
    const [x2, n2] = input.treatment ? [input.treatment.count, input.treatment.n] : [input.current?.nulls ?? 0, input.current?.n ?? 0];
    const run = (options: ProportionOptions = {}) => twoProportionZTest(x1, n1, x2, n2, options);
    const close = (got: number | null, want: OracleNumber | undefined, rel: number) => {
      if (want !== undefined) expect(isClose(got, want, { rel }), `got ${got}, expected ${want}`).toBe(true);
    };
    expect(run().status).toBe(expected.status);
    close(run().difference, expected.diff, 1e-10);
    close(run().statistic, expected.z_pooled, 1e-10);
    close(run().pValue, expected.p_two_sided, 1e-8);
    close(run({ alternative: "greater" }).pValue, expected.p_greater, 1e-8);
    close(run({ alternative: "less" }).pValue, expected.p_less, 1e-8);
    close(run({ pooled: false }).statistic, expected.z_unpooled, 1e-10);
    close(run({ pooled: false }).pValue, expected.p_two_sided_unpooled, 1e-8);
    expectInterval(run().confidenceInterval, expected.ci95_newcombe);
    expectInterval(run({ interval: "wald" }).confidenceInterval, expected.ci95_wald);
    expectInterval(run({ interval: "agresti_caffo" }).confidenceInterval, expected.ci95_agresti_caffo);
    if (expected.ci95_wilson_control) expectInterval(wilsonInterval(x1, n1), expected.ci95_wilson_control);
    if (expected.ci95_wilson_treatment) expectInterval(wilsonInterval(x2, n2), expected.ci95_wilson_treatment);
  });
});

describe("two proportions", () => {
  const trials = fc.integer({ min: 1, max: 400 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

  test("never answer with NaN, and swapping the sides turns the sign only", () => {
    fc.assert(
      fc.property(trials, trials, ([x1, n1], [x2, n2]) => {
        const forward = twoProportionZTest(x1, n1, x2, n2);
        const swapped = twoProportionZTest(x2, n2, x1, n1);
        expect(isClose(swapped.statistic, forward.statistic === null ? null : -forward.statistic, { rel: 1e-12 })).toBe(true);
        expect(isClose(swapped.pValue, forward.pValue, { rel: 1e-9 })).toBe(true);
        const [low, high] = forward.confidenceInterval ?? [Number.NaN, Number.NaN];
        expect(low <= (forward.difference ?? Number.NaN) + 1e-12 && (forward.difference ?? Number.NaN) <= high + 1e-12).toBe(true);
        expect(low >= -1 - 1e-12 && high <= 1 + 1e-12).toBe(true);
      }),
    );
  });

  test.each([
    ["more successes than trials", () => twoProportionZTest(5, 4, 1, 2), "invalid_value"],
    ["half a success", () => twoProportionZTest(0.5, 4, 1, 2), "invalid_value"],
    ["a negative count", () => wilsonInterval(-1, 4), "invalid_value"],
    ["a confidence of 1", () => wilsonInterval(1, 4, { confidence: 1 }), "invalid_option"],
  ])("refuse %s", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});
