import { describe, expect, it } from "vitest";
import { toCsv } from "@/components/charts/prepare/csv";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { CSV_HEAD, toCsvRows } from "./results-csv";

const arm = { subjects: 500, scores: 900, mean: 0.5, variance: 0.04 };
const metric = { source: "score", name: "=cmd", evaluator: "judge", direction: "higher", practicalMargin: 0.02 } as const;
const result = {
  treatment: "treatment",
  role: "primary",
  metric,
  control: arm,
  treated: { ...arm, mean: 0.55 },
  status: "ok",
  difference: 0.05,
  interval: { low: 0.01, high: 0.09 },
  pValue: 0.004,
  adjustedPValue: 0.008,
  liftRatio: 0.1,
  liftInterval: { low: 0.02, high: 0.18 },
  effect: "better",
} as const;
const analysis = {
  at: "2026-01-01T00:00:00.000Z",
  checks: [
    { code: "sample_ratio", status: "pass", arm: null, metric: null },
    { code: "quiet_days", status: "warn", arm: null, metric: "judge", dates: ["2026-01-02", "2026-01-05"] },
    { code: "served_elsewhere", status: "fail", arm: "treatment", metric: null },
  ],
  comparisons: [result, { ...result, role: "signal", metric: { ...metric, source: "usage", name: "ttft_ms" } }],
};
const known = {
  experiment: { number: 91, planDigest: "abc", state: "running", metric, plan: { alpha: 0.05 } } as Experiment,
  results: { verdict: "keep_running", planned: null, current: analysis } as unknown as ExperimentResults,
};

describe("the results as a file", () => {
  const rows = toCsvRows(known);

  it("have one line a metric and treatment, as wide as the head", () => {
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toHaveLength(CSV_HEAD.length);
    const line = Object.fromEntries(CSV_HEAD.map((name, index) => [name, rows[0]?.[index]]));
    expect(line.quantile).toBeNull();
    expect(line).toMatchObject({
      experiment: 91,
      analysis: "current",
      treatment: "treatment",
      controlMean: 0.5,
      treatmentMean: 0.55,
      liftLow: 0.02,
      checks: "quiet_days judge 2026-01-02 2026-01-05; served_elsewhere treatment",
    });
  });

  it("tell a quantile from the mean of the same metric", () => {
    const both = { ...analysis, comparisons: [result, { ...result, metric: { ...metric, quantile: 0.95 } }] };
    const lines = toCsvRows({ ...known, results: { ...known.results, current: both } as unknown as ExperimentResults });
    expect(lines.map((row) => row[CSV_HEAD.indexOf("quantile")])).toEqual([null, 0.95]);
  });

  it("have the analysis that counts before the one of now", () => {
    const planned = { analysis, verdict: "deploy_treatment", reasons: [], digest: "d" };
    const both = toCsvRows({ ...known, results: { ...known.results, planned } as unknown as ExperimentResults });
    expect(both.map((row) => row[CSV_HEAD.indexOf("analysis")])).toEqual(["planned", "planned", "current", "current"]);
    expect(both[0]?.[CSV_HEAD.indexOf("verdict")]).toBe("deploy_treatment");
  });

  it("never begin a cell with what a spreadsheet would run", () => {
    const [, first] = toCsv(CSV_HEAD, rows).split("\r\n");
    expect(first).toContain(",'=cmd,");
  });
});
