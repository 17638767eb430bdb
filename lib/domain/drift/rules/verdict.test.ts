import { describe, expect, test } from "vitest";
import { createPrng, drawNormal } from "@/lib/core/prng";
import type { DistributionComparison } from "@/lib/core/stats";
import { compareDistributions } from "@/lib/core/stats";
import { DriftLimits } from "./settings";
import { type ComparedFeature, DRIFT_VERDICTS, judgeFeatures, psiChanceBound, worstVerdict } from "./verdict";

const limits = DriftLimits.parse({});

interface Figures {
  n?: number;
  m?: number;
  psi?: number;
  d?: number;
  p?: number;
}

function feature({ n = 10_000, m = 10_000, psi = 0, d = 0, p = 1 }: Figures, bins = 10): ComparedFeature {
  const spread = (count: number) => ({ n: count, mean: 1, min: 1, p50: 1, p95: 1, max: 1 });
  const bin = { lower: null, upper: null, referenceCount: 1, currentCount: 1, referenceShare: 0.1, currentShare: 0.1, contribution: 0 };
  const comparison: DistributionComparison = {
    reference: spread(n),
    current: spread(m),
    psi,
    bins: Array.from({ length: bins }, () => bin),
    ks: { statistic: d, pValue: p, location: 1, sign: 1, atOrBelow: { reference: d, current: 0 }, method: "asymptotic" },
    picture: [],
  };
  return { feature: "prompt_chars", comparison, referenceMissing: 0, currentMissing: 0 };
}

const judge = (figures: Figures, more: Partial<DriftLimits> = {}) =>
  judgeFeatures([feature(figures)], { limits: { ...limits, ...more }, minSamples: 200 })[0];

describe("a feature", () => {
  test.each<[string, Figures, string, string]>([
    ["nothing moved", {}, "stable", "within"],
    ["PSI just below warn", { psi: 0.0999 }, "stable", "within"],
    ["PSI at warn", { psi: 0.1 }, "shifted", "psi_past_warn"],
    ["PSI just below drift", { psi: 0.2499 }, "shifted", "psi_past_warn"],
    ["PSI at drift", { psi: 0.25 }, "drifted", "psi_past_drift"],
    ["PSI far past drift", { psi: 9, d: 1, p: 0 }, "drifted", "psi_past_drift"],
    ["a significant gap that is wide", { psi: 0.05, d: 0.1, p: 0.001 }, "shifted", "ks_gap"],
    ["a significant gap too small to matter", { psi: 0.05, d: 0.0999, p: 1e-30 }, "stable", "within"],
    ["a wide gap that chance explains", { n: 200, m: 200, psi: 0.05, d: 0.12, p: 0.011 }, "stable", "within"],
    ["PSI past warn that chance explains", { n: 200, m: 200, psi: 0.2, d: 0.1, p: 0.3 }, "stable", "psi_by_chance"],
    ["PSI past drift that chance explains", { n: 200, m: 200, psi: 0.255, d: 0.1, p: 0.3 }, "stable", "psi_by_chance"],
    ["the same PSI with a gap that is significant", { n: 200, m: 200, psi: 0.255, d: 0.2, p: 0.0005 }, "drifted", "psi_past_drift"],
    ["PSI beyond what chance explains, without a gap", { n: 200, m: 200, psi: 0.27, d: 0.1, p: 0.3 }, "drifted", "psi_past_drift"],
    ["one too few in the reference", { n: 199, psi: 9, p: 0 }, "too_few", "too_few_reference"],
    ["one too few in the current window", { m: 199, psi: 9, p: 0 }, "too_few", "too_few_current"],
    ["too few on both sides", { n: 0, m: 199 }, "too_few", "too_few_both"],
    ["exactly enough", { n: 200, m: 200 }, "stable", "within"],
  ])("with %s", (_, figures, verdict, reason) => {
    expect(judge(figures)).toMatchObject({ verdict, reason });
  });

  test("follows the monitor's own limits", () => {
    expect(judge({ psi: 0.15 }, { psiWarn: 0.2, psiDrift: 0.3 })?.verdict).toBe("stable");
    expect(judge({ psi: 0.15 }, { psiWarn: 0.05, psiDrift: 0.12 })?.verdict).toBe("drifted");
    expect(judge({ d: 0.05, p: 1e-9 }, { ksMinDistance: 0.04 })?.verdict).toBe("shifted");
    expect(judge({ d: 0.5, p: 0.04 }, { ksAlpha: 0.05 })?.verdict).toBe("shifted");
  });

  test("that was not judged has neither a corrected p nor a bound: no number stands for no data", () => {
    expect(judge({ n: 10 })).toMatchObject({ pCorrected: null, psiChance: null });
  });
});

describe("several features", () => {
  test("share the chance of a false alarm: p is multiplied by how many had enough values", () => {
    const gap = { d: 0.3, p: 0.004 };
    const run = (others: Figures[]) =>
      judgeFeatures(
        [gap, ...others].map((each) => feature(each)),
        { limits, minSamples: 200 },
      )[0];
    expect(run([{}])).toMatchObject({ verdict: "shifted", pCorrected: 0.008 });
    expect(run([{}, {}])).toMatchObject({ verdict: "stable", pCorrected: 0.012 });
    expect(run([{}, { n: 10 }])).toMatchObject({ verdict: "shifted", pCorrected: 0.008 });
  });

  test.each<[string[], string]>([
    [["stable", "stable"], "stable"],
    [["stable", "too_few"], "too_few"],
    [["too_few", "shifted", "stable"], "shifted"],
    [["shifted", "drifted", "too_few"], "drifted"],
    [[], "too_few"],
  ])("%j together are %s", (verdicts, worst) => {
    expect(worstVerdict(DRIFT_VERDICTS.filter((each) => verdicts.includes(each)))).toBe(worst);
  });
});

describe("two windows of the same distribution", () => {
  test.each([200, 1_000, 5_000])("of %i values each are called stable in at least 97 of 100 draws of four features", (size) => {
    const draws = 100;
    let alarms = 0;
    for (let draw = 0; draw < draws; draw++) {
      const prng = createPrng(1_000 * size + draw);
      const sample = () => Float64Array.from({ length: size }, () => drawNormal(prng, 100, 20));
      const features = Array.from({ length: 4 }, (): ComparedFeature => {
        const comparison = compareDistributions(sample(), sample());
        return { feature: "total_ms", comparison, referenceMissing: 0, currentMissing: 0 };
      });
      const judged = judgeFeatures(features, { limits, minSamples: 200 });
      if (judged.some(({ verdict }) => verdict !== "stable")) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(3);
  });

  test("have a bound on PSI that shrinks with the values and is 0 for one bin", () => {
    expect(psiChanceBound(10, 200, 200)).toBeCloseTo((9 + 4 * Math.sqrt(18)) / 100, 12);
    expect(psiChanceBound(10, 1e6, 1e6)).toBeLessThan(1e-4);
    expect(psiChanceBound(1, 200, 200)).toBe(0);
  });
});
