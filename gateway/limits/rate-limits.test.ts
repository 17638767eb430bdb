import { describe, expect, it } from "vitest";
import type { RateLimits as Settings } from "@/lib/contracts/rate-limits";
import { fc } from "@/test/property";
import type { RuntimeConfig } from "../config/runtime-config";
import { Allowance } from "./allowance";
import { RateLimitError } from "./rate-limit-error";
import { type LimitHold, RateLimits } from "./rate-limits";
import { WINDOW_MS } from "./sliding-window";

let now = 0;

function toConfig(key: Settings | null, endpoint: Settings | null): RuntimeConfig {
  const keyByHash = new Map([["hash", { id: "gwk_1", limits: key }]]);
  const internalTargets = new Map([["ept_1", { endpoint: { id: "ept_1", limits: endpoint } }]]);
  return { keyByHash, internalTargets } as unknown as RuntimeConfig;
}

function open(key: Settings | null, endpoint: Settings | null = null, gateways = 1): RateLimits {
  now = 1_000_000;
  const limits = new RateLimits(() => now, gateways);
  limits.keepOnly(toConfig(key, endpoint));
  return limits;
}

function enter(limits: RateLimits): LimitHold {
  const hold = limits.find("gwk_1", "ept_1");
  if (hold === null) throw new Error("nothing is limited");
  limits.enter(hold);
  return hold;
}
const refusalOf = (run: () => unknown): RateLimitError => {
  try {
    run();
  } catch (error) {
    if (error instanceof RateLimitError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};
const usedBy = (limits: RateLimits) => Object.fromEntries([...limits.shared()].map(([name, a]) => [name, a.used(now)]));

describe("requests a minute", () => {
  it("come again when the first has left the window, and not before", () => {
    const limits = open({ requestsPerMinute: 2 });
    enter(limits);
    now += 20_000;
    enter(limits);
    const { refusal, retryAfterSeconds } = refusalOf(() => enter(limits));
    expect(refusal).toMatchObject({ scope: "key", quantity: "requests", limit: 2, waitMs: 40_250 });
    expect(retryAfterSeconds).toBe(40.25);
    now += 40_249;
    refusalOf(() => enter(limits));
    now += 1;
    enter(limits);
  });

  it("are given back by what reached no backend, within the minute and after it", () => {
    const limits = open({ requestsPerMinute: 1 });
    const first = enter(limits);
    limits.settle(first, { tokens: 0, reached: false });
    const second = enter(limits);
    now += 61_000;
    const third = enter(limits);
    limits.settle(second, { tokens: 0, reached: false });
    refusalOf(() => enter(limits));
    limits.settle(third, { tokens: 0, reached: true });
    refusalOf(() => enter(limits));
  });
});

describe("tokens a minute", () => {
  it("stay reserved as long as the request runs, and count for a minute from its end", () => {
    const limits = open({ tokensPerMinute: 100 });
    const hold = enter(limits);
    limits.reserveTokens(hold, 90);
    now += 3 * WINDOW_MS;
    expect(refusalOf(() => limits.reserveTokens(enter(limits), 20)).refusal).toMatchObject({
      quantity: "tokens",
      amount: 20,
      waitMs: 1_000,
    });
    limits.settle(hold, { tokens: 60, reached: true });
    now += WINDOW_MS;
    expect(refusalOf(() => limits.reserveTokens(enter(limits), 50)).refusal.waitMs).toBe(250);
    now += 250;
    limits.reserveTokens(enter(limits), 100);
  });

  it("that an answer used beyond its reserve are missing to the next", () => {
    const limits = open({ tokensPerMinute: 100 });
    const hold = enter(limits);
    limits.reserveTokens(hold, 10);
    limits.settle(hold, { tokens: 130, reached: true });
    refusalOf(() => limits.reserveTokens(enter(limits), 1));
  });

  it("of a request that is larger than the limit never fit, which is said", () => {
    const limits = open({ tokensPerMinute: 100 });
    const error = refusalOf(() => limits.reserveTokens(enter(limits), 101));
    expect([error.isFinal, error.type, error.retryAfterSeconds]).toEqual([true, "tokens", null]);
  });
});

it("of an endpoint holds for calls without a key too, and a key's for the key's own only", () => {
  const limits = open({ requestsPerMinute: 1 }, { requestsPerMinute: 2 });
  enter(limits);
  const internal = limits.find(null, "ept_1");
  expect(internal?.groups.map((g) => g.scope)).toEqual(["endpoint"]);
  if (internal !== null) limits.enter(internal);
  refusalOf(() => internal !== null && limits.enter({ ...internal, taken: [] }));
});

describe("a refusal", () => {
  it.each<[string, Settings, Settings]>([
    ["the key's requests", { requestsPerMinute: 1 }, { requestsPerMinute: 9, concurrent: 9, tokensPerMinute: 900 }],
    ["the endpoint's requests", { requestsPerMinute: 9, concurrent: 9, tokensPerMinute: 900 }, { requestsPerMinute: 1 }],
    ["the key's places", { concurrent: 1 }, { requestsPerMinute: 9, concurrent: 9, tokensPerMinute: 900 }],
    ["the endpoint's places", { requestsPerMinute: 9, concurrent: 9, tokensPerMinute: 900 }, { concurrent: 1 }],
    ["the key's tokens", { tokensPerMinute: 15 }, { requestsPerMinute: 9, concurrent: 9, tokensPerMinute: 900 }],
    ["the endpoint's tokens", { requestsPerMinute: 9, concurrent: 9, tokensPerMinute: 900 }, { tokensPerMinute: 15 }],
  ])("by %s takes nothing of any other limit", (_title, key, endpoint) => {
    const limits = open(key, endpoint);
    limits.reserveTokens(enter(limits), 10);
    const before = usedBy(limits);
    refusalOf(() => {
      const hold = enter(limits);
      try {
        limits.reserveTokens(hold, 10);
      } catch (error) {
        // As the pipeline does with every request that ends.
        limits.settle(hold, { tokens: 0, reached: false });
        throw error;
      }
    });
    expect(usedBy(limits)).toEqual(before);
  });
});

describe("settings that change", () => {
  it("hold at once for what comes next", () => {
    const limits = open({ concurrent: 1 });
    const first = enter(limits);
    refusalOf(() => enter(limits));
    limits.keepOnly(toConfig({ concurrent: 2 }, null));
    const second = enter(limits);
    limits.keepOnly(toConfig({ concurrent: 1 }, null));
    limits.settle(first, { tokens: 0, reached: true });
    refusalOf(() => enter(limits));
    limits.settle(second, { tokens: 0, reached: true });
    enter(limits);
    limits.keepOnly(toConfig(null, null));
    expect(limits.find("gwk_1", "ept_1")).toBeNull();
  });

  it("give each of several gateways an even part until they have shared, at least one", () => {
    const partOf = (limit: number, gateways: number) => new Allowance("requests", { limit, gateways }).share;
    expect([partOf(10, 1), partOf(10, 3), partOf(2, 3), partOf(10, 0)]).toEqual([10, 3, 1, 10]);
  });
});

describe("a share", () => {
  it("that is wanted elsewhere is given up before it is told so, but not what is used", () => {
    const allowance = new Allowance("requests", { limit: 10, gateways: 1 });
    for (let n = 0; n < 4; n++) allowance.count(1, now);
    const report = allowance.report(now);
    expect(report).toMatchObject({ limit: 10, share: 10, used: 4 });
    allowance.take(report, { share: 10, target: 2, free: 6 });
    expect(allowance.share).toBe(10);
    expect(allowance.report(now)).toMatchObject({ share: 4 });
    expect(allowance.fits(1, now)).toBe(false);
  });

  it("is not taken from an answer for a limit that is not the present one", () => {
    const allowance = new Allowance("requests", { limit: 10, gateways: 1 });
    const report = allowance.report(now);
    allowance.setLimit(4);
    allowance.take(report, { share: 10, target: 10, free: 10 });
    expect(allowance.share).toBe(4);
  });

  it("that others can give is worth coming again for within two turns", () => {
    const allowance = new Allowance("requests", { limit: 10, gateways: 5 });
    allowance.take(allowance.report(now), { share: 0, target: 0, free: 10 });
    expect(allowance.refuse(1, now)).toBe(500);
  });
});

it("never lets more than its limits into any minute, gives back every reserve, and counts every end once", () => {
  type Step = { afterMs: number; act: "begin" | "end" | "refuse" | "twice"; amount: number; which: number };
  const step: fc.Arbitrary<Step> = fc.record({
    afterMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
    ),
    act: fc.constantFrom("begin", "begin", "begin", "end", "end", "refuse", "twice"),
    amount: fc.integer({ min: 1, max: 60 }),
    which: fc.nat(50),
  });
  let begun = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const [requestsPerMinute, tokensPerMinute, concurrent] = [12, 300, 4];
      const limits = open({ requestsPerMinute, tokensPerMinute }, { concurrent });
      const taken: number[] = [];
      const ended: { at: number; tokens: number }[] = [];
      const running: { hold: LimitHold; reserve: number }[] = [];
      for (const { afterMs, act, amount, which } of steps) {
        now += afterMs;
        if (act === "begin" || act === "refuse") {
          const hold = limits.find("gwk_1", "ept_1");
          if (hold === null) throw new Error("nothing is limited");
          try {
            limits.enter(hold);
            limits.reserveTokens(hold, amount);
            if (act === "refuse") throw new RateLimitError({ scope: "key", quantity: "tokens", limit: 1, amount: 1, waitMs: 1 });
            taken.push(now);
            running.push({ hold, reserve: amount });
            begun++;
          } catch {
            limits.settle(hold, { tokens: 0, reached: false });
          }
        } else if (running.length > 0) {
          const [one] = running.splice(which % running.length, 1);
          if (one === undefined) continue;
          const tokens = which % (one.reserve + 1);
          limits.settle(one.hold, { tokens, reached: true });
          if (act === "twice") limits.settle(one.hold, { tokens, reached: true });
          ended.push({ at: now, tokens });
        }
        expect(taken.filter((at) => at > now - WINDOW_MS).length).toBeLessThanOrEqual(requestsPerMinute);
        expect(running.length).toBeLessThanOrEqual(concurrent);
        const spent = ended.filter((e) => e.at > now - WINDOW_MS).reduce((sum, e) => sum + e.tokens, 0);
        const reserved = running.reduce((sum, r) => sum + r.reserve, 0);
        expect(spent + reserved).toBeLessThanOrEqual(tokensPerMinute);
      }
      for (const { hold } of running) limits.settle(hold, { tokens: 0, reached: true });
      now += WINDOW_MS + 250;
      expect(Object.values(usedBy(limits))).toEqual([0, 0, 0]);
    }),
    { numRuns: 150 },
  );
  expect(begun).toBeGreaterThan(1_000);
});
