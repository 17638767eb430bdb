import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import {
  asOwner,
  call,
  createServingEndpoint,
  createTestProject,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createRelease } from "../endpoints";
import { postScores } from "../scores";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import { analyseExperiments, createExperiment, getExperimentResults, recomputeEvidence, startExperiment } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const DAY_MS = 86_400_000;
const PLAN = { minSubjectsPerArm: 100, minDurationSeconds: 1, maxDurationSeconds: 3_600, cuped: { windowDays: 14 } };
const ARMS = { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] };
const LATENCY = { source: "usage", name: "latency_ms", direction: "lower" };

let sequence = 0;
const send = (events: readonly UsageEvent[]) =>
  ingestBatch("gw-cuped", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

async function score(events: readonly UsageEvent[], toValue: (event: UsageEvent, i: number) => number) {
  const scores = events.map((event, i) => ({ requestId: event.requestId, metric: "accuracy", value: toValue(event, i) }));
  for (let i = 0; i < scores.length; i += 1_000) await call(postScores, project.engineer, { body: { scores: scores.slice(i, i + 1_000) } });
}

async function plan(parts: object = {}) {
  const { endpoint, body } = await createServingEndpoint(project);
  await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, note: "next", maxOutputTokens: 300 } });
  const draft = { endpoint: endpoint.name, name: "Newer model", metric: { name: "accuracy" }, arms: ARMS, plan: PLAN, ...parts };
  const { result } = await call(createExperiment, project.engineer, { body: draft });
  return { id: result.id, endpointId: endpoint.id };
}

async function start(id: string) {
  await call(startExperiment, project.engineer, { params: { id }, body: { reason: "because of the test" } });
}

/** Lets the planned time pass without waiting for it; only the tables' owner can, past the freeze. */
async function age(id: string) {
  await asOwner(domain, "alter table experiment disable trigger experiment_move_legal");
  await asOwner(domain, "update experiment set started_at = started_at - interval '2 seconds' where id = $1", [id]);
  await asOwner(domain, "alter table experiment enable trigger experiment_move_legal");
}

const resultsOf = async (id: string) => (await call(getExperimentResults, project.viewer, { params: { id } })).result;

const NAMES = ["control", "treatment"] as const;

/** What each subject is by itself, the same before and in the experiment: what CUPED can take out. */
const habit = (i: number) => ((i * 37) % 101) / 100;
const noise = (i: number) => ((i * 53) % 17) / 170;

interface Subject {
  readonly before: number | null;
  readonly after: number;
}

/** `n` subjects an arm of whom all but every fifth were there before, with scores and latencies of both times. */
async function runWhole(n: number, { parts = {}, lift = 0.05 }: { parts?: object; lift?: number } = {}) {
  const { id, endpointId } = await plan(parts);
  const of = (arm: string, i: number, event: Partial<UsageEvent>) =>
    testEvent({ projectId: project.id, endpointId, subjectHash: `${arm}-${i}`, ...event });
  const numbers = Array.from({ length: n }, (_, i) => i);
  const before = NAMES.flatMap((arm) =>
    numbers.filter((i) => i % 5 > 0).map((i) => of(arm, i, { at: Date.now() - (1 + (i % 3)) * DAY_MS, totalMs: 100 + 50 * habit(i) })),
  );
  // Too long ago, of nobody, and a test call: none of these counts.
  const others = [
    of("control", 1, { at: Date.now() - 15 * DAY_MS, totalMs: 9_999 }),
    of("control", 1, { at: Date.now() - DAY_MS, totalMs: 9_999, subjectHash: null }),
    of("control", 1, { at: Date.now() - DAY_MS, totalMs: 9_999, source: "playground" }),
  ];
  await send([...before, ...others]);
  const numberOf = (event: UsageEvent) => Number(event.subjectHash?.split("-")[1] ?? 1);
  await score(before, (event) => habit(numberOf(event)));
  await score(others, () => 500);
  await start(id);
  const inIt = NAMES.flatMap((arm) =>
    numbers.map((i) => of(arm, i, { experimentId: id, armName: arm, totalMs: 100 + 50 * habit(i) + noise(i + 3) * 100 })),
  );
  await send(inIt);
  const shiftOf = (event: UsageEvent) => (event.armName === "treatment" ? lift : 0);
  await score(inIt, (event) => habit(numberOf(event)) + noise(numberOf(event) + (shiftOf(event) > 0 ? 5 : 0)) + shiftOf(event));
  await age(id);
  expect((await analyseExperiments()).failures).toEqual([]);
  const subjects = (arm: (typeof NAMES)[number]): Subject[] =>
    numbers.map((i) => ({
      before: i % 5 > 0 ? habit(i) : null,
      after: habit(i) + noise(i + (arm === "treatment" && lift > 0 ? 5 : 0)) + (arm === "treatment" ? lift : 0),
    }));
  return { id, before, inIt, control: subjects("control"), treatment: subjects("treatment"), results: await resultsOf(id) };
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const covariance = (a: readonly number[], b: readonly number[]) => {
  const [ma, mb] = [mean(a), mean(b)];
  return a.reduce((sum, v, i) => sum + (v - ma) * ((b[i] ?? 0) - mb), 0) / (a.length - 1);
};

/** CUPED by hand: subjects without a time before stand at their arm's mean of those who have one. */
function adjustByHand(arms: readonly [readonly Subject[], readonly Subject[]]) {
  const sides = arms.map((subjects) => {
    const known = subjects.flatMap(({ before }) => (before === null ? [] : [before]));
    const share = known.length / subjects.length;
    const pre = subjects.map(({ before }) => (before === null ? 0 : (before - mean(known)) / share));
    return { post: subjects.map(({ after }) => after), pre, known };
  });
  const [c, t] = sides;
  if (c === undefined || t === undefined) throw new Error("two arms");
  const theta = (covariance(c.post, c.pre) + covariance(t.post, t.pre)) / (covariance(c.pre, c.pre) + covariance(t.pre, t.pre));
  const difference = mean(t.post) - mean(c.post) - theta * (mean(t.known) - mean(c.known));
  const errorOf = (theta: number) =>
    Math.sqrt(
      [c, t].reduce((sum, { post, pre }) => {
        const left = post.map((v, i) => v - theta * (pre[i] ?? 0));
        return sum + covariance(left, left) / post.length;
      }, 0),
    );
  return { difference, t: difference / errorOf(theta), reduction: 1 - (errorOf(theta) / errorOf(0)) ** 2 };
}

describe("a plan that adjusts by the time before", { timeout: 120_000 }, () => {
  it("decides by the adjusted difference, which finds what the plain one does not, and says what it was without", async () => {
    const { control, treatment, results } = await runWhole(150, { parts: { signals: [LATENCY] } });
    const byHand = adjustByHand([control, treatment]);
    const analysis = results.planned?.analysis;
    expect(analysis?.primary[0]?.test.difference).toBeCloseTo(byHand.difference, 10);
    expect(analysis?.primary[0]?.test.t).toBeCloseTo(byHand.t, 8);
    const [primary, latency] = analysis?.comparisons ?? [];
    expect(primary?.adjustment).toMatchObject({ status: "ok", subjects: { control: 120, treatment: 120 } });
    expect(primary?.adjustment?.varianceReduction).toBeCloseTo(byHand.reduction, 10);
    expect(byHand.reduction).toBeGreaterThan(0.5);
    const plain = mean(treatment.map((s) => s.after)) - mean(control.map((s) => s.after));
    expect(primary?.adjustment?.unadjusted.difference).toBeCloseTo(plain, 12);
    expect([(primary?.pValue ?? 1) < 0.05, (primary?.adjustment?.unadjusted.pValue ?? 0) < 0.05]).toEqual([true, false]);
    expect(results.verdict).toBe("deploy_treatment");
    // A ratio of the log by the same days.
    expect(latency?.adjustment).toMatchObject({ status: "ok", subjects: { control: 120, treatment: 120 } });
    expect(latency?.adjustment?.varianceReduction).toBeGreaterThan(0.5);
  });

  it("keeps what was before as it was read once, so that its evidence is computed anew to the last digit", async () => {
    const { id, before, inIt } = await runWhole(110, { parts: { signals: [LATENCY] } });
    await score(before.slice(0, 60), () => 0.9);
    await score(inIt.slice(0, 60), () => 0.1);
    await send([
      {
        ...inIt[0],
        ...testEvent({ projectId: project.id, endpointId: before[0]?.endpointId ?? "", subjectHash: "control-5", at: Date.now() - DAY_MS }),
      },
    ]);
    await analyseExperiments();
    const [again] = await recomputeEvidence(id);
    expect(again).toMatchObject({ faults: [] });
    await asOwner(
      domain,
      "delete from usage.score where request_id in (select request_id from usage.event where subject_hash = 'control-2' and experiment_id is null)",
    );
    expect((await recomputeEvidence(id))[0]?.faults.join("\n")).toMatch(/accuracy \(auto\) before the start in control: kept/);
  });

  it("adjusts nothing where of too few subjects anything is known, and says so", async () => {
    const { results } = await runWhole(105, {});
    expect(results.planned?.analysis.comparisons[0]?.adjustment).toMatchObject({
      status: "too_few",
      subjects: { control: 84, treatment: 84 },
      varianceReduction: null,
    });
    expect(results.planned?.analysis.comparisons[0]?.pValue).toBe(results.planned?.analysis.comparisons[0]?.adjustment?.unadjusted.pValue);
  });

  it("that does not ask has no word of it", async () => {
    const { cuped: _, ...plain } = PLAN;
    const { results } = await runWhole(105, { parts: { plan: plain } });
    expect(results.planned?.analysis.comparisons[0]).not.toHaveProperty("adjustment");
  });
});
