import { describe, expect, it } from "vitest";
import { findSeries, listSeries, type ScorePoint, toPoints } from "./score-series";

const point = (version: number, set: string, value: number, parts: Partial<ScorePoint> = {}): ScorePoint => ({
  version,
  set,
  metric: "accuracy",
  value,
  unit: null,
  better: "higher",
  cases: null,
  measuredAt: "2026-11-01T00:00:00Z",
  ...parts,
});

describe("scores over versions", () => {
  const scores = [point(3, "a", 0.9), point(2, "b", 0.8), point(1, "a", 0.7), point(1, "b", 0.1, { unit: "%" })];

  it("are one series a set, metric, unit and sense, the longest first", () => {
    expect(listSeries(scores).map((s) => [s.set, s.unit])).toEqual([
      ["a", null],
      ["b", "%"],
      ["b", null],
    ]);
  });

  it("are oldest first, and a version that was not measured is a gap, never zero", () => {
    const [series] = listSeries(scores);
    if (series === undefined) throw new Error("there is one");
    expect(toPoints(scores, series)).toEqual([
      { version: 1, value: 0.7 },
      { version: 2, value: null },
      { version: 3, value: 0.9 },
    ]);
  });

  it("are those that the address names, else the longest; none where there are none", () => {
    const all = listSeries(scores);
    expect(findSeries(all, all[2]?.id)).toBe(all[2]);
    expect(findSeries(all, "made-up")).toBe(all[0]);
    expect(findSeries([], undefined)).toBeNull();
  });
});
