import { describe, expect, test } from "vitest";
import { createPrng, drawInteger, drawNormal } from "@/lib/core/prng";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { addToCoMoments, type CoMoments, coMomentsOfSums, createCoMoments, mergeCoMoments } from "./co-moments";
import { type CupedResult, type CupedTheta, cuped, cupedFromMoments, cupedRatioFromMoments } from "./cuped";
import type { WelchOptions } from "./welch";

interface Adjusted {
  theta: number;
  adj_mean_control: number;
  adj_var_control: number;
  variance_reduction_control: number;
  adj_mean_treatment: number;
  adj_var_treatment: number;
  variance_reduction_treatment: number;
  diff: number;
  se?: number;
  t?: number;
  df?: number;
  p_two_sided?: number;
}

interface CupedCase {
  name: string;
  input: Record<"control" | "treatment", { pre: OracleSample; post: OracleSample }>;
  expected: { status: string; correlation_joint?: number } & Partial<Record<CupedTheta, Adjusted>>;
}

const { cases } = readOracle<CupedCase>("cuped");
const THETAS = ["joint", "within", "control_only"] as const;

function close(got: number | null | undefined, want: OracleNumber | undefined, tolerance: { rel?: number; abs?: number }): void {
  if (want !== undefined) expect(isClose(got ?? null, want, tolerance), `got ${got}, expected ${want}`).toBe(true);
}

describe("CUPED equals the reference", () => {
  test.each(cases)("$name", ({ input, expected }) => {
    const arm = ({ pre, post }: { pre: OracleSample; post: OracleSample }) => ({ pre: sampleOf(pre), post: sampleOf(post) });
    const [control, treatment] = [arm(input.control), arm(input.treatment)];
    expect(cuped(control, treatment).status).toBe(expected.status);
    for (const theta of THETAS) {
      const want = expected[theta];
      const result = cuped(control, treatment, { theta });
      if (want === undefined || result.status !== "ok") continue;
      close(result.theta, want.theta, { rel: 1e-10 });
      close(result.control.mean, want.adj_mean_control, { rel: 1e-10 });
      close(result.treatment.mean, want.adj_mean_treatment, { rel: 1e-10 });
      close(result.control.variance, want.adj_var_control, { rel: 1e-10 });
      close(result.treatment.variance, want.adj_var_treatment, { rel: 1e-10 });
      close(result.control.varianceReduction, want.variance_reduction_control, { rel: 1e-10, abs: 1e-12 });
      close(result.treatment.varianceReduction, want.variance_reduction_treatment, { rel: 1e-10, abs: 1e-12 });
      close(result.welch.difference, want.diff, { rel: 1e-10 });
      if (want.t === undefined) {
        expect(result.welch.status).toBe("zero_variance");
        continue;
      }
      close(result.welch.standardError, want.se, { rel: 1e-10 });
      close(result.welch.t, want.t, { rel: 1e-10 });
      close(result.welch.df, want.df, { rel: 1e-10 });
      close(result.welch.pValue, want.p_two_sided, { rel: 1e-8 });
    }
    if (expected.correlation_joint !== undefined) close(cuped(control, treatment).correlation, expected.correlation_joint, { rel: 1e-10 });
  });
});

interface Sums {
  type: string;
  n: number;
  sum: number;
  sum_squares?: number;
}
type Products = Record<
  | "post_pre_sum_of_products"
  | "m_post_m_pre_sum_of_products"
  | "d_post_d_pre_sum_of_products"
  | "m_pre_d_pre_sum_of_products"
  | "m_post_d_post_sum_of_products"
  | "m_post_d_pre_sum_of_products"
  | "m_pre_d_post_sum_of_products",
  number
>;
type StatisticName = "post" | "pre" | "m_statistic_post" | "d_statistic_post" | "m_statistic_pre" | "d_statistic_pre";
type GrowthBookArm = { type: string; n: number } & Record<StatisticName, Sums> & Products;
interface Tail {
  p_exact?: OracleNumber;
  ci_exact?: [OracleNumber, OracleNumber];
}

interface GrowthBookCase {
  name: string;
  informational?: string;
  input: { control: GrowthBookArm; treatment: GrowthBookArm };
  params: { difference_type: "relative" | "absolute"; alpha: number };
  expected: {
    moments: { point_estimate: number; standard_error: number; dof: number; theta?: number; adjusted_var_control?: number };
  } & Record<"two_sided" | "greater" | "less", Tail>;
}

const growthBook = readOracle<GrowthBookCase>("growthbook_cuped_ratio");
const squares = ({ sum, sum_squares }: Sums) => sum_squares ?? sum;

function momentsOf(arm: GrowthBookArm): CoMoments {
  if (arm.type === "cuped") {
    const products = [squares(arm.post), arm.post_pre_sum_of_products, squares(arm.pre)];
    return coMomentsOfSums({ n: arm.n, sums: [arm.post.sum, arm.pre.sum], products });
  }
  const [m, d, mPre, dPre] = [arm.m_statistic_post, arm.d_statistic_post, arm.m_statistic_pre, arm.d_statistic_pre];
  return coMomentsOfSums({
    n: arm.n,
    sums: [m.sum, d.sum, mPre.sum, dPre.sum],
    products: [
      squares(m),
      arm.m_post_d_post_sum_of_products,
      arm.m_post_m_pre_sum_of_products,
      arm.m_post_d_pre_sum_of_products,
      squares(d),
      arm.m_pre_d_post_sum_of_products,
      arm.d_post_d_pre_sum_of_products,
      squares(mPre),
      arm.m_pre_d_pre_sum_of_products,
      squares(dPre),
    ],
  });
}

describe("CUPED from sums equals GrowthBook's", () => {
  test.each(growthBook.cases.filter(({ informational }) => informational === undefined))("$name", ({ input, params, expected }) => {
    const [control, treatment] = [momentsOf(input.control), momentsOf(input.treatment)];
    const run = (options: WelchOptions): CupedResult =>
      input.control.type === "cuped" ? cupedFromMoments(control, treatment, options) : cupedRatioFromMoments(control, treatment, options);
    for (const [side, alternative] of [
      ["two_sided", "two-sided"],
      ["greater", "greater"],
      ["less", "less"],
    ] as const) {
      const result = run({ alternative, confidence: 1 - params.alpha });
      if (result.status === "insufficient_data" || result.welch.status !== "ok" || result.lift === null)
        throw new Error("a test is possible");
      const { welch, lift } = result;
      if (expected.moments.theta !== undefined) close(result.theta, expected.moments.theta, { rel: 1e-9 });
      const isRelative = params.difference_type === "relative";
      const estimate = isRelative ? lift.liftRatio : welch.difference;
      close(estimate, expected.moments.point_estimate, { rel: 1e-9 });
      // Its proportions have the variance p(1 − p), ours n/(n − 1) times that.
      if (input.control.post?.type === "proportion") continue;
      close(isRelative ? lift.standardError : welch.standardError, expected.moments.standard_error, { rel: 1e-9 });
      close(welch.df, expected.moments.dof, { rel: 1e-9 });
      close(isRelative ? lift.pValue : welch.pValue, expected[side].p_exact, { rel: 1e-8 });
      const interval = isRelative ? lift.confidenceInterval : welch.confidenceInterval;
      const abs = 1e-9 * 3 * expected.moments.standard_error;
      for (const end of [0, 1] as const) close(interval?.[end], expected[side].ci_exact?.[end], { rel: 1e-9, abs });
    }
  });
});

describe("CUPED", () => {
  test("does not change where all values move by 10^15", () => {
    const draw = (seed: number) => {
      const prng = createPrng(seed);
      const pre = Array.from({ length: 40 }, () => drawInteger(prng, 0, 60));
      return { pre, post: pre.map((value) => value + drawInteger(prng, -9, 9)) };
    };
    const away = ({ pre, post }: { pre: number[]; post: number[] }) => ({ pre: pre.map((v) => v + 1e15), post: post.map((v) => v + 1e15) });
    const [near, far] = [cuped(draw(1), draw(2)), cuped(away(draw(1)), away(draw(2)))];
    close(far.theta, near.theta ?? undefined, { rel: 1e-12 });
    close(far.welch?.difference, near.welch?.difference ?? undefined, { rel: 1e-10 });
    close(far.welch?.t, near.welch?.t ?? undefined, { rel: 1e-10 });
  });
});

describe("co-moments", () => {
  const prng = createPrng(5);
  const rows = Array.from({ length: 400 }, () => {
    const pre = drawNormal(prng, 1e9, 2);
    return [pre + drawNormal(prng, 3, 1), pre] as const;
  });
  const columns = (of: readonly (readonly [number, number])[]) => [of.map(([post]) => post), of.map(([, pre]) => pre)];

  test("say of a stream, in any pieces, what they say of the columns, even far from 0", () => {
    const whole = createCoMoments(columns(rows));
    const streamed = rows.reduce<CoMoments>((moments, row) => addToCoMoments(moments, row), createCoMoments([[], []]));
    const merged = mergeCoMoments(createCoMoments(columns(rows.slice(0, 57))), createCoMoments(columns(rows.slice(57))));
    for (const moments of [streamed, merged]) {
      expect(moments.count).toBe(400);
      for (const [index, product] of whole.products.entries()) close(moments.products[index], product, { rel: 1e-11 });
      for (const [index, mean] of whole.means.entries()) close(moments.means[index], mean, { rel: 1e-15 });
    }
  });

  test("leave out rows with anything missing, and refuse what is no row", () => {
    expect(
      createCoMoments([
        [1, null, 3, 4],
        [2, 5, Number.NaN, 8],
      ]),
    ).toEqual(
      createCoMoments([
        [1, 4],
        [2, 8],
      ]),
    );
    expect(() => createCoMoments([[1], [1, 2]])).toThrow(expect.objectContaining({ code: "invalid_value" }));
    expect(() => addToCoMoments(createCoMoments([[], []]), [1, Number.POSITIVE_INFINITY])).toThrow(
      expect.objectContaining({ code: "non_finite" }),
    );
    expect(() => coMomentsOfSums({ n: 2, sums: [1, 2], products: [1] })).toThrow(expect.objectContaining({ code: "invalid_summary" }));
  });
});
