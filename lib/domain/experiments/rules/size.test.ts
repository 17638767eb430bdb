import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { daysToReach, powerCurve, type SizeQuestion, sizePerArm } from "./size";

const QUESTION = {
  basis: { minimumDetectableEffect: 0.02, baselineMean: 0.75, baselineDeviation: 0.2 },
  alpha: 0.05,
  power: 0.8,
  mode: "fixed",
  treatments: 1,
  controlBps: 5_000,
  treatmentBps: 5_000,
} satisfies SizeQuestion;

describe("the size of an experiment", () => {
  it("is the sample size of the t-test for the difference worth finding, rounded up", () => {
    // statsmodels' TTestIndPower for d = 0.02 · 0.75 / 0.2 = 0.075
    expect(sizePerArm(QUESTION)).toBe(2_792);
    expect(sizePerArm({ ...QUESTION, basis: { ...QUESTION.basis, baselineMean: -0.75 } })).toBe(2_792);
  });

  it("of the smaller arm is the same whichever arm that is", () => {
    const small = sizePerArm({ ...QUESTION, controlBps: 8_000, treatmentBps: 2_000 });
    const mirrored = sizePerArm({ ...QUESTION, controlBps: 2_000, treatmentBps: 8_000 });
    expect(Math.abs((small ?? 0) - (mirrored ?? 0))).toBeLessThanOrEqual(1);
    expect(small).toBeLessThan(2_792);
  });

  it("is larger where one may look at any time, and where several treatments share the level", () => {
    const sequential = sizePerArm({ ...QUESTION, mode: "sequential" }) ?? 0;
    expect(sequential).toBeGreaterThan(1.5 * 2_792);
    expect(sequential).toBeLessThan(2.5 * 2_792);
    // 2 (2.394 + 0.842)² / 0.075², the normal quantiles of 0.05 / 3 / 2 and of 0.2, and a little for Student's t.
    expect(sizePerArm({ ...QUESTION, treatments: 3 })).toBe(3_724);
  });

  it("is unknown where it is past counting, and so is the curve; a difference that nobody can miss needs two", () => {
    const endless = { ...QUESTION, basis: { minimumDetectableEffect: 0.0001, baselineMean: 1, baselineDeviation: 1e9 } };
    expect([sizePerArm(endless), powerCurve(endless)]).toEqual([null, []]);
    const most = { ...endless, basis: { ...endless.basis, baselineDeviation: 9 } };
    expect([sizePerArm(most), sizePerArm({ ...most, mode: "sequential" })].every((n) => Number.isSafeInteger(n))).toBe(true);
    expect(sizePerArm({ ...QUESTION, basis: { minimumDetectableEffect: 10, baselineMean: 1e6, baselineDeviation: 1e-9 } })).toBe(2);
  });

  it.each(["fixed", "sequential"] as const)("in a %s plan finds just the difference it was planned for with the plan's power", (mode) => {
    const question = { ...QUESTION, mode };
    const planned = sizePerArm(question) ?? 0;
    const [before, after] = [planned / 1.2, planned * 1.2];
    const near = powerCurve(question).filter((p) => p.subjectsPerArm > before && p.subjectsPerArm < after);
    expect(near.length).toBeGreaterThan(0);
    for (const point of near) {
      const isEnough = point.subjectsPerArm >= planned;
      expect([point.power >= 0.8 - 1e-4, point.detectableEffect <= 0.02 + 1e-5]).toEqual([isEnough, isEnough]);
    }
  });

  it("lies on its power curve, which rises with the size while the difference that is found falls", () => {
    const curve = powerCurve(QUESTION);
    for (const [i, point] of curve.entries()) {
      const before = curve[i - 1];
      if (before === undefined) continue;
      expect([point.power >= before.power, point.detectableEffect < before.detectableEffect]).toEqual([true, true]);
    }
    const reaches = curve.filter((p) => p.subjectsPerArm >= 2_792);
    expect(reaches.every((p) => p.power >= 0.8 && p.detectableEffect <= 0.0201)).toBe(true);
    expect(curve.filter((p) => p.subjectsPerArm < 2_700).every((p) => p.power < 0.8)).toBe(true);
  });

  it("takes whole weeks, at least one, and nobody knows how many days without traffic", () => {
    expect(daysToReach({ subjectsPerArm: 3_000, shareBps: 5_000, subjectsPerDay: 600 })).toEqual({
      days: 10,
      wholeWeeksSeconds: 14 * 86_400,
    });
    expect(daysToReach({ subjectsPerArm: 100, shareBps: 5_000, subjectsPerDay: 600 }).wholeWeeksSeconds).toBe(7 * 86_400);
    expect(daysToReach({ subjectsPerArm: 100, shareBps: 5_000, subjectsPerDay: 0 })).toEqual({ days: null, wholeWeeksSeconds: 7 * 86_400 });
  });

  it("grows as the difference shrinks, for any baseline", () => {
    const any = fc.record({
      mean: fc.integer({ min: 1, max: 1_000 }),
      deviation: fc.integer({ min: 1, max: 1_000 }),
      effect: fc.integer({ min: 10, max: 500 }),
    });
    fc.assert(
      fc.property(any, ({ mean, deviation, effect }) => {
        const size = (relative: number) =>
          sizePerArm({ ...QUESTION, basis: { minimumDetectableEffect: relative, baselineMean: mean, baselineDeviation: deviation } });
        expect(size(effect / 2_000) ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(size(effect / 1_000) ?? 0);
      }),
      { numRuns: 50 },
    );
  });
});
