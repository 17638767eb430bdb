import { describe, expect, it } from "vitest";
import { decideRollout, FRESH_JUDGE, type RolloutFacts } from "./decide";
import { describeExperiment, EXPERIMENT_GATE_REASONS, type ExperimentFinding, ExperimentGate, judgeExperiment } from "./experiment-gate";
import type { GateResult } from "./gates";
import { Plan } from "./plan";

const RELEASE = "a".repeat(64);
const CONTROL = "c".repeat(64);
const CARRIED = { from: CONTROL, to: RELEASE };
const DIGEST = "e".repeat(64);
const GATE = ExperimentGate.parse({ experiment: 91, evidenceDigest: DIGEST });
const GOOD: ExperimentFinding = {
  evidence: { digest: DIGEST, isIntact: true, verdict: "deploy_treatment" },
  winners: [RELEASE],
  decision: null,
  control: CONTROL,
  isSuperseded: false,
};

describe("the gate of an experiment", () => {
  it.each<[string, Partial<ExperimentFinding> | null, string, string]>([
    ["opens for the one verdict on the one release", {}, "pass", "verified"],
    ["opens when a person concluded the same", { decision: "deploy_treatment" }, "pass", "verified"],
    ["stays shut without the experiment", null, "inconclusive", "gone"],
    ["stays shut without an analysis that counts", { evidence: null }, "inconclusive", "no_evidence"],
    ["fails on another verdict", { evidence: { digest: DIGEST, isIntact: true, verdict: "keep_control" } }, "fail", "other_verdict"],
    [
      "fails on an analysis that decided nothing",
      { evidence: { digest: DIGEST, isIntact: true, verdict: "keep_running" } },
      "fail",
      "other_verdict",
    ],
    [
      "fails on altered evidence",
      { evidence: { digest: DIGEST, isIntact: false, verdict: "deploy_treatment" } },
      "fail",
      "evidence_altered",
    ],
    [
      "fails on other evidence than it names",
      { evidence: { digest: "f".repeat(64), isIntact: true, verdict: "deploy_treatment" } },
      "fail",
      "other_evidence",
    ],
    ["fails for another release", { winners: ["b".repeat(64)] }, "fail", "other_release"],
    ["fails where one variant of several was tested", { winners: [] }, "fail", "other_release"],
    ["fails once its next version has started", { isSuperseded: true }, "fail", "superseded"],
    ["stays shut where it was compared with another release", { control: "d".repeat(64) }, "inconclusive", "other_control"],
    ["fails when a person concluded otherwise", { decision: "keep_control" }, "fail", "decided_otherwise"],
    ["fails when a person decided nothing", { decision: "no_decision" }, "fail", "decided_otherwise"],
  ])("%s", (_, change, verdict, reason) => {
    const finding = change === null ? null : { ...GOOD, ...change };
    expect(judgeExperiment(GATE, CARRIED, finding)).toMatchObject({ verdict, reason });
  });

  it("passes on any intact evidence where it names none, and says which it was", () => {
    expect(judgeExperiment({ ...GATE, evidenceDigest: null }, CARRIED, GOOD)).toEqual({
      verdict: "pass",
      reason: "verified",
      evidenceDigest: DIGEST,
    });
  });

  it("has a sentence for each reason", () => {
    for (const reason of EXPERIMENT_GATE_REASONS)
      expect(describeExperiment({ verdict: "fail", reason, evidenceDigest: null })).toContain("the experiment");
  });
});

describe("a rollout that names an experiment", () => {
  const T0 = 1_700_000_000_000;
  const facts: RolloutFacts = {
    state: "judging",
    plan: Plan.parse({ steps: [{ weightBps: 5_000, minSeconds: 10 }], experiment: { experiment: 91 } }),
    stepIndex: 0,
    weightBps: 5_000,
    stepStartedAtMs: T0,
    deadlineAtMs: T0 + 100_000,
    judge: FRESH_JUDGE,
  };
  const passing: GateResult = {
    metric: "error_ratio",
    verdict: "pass",
    reason: "within",
    value: 0.01,
    baseline: 0.01,
    low: 0,
    high: 0.02,
    bound: 0.02,
    samples: 900,
    baselineSamples: 900,
    minSamples: 500,
  };
  const seen = (experiment?: ReturnType<typeof judgeExperiment>, afterMs = 60_000) => ({
    nowMs: T0 + afterMs,
    convergence: { published: true, heard: 1, serving: 1, unknown: 0 },
    results: [passing],
    experiment,
  });

  it("goes on only with all gates and the experiment", () => {
    expect(decideRollout(facts, seen(judgeExperiment(GATE, CARRIED, GOOD)))).toMatchObject({
      kind: "move",
      to: "promoting",
      reason: "All 2 gates pass at 50 %.",
    });
  });

  it.each([
    ["nobody could look", undefined],
    ["it has not decided", judgeExperiment(GATE, CARRIED, { ...GOOD, evidence: null })],
  ])("holds while %s, and rolls back at the step's deadline", (_, experiment) => {
    expect(decideRollout(facts, seen(experiment))).toMatchObject({
      kind: "remember",
      judge: { verdict: "inconclusive", failuresInRow: 0 },
    });
    expect(decideRollout(facts, seen(experiment, 100_000))).toMatchObject({ kind: "move", to: "rolling_back" });
  });

  it("rolls back after as many failed looks as the plan says, with the reason in words", () => {
    const failed = judgeExperiment(GATE, CARRIED, { ...GOOD, decision: "keep_control" });
    const once = decideRollout(facts, seen(failed));
    expect(once).toMatchObject({ kind: "remember", judge: { verdict: "fail", failuresInRow: 1 } });
    if (once.kind !== "remember") return;
    expect(decideRollout({ ...facts, judge: once.judge }, seen(failed))).toMatchObject({
      to: "rolling_back",
      reason: "The experiment was concluded with another decision, 2 checks in a row.",
    });
  });
});
