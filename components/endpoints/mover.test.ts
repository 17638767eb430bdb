import { describe, expect, it } from "vitest";
import { getWords } from "@/lib/core/words";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";
import { toReleaseTones } from "./endpoint-split";
import { findMover } from "./mover";

const words = getWords("en");
const endpoint = { id: "ep_1", name: "triage", environment: "production" };
const at = "2026-01-01T00:00:00.000Z";
const release = (number: number) => ({ id: `rel_${number}`, number, digest: "0" });

const rollout: RolloutSummary = {
  id: "rol_1",
  number: 7,
  endpoint,
  from: release(1),
  to: release(2),
  strategy: "canary",
  state: "judging",
  stepIndex: 0,
  waitsFor: null,
  stepCount: 3,
  weightBps: 1_000,
  verdict: null,
  createdBy: "minjun",
  createdAt: at,
  stepStartedAt: at,
  deadlineAt: null,
  endedAt: null,
  endReason: null,
};

const experiment: ExperimentSummary = {
  id: "exp_1",
  number: 3,
  name: "Shorter",
  endpoint,
  state: "running",
  metric: { source: "score", name: "helpfulness", evaluator: "auto", direction: "higher", practicalMargin: 0 },
  arms: {
    control: { key: "control", release: release(1), variant: null, shareBps: 5_000 },
    treatments: [{ key: "treatment", release: release(2), variant: null, shareBps: 5_000 }],
    holdoutBps: 0,
  },
  verdict: "keep_running",
  reasons: [],
  winner: null,
  verdicts: [],
  subjects: null,
  layerShareBps: 10_000,
  isFinal: false,
  minSubjectsPerArm: 1_000,
  createdBy: "minjun",
  createdAt: at,
  startedAt: at,
  deadlineAt: at,
  stoppedAt: null,
  concludedAt: null,
  decision: null,
};

describe("what moves an endpoint", () => {
  it("is the rollout under way, with the split that it wants", () => {
    const mover = findMover(endpoint.id, { rollouts: [rollout], experiments: [] }, words);
    expect(mover).toMatchObject({ kind: "rollout", running: 1, fresh: [2], path: "/rollouts/7" });
    expect(mover?.parts.map((part) => part.share)).toEqual([0.9, 0.1]);
  });

  it("is the running experiment, with both groups", () => {
    const mover = findMover(endpoint.id, { rollouts: [{ ...rollout, endedAt: at }], experiments: [experiment] }, words);
    expect(mover).toMatchObject({ kind: "experiment", running: 1, fresh: [2], path: "/experiments/3", state: "running" });
    expect(mover?.parts.map((part) => part.tone)).toEqual(["control", "treatment"]);
  });

  it("of several treatments has every release that is new, each once and with a line of its own", () => {
    const [first] = experiment.arms.treatments;
    if (first === undefined) throw new Error("no treatment");
    const armOf = (number: number) => ({ ...first, release: { ...first.release, number } });
    const treated = (...numbers: number[]) => ({
      ...experiment,
      arms: { ...experiment.arms, treatments: numbers.map(armOf) },
    });
    const moverOf = (own: typeof experiment) => findMover(endpoint.id, { rollouts: [], experiments: [own] }, words);
    expect(moverOf(treated(1, 3, 4, 3))?.fresh).toEqual([3, 4]);
    expect(moverOf(treated(1))?.fresh).toEqual([]);
    const groups = [1, 3, 4, 2, 5].map((release) => ({ release, traffic: { requests: 1 } }));
    const tones = toReleaseTones({ groups } as never, endpoint as never, moverOf(treated(3, 4)));
    expect(tones).toEqual([
      { number: 1, tone: "control" },
      { number: 3, tone: "treatment" },
      { number: 4, tone: "c" },
      { number: 5, tone: "f" },
      { number: 2, tone: "e" },
    ]);
  });

  it("is nothing where what there is is over, not begun, or another endpoint's", () => {
    const over = { rollouts: [{ ...rollout, endedAt: at }], experiments: [{ ...experiment, state: "draft" as const }] };
    expect(findMover(endpoint.id, over, words)).toBeNull();
    expect(findMover("ep_2", { rollouts: [rollout], experiments: [experiment] }, words)).toBeNull();
  });
});
