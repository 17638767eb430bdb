import { describe, expect, it } from "vitest";
import { BALANCING, type Balancing } from "@/lib/contracts/gateway-config";
import { fc } from "@/test/property";
import { type BackendView, type Choice, chooseBackend, type Standing } from "./balance";

const view = (parts: Partial<BackendView> = {}): BackendView => ({
  standing: "preferred",
  inFlight: 0,
  responseMs: 0,
  isFull: false,
  load: null,
  ...parts,
});
/** Evenly spread, the same each time. */
function evenly(): () => number {
  let n = 0;
  return () => (n++ * Math.SQRT2) % 1;
}
const choose = (strategy: Balancing, views: readonly BackendView[], more: Partial<Choice<number>> = {}) =>
  chooseBackend<number>({
    strategy,
    backends: views.map((_, i) => i),
    weights: [],
    view: (i) => views[i] ?? view(),
    turn: 0,
    random: () => 0,
    ...more,
  });
function shares(
  strategy: Balancing,
  views: readonly BackendView[],
  { weights = [], turns = 3_000, from = 0, step = 1 }: { weights?: number[]; turns?: number; from?: number; step?: number } = {},
) {
  const random = evenly();
  const counts = views.map(() => 0);
  for (let i = 0; i < turns; i++) {
    const chosen = choose(strategy, views, { weights, turn: from + i * step, random });
    if (chosen === null) throw new Error("nothing chosen");
    counts[chosen] = (counts[chosen] ?? 0) + 1;
  }
  return counts.map((n) => n / turns);
}

const anyFigure = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }));
const anyView: fc.Arbitrary<BackendView> = fc.record({
  standing: fc.constantFrom<Standing>("preferred", "second", "last", "out"),
  isFull: fc.boolean(),
  load: fc.option(fc.record({ waiting: anyFigure(50), kvUseRatio: anyFigure(1) })),
  inFlight: fc.integer({ min: 0, max: 50 }),
  responseMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
});
const anyStrategy = fc.constantFrom(...BALANCING);
const anyTurn = fc.integer({ min: 0, max: 1_000_000 });
/** What chance gives to one choice: two numbers. */
const anyChance = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 2, maxLength: 2 });
const inTurn = (numbers: readonly number[]) => {
  let n = 0;
  return () => numbers[n++ % numbers.length] ?? 0;
};

describe("choosing a backend", () => {
  it("takes the best that has room, but none that is not well or out because others are full", () => {
    fc.assert(
      fc.property(anyStrategy, fc.array(anyView, { minLength: 1, maxLength: 8 }), anyTurn, anyChance, (strategy, views, turn, chance) => {
        const chosen = views[choose(strategy, views, { turn, random: inTurn(chance) }) ?? -1];
        const best = (["preferred", "second", "last", "out"] as const).find((s) => views.some((v) => v.standing === s));
        const candidates = best === "preferred" ? ["preferred", "second"] : [best];
        const free = candidates.find((s) => views.some((v) => v.standing === s && !v.isFull));
        expect(chosen?.standing).toBe(free ?? best);
        if (views.length > 1 && free !== undefined) expect(chosen?.isFull).toBe(false);
      }),
    );
  });

  it("takes one that is not well by its own word when nothing else is left", () => {
    for (const strategy of BALANCING) {
      expect(choose(strategy, [view({ standing: "last" }), view({ standing: "second" })])).toBe(1);
      expect(choose(strategy, [view({ standing: "out" }), view({ standing: "last" })])).toBe(1);
    }
  });

  it("takes an outlier with room while those that stand better are full, and waits for the better ones where it is full too", () => {
    const full = view({ isFull: true });
    for (const strategy of BALANCING) {
      expect(choose(strategy, [full, view({ standing: "second" })])).toBe(1);
      expect(choose(strategy, [view({ standing: "second", isFull: true }), full])).toBe(1);
      expect(choose(strategy, [full, view({ standing: "last" }), view({ standing: "out" })])).toBe(0);
    }
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

describe("resource", () => {
  const load = (waiting: number | null, kvUseRatio: number | null = null) => ({ waiting, kvUseRatio });
  const pair = (a: Partial<BackendView>, b: Partial<BackendView>) =>
    // Whichever of the two chance names first.
    [0, 0.99].map((first) => choose("resource", [view(a), view(b)], { random: inTurn([first, 0]) }));

  it("goes by what waits at the servers, then by their caches, then by calls under way", () => {
    expect(pair({ load: load(3, 0.1) }, { load: load(2, 0.9), inFlight: 9 })).toEqual([1, 1]);
    expect(pair({ load: load(2, 0.55) }, { load: load(2, 0.31), inFlight: 9 })).toEqual([1, 1]);
    expect(pair({ load: load(2, 0.39), inFlight: 2 }, { load: load(2, 0.31), inFlight: 1 })).toEqual([1, 1]);
  });

  it("goes by calls under way where a server's figures are not known: missing is never 0", () => {
    expect(pair({ load: null, inFlight: 1 }, { load: load(40), inFlight: 0 })).toEqual([1, 1]);
    expect(pair({ load: load(null, 0), inFlight: 1 }, { load: load(40, 1), inFlight: 0 })).toEqual([1, 1]);
    expect(pair({ load: load(2), inFlight: 1 }, { load: load(2, 0.9), inFlight: 0 })).toEqual([1, 1]);
  });

  it("never takes the more loaded of the two that chance picks, and never the most loaded of all when all are known", () => {
    const known: fc.Arbitrary<BackendView> = fc
      .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 8 })
      .chain((waiting) => fc.constantFrom(...waiting))
      .map((waiting) => view({ load: load(waiting) }));
    fc.assert(
      fc.property(fc.array(known, { minLength: 2, maxLength: 8 }), anyChance, (views, chance) => {
        const waitingOf = (place: number | null) => views[place ?? -1]?.load?.waiting ?? Number.NaN;
        const all = views.map((_, i) => waitingOf(i));
        const chosen = waitingOf(choose("resource", views, { random: inTurn(chance) }));
        const most = Math.max(...all);
        if (all.filter((w) => w === most).length === 1) expect(chosen).toBeLessThan(most);
      }),
    );
  });

  it("leaves each but the busiest some share, so that figures of some seconds ago do not send everybody to one", () => {
    const views = [0, 1, 2, 9].map((waiting) => view({ load: load(waiting) }));
    const counts = [0, 0, 0, 0];
    // Every pair that chance can pick, each once.
    for (const first of [0, 1, 2, 3])
      for (const second of [0, 1, 2]) {
        const chosen = choose("resource", views, { random: inTurn([(first + 0.5) / 4, (second + 0.5) / 3]) }) ?? -1;
        counts[chosen] = (counts[chosen] ?? 0) + 1;
      }
    expect(counts).toEqual([6, 4, 2, 0]);
  });
});
