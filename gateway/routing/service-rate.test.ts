import { describe, expect, it } from "vitest";
import { planComeBack, ServiceRate } from "./service-rate";

function rateOf(endsMs: readonly number[], nowMs: number): number {
  const rate = new ServiceRate();
  for (const ms of endsMs) rate.note(ms);
  return rate.perSecond(nowMs);
}
const steady = (everyMs: number, untilMs: number) => Array.from({ length: Math.floor(untilMs / everyMs) }, (_, i) => i * everyMs);

describe("how many calls end per second", () => {
  it("is 0 before any, and again once nothing ended for long", () => {
    expect(rateOf([], 5_000)).toBe(0);
    expect(rateOf([0, 100, 200], 60_000)).toBe(0);
  });

  it("is what a steady flow has, at any time of the window", () => {
    for (const nowMs of [4_000, 9_900, 10_100, 15_000, 19_900, 25_000, 30_050])
      expect(rateOf(steady(100, nowMs), nowMs)).toBeCloseTo(10, 0);
  });

  it("does not make a burst of a moment into thousands a second", () => {
    expect(rateOf([0, 0, 0, 0], 1)).toBe(4);
  });
});

describe("when to come again", () => {
  it("is when those ahead are served, in whole seconds, between one and a minute", () => {
    expect(planComeBack({ ahead: 9, perSecond: 4, otherwiseMs: 0 })).toBe(3);
    expect(planComeBack({ ahead: 0, perSecond: 50, otherwiseMs: 0 })).toBe(1);
    expect(planComeBack({ ahead: 1_000, perSecond: 0.1, otherwiseMs: 0 })).toBe(60);
  });

  it("is as long as one may wait where nothing ended of late", () => {
    expect(planComeBack({ ahead: 3, perSecond: 0, otherwiseMs: 10_000 })).toBe(10);
  });
});
