import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, readOracle } from "@/test/oracles/oracle";
import { type CoMoments, coMomentsOfSums } from "./co-moments";
import { confidenceSequence } from "./confidence-sequence";
import { cupedFromMoments, cupedRatioFromMoments } from "./cuped";
import type { Summary } from "./moments";
import { ratioSummary } from "./ratio-metric";
import { relativeLiftFromSummary } from "./relative-lift";
import { welchTTestFromSummary } from "./welch";

interface Sums {
  type: string;
  n: number;
  sum: number;
  sum_squares: number;
}

interface Arm extends Sums {
  m: Sums;
  d: Sums;
  m_d_sum_of_products: number;
}

interface Tail {
  p_exact?: OracleNumber;
  p_closed_form_clamped?: OracleNumber;
  ci_exact?: [OracleNumber, OracleNumber];
}

interface GrowthBookCase {
  name: string;
  informational?: string;
  input: { control: Arm; treatment: Arm };
  params: { difference_type: "relative" | "absolute"; alpha: number; sequential_tuning_parameter: number };
  expected: {
    moments: { point_estimate: number; standard_error: number; error: string | null; dof?: number };
  } & Record<"two_sided" | "greater" | "less", Tail>;
}

const SIDES = [
  ["two_sided", "two-sided"],
  ["greater", "greater"],
  ["less", "less"],
] as const;

function summaryOfSums({ n, sum, sum_squares }: Sums): Summary | null {
  const moments = coMomentsOfSums({ n, sums: [sum], products: [sum_squares] });
  const [mean = 0] = moments.means;
  return n < 2 ? null : { n, mean, meanLow: moments.meanLows[0] ?? 0, variance: (moments.products[0] ?? 0) / (n - 1) };
}

function summaryOfArm(arm: Arm): Summary | null {
  switch (arm.type) {
    case "mean":
      return summaryOfSums(arm);
    case "proportion": {
      const share = arm.sum / arm.n;
      return { n: arm.n, mean: share, variance: share * (1 - share) };
    }
    case "ratio": {
      const products = [arm.m.sum_squares, arm.m_d_sum_of_products, arm.d.sum_squares];
      return ratioSummary(coMomentsOfSums({ n: arm.n, sums: [arm.m.sum, arm.d.sum], products }));
    }
    default:
      return null;
  }
}

function close(got: number | null | undefined, want: OracleNumber | undefined, tolerance: { rel?: number; abs?: number }): void {
  if (want !== undefined) expect(isClose(got ?? null, want, tolerance), `got ${got}, expected ${want}`).toBe(true);
}

/** Its refusals (a variance of 0 on either side) are answers here; what it computes is compared. */
const isComparable = ({ name, informational, expected }: GrowthBookCase) =>
  informational === undefined && expected.moments.error === null && !name.includes("cancellation");

const fixed = readOracle<GrowthBookCase>("growthbook_frequentist");
const sequential = readOracle<GrowthBookCase>("growthbook_sequential");

describe("the t-test from sums equals GrowthBook's", () => {
  test.each(fixed.cases.filter(isComparable))("$name", ({ input, params, expected }) => {
    const [control, treatment] = [summaryOfArm(input.control), summaryOfArm(input.treatment)];
    if (control === null || treatment === null) throw new Error("both arms hold enough");
    for (const [side, alternative] of SIDES) {
      const options = { alternative, confidence: 1 - params.alpha };
      const result =
        params.difference_type === "relative"
          ? relativeLiftFromSummary(control, treatment, { ...options, baseline: "absolute" })
          : welchTTestFromSummary(control, treatment, options);
      if (result.status !== "ok") throw new Error("a test is possible");
      close("liftRatio" in result ? result.liftRatio : result.difference, expected.moments.point_estimate, { rel: 1e-9 });
      close(result.standardError, expected.moments.standard_error, { rel: 1e-9 });
      close(result.df, expected.moments.dof, { rel: 1e-9 });
      close(result.pValue, expected[side].p_exact, { rel: 1e-8 });
      const abs = 1e-9 * 3 * expected.moments.standard_error;
      for (const end of [0, 1] as const) close(result.confidenceInterval[end], expected[side].ci_exact?.[end], { rel: 1e-9, abs });
    }
  });

  test("what it refuses for one arm without spread is answered", () => {
    const refused = fixed.cases.find(({ name }) => name === "mean_zero_variance_a__absolute__a0.05");
    if (!refused) throw new Error("the reference has this case");
    const [control, treatment] = [summaryOfArm(refused.input.control), summaryOfArm(refused.input.treatment)];
    if (control === null || treatment === null) throw new Error("both arms hold enough");
    expect(welchTTestFromSummary(control, treatment)).toMatchObject({ status: "ok", df: 9 });
  });
});

describe("the confidence sequence equals GrowthBook's sequential test", () => {
  test.each(sequential.cases.filter(isComparable))("$name", ({ input, params, expected }) => {
    const { alpha, sequential_tuning_parameter: tuning } = params;
    const { point_estimate: estimate, standard_error: standardError } = expected.moments;
    const n = input.control.n + input.treatment.n;
    for (const [side, alternative] of SIDES) {
      const { confidenceInterval, pValue } = confidenceSequence({ estimate, standardError, n }, { alpha, tuning, alternative });
      const want = expected[side];
      const abs = 1e-9 * 3 * standardError;
      for (const end of [0, 1] as const) close(confidenceInterval?.[end], want.ci_exact?.[end], { rel: 1e-9, abs });
      close(pValue, want.p_exact, { rel: 1e-8 });
      // It searches for the one-sided p-value in this range only.
      close(Math.min(0.4999, Math.max(1e-5, pValue ?? Number.NaN)), want.p_closed_form_clamped, { rel: 1e-8 });
    }
  });
});

describe("sums of ratios", () => {
  const arm: CoMoments = coMomentsOfSums({ n: 3, sums: [6, 0], products: [14, 0, 0] });

  test("a denominator of 0 is no ratio", () => {
    expect(ratioSummary(arm)).toBeNull();
    expect(cupedRatioFromMoments(arm, arm).status).toBe("insufficient_data");
    expect(cupedFromMoments(arm, arm).status).toBe("zero_pre_variance");
  });
});
