import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { SLOT_MS, SlidingWindow, WINDOW_MS } from "./sliding-window";

const START = 1_000_000;

describe("the window", () => {
  it.each([
    ["counts at once", 0, 5],
    ["counts for the whole minute", WINDOW_MS, 5],
    ["has forgotten after a minute and a slot", WINDOW_MS + SLOT_MS, 0],
    ["has forgotten after a long silence", 50 * WINDOW_MS, 0],
  ])("%s", (_title, afterMs, expected) => {
    const window = new SlidingWindow();
    window.add(5, START);
    expect(window.sum(START + afterMs)).toBe(expected);
  });

  it("takes back what still counts, and nothing of what has left", () => {
    const window = new SlidingWindow();
    const early = window.add(2, START);
    window.add(3, START + 30_000);
    window.takeBack(2, early, START + 40_000);
    expect(window.sum(START + 40_000)).toBe(3);
    window.takeBack(2, early, START + 70_000);
    expect(window.sum(START + 70_000)).toBe(3);
  });

  it("says when enough has left, to the millisecond", () => {
    const window = new SlidingWindow();
    window.add(2, START + 100);
    window.add(3, START + 10_000);
    expect(window.msUntilLeft(0, START + 20_000)).toBe(0);
    expect(window.msUntilLeft(6, START + 20_000)).toBeNull();
    for (const [amount, when] of [
      [1, START],
      [2, START],
      [3, START + 10_000],
      [5, START + 10_000],
    ] as const) {
      const wait = window.msUntilLeft(amount, START + 20_000) ?? -1;
      expect(wait).toBe(when + WINDOW_MS + SLOT_MS - (START + 20_000));
    }
    expect(window.msUntilEmpty(START + 20_000)).toBe(50_250);
    expect(new SlidingWindow().msUntilEmpty(START)).toBe(0);
  });

  const steps = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 70_000 })),
      amount: fc.integer({ min: 1, max: 9 }),
    }),
    {
      maxLength: 80,
    },
  );

  it("never holds less than the last 60 s had, nor more than the last 60.25 s, and empties when it says so", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), steps, (startMs, list) => {
        const window = new SlidingWindow();
        const log: { at: number; amount: number }[] = [];
        const within = (now: number, ms: number) => log.filter((e) => e.at > now - ms).reduce((sum, e) => sum + e.amount, 0);
        let now = startMs;
        for (const { afterMs, amount } of list) {
          now += afterMs;
          const sum = window.sum(now);
          expect(sum).toBeGreaterThanOrEqual(within(now, WINDOW_MS));
          expect(sum).toBeLessThanOrEqual(within(now, WINDOW_MS + SLOT_MS));
          const wait = window.msUntilLeft(amount, now);
          if (wait === null) expect(sum).toBeLessThan(amount);
          else {
            const copy = new SlidingWindow();
            for (const e of log) copy.add(e.amount, e.at);
            expect(copy.sum(now + wait)).toBeLessThanOrEqual(sum - amount);
          }
          window.add(amount, now);
          log.push({ at: now, amount });
        }
        expect(window.sum(now + window.msUntilEmpty(now))).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
