import { describe, expect, it } from "vitest";
import { prepareCumulative } from "./cumulative";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const month = { startMs: 0, endMs: 30 * DAY, forecast: null };

describe("a month's cumulative cost", () => {
  it("never falls, begins with nothing, and ends now with all of it", () => {
    const hours = [
      { atMs: 2 * DAY + 3 * HOUR, cost: 1 },
      { atMs: 5 * DAY, cost: 2 },
      { atMs: 9 * DAY + 23 * HOUR, cost: 4 },
    ];
    const { spent, stepMs, forecast } = prepareCumulative({ ...month, hours, nowMs: 10 * DAY + HOUR });
    expect(stepMs).toBe(DAY);
    expect(spent.map((p) => p.value)).toEqual([0, 0, 0, 1, 1, 1, 3, 3, 3, 3, 7, 7]);
    expect(spent.at(-1)).toEqual({ atMs: 10 * DAY + HOUR, value: 7 });
    expect(forecast).toEqual([]);
  });

  it("goes by the hour while the month is young", () => {
    const { spent, stepMs } = prepareCumulative({ ...month, hours: [{ atMs: HOUR, cost: 3 }], nowMs: 2 * HOUR + 60_000 });
    expect(stepMs).toBe(HOUR);
    expect(spent.map((p) => p.value)).toEqual([0, 0, 3, 3]);
  });

  it("counts the hour that is under way, and one that began before a month within an hour", () => {
    const hours = [
      { atMs: -30 * 60_000, cost: 1 },
      { atMs: 30 * 60_000, cost: 1 },
    ];
    expect(prepareCumulative({ ...month, hours, nowMs: HOUR }).spent).toEqual([
      { atMs: 0, value: 1 },
      { atMs: HOUR, value: 2 },
    ]);
  });

  it("goes straight from now to its forecast at the month's end, and nowhere when the month is over", () => {
    const hours = [{ atMs: 0, cost: 10 }];
    const { forecast } = prepareCumulative({ ...month, hours, nowMs: 10 * DAY, forecast: 30 });
    expect(forecast[0]).toEqual({ atMs: 10 * DAY, value: 10 });
    expect(forecast.at(-1)).toEqual({ atMs: 30 * DAY, value: 30 });
    expect(forecast[10]?.value).toBeCloseTo(20);
    expect(prepareCumulative({ ...month, hours, nowMs: 31 * DAY, forecast: 30 }).forecast).toEqual([]);
  });
});
