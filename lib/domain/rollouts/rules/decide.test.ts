import { describe, expect, it } from "vitest";
import { createPrng } from "@/lib/core/prng";
import { Sketch } from "@/lib/core/stats";
import { fc } from "@/test/property";
import {
  type Decision,
  decideRollout,
  FRESH_JUDGE,
  isPreparing,
  isTerminal,
  type Readiness,
  ROLLOUT_STATES,
  type RolloutFacts,
  TRANSITIONS,
  toAdvance,
  toPause,
  toPromote,
  toRollback,
} from "./decide";
import { differenceInterval, type GateResult, judgeGates, overallVerdict, type Samples, wilson } from "./gates";
import { Plan } from "./plan";

const PLAN = Plan.parse({
  steps: [
    { weightBps: 1_000, minSeconds: 10 },
    { weightBps: 5_000, minSeconds: 10 },
  ],
  judgeEverySeconds: 1,
  stepDeadlineSeconds: 100,
  convergeDeadlineSeconds: 30,
  pauseDeadlineSeconds: 60,
});
const T0 = 1_700_000_000_000;
const ALL = { published: true, heard: 2, serving: 2, unknown: 0 };
const facts = (patch: Partial<RolloutFacts> = {}): RolloutFacts => ({
  state: "judging",
  plan: PLAN,
  stepIndex: 0,
  weightBps: 1_000,
  stepStartedAtMs: T0,
  deadlineAtMs: T0 + 100_000,
  judge: FRESH_JUDGE,
  ...patch,
});
const result = (verdict: GateResult["verdict"]): GateResult => ({
  metric: "error_ratio",
  verdict,
  reason: verdict === "pass" ? "within" : verdict === "fail" ? "beyond_baseline" : "too_few",
  value: 0.05,
  baseline: 0.01,
  low: 0.04,
  high: 0.06,
  bound: 0.02,
  samples: 700,
  baselineSamples: 900,
  minSamples: 500,
});
const samples = (patch: Partial<Samples> & { latencies?: number[] } = {}): Samples => {
  const latency = new Sketch();
  for (const v of patch.latencies ?? []) latency.add(v);
  return { complete: 0, failed: 0, cut: 0, newestAgeMs: 500, latency, ...patch };
};

describe("the controller", () => {
  it.each([
    ["gateways that do not all serve the share keep a step from beginning", { heard: 2, serving: 1, unknown: 0, published: true }, "stay"],
    ["a silent gateway keeps a step from beginning", { heard: 2, serving: 2, unknown: 1, published: true }, "stay"],
    ["no gateway at all keeps a step from beginning", { heard: 0, serving: 0, unknown: 0, published: true }, "stay"],
    ["an unpublished share keeps a step from beginning", { heard: 2, serving: 2, unknown: 0, published: false }, "stay"],
    ["a share that all serve is judged", ALL, "judging"],
  ])("%s", (_, convergence, expected) => {
    const d = decideRollout(facts({ state: "advancing", stepStartedAtMs: null }), { nowMs: T0, convergence, results: null });
    expect(d.kind === "move" ? d.to : d.kind).toBe(expected);
  });

  describe("before the first share", () => {
    const preparing = (patch: Partial<RolloutFacts> = {}) =>
      facts({ state: "advancing", weightBps: 0, stepStartedAtMs: null, deadlineAtMs: T0 + 30_000, ...patch });
    const look = (readiness: Readiness | null, nowMs = T0) => ({ nowMs, convergence: ALL, readiness, results: null });
    const absent = { ready: false, finding: "Backend gpu-a: Nothing listens at this address." };

    it("a release whose backends answer gets it, with the whole time for the gateways to follow", () => {
      const d = decideRollout(preparing(), look({ ready: true, finding: "Its backend answers: gpu-a." }, T0 + 9_000));
      expect(d).toMatchObject({ kind: "move", to: "advancing", weightBps: 1_000, deadlineAtMs: T0 + 39_000 });
      expect(d.kind === "move" && d.reason).toBe("Its backend answers: gpu-a.");
    });

    it("one whose backends do not answer waits, and what is missing is written once", () => {
      const first = decideRollout(preparing(), look(absent));
      expect(first).toMatchObject({ kind: "remember", judge: { waitsFor: absent.finding } });
      const judge = first.kind === "remember" ? first.judge : FRESH_JUDGE;
      expect(decideRollout(preparing({ judge }), look(absent))).toEqual({ kind: "stay" });
      expect(decideRollout(preparing({ judge }), look(null))).toEqual({ kind: "stay" });
    });

    it.each([
      ["says what was missing", absent, /^The new release was not ready in time: Backend gpu-a: Nothing listens at this address\.$/],
      ["says that nothing was found out", null, /could not be found out\.$/],
    ])("at its deadline it rolls back and %s", (_, readiness, reason) => {
      const d = decideRollout(preparing(), look(readiness, T0 + 30_000));
      expect(d).toMatchObject({ kind: "move", to: "rolling_back", weightBps: 0 });
      expect(d.kind === "move" && d.reason).toMatch(reason);
    });

    it("a pause gives no share, and neither does its end", () => {
      expect(toPause(preparing(), T0, "p")).toMatchObject({ weightBps: 0 });
      expect(toAdvance(preparing({ state: "paused" }), 0, T0, "r")).toMatchObject({ to: "advancing", weightBps: 0 });
    });
  });

  it("a share that does not arrive by its deadline rolls back", () => {
    const d = decideRollout(facts({ state: "advancing", deadlineAtMs: T0 }), {
      nowMs: T0,
      convergence: { ...ALL, serving: 1 },
      results: null,
    });
    expect(d).toMatchObject({ kind: "move", to: "rolling_back", weightBps: 0 });
  });

  it("passing gates do not end a step before its shortest time", () => {
    const seen = { convergence: ALL, results: [result("pass")] };
    expect(decideRollout(facts(), { nowMs: T0 + 9_999, ...seen }).kind).toBe("remember");
    expect(decideRollout(facts(), { nowMs: T0 + 10_000, ...seen })).toMatchObject({ to: "advancing", stepIndex: 1, weightBps: 5_000 });
    expect(decideRollout(facts({ stepIndex: 1 }), { nowMs: T0 + 10_000, ...seen })).toMatchObject({ to: "promoting", weightBps: 10_000 });
  });

  it("one failed check is remembered, the second in a row rolls back with its numbers", () => {
    const first = decideRollout(facts(), { nowMs: T0 + 1_000, convergence: ALL, results: [result("fail")] });
    expect(first).toMatchObject({ kind: "remember", judge: { failuresInRow: 1 } });
    const judge = first.kind === "remember" ? first.judge : FRESH_JUDGE;
    const second = decideRollout(facts({ judge }), { nowMs: T0 + 2_000, convergence: ALL, results: [result("fail")] });
    expect(second).toMatchObject({ kind: "move", to: "rolling_back", weightBps: 0 });
    expect(second.kind === "move" && second.reason).toBe(
      "Error ratio 5.00 % is past 2.00 % (running release 1.00 %, 700 requests), 2 checks in a row.",
    );
  });

  it("a step without enough samples rolls back at its deadline and says what was missing", () => {
    const judge = { ...FRESH_JUDGE, verdict: "inconclusive" as const, results: [{ ...result("inconclusive"), samples: 12 }] };
    const d = decideRollout(facts({ judge }), { nowMs: T0 + 100_000, convergence: ALL, results: null });
    expect(d).toMatchObject({ kind: "move", to: "rolling_back" });
    expect(d.kind === "move" && d.reason).toContain("12 of 500 requests");
  });

  it("a pause that nobody ends rolls back; harm during a pause rolls back", () => {
    const paused = facts({ state: "paused", deadlineAtMs: T0 + 60_000 });
    expect(decideRollout(paused, { nowMs: T0 + 60_000, convergence: ALL, results: null })).toMatchObject({ to: "rolling_back" });
    const hurt = { ...paused, judge: { ...FRESH_JUDGE, failuresInRow: 1 } };
    expect(decideRollout(hurt, { nowMs: T0, convergence: ALL, results: [result("fail")] })).toMatchObject({ to: "rolling_back" });
    expect(decideRollout(paused, { nowMs: T0, convergence: ALL, results: [result("pass")] }).kind).toBe("remember");
  });

  it("a roll back never waits for silent gateways", () => {
    const back = facts({ state: "rolling_back", deadlineAtMs: T0 + 90_000 });
    const none = { published: true, heard: 0, serving: 0, unknown: 3 };
    expect(decideRollout(back, { nowMs: T0, convergence: none, results: null })).toMatchObject({ to: "rolled_back", weightBps: 0 });
    expect(decideRollout(back, { nowMs: T0, convergence: { ...none, heard: 1 }, results: null }).kind).toBe("stay");
    expect(decideRollout(back, { nowMs: T0 + 90_000, convergence: { ...none, heard: 1 }, results: null })).toMatchObject({
      to: "rolled_back",
    });
  });

  it("an abort ends as aborted", () => {
    const move = toRollback(facts(), T0, "stop", "aborted");
    const judge = move.kind === "move" ? move.judge : FRESH_JUDGE;
    expect(decideRollout(facts({ state: "rolling_back", judge }), { nowMs: T0, convergence: ALL, results: null })).toMatchObject({
      to: "aborted",
    });
  });

  it("whatever is seen and asked, only legal moves happen, none after the end, and every waiting has a deadline", () => {
    const convergence = fc.record({ published: fc.boolean(), heard: fc.nat(3), serving: fc.nat(3), unknown: fc.nat(2) });
    const verdicts = fc.option(
      fc.array(
        fc.constantFrom("pass", "fail", "inconclusive").map((v) => result(v as "pass")),
        { maxLength: 3 },
      ),
      { nil: null },
    );
    const wish = fc.constantFrom("tick", "pause", "resume", "promote", "rollback", "abort");
    const readiness = fc.option(fc.record({ ready: fc.boolean(), finding: fc.constantFrom("a", "b") }), { nil: null });
    const step = fc.record({ convergence, readiness, results: verdicts, wish, afterMs: fc.nat(40_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = T0;
        let current = facts({ state: "advancing", weightBps: 0, stepStartedAtMs: null, deadlineAtMs: T0 + 30_000 });
        let answered = false;
        for (const s of steps) {
          now += s.afterMs;
          const wished: Record<string, () => Decision> = {
            tick: () => decideRollout(current, { nowMs: now, ...s }),
            pause: () => toPause(current, now, "p"),
            resume: () => toAdvance(current, current.stepIndex, now, "r"),
            promote: () => (isPreparing(current) ? { kind: "stay" } : toPromote(current, now, "p")),
            rollback: () => toRollback(current, now, "b"),
            abort: () => toRollback(current, now, "a", "aborted"),
          };
          const decision = wished[s.wish]?.() ?? { kind: "stay" as const };
          if (s.wish !== "tick" && decision.kind === "move" && !TRANSITIONS[current.state].includes(decision.to)) continue;
          if (decision.kind === "remember") current = { ...current, judge: decision.judge };
          if (decision.kind !== "move") continue;
          if (s.wish === "tick" && s.readiness?.ready && isPreparing(current)) answered = true;
          if (decision.weightBps > 0) expect(answered).toBe(true);
          if (decision.to !== current.state) expect(TRANSITIONS[current.state]).toContain(decision.to);
          else expect(isPreparing(current)).toBe(true);
          expect(isTerminal(decision.to) || decision.deadlineAtMs !== null).toBe(true);
          if (["rolling_back", "rolled_back", "aborted"].includes(decision.to)) expect(decision.weightBps).toBe(0);
          if (decision.to === "promoted") expect(decision.weightBps).toBe(10_000);
          current = {
            ...current,
            state: decision.to,
            stepIndex: decision.stepIndex,
            weightBps: decision.weightBps,
            stepStartedAtMs: decision.stepStartedAtMs,
            deadlineAtMs: decision.deadlineAtMs,
            judge: decision.judge,
          };
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("left alone for ever, every rollout ends", () => {
    for (const [state, weightBps] of [
      ...ROLLOUT_STATES.map((s) => [s, 1_000] as const),
      ["advancing", 0] as const,
      ["paused", 0] as const,
    ]) {
      let current = facts({ state, weightBps });
      for (let i = 0; i < 20 && !isTerminal(current.state); i++) {
        const d = decideRollout(current, {
          nowMs: T0 + i * 200_000 + 200_000,
          convergence: { published: false, heard: 0, serving: 0, unknown: 0 },
          results: null,
        });
        if (d.kind === "move")
          current = {
            ...current,
            state: d.to,
            weightBps: d.weightBps,
            deadlineAtMs: d.deadlineAtMs,
            stepStartedAtMs: d.stepStartedAtMs,
            judge: d.judge,
          };
      }
      expect(isTerminal(current.state)).toBe(true);
    }
  });
});

describe("gates", () => {
  const many = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));
  const calm = samples({ complete: 990, failed: 10, latencies: many(1_000, (i) => 100 + (i % 100)) });

  it("too few, stale and missing samples are inconclusive", () => {
    const verdictOf = (fresh: Samples, base: Samples) => judgeGates(PLAN, fresh, base).map((r) => [r.verdict, r.reason]);
    expect(verdictOf(samples({ newestAgeMs: null }), calm)[0]).toEqual(["inconclusive", "too_few"]);
    expect(verdictOf({ ...calm, newestAgeMs: 61_000 }, calm)).toEqual([
      ["inconclusive", "stale"],
      ["inconclusive", "stale"],
    ]);
    expect(verdictOf(calm, samples())).toEqual([
      ["inconclusive", "no_baseline"],
      ["inconclusive", "no_baseline"],
    ]);
    expect(verdictOf(samples({ complete: 499, latencies: many(499, () => 100) }), calm)[0]).toEqual(["inconclusive", "too_few"]);
    expect(overallVerdict([])).toBe("inconclusive");
  });

  it("a release like the running one passes, a clearly worse one fails", () => {
    expect(overallVerdict(judgeGates(PLAN, calm, calm))).toBe("pass");
    const failing = samples({ ...calm, complete: 900, failed: 100, latency: calm.latency });
    expect(judgeGates(PLAN, failing, calm)[0]).toMatchObject({ verdict: "fail", reason: "beyond_baseline" });
    const slow = samples({ complete: 990, failed: 10, latencies: many(1_000, (i) => 200 + 2 * (i % 100)) });
    expect(judgeGates(PLAN, slow, calm)[1]).toMatchObject({ verdict: "fail", reason: "beyond_baseline" });
  });

  it("an absolute limit fails even where the running release is as bad", () => {
    const plan = Plan.parse({ ...PLAN, gates: [{ metric: "error_ratio", maxIncrease: 0.5, limit: 0.02, minSamples: 100 }] });
    const bad = samples({ complete: 900, failed: 100 });
    expect(judgeGates(plan, bad, bad)[0]).toMatchObject({ verdict: "fail", reason: "beyond_limit" });
  });

  it("never passes without the planned samples on both sides, whatever the numbers are", () => {
    const side = fc.record({
      complete: fc.nat(2_000),
      failed: fc.nat(200),
      cut: fc.nat(50),
      newestAgeMs: fc.option(fc.nat(120_000), { nil: null }),
    });
    fc.assert(
      fc.property(side, side, (a, b) => {
        const judged = judgeGates(PLAN, samples(a), samples(b));
        for (const r of judged)
          if (r.verdict === "pass") expect(Math.min(r.samples, r.baselineSamples)).toBeGreaterThanOrEqual(r.minSamples);
      }),
      { numRuns: 5_000 },
    );
  });

  it("Wilson and Newcombe agree with published values", () => {
    // Newcombe (1998), Statistics in Medicine 17: 873–890, table II, example (a) 56/70 and 48/80, and 17: 857–872, table I, 81/263.
    expect(wilson(81, 263, 1.959964)).toEqual({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
    expect(differenceInterval({ k: 56, n: 70 }, { k: 48, n: 80 }, 1.959964)).toEqual({
      low: expect.closeTo(0.0524, 4),
      high: expect.closeTo(0.3339, 4),
    });
  });

  it("looked at every 100 requests, equal releases are rarely rolled back and two points more errors nearly always are", () => {
    const prng = createPrng(20261120);
    const run = (pNew: number, pBase: number) => {
      const fresh = { k: 0, n: 0 };
      const base = { k: 0, n: 0 };
      let failuresInRow = 0;
      for (let look = 0; look < 50; look++) {
        for (let i = 0; i < 100; i++) {
          fresh.n++;
          if (prng.next() < pNew) fresh.k++;
        }
        for (let i = 0; i < 900; i++) {
          base.n++;
          if (prng.next() < pBase) base.k++;
        }
        const plan = Plan.parse({ ...PLAN, gates: [{ metric: "error_ratio", maxIncrease: 0.01, limit: null, minSamples: 500 }] });
        const [r] = judgeGates(
          plan,
          samples({ complete: fresh.n - fresh.k, failed: fresh.k }),
          samples({ complete: base.n - base.k, failed: base.k }),
        );
        failuresInRow = r?.verdict === "fail" ? failuresInRow + 1 : 0;
        if (failuresInRow >= 2) return "rolled_back";
        if (r?.verdict === "pass") return "passed";
      }
      return "deadline";
    };
    const runs = 300;
    const count = (pNew: number, wanted: string) => Array.from({ length: runs }, () => run(pNew, 0.01)).filter((o) => o === wanted).length;
    expect(count(0.01, "rolled_back")).toBeLessThanOrEqual(runs * 0.01);
    expect(count(0.03, "rolled_back")).toBeGreaterThanOrEqual(runs * 0.97);
  });
});
