import { describe, expect, it } from "vitest";
import type { Experiment } from "@/lib/domain/experiments/api";
import { coverBps, stepsFrom } from "./hand-over";
import { parseShares } from "./plan-form";

const arm = (number: number, shareBps: number) => ({ release: { id: `rel-${number}`, number, digest: "" }, variant: null, shareBps });
const arms = {
  control: { key: "control", ...arm(1, 4_000) },
  treatments: [
    { key: "treatment", ...arm(2, 3_000) },
    { key: "treatment_2", ...arm(3, 1_000) },
  ],
  holdoutBps: 2_000,
} satisfies Experiment["arms"];

describe("a rollout after an experiment", () => {
  it("begins with the share that its release had, so that nobody flips", () => {
    expect(coverBps({ arms }, 2)).toBe(3_000);
    expect(coverBps({ arms }, 3)).toBe(4_000);
    expect(coverBps({ arms }, 1)).toBeNull();
    const twice = { ...arms, treatments: [...arms.treatments, { key: "treatment_3" as const, ...arm(2, 500) }] };
    expect(coverBps({ arms: twice }, 2)).toBe(4_500);
  });

  it.each([
    [500, "5, 10, 25, 50, 75"],
    [3_000, "30, 50, 75"],
    [5_000, "50, 75"],
    [9_000, "90"],
    [333, "3.33, 10, 25, 50, 75"],
  ])("of %s basis points goes on in rising steps that the form reads: %s", (first, steps) => {
    expect(stepsFrom(first)).toBe(steps);
    expect(parseShares(steps)?.[0]).toBe(first);
  });
});
