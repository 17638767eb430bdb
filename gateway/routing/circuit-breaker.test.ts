import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { BREAKER, CircuitBreaker, NO_PERMIT } from "./circuit-breaker";

const middle = () => 0.5;
const call = (breaker: CircuitBreaker, nowMs: number, verdict: "good" | "bad" | "none", isAlone = true) => {
  const permit = breaker.acquire(nowMs, isAlone);
  if (permit !== NO_PERMIT) breaker.release(permit, verdict, nowMs);
  return permit !== NO_PERMIT;
};
function opened(isAlone = true): CircuitBreaker {
  const breaker = new CircuitBreaker(middle);
  for (let i = 0; i < BREAKER.consecutive; i++) call(breaker, 0, "bad", isAlone);
  return breaker;
}

describe("a circuit breaker", () => {
  it("opens after five failures in a row and refuses until its time is over, saying how long", () => {
    const breaker = new CircuitBreaker(middle);
    for (let i = 0; i < 4; i++) call(breaker, i, "bad");
    expect(breaker.state).toBe("closed");
    call(breaker, 10, "bad");
    expect(breaker.state).toBe("open");
    expect(call(breaker, 5_009, "good")).toBe(false);
    expect(breaker.retryAfterMs(1_010)).toBe(4_000);
    expect(call(breaker, 5_010, "good")).toBe(true);
  });

  it("is not opened by failures between which calls succeed, unless they are half of twenty", () => {
    const rare = new CircuitBreaker(middle);
    for (let i = 0; i < 200; i++) call(rare, i * 10, i % 4 === 0 ? "bad" : "good");
    expect(rare.state).toBe("closed");
    expect(rare.isOutlier(2_000)).toBe(true);
    const half = new CircuitBreaker(middle);
    for (let i = 0; i < 20; i++) call(half, i * 10, i % 2 === 0 ? "good" : "bad");
    expect(half.state).toBe("open");
  });

  it("hears nothing that says nothing about the backend", () => {
    const breaker = new CircuitBreaker(middle);
    for (let i = 0; i < 1_000; i++) call(breaker, i, "none");
    expect([breaker.state, breaker.isOutlier(1_000)]).toEqual(["closed", false]);
  });

  it("lets one try it at first, and twice as many after each success when it is alone", () => {
    const breaker = opened();
    const first = breaker.acquire(6_000, true);
    expect(first).not.toBe(NO_PERMIT);
    expect(breaker.acquire(6_000, true)).toBe(NO_PERMIT);
    breaker.release(first, "good", 6_001);
    const [a, b] = [breaker.acquire(6_002, true), breaker.acquire(6_002, true)];
    expect([a, b]).not.toContain(NO_PERMIT);
    expect(breaker.acquire(6_002, true)).toBe(NO_PERMIT);
    breaker.release(a, "good", 6_003);
    breaker.release(b, "good", 6_003);
    expect(breaker.state).toBe("closed");
  });

  it("stays out longer each time that its trial fails, up to a minute", () => {
    const breaker = opened();
    let now = 0;
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const wait = breaker.retryAfterMs(now);
      waits.push(wait);
      now += wait;
      call(breaker, now, "bad");
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it("gives the place of a trial back whose client went away", () => {
    const breaker = opened();
    for (let i = 0; i < 10; i++) expect(call(breaker, 6_000 + i, "none")).toBe(true);
  });

  it("does not listen to calls of an earlier time", () => {
    const breaker = new CircuitBreaker(middle);
    const late = Array.from({ length: 50 }, () => breaker.acquire(0, true));
    for (const permit of late) breaker.release(permit, "bad", 1);
    expect(breaker.retryAfterMs(1)).toBe(5_000);
    const trial = breaker.acquire(5_002, true);
    breaker.release(late[0] ?? 0, "bad", 5_003);
    expect(breaker.state).toBe("half_open");
    breaker.release(trial, "good", 5_004);
    expect(breaker.admits(5_005, true)).toBe(true);
  });

  it("with others beside it returns only after half a minute and trials that succeeded for ten seconds", () => {
    const breaker = opened(false);
    let returnedAt = 0;
    for (let now = 5_000; now < 120_000 && returnedAt === 0; now += 100) {
      call(breaker, now, "good", false);
      if (breaker.state === "closed") returnedAt = now;
    }
    expect(returnedAt).toBe(BREAKER.settleMs);
  });
});

/** Plays steady traffic on a backend that is up and down in turns; gives the times at which it left and came back into service. */
function playFlapping(upMs: number, downMs: number, isAlone: boolean): number[] {
  const breaker = new CircuitBreaker(middle);
  const switches: number[] = [];
  let inService = true;
  for (let now = 0; now < 1_800_000; now += 50) {
    const isUp = now % (upMs + downMs) >= downMs;
    call(breaker, now, isUp ? "good" : "bad", isAlone);
    const serves = breaker.state === "closed";
    if (serves !== inService) switches.push(now);
    inService = serves;
  }
  return switches;
}

describe("a backend that flaps", () => {
  it("five seconds up, five down beside others: leaves once and stays out", () => {
    expect(playFlapping(5_000, 5_000, false)).toEqual([200]);
  });

  it.each([
    [20_000, 20_000],
    [35_000, 5_000],
    [60_000, 60_000],
  ])("%i ms up, %i ms down: never switches more than once in 30 s on the average of any ten minutes", (up, down) => {
    const switches = playFlapping(up, down, false);
    for (let from = 0; from < 1_200_000; from += 60_000)
      expect(switches.filter((at) => at >= from && at < from + 600_000).length).toBeLessThanOrEqual(20);
  });

  it("alone it follows: it serves again within its time out", () => {
    expect(playFlapping(60_000, 2_000, true).length).toBeGreaterThan(20);
  });
});

describe("whatever happens", () => {
  it("a breaker that is tried long enough with success closes, and never holds more trials than it allows", () => {
    const step = fc.record({
      verdict: fc.constantFrom("good" as const, "bad" as const, "none" as const),
      advanceMs: fc.integer({ min: 0, max: 3_000 }),
      hold: fc.boolean(),
      isAlone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const breaker = new CircuitBreaker(middle);
        let now = 0;
        const held: number[] = [];
        for (const { verdict, advanceMs, hold, isAlone } of steps) {
          now += advanceMs;
          const permit = breaker.acquire(now, isAlone);
          if (permit === NO_PERMIT) continue;
          if (hold) held.push(permit);
          else breaker.release(permit, verdict, now);
        }
        for (const permit of held) breaker.release(permit, "none", now);
        for (let i = 0; i < 400 && breaker.state !== "closed"; i++) {
          now += 1_000;
          call(breaker, now, "good");
        }
        expect(breaker.state).toBe("closed");
      }),
    );
  });
});
