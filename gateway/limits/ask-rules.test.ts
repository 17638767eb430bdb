import { describe, expect, it } from "vitest";
import { adaptTarget, decideAsk } from "./ask-rules";

const lease = {
  nowMs: 100_000,
  askedAtMs: null,
  answeredAtMs: 99_000,
  expiresAtMs: 150_000,
  durationMs: 60_000,
  available: 100n,
  target: 100n,
  isShort: false,
};

describe("an ask for a lease", () => {
  it.each([
    ["comes at once without one", { answeredAtMs: null, expiresAtMs: null }, "first"],
    ["comes at once after its end", { expiresAtMs: 100_000 }, "first"],
    ["waits while plenty is at hand and half of its time is left", { expiresAtMs: 130_000 }, null],
    ["renews in the second half of its time", { expiresAtMs: 129_999 }, "renew"],
    ["refills below half of what is liked", { available: 49n }, "refill"],
    ["does not refill at half", { available: 50n }, null],
    ["refills what is overdrawn", { available: -10n }, "refill"],
    ["waits a moment between two refills", { available: 0n, answeredAtMs: 99_901 }, null],
    ["waits longer where the last one was not given in full", { available: 0n, isShort: true, answeredAtMs: 99_001 }, null],
    ["comes again then, since others give back", { available: 0n, isShort: true }, "refill"],
    ["is not repeated while its answer may come", { askedAtMs: 99_001, expiresAtMs: null }, null],
    ["is repeated when no answer came", { askedAtMs: 99_000, expiresAtMs: null }, "first"],
  ])("%s", (_title, parts, expected) => {
    expect(decideAsk({ ...lease, ...parts })).toBe(expected);
  });

  it("wants more each time that it ran dry, and less at each quiet renewal, within bounds", () => {
    expect(adaptTarget(64, "refill")).toBe(128);
    expect(adaptTarget(128, "renew")).toBe(64);
    expect(adaptTarget(64, "renew")).toBe(64);
    expect(adaptTarget(65_536, "refill")).toBe(65_536);
    expect(adaptTarget(200, "first")).toBe(200);
  });
});
