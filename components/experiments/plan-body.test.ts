import { describe, expect, it } from "vitest";
import type { ExperimentSize } from "@/lib/domain/experiments/api";
import { lacksSize, plannedNumbers, powerAt, shortcutsOf, toBody, toOwnSize, toPlanPointers, toSizeQuestion } from "./plan-body";
import { emptyDraft, NEW_LAYER, withMetric, withTreatment } from "./plan-draft";

const empty = emptyDraft("1", "2/short");
const draft = { ...empty, name: " Shorter ", metric: { ...empty.metric, name: " helpfulness " } };
const AT = { endpoint: "support-chat", environment: "production" };
const WEEK = 604_800;
const BASIS = { minimumDetectableEffect: 0.05, baselineMean: 0.75, baselineDeviation: 0.2 };
const size = (change: Partial<ExperimentSize> = {}): ExperimentSize => ({
  measured: { subjects: 100, mean: 0.75, deviation: 0.2 },
  subjectsPerDay: 600,
  scoredPerDay: null,
  basis: BASIS,
  subjectsPerArm: 2_792,
  minSubjectsPerArm: 2_792,
  days: 9.3,
  minDurationSeconds: 2 * WEEK,
  curve: [
    { subjectsPerArm: 1_000, power: 0.4, detectableEffect: 0.09 },
    { subjectsPerArm: 3_000, power: 0.8, detectableEffect: 0.05 },
  ],
  ...change,
});

describe("a plan typed into the form", () => {
  it("becomes basis points, ratios and seconds", () => {
    const own = { sizing: "own", minSubjects: "12,000", minDuration: "1.5", minUnit: "hours", maxDuration: "2", maxUnit: "weeks" } as const;
    const [treatment] = draft.treatments.map((each) => ({ ...each, share: "12.5" }));
    const typed = withMetric(
      { ...draft, ...own, treatments: treatment === undefined ? [] : [treatment], holdout: "37.5", alpha: "1" },
      "guardrails",
    );
    const { body, mistakes } = toBody({ ...typed, metric: { ...typed.metric, margin: "0.7" } }, null);
    expect(mistakes).toEqual([]);
    expect(body).toEqual({
      name: "Shorter",
      hypothesis: "",
      metric: { source: "score", name: "helpfulness", evaluator: "auto", direction: "higher", practicalMargin: 0.007 },
      guardrails: [{ source: "usage", name: "error_ratio", direction: "lower", practicalMargin: 0.05 }],
      signals: [],
      layer: null,
      arms: {
        control: { release: 1, variant: null, shareBps: 5_000 },
        treatments: [{ release: 2, variant: "short", shareBps: 1_250 }],
        holdoutBps: 3_750,
      },
      plan: {
        mode: "fixed",
        isAa: false,
        alpha: 0.01,
        power: 0.8,
        basis: null,
        minSubjectsPerArm: 12_000,
        minDurationSeconds: 5_400,
        maxDurationSeconds: 2 * WEEK,
      },
    });
  });

  it("says at the field where a comma is no separator of thousands", () => {
    const typed = { ...draft, alpha: "0,5", effect: "1,5", metric: { ...draft.metric, margin: "1,5" } };
    expect(
      toBody(typed, null)
        .mistakes.map(({ pointer }) => pointer)
        .toSorted(),
    ).toEqual(["/metric/practicalMargin", "/plan/alpha", "/plan/basis/minimumDetectableEffect"]);
    expect(toSizeQuestion(typed, AT)).toBeNull();
  });

  it("takes the calculated size, or the defaults where nothing was calculated", () => {
    expect(toBody(draft, size()).body.plan).toMatchObject({
      basis: BASIS,
      minSubjectsPerArm: 2_792,
      minDurationSeconds: 2 * WEEK,
      maxDurationSeconds: 4 * WEEK,
    });
    expect(toBody(draft, null).body.plan).toMatchObject({ basis: null, minSubjectsPerArm: 1_000, minDurationSeconds: WEEK });
  });

  it("gives every group of an A/A test what the control gets", () => {
    const three = withTreatment(draft, ["1", "2/short", "3"]);
    const groups = (isAa: boolean) =>
      toBody({ ...three, isAa }, null).body.arms.treatments.map(({ release, variant }) => [release, variant]);
    expect(groups(true)).toEqual([
      [1, null],
      [1, null],
    ]);
    expect(groups(false)).toEqual([
      [2, "short"],
      [3, null],
    ]);
  });

  it("compares by a quantile only where one is chosen, and asks for its size", () => {
    const metric = { ...draft.metric, quantile: "99.9" };
    expect(toBody(draft, null).body.metric).not.toHaveProperty("quantile");
    expect(toBody({ ...draft, metric }, null).body.metric.quantile).toBe(0.999);
    expect(toSizeQuestion({ ...draft, metric }, AT)).toMatchObject({ quantile: 0.999 });
    expect(toSizeQuestion(draft, AT)).not.toHaveProperty("quantile");
  });

  it("wants the size of a quantile that nobody has measured typed, and of nothing else", () => {
    const quantile = { ...draft, metric: { ...draft.metric, quantile: "95" } };
    const unknown = size({ basis: null, subjectsPerArm: null, minSubjectsPerArm: null, curve: [] });
    expect([lacksSize(quantile, unknown), lacksSize(quantile, size()), lacksSize(draft, unknown)]).toEqual([true, false, false]);
    expect(lacksSize({ ...quantile, ...toOwnSize(unknown) }, unknown)).toBe(false);
    expect(toOwnSize(size())).toMatchObject({ minSubjects: "2792", minDuration: "2", minUnit: "weeks", maxDuration: "4" });
  });

  it("takes its place in a layer that is there, and says the holdout of a new one only", () => {
    const layer = { choice: "checkout", name: "other", share: "12.5", holdout: "30" };
    const read = (change: object) => toBody({ ...draft, layer: { ...layer, ...change } }, null);
    expect(read({}).body.layer).toEqual({ name: "checkout", shareBps: 1_250 });
    expect(read({ choice: NEW_LAYER }).body.layer).toEqual({ name: "other", shareBps: 1_250, holdoutBps: 3_000 });
    expect(read({ choice: NEW_LAYER, holdout: " " }).body.layer).toEqual({ name: "other", shareBps: 1_250, holdoutBps: 0 });
    expect(read({ choice: "", share: "x" }).mistakes).toEqual([]);
    const at = (change: object) => toSizeQuestion({ ...draft, layer: { ...layer, ...change } }, AT);
    expect(at({})).toMatchObject({ layerShareBps: 1_250 });
    expect(at({ choice: "" })).not.toHaveProperty("layerShareBps");
    expect([at({ share: "" }), at({ share: "101" })]).toEqual([null, null]);
  });

  it("adjusts by the time before only where it is asked to", () => {
    expect(toBody(draft, null).body.plan).not.toHaveProperty("cuped");
    expect(toBody({ ...draft, isAdjusted: true, windowDays: "21" }, null).body.plan?.cuped).toEqual({ windowDays: 21 });
  });

  it.each([
    [{ isAdjusted: true, windowDays: "two" }, "/plan/cuped/windowDays", "number"],
    [{ control: { ...draft.control, share: "" } }, "/arms/control/shareBps", "number"],
    [{ control: { ...draft.control, share: "33.333" } }, "/arms/control/shareBps", "decimals"],
    [{ layer: { ...draft.layer, choice: "checkout", share: "half" } }, "/layer/shareBps", "number"],
    [{ layer: { ...draft.layer, choice: NEW_LAYER, holdout: "0.001" } }, "/layer/holdoutBps", "decimals"],
    [{ holdout: "x" }, "/arms/holdoutBps", "number"],
    [{ metric: { ...draft.metric, margin: "one" } }, "/metric/practicalMargin", "number"],
    [{ sizing: "own", minSubjects: "" }, "/plan/minSubjectsPerArm", "number"],
    [{ sizing: "own", maxDuration: "x" }, "/plan/maxDurationSeconds", "number"],
    [{ alpha: "" }, "/plan/alpha", "number"],
    [{ power: "often" }, "/plan/power", "number"],
    [{ effect: "small" }, "/plan/basis/minimumDetectableEffect", "number"],
    [{ baselineDeviation: "wide" }, "/plan/basis/baselineDeviation", "number"],
  ] as const)("names the field that cannot be read: %o", (typed, pointer, kind) => {
    expect(toBody({ ...draft, ...typed }, null).mistakes).toEqual([{ pointer, kind }]);
  });

  it("leaves an empty evaluator to the API, and an empty effect and baseline out", () => {
    const { body, mistakes } = toBody({ ...draft, effect: "", metric: { ...draft.metric, evaluator: " " } }, null);
    expect([mistakes, "evaluator" in body.metric]).toEqual([[], false]);
  });
});

describe("the size", () => {
  it("is asked for with what the plan says", () => {
    expect(toSizeQuestion({ ...draft, baselineMean: "1,200", mode: "sequential" }, AT)).toEqual({
      ...AT,
      source: "score",
      metric: "helpfulness",
      evaluator: "auto",
      minimumDetectableEffect: 0.05,
      alpha: 0.05,
      power: 0.8,
      mode: "sequential",
      treatments: 1,
      controlBps: 5_000,
      treatmentBps: 5_000,
      baselineMean: 1_200,
    });
  });

  it("of several treatments is that of the smallest, with the level shared", () => {
    const { treatments, ...rest } = withTreatment(draft, ["3"]);
    const typed = { ...rest, treatments: treatments.map((each, i) => ({ ...each, share: String(30 - 10 * i) })) };
    expect(toSizeQuestion(typed, AT)).toMatchObject({ treatments: 2, controlBps: 3_334, treatmentBps: 2_000 });
    expect(toBody({ ...typed, treatments: typed.treatments.map((each) => ({ ...each, share: "" })) }, null).mistakes).toEqual(
      [0, 1].map((i) => ({ pointer: `/arms/treatments/${i}/shareBps`, kind: "number" })),
    );
  });

  it.each([
    { effect: "" },
    { effect: "x" },
    { alpha: "" },
    { baselineMean: "x" },
    { metric: { ...draft.metric, name: " " } },
    { control: { ...draft.control, share: "0" } },
  ])("is not asked for while %o", (typed) => {
    expect(toSizeQuestion({ ...draft, ...typed }, AT)).toBeNull();
  });

  it("of the usage log names no evaluator", () => {
    const metric = { ...draft.metric, source: "usage", name: "latency_ms", direction: "lower" } as const;
    expect(toSizeQuestion({ ...draft, metric }, AT)).not.toHaveProperty("evaluator");
  });

  it("that takes too long is planned for as long as a plan may be, with time to get there", () => {
    const endless = size({ minSubjectsPerArm: 400_000_000, minDurationSeconds: 200 * WEEK });
    expect(plannedNumbers(endless)).toEqual({
      minSubjectsPerArm: 100_000_000,
      minDurationSeconds: 12 * WEEK,
      maxDurationSeconds: 24 * WEEK,
    });
  });

  it("reads its power off the curve, and says nothing below it", () => {
    const { curve } = size();
    expect([1_000, 2_000, 3_000, 9_000].map((n) => powerAt(curve, n))).toEqual([0.4, expect.closeTo(0.6, 12), 0.8, 0.8]);
    expect([powerAt(curve, 999), powerAt([], 1_000)]).toEqual([null, null]);
  });
});

describe("shortcuts", () => {
  it("are named before the plan is saved", () => {
    const quick = { ...draft, sizing: "own", minSubjects: "100", minDuration: "1", minUnit: "hours", alpha: "10", power: "60" } as const;
    expect(shortcutsOf(toBody(quick, size()), size())).toEqual([
      "minSubjectsPerArm",
      "minDurationSeconds",
      "alpha",
      "power",
      "plannedSize",
    ]);
    expect(shortcutsOf(toBody(draft, size()), size())).toEqual([]);
    expect(shortcutsOf(toBody({ ...quick, minSubjects: "" }, size()), size())).toEqual([]);
  });
});

describe("a refused calculation", () => {
  it("stands at the fields of the form", () => {
    const errors = ["?metric", "?minimumDetectableEffect", "?cursor"].map((pointer) => ({ pointer, detail: "" }));
    expect(toPlanPointers({ errors }).errors.map((each) => each.pointer)).toEqual([
      "/metric/name",
      "/plan/basis/minimumDetectableEffect",
      "?cursor",
    ]);
  });
});
