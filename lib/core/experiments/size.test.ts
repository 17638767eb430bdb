import { describe, expect, test } from "vitest";
import { createPrng, drawNormal } from "../prng";
import { confidenceSequence, createMoments } from "../stats";
import { planSize, powerCurve, type SizeQuestion } from "./index";

const QUESTION: SizeQuestion = {
  baseline: { mean: 0.8, standardDeviation: 0.25 },
  relativeEffect: 0.02,
  alpha: 0.05,
  power: 0.8,
  mode: "fixed",
  treatments: 1,
  shares: { control: 0.5, treatment: 0.5 },
  subjectsPerDay: 1_000,
  minSubjectsPerArm: 1_000,
};

describe("the planned size", () => {
  test("is the t-test's, never under the minimum, and takes whole weeks at present traffic", () => {
    // 0.02 · 0.8 / 0.25 = 0.064 standard deviations: 2 (1.960 + 0.842)² / 0.064² = 3,833, and one more for Student's t.
    expect(planSize(QUESTION)).toEqual({
      effectSize: 0.064,
      control: 3_834,
      treatment: 3_834,
      days: 14,
      tuning: 7_668,
      isAtMinimum: false,
    });
    expect(planSize({ ...QUESTION, relativeEffect: 0.1 })).toMatchObject({ control: 1_000, days: 7, isAtMinimum: true });
    expect(planSize({ ...QUESTION, subjectsPerDay: 0 })?.days).toBeNull();
  });

  test("gives the minimum to the smaller arm, and more to all where several treatments share the level", () => {
    const shares = { control: 0.8, treatment: 0.2 };
    expect(planSize({ ...QUESTION, relativeEffect: 0.5, shares })).toMatchObject({ control: 4_000, treatment: 1_000 });
    expect(planSize({ ...QUESTION, treatments: 3 })?.control).toBeGreaterThan(1.3 * 3_834);
  });

  test("has no answer without a baseline or without spread", () => {
    expect(planSize({ ...QUESTION, baseline: { mean: 0, standardDeviation: 1 } })).toBeNull();
    expect(planSize({ ...QUESTION, baseline: { mean: 1, standardDeviation: 0 } })).toBeNull();
    expect(planSize({ ...QUESTION, relativeEffect: 0 })).toBeNull();
  });

  test("of a sequential design is larger, and finds the effect as often as planned or more", () => {
    const question = { ...QUESTION, mode: "sequential" as const, relativeEffect: 0.06, minSubjectsPerArm: 2 };
    const plan = planSize(question);
    if (plan === null) throw new Error("the question has an answer");
    expect(plan.control).toBeGreaterThan(1.5 * (planSize({ ...question, mode: "fixed" })?.control ?? 0));
    const prng = createPrng(41);
    const arm = (mean: number) => createMoments(Float64Array.from({ length: plan.control }, () => drawNormal(prng, mean, 0.25)));
    let found = 0;
    for (let run = 0; run < 200; run++) {
      const [c, t] = [arm(0.8), arm(0.848)];
      const standardError = Math.sqrt((c.m2 + t.m2) / (plan.control - 1) / plan.control);
      const { pValue } = confidenceSequence({ estimate: t.mean - c.mean, standardError, n: plan.tuning }, { tuning: plan.tuning });
      found += Number((pValue ?? 1) < 0.05);
    }
    const [point] = powerCurve(question, plan.control, [0.06]);
    expect(Math.abs(found / 200 - (point?.power ?? 0))).toBeLessThan(0.09);
    expect(point?.power).toBeCloseTo(0.8, 2);
  });
});

describe("the power curve", () => {
  test("rises with the effect, from the level to certainty, and passes the plan's power at the plan's effect", () => {
    const curve = powerCurve(QUESTION, 3_834, [0, 0.01, 0.02, 0.03, 0.1]).map(({ power }) => power);
    expect(curve).toEqual(curve.toSorted((a, b) => a - b));
    expect(curve[0]).toBeCloseTo(0.05, 6);
    expect(curve[2]).toBeCloseTo(0.8, 3);
    expect(curve[4]).toBeCloseTo(1, 6);
  });
});
