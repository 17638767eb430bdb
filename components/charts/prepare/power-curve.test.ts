import { describe, expect, it } from "vitest";
import { preparePowerCurve } from "./power-curve";

const curve = [
  { subjectsPerArm: 279, power: 0.14 },
  { subjectsPerArm: 2_792, power: 0.8 },
  { subjectsPerArm: 8_376, power: 0.998 },
];

describe("a power curve", () => {
  it("begins at no subjects, ends at its last point and has round ticks between", () => {
    expect(preparePowerCurve(curve, 2_792)).toEqual({
      points: [
        { x: 279, y: expect.closeTo(14, 9) },
        { x: 2_792, y: 80 },
        { x: 8_376, y: expect.closeTo(99.8, 9) },
      ],
      domain: [0, 8_376],
      ticks: [0, 2_500, 5_000, 7_500],
      divisor: 1,
      digits: 0,
      planned: 2_792,
    });
  });

  it("counts in thousands and millions where the sizes are large", () => {
    const times = (factor: number) => curve.map((point) => ({ ...point, subjectsPerArm: point.subjectsPerArm * factor }));
    expect(preparePowerCurve(times(10), null)).toMatchObject({ divisor: 1_000, ticks: [0, 25_000, 50_000, 75_000] });
    expect(preparePowerCurve(times(2_000), null)).toMatchObject({ divisor: 1_000_000, digits: 0 });
  });

  it("marks no plan that lies outside of it", () => {
    expect(preparePowerCurve(curve, 9_000).planned).toBeNull();
    expect(preparePowerCurve([], 1_000)).toMatchObject({ points: [], planned: null });
  });
});
