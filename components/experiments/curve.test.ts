import { describe, expect, it } from "vitest";
import { type CurvePoint, clipOf, leftZeroAt, spanOf } from "./curve";

const point = (atMs: number, low: number | null, high: number | null): CurvePoint => ({
  atMs,
  lift: low === null || high === null ? null : (low + high) / 2,
  low,
  high,
  subjects: 100,
});

describe("the curve of an answer", () => {
  it.each<[string, CurvePoint[], number | null]>([
    ["never", [], null],
    ["not while the newest interval holds zero", [point(1, 0.1, 0.2), point(2, -0.1, 0.2)], null],
    [
      "at the first look after the last that held it",
      [point(1, 0.1, 0.2), point(2, -0.1, 0.2), point(3, 0.01, 0.2), point(4, 0.02, 0.1)],
      3,
    ],
    ["below as well as above", [point(1, -0.1, 0.2), point(2, -0.2, -0.1)], 2],
    ["not by a look without an interval", [point(1, 0.1, 0.2), point(2, null, null)], null],
    ["at the first look where none held it", [point(1, 0.1, 0.2)], 1],
  ])("left zero %s", (_, curve, expected) => {
    expect(leftZeroAt(curve)).toBe(expected);
  });

  it("is cut where early intervals would make the newest one a line, never at zero, the margin or the lift", () => {
    const curve = [point(1, -9, 11), point(2, 0.1, 0.2)];
    const clip = clipOf(curve, 0.02);
    expect(clip?.low).toBeCloseTo(-0.05);
    expect(clip?.high).toBeCloseTo(0.35);
    expect(clipOf([point(1, 0.9, 1)], 0.02)?.low).toBe(-0.02);
    expect(clipOf([point(1, null, null)], 0.02)).toBeNull();
  });

  it.each([
    ["to the deadline where two fifths are over", { nowMs: 60, deadlineAtMs: 140, minimumAtMs: 70 }, 140],
    ["to the minimum where the deadline is far", { nowMs: 60, deadlineAtMs: 1_000, minimumAtMs: 70 }, 70],
    ["to now where both are far", { nowMs: 60, deadlineAtMs: 10_000, minimumAtMs: 9_000 }, 60],
    ["to its end once it is over", { nowMs: 60, deadlineAtMs: null, minimumAtMs: 70 }, 60],
  ])("reaches %s", (_, times, expected) => {
    const scale = 1_000;
    const scaled = {
      startedAtMs: 0,
      nowMs: times.nowMs * scale,
      deadlineAtMs: times.deadlineAtMs === null ? null : times.deadlineAtMs * scale,
      minimumAtMs: times.minimumAtMs * scale,
    };
    expect(spanOf(scaled)).toEqual({ fromMs: 0, toMs: expected * scale });
  });
});
