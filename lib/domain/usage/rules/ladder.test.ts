import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { LADDERS, splitWindow, toWindow } from "./ladder";
import { LEVELS, type Level } from "./rollup";

const DAY = Date.UTC(2026, 10, 20);
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

describe("a window", () => {
  it("ends with the bucket that is filling", () => {
    const now = DAY + 10 * HOUR_MS + 7 * MINUTE_MS + 5;
    expect(toWindow("minute", HOUR_MS, now)).toEqual({
      fromMs: DAY + 9 * HOUR_MS + 8 * MINUTE_MS,
      toMs: DAY + 10 * HOUR_MS + 8 * MINUTE_MS,
    });
    expect(toWindow("day", 7 * 24 * HOUR_MS, now)).toEqual({ fromMs: DAY - 6 * 24 * HOUR_MS, toMs: DAY + 24 * HOUR_MS });
  });

  it("has steps that its level's buckets fill", () => {
    for (const { windowMs, rungs } of Object.values(LADDERS))
      for (const { level, stepMs } of rungs) expect([stepMs % LEVELS[level], windowMs % stepMs]).toEqual([0, 0]);
  });

  it("is split into hours between its minutes, and days between its hours", () => {
    const [fromMs, toMs] = [DAY - 2 * HOUR_MS - MINUTE_MS, DAY + 25 * HOUR_MS];
    expect(splitWindow({ level: "minute", fromMs, toMs }).map((p) => [p.level, p.toMs - p.fromMs])).toEqual([
      ["minute", MINUTE_MS],
      ["hour", 2 * HOUR_MS],
      ["day", 24 * HOUR_MS],
      ["hour", HOUR_MS],
    ]);
    expect(splitWindow({ level: "minute", fromMs: DAY, toMs: DAY })).toEqual([]);
    expect(splitWindow({ level: "minute", fromMs: DAY + MINUTE_MS, toMs: DAY + HOUR_MS })).toHaveLength(1);
  });

  it("is covered once by its parts, each whole in its level, whatever its ends", () => {
    const minute = fc.integer({ min: 0, max: 60 * 24 * 40 }).map((m) => DAY + m * MINUTE_MS);
    fc.assert(
      fc.property(minute, minute, fc.constantFrom<Level>("minute", "hour", "day"), (a, b, level) => {
        const ms = LEVELS[level];
        const [fromMs = 0, toMs = 0] = [a, b].map((at) => Math.floor(at / ms) * ms).sort((x, y) => x - y);
        const parts = splitWindow({ level, fromMs, toMs });
        let at = fromMs;
        for (const part of parts) {
          expect(part.fromMs).toBe(at);
          expect([part.fromMs % LEVELS[part.level], part.toMs % LEVELS[part.level]]).toEqual([0, 0]);
          at = part.toMs;
        }
        expect(at).toBe(toMs);
      }),
    );
  });
});
