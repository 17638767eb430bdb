import { describe, expect, test } from "vitest";
import { holm, type Summary, welchTTestFromSummary } from "../stats";
import { type ExperimentDesign, RULES } from "./design";
import { compareAcross, compareSegments, isSurelyHarmed, type SegmentData } from "./segments";

const DESIGN: ExperimentDesign = {
  rules: RULES,
  alpha: 0.05,
  mode: "fixed",
  tuning: 2_000,
  minSubjectsPerArm: 1_000,
  minDurationSeconds: 1,
  isAa: false,
  metrics: [],
};
const ACCURACY = { name: "accuracy", role: "primary", direction: "higher", practicalMargin: 0 } as const;
const COST = { name: "cost", role: "guardrail", direction: "lower", practicalMargin: 0.05 } as const;

const arm = (mean: number, n = 400): Summary => ({ n, mean, variance: 0.01 });
const segment = (value: string, treatment: Summary, parts: Partial<SegmentData> = {}): SegmentData => ({
  dimension: "key",
  value,
  isDeclared: true,
  metric: ACCURACY,
  control: arm(0.5),
  treatments: { treatment },
  ...parts,
});

describe("declared segments", () => {
  const data = [
    segment("a", arm(0.53)),
    segment("b", arm(0.485)),
    segment("c", arm(0.5)),
    segment("x", arm(0.52), { dimension: "streaming" }),
  ];
  const found = compareSegments(DESIGN, data);
  const plain = data.map(({ control, treatments }) => welchTTestFromSummary(control, treatments.treatment ?? control));

  test("are tested by Welch each, corrected by Holm over all of them together", () => {
    expect(found.map(({ pValue }) => pValue)).toEqual(plain.map(({ pValue }) => pValue));
    expect(found.map(({ adjustedPValue }) => adjustedPValue)).toEqual(holm(plain.map(({ pValue }) => pValue)));
    expect(found[0]?.lift).toBeCloseTo(0.06, 12);
  });

  test("have intervals that cover together", () => {
    const [wide] = found;
    const quarter = welchTTestFromSummary(arm(0.5), arm(0.53), { confidence: 1 - 0.05 / 4 });
    expect(wide?.interval?.[0]).toBeCloseTo(quarter.confidenceInterval?.[0] ?? Number.NaN, 10);
    expect(wide?.interval?.[1]).toBeCloseTo(quarter.confidenceInterval?.[1] ?? Number.NaN, 10);
  });

  test("of a guardrail are a family of their own", () => {
    const cost = segment("a", arm(0.56), { metric: COST });
    const both = compareSegments(DESIGN, [...data, cost]);
    expect(both.slice(0, 4)).toEqual(found);
    expect(both[4]?.adjustedPValue).toBe(both[4]?.pValue);
  });

  test("of fewer than 100 subjects in an arm are not tested, and cost the others nothing", () => {
    const withFew = compareSegments(DESIGN, [...data, segment("few", arm(0.1, 99)), segment("enough", arm(0.5, 100))]);
    expect(withFew[4]).toMatchObject({ status: "too_few", subjects: 99, pValue: null, adjustedPValue: null, interval: null });
    expect(withFew[5]?.status).toBe("ok");
    expect(compareSegments(DESIGN, [...data, segment("few", arm(0.1, 99))]).slice(0, 4)).toEqual(found);
  });
});

describe("segments that were not declared", () => {
  test("have their own interval and p-value, no corrected one, and cost the declared ones nothing", () => {
    const declared = segment("a", arm(0.53));
    const looked = segment("x", arm(0.47), { dimension: "weekday", isDeclared: false });
    const [own, other] = compareSegments(DESIGN, [declared, looked]);
    expect(own).toEqual(compareSegments(DESIGN, [declared])[0]);
    expect(other?.adjustedPValue).toBeNull();
    const alone = welchTTestFromSummary(looked.control, arm(0.47));
    expect(other?.pValue).toBe(alone.pValue);
    expect(other?.interval?.[0]).toBeCloseTo(alone.confidenceInterval?.[0] ?? Number.NaN, 10);
  });
});

describe("a sequential plan", () => {
  test("has wider intervals and larger p-values in every segment", () => {
    const data = [segment("a", arm(0.53)), segment("b", arm(0.49))];
    const once = compareSegments(DESIGN, data);
    const always = compareSegments({ ...DESIGN, mode: "sequential" }, data);
    for (const [i, { interval, pValue }] of always.entries()) {
      expect(pValue).toBeGreaterThan(once[i]?.pValue ?? 1);
      expect(interval?.[0]).toBeLessThan(once[i]?.interval?.[0] ?? 0);
    }
  });
});

describe("whether the effect differs", () => {
  test("is told of every dimension, corrected over the declared ones, of segments with enough subjects", () => {
    const data = [
      segment("a", arm(0.56)),
      segment("b", arm(0.5)),
      segment("few", arm(0.1, 50)),
      segment("yes", arm(0.52), { dimension: "streaming" }),
      segment("no", arm(0.52), { dimension: "streaming" }),
      segment("1", arm(0.6), { dimension: "weekday", isDeclared: false }),
      segment("2", arm(0.4), { dimension: "weekday", isDeclared: false }),
    ];
    const across = compareAcross(DESIGN, data);
    expect(across.map(({ dimension, df }) => [dimension, df])).toEqual([
      ["key", 1],
      ["streaming", 1],
      ["weekday", 1],
    ]);
    // Differences 0.06 and 0, each with the error √(0.01/400 · 2).
    expect(across[0]?.statistic).toBeCloseTo(0.06 ** 2 / (2 * 2 * 0.000025), 8);
    expect(across[0]?.adjustedPValue).toBe(2 * (across[0]?.pValue ?? 0));
    expect(across[1]).toMatchObject({ statistic: 0, adjustedPValue: 1 });
    expect(across[2]?.adjustedPValue).toBeNull();
  });
});

describe("sure harm", () => {
  const harmOf = (data: SegmentData) => compareSegments(DESIGN, [data]).map((each) => isSurelyHarmed(each, DESIGN.alpha));
  const margin = (practicalMargin: number) => ({ metric: { ...ACCURACY, practicalMargin } });

  test.each<[string, SegmentData, boolean]>([
    ["is a declared segment that is surely worse", segment("a", arm(0.45)), true],
    ["is none where it is better", segment("a", arm(0.55)), false],
    ["is none where chance would do", segment("a", arm(0.499)), false],
    ["is none where it was not declared", segment("a", arm(0.45), { isDeclared: false }), false],
    ["is none where it is too small to matter", segment("a", arm(0.48), margin(0.2)), false],
    ["is there where it may matter", segment("a", arm(0.48), margin(0.05)), true],
    ["is a guardrail that is surely worse by its margin", segment("a", arm(0.53), { metric: COST }), true],
    ["is no guardrail that is surely worse by less", segment("a", arm(0.515), { metric: COST }), false],
  ])("%s", (_, data, expected) => {
    expect(harmOf(data)).toEqual([expected]);
  });
});
