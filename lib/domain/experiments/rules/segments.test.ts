import { describe, expect, it } from "vitest";
import { isReadingDue, type SegmentTimes, stateOfSegments } from "./segments";

const NOW = 10_000_000_000;
const HOUR = 3_600_000;
const RUNNING: SegmentTimes = {
  isFixed: true,
  startedAtMs: NOW - HOUR,
  stoppedAtMs: null,
  evidenceAtMs: null,
  neededFromMs: NOW - 2 * HOUR,
  keptFromMs: NOW - 3 * HOUR,
};
const last = (agoMs: number, tookMs = 10) => ({ atMs: NOW - agoMs, tookMs });

describe("a reading of segments", () => {
  it.each<[string, Partial<SegmentTimes>, ReturnType<typeof last> | null, boolean]>([
    ["is due where there was none", {}, null, true],
    ["is not due before the start", { startedAtMs: null }, null, false],
    ["is not due where the log has lost a part of what it needs", { neededFromMs: NOW - 4 * HOUR }, null, false],
    ["rests for a quarter of a minute", {}, last(14_999), false],
    ["is due after that", {}, last(15_000), true],
    ["rests twenty times as long as it took", {}, last(15_000, 1_000), false],
    ["is due once that is over", {}, last(20_000, 1_000), true],
    ["is due at once after the one analysis of a fixed plan", { evidenceAtMs: NOW - 500 }, last(1_000, 1_000), true],
    ["is the last one where it was made after that", { evidenceAtMs: NOW - 500_000 }, last(400_000), false],
    ["goes on after what decided a sequential plan", { isFixed: false, evidenceAtMs: NOW - 500_000 }, last(400_000), true],
    ["goes on for late scores after the end", { stoppedAtMs: NOW - HOUR }, last(20_000), true],
    ["ends two weeks after it", { stoppedAtMs: NOW - 15 * 24 * HOUR }, last(20_000), false],
  ])("%s", (_, times, reading, expected) => {
    expect(isReadingDue({ ...RUNNING, ...times }, reading, NOW)).toBe(expected);
  });
});

describe("what was read", () => {
  const seen = { isQuantile: false, isAa: false, isDoubtful: false, readAtMs: NOW };
  it.each([
    ["waits where nothing was read", { isFixed: true, evidenceAtMs: null }, { readAtMs: null }, "waiting"],
    ["is early before the one analysis", { isFixed: true, evidenceAtMs: null }, {}, "early"],
    ["is early while it was read before it", { isFixed: true, evidenceAtMs: NOW + 1 }, {}, "early"],
    ["counts once it was read after it", { isFixed: true, evidenceAtMs: NOW }, {}, "counts"],
    ["counts at every look of a sequential plan", { isFixed: false, evidenceAtMs: null }, {}, "counts"],
    ["is doubtful where a check failed", { isFixed: false, evidenceAtMs: null }, { isDoubtful: true }, "doubtful"],
    ["is of no treatment where all arms are the same", { isFixed: false, evidenceAtMs: null }, { isAa: true }, "aa"],
    ["is nothing of a quantile", { isFixed: false, evidenceAtMs: null }, { isQuantile: true }, "quantile"],
  ] as const)("%s", (_, times, parts, expected) => {
    expect(stateOfSegments(times, { ...seen, ...parts })).toBe(expected);
  });
});
