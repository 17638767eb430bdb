import { expect, test } from "vitest";
import { createEngine, type Need } from "./engine";

const need = (sequences = 1, kvTokens = 10): Need => ({ sequences, kvTokens, kvInUse: () => kvTokens });
const engineOf = (maxNumSeqs: number, kvCacheTokens = 1000) => createEngine(() => ({ maxNumSeqs, kvCacheTokens }));

test("no more sequences run than there are slots; the others start in the order in which they came", () => {
  const engine = engineOf(2);
  const started: string[] = [];
  const [a] = ["a", "b", "c", "d"].map((name) => engine.enter(need(), () => started.push(name)));
  expect(started).toEqual(["a", "b"]);
  expect([engine.running(), engine.waiting()]).toEqual([2, 2]);
  a?.leave();
  a?.leave();
  expect(started).toEqual(["a", "b", "c"]);
  expect([engine.running(), engine.waiting()]).toEqual([2, 1]);
});

test("who leaves the queue never starts", () => {
  const engine = engineOf(1);
  const started: string[] = [];
  const first = engine.enter(need(), () => started.push("first"));
  engine.enter(need(), () => started.push("second")).leave();
  first.leave();
  expect(started).toEqual(["first"]);
  expect([engine.running(), engine.waiting()]).toEqual([0, 0]);
});

test("a request waits while the cache has no room for its whole length", () => {
  const engine = engineOf(8, 100);
  const started: string[] = [];
  const big = engine.enter(need(1, 80), () => started.push("big"));
  engine.enter(need(1, 40), () => started.push("next"));
  expect(engine.kvUsage()).toBeCloseTo(0.8);
  expect(started).toEqual(["big"]);
  big.leave();
  expect(started).toEqual(["big", "next"]);
});

test("a long queue of requests that end as they start does not overflow the stack", () => {
  const engine = engineOf(1);
  const blocker = engine.enter(need(), () => undefined);
  let ended = 0;
  for (let i = 0; i < 50_000; i += 1) {
    engine.enter(need(), (seat) => {
      ended += 1;
      seat.leave();
    });
  }
  blocker.leave();
  expect(ended).toBe(50_000);
  expect([engine.running(), engine.waiting()]).toEqual([0, 0]);
});
