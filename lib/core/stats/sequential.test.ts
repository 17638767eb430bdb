import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { confidenceSequence } from "./confidence-sequence";
import { addLook, msprt, type SequentialRecord } from "./msprt";
import { welchTTest } from "./welch";

type Interval = [OracleNumber, OracleNumber];

interface Look {
  n_per_arm: number;
  diff: number;
  var_of_diff: number;
  msprt_p: number;
  msprt_p_running_min: number;
  msprt_ci: Interval;
  msprt_ci_running_intersection: Interval | null;
  acs_p: number;
  acs_p_running_min: number;
  acs_ci: Interval;
}

interface SequentialCase {
  name: string;
  kind: "asymptotic_cs" | "msprt" | "sequence";
  input: {
    estimate: number;
    se: number;
    n: number;
    variance_of_estimate: number;
    control: OracleSample;
    treatment: OracleSample;
  };
  params: { alpha: number; tuning: number; tau2: number };
  expected: {
    ci: Interval;
    p: OracleNumber;
    lower_bound_one_sided: number;
    upper_bound_one_sided: number;
    equivalent_msprt_tau2: number;
    log_lambda: number;
    looks: Look[];
  };
}

const { cases } = readOracle<SequentialCase>("sequential");

function close(got: number | null | undefined, want: OracleNumber | undefined, tolerance: { rel?: number; abs?: number }): void {
  if (want !== undefined) expect(isClose(got ?? null, want, tolerance), `got ${got}, expected ${want}`).toBe(true);
}

function closeInterval(got: readonly [number, number] | null, want: Interval | null | undefined): void {
  if (want === undefined) return;
  if (want === null) {
    expect(got).toBeNull();
    return;
  }
  const half = Math.abs(Number(want[1]) - Number(want[0])) / 2;
  const abs = Number.isFinite(half) ? 1e-9 * half : 0;
  for (const end of [0, 1] as const) close(got?.[end], want[end], { rel: 1e-9, abs });
}

describe("always-valid inference equals the reference", () => {
  test.each(cases)("$name", ({ kind, input, params, expected }) => {
    const { alpha, tuning, tau2 } = params;
    if (kind === "asymptotic_cs") {
      const estimate = { estimate: input.estimate, standardError: input.se, n: input.n };
      const { confidenceInterval, pValue } = confidenceSequence(estimate, { alpha, tuning });
      closeInterval(confidenceInterval, expected.ci);
      close(pValue, expected.p, { rel: 1e-8 });
      const low = confidenceSequence(estimate, { alpha, tuning, alternative: "greater" }).confidenceInterval?.[0];
      const high = confidenceSequence(estimate, { alpha, tuning, alternative: "less" }).confidenceInterval?.[1];
      close(low, expected.lower_bound_one_sided, { rel: 1e-9 });
      close(high, expected.upper_bound_one_sided, { rel: 1e-9 });
      const mixture = msprt({ estimate: input.estimate, variance: input.se ** 2 }, { tau2: expected.equivalent_msprt_tau2, alpha });
      close(mixture.pValue, expected.p, { rel: 1e-8 });
      return;
    }
    if (kind === "msprt") {
      const result = msprt({ estimate: input.estimate, variance: input.variance_of_estimate }, { tau2, alpha });
      close(result.logLikelihoodRatio, expected.log_lambda, { abs: 1e-9 });
      close(result.pValue, expected.p, { rel: 1e-8 });
      closeInterval(result.confidenceInterval, expected.ci);
      return;
    }
    const [control, treatment] = [sampleOf(input.control), sampleOf(input.treatment)];
    let [mixture, sequence]: (SequentialRecord | null)[] = [null, null];
    for (const look of expected.looks) {
      const test = welchTTest(control.slice(0, look.n_per_arm), treatment.slice(0, look.n_per_arm));
      if (test.status !== "ok") throw new Error("both arms have spread");
      close(test.difference, look.diff, { rel: 1e-10 });
      close(test.standardError ** 2, look.var_of_diff, { rel: 1e-10 });
      const byMixture = msprt({ estimate: test.difference, variance: test.standardError ** 2 }, { tau2, alpha });
      close(byMixture.pValue, look.msprt_p, { rel: 1e-8 });
      closeInterval(byMixture.confidenceInterval, look.msprt_ci);
      const estimate = { estimate: test.difference, standardError: test.standardError, n: 2 * look.n_per_arm };
      const bySequence = confidenceSequence(estimate, { alpha, tuning });
      close(bySequence.pValue, look.acs_p, { rel: 1e-8 });
      closeInterval(bySequence.confidenceInterval, look.acs_ci);
      mixture = addLook(mixture ?? null, byMixture);
      sequence = addLook(sequence ?? null, bySequence);
      close(mixture?.pValue, look.msprt_p_running_min, { rel: 1e-8 });
      close(sequence?.pValue, look.acs_p_running_min, { rel: 1e-8 });
      closeInterval(mixture?.confidenceInterval ?? null, look.msprt_ci_running_intersection);
    }
    expect(expected.looks.length).toBeGreaterThan(1);
  });
});

describe("always-valid inference", () => {
  test("its p-value falls below alpha exactly where its interval leaves 0 out", () => {
    for (let step = 1; step < 60; step++) {
      const { pValue, confidenceInterval } = confidenceSequence({ estimate: step / 10, standardError: 1, n: 3_000 });
      expect((pValue ?? 1) < 0.05).toBe((confidenceInterval?.[0] ?? -1) > 0);
    }
  });

  test("a look without a test changes no record, and intervals that exclude each other leave none", () => {
    const first = addLook(null, { pValue: 0.4, confidenceInterval: [0, 1] });
    expect(addLook(first, { pValue: null, confidenceInterval: null })).toBe(first);
    const apart = addLook(first, { pValue: 0.01, confidenceInterval: [2, 3] });
    expect(apart).toEqual({ pValue: 0.01, confidenceInterval: null });
    expect(addLook(apart, { pValue: 0.2, confidenceInterval: [0, 3] })).toEqual({ pValue: 0.01, confidenceInterval: null });
  });

  test("without spread or without subjects nothing is said", () => {
    const nothing = { confidenceInterval: null, pValue: null };
    expect(confidenceSequence({ estimate: 1, standardError: 0, n: 10 })).toEqual({ status: "zero_variance", ...nothing });
    expect(confidenceSequence({ estimate: 1, standardError: 1, n: 0 })).toEqual({ status: "insufficient_data", ...nothing });
    expect(msprt({ estimate: 1, variance: 0 }, { tau2: 1 })).toEqual({ status: "zero_variance", logLikelihoodRatio: null, ...nothing });
  });

  test.each([
    ["a tuning of 0", () => confidenceSequence({ estimate: 1, standardError: 1, n: 10 }, { tuning: 0 }), "invalid_option"],
    ["an estimate that is no number", () => confidenceSequence({ estimate: Number.NaN, standardError: 1, n: 10 }), "invalid_summary"],
    ["a negative standard error", () => confidenceSequence({ estimate: 1, standardError: -1, n: 10 }), "invalid_summary"],
    ["a mixture without variance", () => msprt({ estimate: 1, variance: 1 }, { tau2: 0 }), "invalid_option"],
    ["a negative variance", () => msprt({ estimate: 1, variance: -1 }, { tau2: 1 }), "invalid_summary"],
  ])("refuses %s", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});
