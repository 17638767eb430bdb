import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS } from "@/lib/core/time";
import { testEvent, testId } from "../testing/usage-events";
import { toBackendCells } from "./backend-rollup";

const AT = Math.floor(1_763_600_000_000 / HOUR_MS) * HOUR_MS;
const [first, second] = [testId("backendRevision", 1), testId("backendRevision", 2)];
const cellsOf = (level: "minute" | "hour", events: Parameters<typeof toBackendCells>[0]) =>
  toBackendCells(events).filter((cell) => cell.key.level === level);

describe("what a backend answered", () => {
  it("is counted by revision, served release and outcome, in minutes and in the hour that holds them", () => {
    const events = [
      testEvent({ at: AT, totalMs: 100, ttftMs: 10 }),
      testEvent({ at: AT + MINUTE_MS - 1, totalMs: 300, ttftMs: null, attempts: 2 }),
      testEvent({ at: AT + MINUTE_MS, totalMs: 500 }),
      testEvent({ at: AT, backendId: second }),
      testEvent({ at: AT, servedReleaseId: testId("release", 2) }),
      testEvent({ at: AT, outcome: "failed", totalMs: 1 }),
    ];
    const hours = cellsOf("hour", events);
    expect(hours.map((c) => [c.key.revisionId, c.key.releaseId, c.key.outcome, c.requests])).toEqual([
      [first, testId("release", 1), "complete", 3],
      [second, testId("release", 1), "complete", 1],
      [first, testId("release", 2), "complete", 1],
      [first, testId("release", 1), "failed", 1],
    ]);
    const [all] = hours;
    expect([all?.total.count, all?.total.min, all?.total.max, all?.ttft.count]).toEqual([3, 100, 500, 2]);
    expect(all).toMatchObject({ retried: 1, inputTokens: 60, outputTokens: 30, costUsd: 450_000_000_000_000n, unpriced: 0 });
    const minutes = cellsOf("minute", events).filter((c) => c.key.revisionId === first && c.key.outcome === "complete");
    expect(minutes.map((c) => [c.key.bucketMs - AT, c.requests])).toEqual([
      [0, 2],
      [MINUTE_MS, 1],
      [0, 1],
    ]);
    // An error that comes at once does not make it look fast.
    expect(hours.at(-1)?.total.count).toBe(0);
  });

  it("holds what the control plane asked by the backend's name, and nothing that no backend saw", () => {
    const direct = testEvent({ endpointId: null, servedReleaseId: null, source: "playground" });
    const unseen = [testEvent({ backendId: null }), testEvent({ cache: "hit" }), testEvent({ attempts: 0, outcome: "refused" })];
    const cells = cellsOf("hour", [direct, ...unseen]);
    expect(cells.map((c) => [c.key.releaseId, c.requests])).toEqual([[null, 1]]);
  });
});
