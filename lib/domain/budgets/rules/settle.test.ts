import { describe, expect, it } from "vitest";
import { testEvent, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { settleCosts, toEventNano, toWindowCosts } from "./settle";
import { crossedThresholds, forecastNano, leftOf, toBudgetState } from "./window";

const at = Date.parse("2026-11-15T12:00:00Z");
const event = testEvent({ at, costUsd: "0.000000001" });
const budget = {
  id: "bud_a",
  projectId: event.projectId,
  environment: "production",
  endpointId: null,
  zone: "UTC",
  createdAtMs: Date.parse("2026-11-10T00:00:00Z"),
};

describe("costs", () => {
  it("are rounded up to a nano-dollar, each request by itself", () => {
    expect(toEventNano("0.000000000000000001")).toBe(1n);
    expect(toEventNano("0.000000001")).toBe(1n);
    expect(toEventNano("0.0000000010001")).toBe(2n);
    expect(toEventNano("0")).toBe(0n);
    expect(toEventNano(null)).toBe(0n);
    expect(toEventNano("99999999999999999999")).toBe(10n ** 15n);
  });

  it.each([
    ["of its environment", {}, 1],
    ["of another project", { projectId: "prj_other" }, 0],
    ["of another environment", { environment: "staging" }, 0],
    ["of its endpoint", { endpointId: event.endpointId }, 1],
    ["of another endpoint", { endpointId: "ept_other" }, 0],
    ["of a month that was over when it was made", { createdAtMs: Date.parse("2026-12-01T00:00:00Z") }, 0],
  ])("%s fall into a budget or not", (_title, parts, windows) => {
    expect(toWindowCosts([{ ...budget, ...parts }], toSpooled([event]), at)).toHaveLength(windows);
  });

  it("fall into the month in which the request arrived, in the budget's zone", () => {
    const edge = Date.parse("2026-10-31T15:00:00Z");
    const costs = toWindowCosts(
      [{ ...budget, zone: "Asia/Seoul", createdAtMs: 0 }],
      toSpooled([testEvent({ ...event, at: edge - 1 }), testEvent({ ...event, at: edge })]),
      at,
    );
    expect(costs.map((c) => [c.window.startMs, c.costs.map((x) => x.sequence)])).toEqual([
      [Date.parse("2026-09-30T15:00:00Z"), [1]],
      [edge, [2]],
    ]);
  });

  it("of a clock that is a month ahead open no window", () => {
    expect(toWindowCosts([budget], toSpooled([testEvent({ ...event, at: at + 40 * 86_400_000 })]), at)).toEqual([]);
  });
});

describe("settling", () => {
  const older = { id: "lse_1", afterSequence: 10, grantedNano: 100n, settledNano: 90n };
  const newer = { id: "lse_2", afterSequence: 20, grantedNano: 50n, settledNano: 0n };
  it("books each request on the lease that its gateway counted it on, and frees what that held", () => {
    const costs = [
      { sequence: 20, nano: 7n },
      { sequence: 21, nano: 5n },
      { sequence: 10, nano: 1n },
    ];
    const { settledNano, releasedNano, byLease } = settleCosts(costs, [older, newer]);
    expect(settledNano).toBe(13n);
    expect(releasedNano).toBe(12n);
    expect([...byLease]).toEqual([
      ["lse_1", 7n],
      ["lse_2", 5n],
    ]);
  });

  it("frees no more than was held where more was spent than granted", () => {
    expect(settleCosts([{ sequence: 15, nano: 30n }], [older]).releasedNano).toBe(10n);
  });
});

describe("a window", () => {
  const amounts = { limitNano: 1_000n, settledNano: 800n, heldNano: 100n };
  const thresholdsBps = [5_000, 8_000, 10_000];
  it("has left what is neither spent nor leased, and never less than nothing", () => {
    expect(leftOf(amounts)).toBe(100n);
    expect(leftOf({ ...amounts, heldNano: 300n })).toBe(0n);
  });
  it.each([
    [0n, []],
    [499n, []],
    [500n, [5_000]],
    [999n, [5_000, 8_000]],
    [1_000n, [5_000, 8_000, 10_000]],
    [5_000n, [5_000, 8_000, 10_000]],
  ])("that spent %s of 1,000 has passed %s", (settledNano, expected) => {
    expect(crossedThresholds({ ...amounts, settledNano }, thresholdsBps)).toEqual(expected);
  });
  it.each([
    [{ settledNano: 100n }, "notify", "under_limit"],
    [{}, "notify", "watch"],
    [{ settledNano: 1_000n }, "notify", "past_limit"],
    [{ heldNano: 200n }, "block", "blocked"],
    [{}, "block", "watch"],
  ] as const)("%s with %s is %s", (parts, action, state) => {
    expect(toBudgetState({ ...amounts, ...parts, thresholdsBps, action })).toBe(state);
  });
  it("has no forecast before money was spent for a day, and then goes on at that pace", () => {
    const day = 86_400_000;
    const span = { sinceMs: 5 * day, endMs: 30 * day, settledNano: 10n };
    expect(forecastNano({ ...span, nowMs: 6 * day - 1 })).toBeNull();
    expect(forecastNano({ ...span, nowMs: 10 * day })).toBe(50n);
    expect(forecastNano({ ...span, nowMs: 30 * day })).toBe(10n);
    expect(forecastNano({ ...span, sinceMs: null, nowMs: 10 * day })).toBeNull();
    expect(forecastNano({ ...span, settledNano: 0n, nowMs: 10 * day })).toBeNull();
  });
});
