import { describe, expect, it } from "vitest";
import { en } from "@/lib/core/words/en";
import { ko } from "@/lib/core/words/ko";
import type { ExperimentSegments, HarmedSegment, SegmentComparison, SegmentsOfDimension } from "@/lib/domain/experiments/api";
import { toBody } from "./plan-body";
import { emptyDraft } from "./plan-draft";
import { harmedSentences, listSegmentRows, SEGMENTS_CSV_HEAD, segmentStanding, segmentText, toSegmentCsvRows } from "./segments-model";

const ACCURACY = { source: "score", name: "accuracy", evaluator: "auto", direction: "higher", practicalMargin: 0.02 } as const;
const COST = { source: "usage", name: "cost_per_request", evaluator: "auto", direction: "lower", practicalMargin: 0.05 } as const;

const ARM = { subjects: 300, scores: 320, mean: 0.5, variance: 0.01 };
const comparison = (parts: Partial<SegmentComparison> = {}): SegmentComparison => ({
  treatment: "treatment",
  role: "primary",
  metric: ACCURACY,
  control: ARM,
  treated: { ...ARM, mean: 0.45 },
  status: "ok",
  difference: -0.05,
  interval: { low: -0.07, high: -0.03 },
  pValue: 0.0001,
  adjustedPValue: 0.0004,
  liftRatio: -0.1,
  liftInterval: { low: -0.14, high: -0.06 },
  effect: "worse",
  ...parts,
});

const broken = comparison({ role: "guardrail", metric: COST, difference: 0.001, liftRatio: 0.3, liftInterval: { low: 0.2, high: 0.4 } });
const KEYS: SegmentsOfDimension = {
  dimension: "key",
  isDeclared: true,
  heterogeneity: [],
  values: [
    { value: "gwk_1", name: "checkout", comparisons: [comparison(), broken] },
    { value: "*", name: null, comparisons: [comparison({ status: "too_few", effect: null, adjustedPValue: null })] },
  ],
};

describe("a segment", () => {
  it.each([
    ["key", "gwk_1", "checkout", "checkout"],
    ["key", "gwk_1", null, "gwk_1"],
    ["key", "-", null, "No key"],
    ["team", "*", null, "All other teams"],
    ["team", "new", null, "new"],
    ["operation", "/v1/embeddings", null, "/v1/embeddings"],
    ["streaming", "whole", null, "Whole"],
    ["weekday", "7", null, "Sunday"],
    ["subject", "returning", null, "Returning"],
  ] as const)("of %s that is %s (%s) is called %s", (dimension, value, name, text) => {
    expect(segmentText({ dimension, value, name }, en)).toBe(text);
  });

  it("has a row for each treatment, which names the guardrails that are broken in it", () => {
    const rows = listSegmentRows(KEYS, en);
    expect(rows.map(({ segment, broken: names }) => [segment, names])).toEqual([
      ["checkout", ["Cost per request"]],
      ["All other keys", []],
    ]);
  });

  it.each<[string, Partial<SegmentComparison>, ExperimentSegments["state"], string]>([
    ["worse where it surely is", {}, "counts", "worse"],
    ["better where it surely is", { effect: "better", liftRatio: 0.1, liftInterval: { low: 0.06, high: 0.14 } }, "counts", "better"],
    ["not clear where chance would do", { effect: "none", liftInterval: { low: -0.14, high: 0.1 } }, "counts", "unclear"],
    ["equal where it lies inside the margin", { liftInterval: { low: -0.015, high: -0.001 } }, "counts", "equal"],
    ["an early look before the one analysis", { effect: null }, "early", "early"],
    ["not tested of few subjects", { status: "too_few", effect: null }, "counts", "tooFew"],
    ["not measured without spread", { status: "zero_variance", effect: null, pValue: null }, "counts", "unmeasured"],
  ])("is %s", (_, parts, state, standing) => {
    expect(segmentStanding(comparison(parts), state)).toBe(standing);
  });
});

describe("harm", () => {
  const release = { id: "rel_1", number: 2, digest: "" };
  const arm = { key: "treatment" as const, release, variant: null, shareBps: 5_000 };
  const arms = { control: { ...arm, key: "control" as const }, treatments: [arm], holdoutBps: 0 };
  const harmed: HarmedSegment = {
    dimension: "key",
    value: "gwk_1",
    name: "checkout",
    treatment: "treatment",
    role: "primary",
    metric: ACCURACY,
    liftRatio: -0.1,
    difference: -0.05,
    adjustedPValue: 0.004,
  };

  it("is a sentence of where, what and how much, in every language", () => {
    expect(harmedSentences([harmed], { arms }, en).map((sentence) => sentence.replaceAll(/\s/g, " "))).toEqual([
      "checkout (Gateway key): accuracy with r2 −10.0 % (p = 0.004, corrected).",
    ]);
    const [korean] = harmedSentences([harmed, { ...harmed, role: "guardrail", metric: COST }], { arms }, ko);
    expect(korean).toContain("checkout(게이트웨이 키)");
  });
});

describe("the file of segments", () => {
  it("has a line for each segment, metric and treatment, with a cell under every head", () => {
    const segments: ExperimentSegments = {
      id: "exp_1",
      number: 7,
      state: "counts",
      readAt: "2026-11-22T00:00:00.000Z",
      dimensions: [KEYS],
      harmed: [],
    };
    const rows = toSegmentCsvRows({ number: 7, planDigest: "abc" }, segments);
    expect(rows.map((row) => row.length)).toEqual(rows.map(() => SEGMENTS_CSV_HEAD.length));
    const cells = rows.map((row) => Object.fromEntries(SEGMENTS_CSV_HEAD.map((head, i) => [head, row[i]])));
    expect(cells.map(({ value, role, adjustedPValue, effect }) => [value, role, adjustedPValue, effect])).toEqual([
      ["gwk_1", "primary", 0.0004, "worse"],
      ["gwk_1", "guardrail", 0.0004, "worse"],
      ["*", "primary", null, null],
    ]);
  });
});

describe("the form", () => {
  it("sends what is declared, and nothing where nothing is", () => {
    const draft = emptyDraft("1", "2");
    expect(toBody({ ...draft, segments: ["key", "weekday"] }, null).body.plan?.segments).toEqual(["key", "weekday"]);
    expect(toBody(draft, null).body.plan).not.toHaveProperty("segments");
  });
});
