import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { RETRY_BUDGET, RetryBudget } from "./retry-budget";

const { ratio, floorPerSecond, burst } = RETRY_BUDGET;

describe("the retry budget", () => {
  it("lets a total failure add at most a tenth of the load, a floor and a burst", () => {
    const budget = new RetryBudget(RETRY_BUDGET, 0);
    let retries = 0;
    const [seconds, perSecond] = [60, 200];
    for (let i = 0; i < seconds * perSecond; i++) {
      budget.earn();
      if (budget.spend((i / perSecond) * 1_000)) retries++;
    }
    expect(retries).toBeLessThanOrEqual(burst + ratio * seconds * perSecond + floorPerSecond * seconds);
    expect(retries).toBeGreaterThan(0.9 * ratio * seconds * perSecond);
  });

  it("grants a quiet endpoint its retries", () => {
    const budget = new RetryBudget(RETRY_BUDGET, 0);
    for (let i = 0; i < 100; i++) {
      budget.earn();
      expect(budget.spend(i * 10_000)).toBe(true);
    }
  });

  it("holds its bound for any order of requests, retries and clock readings", () => {
    const step = fc.record({ kind: fc.constantFrom("earn", "spend"), advanceMs: fc.integer({ min: -50, max: 500 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const budget = new RetryBudget(RETRY_BUDGET, 0);
        let [now, forward, earned, spent] = [0, 0, 0, 0];
        for (const { kind, advanceMs } of steps) {
          now += advanceMs;
          forward += Math.max(0, advanceMs);
          if (kind === "earn") {
            budget.earn();
            earned++;
          } else if (budget.spend(now)) spent++;
        }
        expect(spent).toBeLessThanOrEqual(burst + ratio * earned + (floorPerSecond * forward) / 1_000 + 1e-9);
      }),
    );
  });
});
