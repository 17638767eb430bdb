import { describe, expect, it } from "vitest";
import { powerForMeans } from "@/lib/core/stats";
import { toExposureView } from "./exposure";
import { ExperimentMetric, USAGE_METRICS } from "./metrics";
import { ExperimentPlan } from "./plan";
import { toPower } from "./power";
import type { Exposure } from "./sums";

const NOTHING = { n: 0, x: "0", y: "0", xx: "0", xy: "0", yy: "0" };
const nothing = Object.fromEntries(USAGE_METRICS.map((name) => [name, NOTHING])) as Exposure["ratios"];
/** Two subjects with one and three requests that cost 1 and 5 dollars. */
const costs = { n: 2, x: "6", y: "4", xx: "26", xy: "16", yy: "10" };
const metric = ExperimentMetric.parse({ name: "accuracy", practicalMargin: 0.02 });

describe("what the log saw of the arms", () => {
  const sums = {
    scores: [{ metric: "accuracy", evaluator: "auto", arm: "control", subjects: 40, scores: 90, meanSum: "20", meanSquareSum: "12" }],
    exposures: { control: { subjects: 60, requests: 100, elsewhere: 3, ratios: { ...nothing, cost_per_request: costs } } },
    crossedSubjects: 2,
  };
  const view = toExposureView(sums, { metric, plan: ExperimentPlan.parse({}), shares: { control: 2_000, treatment: 1_000 } });

  it("has an arm that nobody came to as empty, not as missing", () => {
    expect(view.arms.map(({ arm, subjects, share }) => ({ arm, subjects, share }))).toEqual([
      { arm: "control", subjects: 60, share: 1 },
      { arm: "treatment", subjects: 0, share: 0 },
    ]);
    expect(view.arms[0]).toMatchObject({ plannedShare: 2 / 3, requests: 100, servedElsewhere: 3, scoredSubjects: 40 });
    expect(view.crossedSubjects).toBe(2);
  });

  it("tests the split against the planned shares", () => {
    // Pearson by hand: 60 and 0 against 40 and 20.
    expect(view.sampleRatio?.statistic).toBeCloseTo(400 / 40 + 400 / 20, 10);
    expect(view.sampleRatio?.pValue).toBeLessThan(0.001);
  });

  it("gives the log's own measures as ratios of sums, and null where there was nothing to divide by", () => {
    expect(view.arms[0]?.usage.cost_per_request).toBeCloseTo(1.5, 12);
    expect(view.arms[0]?.usage.latency_ms).toBeNull();
    expect(view.arms[1]?.usage.cost_per_request).toBeNull();
  });

  it("says nothing of a split that nobody came to", () => {
    const empty = toExposureView(
      { scores: [], exposures: {}, crossedSubjects: 0 },
      { metric, plan: ExperimentPlan.parse({}), shares: { control: 1, treatment: 1 } },
    );
    expect(empty.sampleRatio).toBeNull();
    expect(empty.arms.map(({ share }) => share)).toEqual([null, null]);
  });
});

describe("the power so far", () => {
  const plan = ExperimentPlan.parse({ minSubjectsPerArm: 100, minDurationSeconds: 600, maxDurationSeconds: 3_600 });
  const arm = (subjects: number) => ({ subjects, scores: subjects, mean: 0.5, variance: 0.04 });
  const both = (control: ReturnType<typeof arm>, treatment: ReturnType<typeof arm>) => ({
    arms: [
      { arm: "control" as const, ...control },
      { arm: "treatment" as const, ...treatment },
    ],
  });
  const at = (parts: object = {}) =>
    toPower({
      design: { metric, plan },
      current: both(arm(500), arm(500)),
      startedAtMs: 0,
      deadlineAtMs: 4_000,
      nowMs: 1_000,
      ...parts,
    });

  it("is of the plan's difference at the measured spread, now and at the deadline at this pace", () => {
    const { relativeEffect, now, atDeadline } = at();
    expect(relativeEffect).toBe(0.02);
    expect(now).toBeCloseTo(powerForMeans({ effectSize: 0.01 / 0.2, n1: 500, ratio: 1, alpha: 0.05 }), 12);
    expect(atDeadline).toBeCloseTo(powerForMeans({ effectSize: 0.01 / 0.2, n1: 2_000, ratio: 1, alpha: 0.05 }), 12);
  });

  it("takes the difference that the size was planned for before the margin", () => {
    const basis = { minimumDetectableEffect: 0.1, baselineMean: 1, baselineDeviation: 1 };
    expect(at({ design: { metric, plan: { ...plan, basis } } }).relativeEffect).toBe(0.1);
  });

  it.each([
    ["no margin and no size calculation", { design: { metric: { ...metric, practicalMargin: 0 }, plan } }],
    ["a control of zero", { current: both({ ...arm(500), mean: 0 }, arm(500)) }],
    ["no spread", { current: both({ ...arm(500), variance: 0 }, arm(500)) }],
    ["an arm of one subject", { current: both(arm(500), arm(1)) }],
  ])("is not known with %s", (_, parts) => {
    expect(at(parts)).toMatchObject({ now: null, atDeadline: null });
  });

  it("has no deadline once it is over", () => {
    expect(at({ deadlineAtMs: null }).atDeadline).toBeNull();
  });
});
