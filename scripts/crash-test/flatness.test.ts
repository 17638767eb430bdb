import { describe, expect, it } from "vitest";
import { judgeFlatness, type Sample } from "./flatness";

const series = (read: (i: number) => number): Sample[] => Array.from({ length: 240 }, (_, i) => ({ atMs: i * 5_000, value: read(i) }));
const TOLERANCE = { share: 0.1, absolute: 5 };

describe("flatness", () => {
  it("holds for a saw tooth over a level floor, whatever came while it warmed up", () => {
    const judged = judgeFlatness(
      series((i) => (i < 50 ? i * 4 : 200) + (i % 12) * 10),
      TOLERANCE,
    );
    expect(judged.isFlat).toBe(true);
    expect(Math.abs(judged.growth)).toBeLessThan(5);
  });

  it("does not hold where the floor rises by a fifth", () => {
    expect(
      judgeFlatness(
        series((i) => 200 + (i / 240) * 55 + (i % 12) * 10),
        TOLERANCE,
      ).isFlat,
    ).toBe(false);
  });

  it("does not hold for a descriptor leaked every minute", () => {
    expect(
      judgeFlatness(
        series((i) => 40 + Math.floor(i / 12)),
        TOLERANCE,
      ).isFlat,
    ).toBe(false);
  });

  it("holds for what falls, and cannot be told of a few samples", () => {
    expect(
      judgeFlatness(
        series((i) => 500 - i),
        TOLERANCE,
      ).isFlat,
    ).toBe(true);
    expect(() => judgeFlatness(series((i) => i).slice(0, 8), TOLERANCE)).toThrow(RangeError);
  });
});
