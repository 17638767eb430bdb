import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { cohensD, effectSizes, effectSizesFromSummary, glassDelta, hedgesCorrection, hedgesG } from "./effect-size";
import { createMoments, summaryOf } from "./moments";

interface EffectCase {
  name: string;
  input: { control: OracleSample; treatment: OracleSample };
  expected: {
    diff: OracleNumber;
    cohens_d_doc: OracleNumber;
    cohens_d_pooled_ddof1?: OracleNumber;
    cohens_d_avgvar_ddof1?: OracleNumber;
    hedges_J_exact?: number;
    hedges_g_exact?: OracleNumber;
    glass_delta?: OracleNumber;
  };
}

const { cases } = readOracle<EffectCase>("effect_size");

describe("effect sizes", () => {
  test.each(cases)("equal the reference: $name", ({ name, input, expected }) => {
    const control = sampleOf(input.control);
    const treatment = sampleOf(input.treatment);
    const rel = name.includes("1e15") ? 1e-8 : 1e-10;
    const sizes = effectSizes(control, treatment);
    const pairs: [string, number | null, OracleNumber | undefined][] = [
      ["difference", sizes.difference, expected.diff],
      ["population d", sizes.cohensD, expected.cohens_d_doc],
      ["pooled d", sizes.cohensDPooled, expected.cohens_d_pooled_ddof1],
      ["average d", sizes.cohensDAverage, expected.cohens_d_avgvar_ddof1],
      ["Hedges' g", sizes.hedgesG, expected.hedges_g_exact],
      ["Glass's delta", sizes.glassDelta, expected.glass_delta],
    ];
    for (const [what, got, want] of pairs) {
      expect(isClose(got, want ?? null, { rel }), `${what}: got ${got}, expected ${want}`).toBe(true);
    }
    if (expected.hedges_J_exact !== undefined) {
      expect(isClose(hedgesCorrection(control.length + treatment.length - 2), expected.hedges_J_exact, { rel: 1e-14 })).toBe(true);
    }
    expect(cohensD(control, treatment)).toBe(sizes.cohensD);
    expect(cohensD(control, treatment, { variant: "pooled" })).toBe(sizes.cohensDPooled);
    expect(cohensD(control, treatment, { variant: "average" })).toBe(sizes.cohensDAverage);
    expect(hedgesG(control, treatment)).toBe(sizes.hedgesG);
    expect(glassDelta(control, treatment)).toBe(sizes.glassDelta);
  });

  test("are the same from summaries as from the values", () => {
    const [control, treatment] = [
      [1, 4, 2, 8, 5],
      [7, 1, 9, 9, 3, 4],
    ];
    const left = summaryOf(createMoments(control));
    const right = summaryOf(createMoments(treatment));
    if (left === null || right === null) throw new Error("both arms hold enough values");
    const direct = effectSizes(control, treatment);
    for (const [name, value] of Object.entries(effectSizesFromSummary(left, right))) {
      expect(isClose(value, direct[name as keyof typeof direct], { rel: 1e-14 }), name).toBe(true);
    }
  });

  test("the small-sample correction keeps its digits at a million degrees of freedom", () => {
    // J = 1 − 3/(4 df) − 7/(32 df²) + O(df^-3)
    expect(hedgesCorrection(1e6)).toBeCloseTo(1 - 0.75e-6 - 0.21875e-12, 15);
  });

  test("an empty arm has none", () => {
    expect(effectSizes([], [1, 2])).toEqual({
      difference: null,
      cohensD: null,
      cohensDPooled: null,
      cohensDAverage: null,
      hedgesG: null,
      glassDelta: null,
    });
  });
});
