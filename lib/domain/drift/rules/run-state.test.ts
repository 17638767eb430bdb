import { describe, expect, test } from "vitest";
import {
  decideRun,
  LEASE_MS,
  LONGEST_RUN_MS,
  LONGEST_WAIT_MS,
  leaseUntil,
  mayClaim,
  nextRunAt,
  QUEUED_MS,
  type RunFacts,
} from "./run-state";

const now = 1_000_000_000;
const run = (parts: Partial<RunFacts>): RunFacts => ({
  state: "queued",
  attempts: 0,
  createdAtMs: now - 1_000,
  deadlineAtMs: now,
  ...parts,
});

describe("an open run", () => {
  test.each<[string, Partial<RunFacts>, string]>([
    ["waits within its time", { deadlineAtMs: now + 1 }, "stay"],
    ["is asked for again when no worker came", {}, "requeue"],
    ["is taken again when its worker went silent", { state: "running", attempts: 1 }, "requeue"],
    ["is left to a worker that is alive", { state: "running", attempts: 1, deadlineAtMs: now + 1 }, "stay"],
    ["has failed after three tries", { state: "running", attempts: 3 }, "fail"],
    ["has failed when nobody took it for hours", { createdAtMs: now - LONGEST_WAIT_MS }, "fail"],
    ["that is done stays done", { state: "done", deadlineAtMs: null }, "stay"],
    ["that failed stays failed", { state: "failed", deadlineAtMs: null }, "stay"],
  ])("%s", (_, parts, kind) => {
    expect(decideRun(run(parts), now).kind).toBe(kind);
  });

  test("that is asked for again has a deadline again", () => {
    expect(decideRun(run({}), now)).toEqual({ kind: "requeue", deadlineAtMs: now + QUEUED_MS });
  });

  test.each<[string, Partial<RunFacts>, boolean]>([
    ["waits", {}, true],
    ["is with a live worker", { state: "running", attempts: 1, deadlineAtMs: now + 1 }, false],
    ["is with a silent worker", { state: "running", attempts: 1 }, true],
    ["was tried three times", { state: "running", attempts: 3 }, false],
    ["is done", { state: "done", deadlineAtMs: null }, false],
    ["failed", { state: "failed", deadlineAtMs: null }, false],
  ])("may be begun by a worker when it %s: %s", (_, parts, expected) => {
    expect(mayClaim(run(parts), now)).toBe(expected);
  });

  test("is kept by a worker that says it is alive, but not for ever", () => {
    expect(leaseUntil(now, now)).toBe(now + LEASE_MS);
    expect(leaseUntil(now, now + LONGEST_RUN_MS - 1)).toBe(now + LONGEST_RUN_MS);
    expect(leaseUntil(now, now + 2 * LONGEST_RUN_MS)).toBe(now + LONGEST_RUN_MS);
  });
});

describe("the next time of a schedule", () => {
  const minute = 60_000;
  test.each([
    ["one step after the beginning", 0, 5 * minute],
    ["the next step just before it", 5 * minute - 1, 5 * minute],
    ["the step after at the step itself", 5 * minute, 10 * minute],
    ["one time only for what was missed", 47 * minute, 50 * minute],
    ["one step ahead when the clock is behind", -minute, 5 * minute],
  ])("is %s", (_, afterMs, expectedMs) => {
    expect(nextRunAt(now, 5, now + afterMs)).toBe(now + expectedMs);
  });
});
