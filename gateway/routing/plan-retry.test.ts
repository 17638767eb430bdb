import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { FAILURE_KINDS, FAILURES, type FailureKind } from "./failures";
import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, LONGEST_WAIT_MS, planRetry, type RetryFacts, toBackoffMs } from "./plan-retry";

const facts: RetryFacts = {
  kind: "unreachable",
  attempts: 1,
  maxAttempts: 3,
  repeatsTaken: true,
  hasOther: false,
  remainingMs: 60_000,
  retryAfterMs: null,
  random: 0.5,
};
const plan = (parts: Partial<RetryFacts> = {}) => planRetry({ ...facts, ...parts });

const anyFacts = fc.record<RetryFacts>({
  kind: fc.constantFrom(...FAILURE_KINDS),
  attempts: fc.integer({ min: 0, max: 6 }),
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  repeatsTaken: fc.boolean(),
  hasOther: fc.boolean(),
  remainingMs: fc.integer({ min: -1_000, max: 100_000 }),
  retryAfterMs: fc.option(fc.integer({ min: 0, max: 30_000 })),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

describe("a failed call", () => {
  it.each<[FailureKind, "never" | "elsewhere" | "anywhere"]>([
    ["stale_connection", "anywhere"],
    ["unreachable", "anywhere"],
    ["connect_timeout", "anywhere"],
    ["no_answer", "elsewhere"],
    ["silent", "elsewhere"],
    ["too_long", "never"],
    ["rate_limited", "anywhere"],
    ["overloaded", "anywhere"],
    ["failed", "anywhere"],
    ["broken_off", "anywhere"],
    ["misconfigured", "elsewhere"],
    ["rejected", "never"],
    ["context_exceeded", "never"],
    ["resting", "elsewhere"],
  ])("that is %s is repeated %s", (kind, where) => {
    expect(plan({ kind, hasOther: true }) !== null).toBe(where !== "never");
    expect(plan({ kind, hasOther: false }) !== null).toBe(where === "anywhere");
  });

  it("is repeated without being asked for only when no backend took the request", () => {
    const unasked = FAILURE_KINDS.filter((kind) => plan({ kind, hasOther: true, repeatsTaken: false }) !== null);
    expect(unasked).toEqual(["stale_connection", "unreachable", "connect_timeout", "resting"]);
  });

  it("goes to another backend at once, where there is one, even when this one asked for time", () => {
    expect(plan({ hasOther: true, kind: "rate_limited", retryAfterMs: 30_000 })).toEqual({ elsewhere: true, waitMs: 0 });
  });

  it("waits on the same backend for what it asked for, and a little more so that not all come at once", () => {
    expect(plan({ kind: "rate_limited", retryAfterMs: 2_000, random: 0 })).toEqual({ elsewhere: false, waitMs: 2_000 });
    expect(plan({ kind: "rate_limited", retryAfterMs: 2_000, random: 0.5 })).toEqual({ elsewhere: false, waitMs: 2_050 });
  });

  it("is left to the client when the backend wants more time than a request is held", () => {
    expect(plan({ kind: "rate_limited", retryAfterMs: LONGEST_WAIT_MS + 1 })).toBeNull();
  });

  it("is never repeated past its number of attempts or its deadline, nor sooner than the backend said", () => {
    fc.assert(
      fc.property(anyFacts, (f) => {
        const result = planRetry(f);
        if (result === null) return;
        expect(f.attempts).toBeLessThan(f.maxAttempts);
        expect(result.waitMs).toBeLessThan(f.remainingMs);
        expect(FAILURES[f.kind].retry).not.toBe("never");
        if (!result.elsewhere) expect(result.waitMs).toBeGreaterThanOrEqual(f.retryAfterMs ?? 0);
        expect(result.waitMs).toBeLessThanOrEqual(LONGEST_WAIT_MS);
      }),
    );
  });
});

describe("the backoff", () => {
  it("is a random share of steps that double up to a cap", () => {
    expect([1, 2, 3, 4, 5, 6, 9].map((n) => toBackoffMs(n, 1))).toEqual([100, 200, 400, 800, 1_600, BACKOFF_CAP_MS, BACKOFF_CAP_MS]);
    expect(toBackoffMs(1, 0)).toBe(0);
    expect(toBackoffMs(1, 0.25)).toBe(BACKOFF_BASE_MS / 4);
  });
});
