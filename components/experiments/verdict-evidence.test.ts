import { describe, expect, it } from "vitest";
import { getWords } from "@/lib/core/words";
import type { Analysis } from "@/lib/domain/experiments/api";
import { type Pair, pairOf } from "./experiment-look";
import { evidenceText, guardrailText } from "./verdict-evidence";

const words = getWords("en");
const latency = { source: "usage", name: "latency_ms", evaluator: "auto", direction: "lower", practicalMargin: 0, quantile: 0.95 } as const;
const cost = { source: "usage", name: "cost_per_request", evaluator: "auto", direction: "lower", practicalMargin: 0.1 } as const;
const arm = { subjects: 5_000, scores: 9_000, mean: 1_200, variance: 10 };
const compared = {
  treatment: "treatment",
  control: arm,
  treated: { ...arm, mean: 1_080 },
  status: "ok",
  difference: -120,
  interval: { low: -150, high: -90 },
  pValue: 0.0004,
  adjustedPValue: 0.0008,
  liftRatio: -0.1,
  liftInterval: { low: -0.12, high: -0.08 },
  effect: "better",
} as const;
const analysis = {
  arms: [
    { arm: "control", ...arm },
    { arm: "treatment", ...arm, mean: 1_080 },
  ],
  primary: [
    {
      treatment: "treatment",
      test: { pValue: 0.0004 },
      lift: { ratio: -0.1, interval: { low: -0.12, high: -0.08 } },
    },
  ],
  comparisons: [
    { ...compared, role: "primary", metric: latency },
    { ...compared, role: "guardrail", metric: cost },
  ],
  checks: [],
} as unknown as Analysis;
const plan = { alpha: 0.05, minSubjectsPerArm: 1_000 } as Parameters<typeof guardrailText>[0]["experiment"]["plan"];

describe("the evidence of a verdict", () => {
  it("says that guardrails hold only once the look that decides is made", () => {
    const guarded = { experiment: { metric: latency, plan }, analysis, treatment: "treatment" } as const;
    expect(guardrailText({ ...guarded, isEarly: false }, words)).toBe("The guardrail Cost per request holds.");
    expect(guardrailText({ ...guarded, isEarly: true }, words)).toBe("");
    const doubted = { ...analysis, checks: [{ status: "fail" }] } as unknown as Analysis;
    expect(guardrailText({ ...guarded, analysis: doubted, isEarly: false }, words)).toBe("");
  });

  it.each([
    [0.95, "95 %"],
    [0.975, "97.5 %"],
    [1 - 0.05 / 3, "98.33 %"],
    [0.999, "99.9 %"],
  ])("names a quantile and its unit, and does not round the confidence of %f away", (confidence, shown) => {
    const pair = pairOf(analysis, "treatment") as Pair;
    expect(evidenceText(pair, { metric: latency, confidence }, words).replaceAll("\u00a0", " ")).toBe(
      `Latency, p95: 1.20 s → 1.08 s. Lift ${shown} interval \u221212.0 % to \u22128.0 %, p < 0.001.`,
    );
  });
});
