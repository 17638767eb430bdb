import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { StatsError } from "./errors";
import { createMoments, summaryOf } from "./moments";
import { type WelchResult, welchTTest, welchTTestFromSummary } from "./welch";

interface WelchExpected {
  status: string;
  n_control?: number;
  n_treatment?: number;
  mean_control?: OracleNumber;
  mean_treatment?: OracleNumber;
  var_control?: OracleNumber;
  var_treatment?: OracleNumber;
  diff?: OracleNumber;
  se?: OracleNumber;
  t?: OracleNumber;
  df?: OracleNumber;
  p_two_sided?: OracleNumber;
  p_greater?: OracleNumber;
  p_less?: OracleNumber;
  ci?: { conf: number; lo: number; hi: number; one_sided_lower: number; one_sided_upper: number }[] | null;
}

interface ArmFigures {
  mean: number;
  var: number;
  n: number;
}

const samples = readOracle<{ name: string; input: { control: OracleSample; treatment: OracleSample }; expected: WelchExpected }>(
  "welch_ttest",
);
const summaries = readOracle<{ name: string; input: { control: ArmFigures; treatment: ArmFigures }; expected: WelchExpected }>(
  "welch_summary",
);

type Run = (options: { alternative?: "two-sided" | "greater" | "less"; confidence?: number }) => WelchResult;

/** Compares one case with its reference at the tolerances the reference was published with. */
function expectReference(run: Run, expected: WelchExpected, rel: number): void {
  const result = run({});
  expect(result.status).toBe(expected.status);
  if (expected.n_control !== undefined) expect(result.control.n).toBe(expected.n_control);
  if (expected.n_treatment !== undefined) expect(result.treatment.n).toBe(expected.n_treatment);
  if (expected.status === "insufficient_data") {
    expect(result.pValue).toBeNull();
    return;
  }
  const close = (got: number | null, want: OracleNumber | undefined, tolerance: { rel?: number; abs?: number }, what: string) => {
    if (want !== undefined) expect(isClose(got, want, tolerance), `${what}: got ${got}, expected ${want}`).toBe(true);
  };
  close(result.difference, expected.diff, { rel }, "difference");
  close(result.control.mean, expected.mean_control, { rel }, "control mean");
  close(result.treatment.mean, expected.mean_treatment, { rel }, "treatment mean");
  close(result.control.variance, expected.var_control, { rel }, "control variance");
  close(result.treatment.variance, expected.var_treatment, { rel }, "treatment variance");
  if (result.status !== "ok") {
    expect([result.t, result.df, result.pValue, result.confidenceInterval]).toEqual([null, null, null, null]);
    return;
  }
  close(result.standardError, expected.se, { rel }, "standard error");
  close(result.t, expected.t, { rel }, "t");
  close(result.df, expected.df, { rel }, "df");
  close(result.pValue, expected.p_two_sided, { rel: 1e-8 }, "two-sided p");
  close(run({ alternative: "greater" }).pValue, expected.p_greater, { rel: 1e-8 }, "p greater");
  close(run({ alternative: "less" }).pValue, expected.p_less, { rel: 1e-8 }, "p less");
  for (const { conf, lo, hi, one_sided_lower, one_sided_upper } of expected.ci ?? []) {
    const abs = 1e-9 * ((hi - lo) / 2);
    const [low, high] = run({ confidence: conf }).confidenceInterval ?? [null, null];
    close(low, lo, { rel: 1e-9, abs }, `low end at ${conf}`);
    close(high, hi, { rel: 1e-9, abs }, `high end at ${conf}`);
    const greater = run({ alternative: "greater", confidence: conf }).confidenceInterval ?? [null, null];
    const less = run({ alternative: "less", confidence: conf }).confidenceInterval ?? [null, null];
    close(greater[0], one_sided_lower, { rel: 1e-9, abs }, `one-sided low end at ${conf}`);
    close(less[1], one_sided_upper, { rel: 1e-9, abs }, `one-sided high end at ${conf}`);
    expect([greater[1], less[0]]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  }
}

describe("Welch's t-test equals the reference", () => {
  test.each(samples.cases)("from samples: $name", ({ name, input, expected }) => {
    const control = sampleOf(input.control);
    const treatment = sampleOf(input.treatment);
    const rel = name.includes("1e15") ? 1e-8 : 1e-10;
    expectReference((options) => welchTTest(control, treatment, options), expected, rel);
  });

  test.each(summaries.cases)("from summaries: $name", ({ input, expected }) => {
    const control = { mean: input.control.mean, variance: input.control.var, n: input.control.n };
    const treatment = { mean: input.treatment.mean, variance: input.treatment.var, n: input.treatment.n };
    expectReference((options) => welchTTestFromSummary(control, treatment, options), expected, 1e-10);
  });
});

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 40 });

describe("Welch's t-test", () => {
  test("does not depend on the order of the values, and swapping the arms turns the sign", () => {
    fc.assert(
      fc.property(sample, sample, (control, treatment) => {
        const forward = welchTTest(control, treatment);
        const shuffled = welchTTest(
          control.toReversed(),
          treatment.toSorted((a, b) => a - b),
        );
        const swapped = welchTTest(treatment, control);
        expect(isClose(shuffled.t, forward.t, { rel: 1e-9 })).toBe(true);
        expect(isClose(shuffled.pValue, forward.pValue, { rel: 1e-7 })).toBe(true);
        expect(isClose(swapped.difference, -(forward.difference ?? 0), { rel: 1e-12 })).toBe(true);
        expect(isClose(swapped.pValue, forward.pValue, { rel: 1e-9 })).toBe(true);
      }),
    );
  });

  test("gives from moments what it gives from the values, even 10^15 away from 0", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1e9, 1e15), fc.infiniteStream(fc.integer({ min: -40, max: 40 })), (offset, stream) => {
        const drawn = [...stream.take(24)].map((step) => offset + step);
        const [control, treatment] = [drawn.slice(0, 11), drawn.slice(11)];
        const direct = welchTTest(control, treatment);
        const left = summaryOf(createMoments(control));
        const right = summaryOf(createMoments(treatment));
        if (left === null || right === null) throw new Error("both arms hold enough values");
        expect(isClose(welchTTestFromSummary(left, right).t, direct.t, { rel: 1e-12 })).toBe(true);
      }),
    );
  });

  test("never answers with NaN, whatever finite numbers it is given", () => {
    const anything = fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)), { maxLength: 12 });
    fc.assert(
      fc.property(anything, anything, (control, treatment) => {
        const { t, df, pValue, difference, confidenceInterval } = welchTTest(control, treatment);
        for (const figure of [t, df, pValue, difference, ...(confidenceInterval ?? [])]) expect(figure).not.toBeNaN();
        if (pValue !== null) expect(pValue >= 0 && pValue <= 1).toBe(true);
      }),
    );
  });

  test.each([
    ["an infinite value", () => welchTTest([1, 2, Number.POSITIVE_INFINITY], [1, 2, 3]), "non_finite"],
    ["a confidence of 1", () => welchTTest([1, 2], [3, 5], { confidence: 1 }), "invalid_option"],
    ["a confidence that is no number", () => welchTTest([1, 2], [3, 5], { confidence: Number.NaN }), "invalid_option"],
    [
      "a negative variance",
      () => welchTTestFromSummary({ n: 5, mean: 1, variance: -1 }, { n: 5, mean: 1, variance: 1 }),
      "invalid_summary",
    ],
    [
      "a count that is not whole",
      () => welchTTestFromSummary({ n: 4.5, mean: 1, variance: 1 }, { n: 5, mean: 1, variance: 1 }),
      "invalid_summary",
    ],
    [
      "a mean that is no number",
      () => welchTTestFromSummary({ n: 5, mean: Number.NaN, variance: 1 }, { n: 5, mean: 1, variance: 1 }),
      "invalid_summary",
    ],
  ])("refuses %s with a typed error", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
    expect(run).toThrow(StatsError);
  });
});
