import { describe, expect, it } from "vitest";
import { BALANCING, type Balancing } from "@/lib/contracts/gateway-config";
import { fc } from "@/test/property";
import { type BackendView, type Choice, chooseBackend } from "./balance";

const view = (parts: Partial<BackendView> = {}): BackendView => ({
  standing: "preferred",
  inFlight: 0,
  responseMs: 0,
  ...parts,
});
const choose = (strategy: Balancing, views: readonly BackendView[], more: Partial<Choice<number>> = {}) =>
  chooseBackend<number>({
    strategy,
    backends: views.map((_, i) => i),
    weights: [],
    view: (i) => views[i] ?? view(),
    turn: 0,
    ...more,
  });
function shares(
  strategy: Balancing,
  views: readonly BackendView[],
  { weights = [], turns = 3_000, from = 0, step = 1 }: { weights?: number[]; turns?: number; from?: number; step?: number } = {},
) {
  const counts = views.map(() => 0);
  for (let i = 0; i < turns; i++) {
    const chosen = choose(strategy, views, { weights, turn: from + i * step });
    if (chosen === null) throw new Error("nothing chosen");
    counts[chosen] = (counts[chosen] ?? 0) + 1;
  }
  return counts.map((n) => n / turns);
}

const anyView = fc.record<BackendView>({
  standing: fc.constantFrom("preferred", "second", "out"),
  inFlight: fc.integer({ min: 0, max: 50 }),
  responseMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
});
const anyStrategy = fc.constantFrom(...BALANCING);
const anyTurn = fc.integer({ min: 0, max: 1_000_000 });

describe("choosing a backend", () => {
  it("never takes one that is out while another is not, nor a second one beside a preferred one", () => {
    fc.assert(
      fc.property(anyStrategy, fc.array(anyView, { minLength: 1, maxLength: 8 }), anyTurn, (strategy, views, turn) => {
        const chosen = choose(strategy, views, { turn });
        const standing = views[chosen ?? -1]?.standing;
        const best = (["preferred", "second", "out"] as const).find((s) => views.some((v) => v.standing === s));
        expect(standing).toBe(best);
      }),
    );
  });

  it("gives null for none, and the only one whatever its standing", () => {
    for (const strategy of BALANCING) {
      expect(choose(strategy, [])).toBeNull();
      expect(choose(strategy, [view({ standing: "out" })])).toBe(0);
    }
  });

  it("gives equal shares to equals under every strategy, for any part of the turns", () => {
    for (const strategy of BALANCING)
      for (const step of [1, 2, 3])
        for (const share of shares(strategy, [view(), view(), view()], {
          from: 17,
          step: step === 3 ? 1 : step,
        }))
          expect(Math.abs(share - 1 / 3)).toBeLessThan(0.01);
  });
});

describe("weighted", () => {
  it("keeps each backend's share within one in a hundred of its weight, over any weights and any run of turns", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(weights, anyTurn, (given, from) => {
        const sum = given.reduce((a, b) => a + b, 0);
        const got = shares(
          "weighted",
          given.map(() => view()),
          { weights: given, from },
        );
        got.forEach((share, i) => {
          expect(Math.abs(share - (given[i] ?? 0) / sum)).toBeLessThan(0.01);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("divides a dead one's share among the others by their weights", () => {
    const got = shares("weighted", [view(), view({ standing: "out" }), view()], { weights: [3, 5, 1] });
    expect(got[1]).toBe(0);
    expect(got[0]).toBeCloseTo(0.75, 2);
  });
});

describe("least", () => {
  it("requests takes the one with the fewest calls under way", () => {
    expect(choose("least_requests", [view({ inFlight: 3 }), view({ inFlight: 1 }), view({ inFlight: 2 })])).toBe(1);
  });

  it("response time weighs how long each takes with how many wait there, and tries the unknown first", () => {
    expect(choose("least_response_time", [view({ responseMs: 100, inFlight: 5 }), view({ responseMs: 300 })])).toBe(1);
    expect(choose("least_response_time", [view({ responseMs: 100 }), view({ responseMs: 300 })])).toBe(0);
    expect(choose("least_response_time", [view({ responseMs: 100 }), view()])).toBe(1);
  });
});
