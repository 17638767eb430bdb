import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { daysToReach, powerCurve, sizePerArm } from "./size";

const QUESTION = {
  basis: { minimumDetectableEffect: 0.02, baselineMean: 0.75, baselineDeviation: 0.2 },
  alpha: 0.05,
  power: 0.8,
  controlBps: 5_000,
  treatmentBps: 5_000,
};

describe("the size of an experiment", () => {
  it("is the sample size of the t-test for the difference worth finding, rounded up", () => {
    // statsmodels' TTestIndPower for d = 0.02 · 0.75 / 0.2 = 0.075
    expect(sizePerArm(QUESTION)).toBe(2_792);
    expect(sizePerArm({ ...QUESTION, basis: { ...QUESTION.basis, baselineMean: -0.75 } })).toBe(2_792);
  });

  it("of the smaller arm is the same whichever arm that is", () => {
    const small = sizePerArm({ ...QUESTION, controlBps: 8_000, treatmentBps: 2_000 });
    expect(Math.abs(small - sizePerArm({ ...QUESTION, controlBps: 2_000, treatmentBps: 8_000 }))).toBeLessThanOrEqual(1);
    expect(small).toBeLessThan(2_792);
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
        expect(size(effect / 2_000)).toBeGreaterThanOrEqual(size(effect / 1_000));
      }),
      { numRuns: 50 },
    );
  });
});
