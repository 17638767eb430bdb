import { describe, expect, it } from "vitest";
import { ResponseTime } from "./response-time";

describe("a backend's response time", () => {
  it("is the first one measured, then follows what is measured now", () => {
    const time = new ResponseTime();
    expect(time.read(5)).toBe(0);
    time.observe(100, 1_000);
    expect(time.read(1_000)).toBe(100);
    for (let i = 0; i < 100; i++) time.observe(500, 1_000 + i);
    expect(time.read(1_100)).toBeGreaterThan(495);
    expect(time.read(1_100)).toBeLessThanOrEqual(500);
  });

  it("gives one slow answer among many little weight", () => {
    const time = new ResponseTime();
    for (let i = 0; i < 100; i++) time.observe(100, i);
    time.observe(10_000, 101);
    expect(time.read(101)).toBeLessThan(1_200);
  });

  it("fades while nothing is heard, so that a backend that was slow is tried again", () => {
    const time = new ResponseTime();
    time.observe(10_000, 0);
    expect(time.read(120_000)).toBeLessThan(200);
  });
});
