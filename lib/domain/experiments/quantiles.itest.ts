import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import {
  asOwner,
  call,
  callRefused,
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

const PLAN = { minSubjectsPerArm: 50, minDurationSeconds: 1, maxDurationSeconds: 3_600 };
const ARMS = { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] };
const P95 = { source: "usage", name: "latency_ms", direction: "lower", quantile: 0.95 };

let sequence = 0;
const send = (events: readonly UsageEvent[]) =>
  ingestBatch("gw-quantile", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

async function draft(parts: object) {
  const { endpoint, body } = await createServingEndpoint(project);
  await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, note: "next", maxOutputTokens: 300 } });
  return { endpoint: endpoint.name, name: "Newer model", metric: { name: "accuracy" }, arms: ARMS, plan: PLAN, ...parts };
}

const resultsOf = async (id: string) => (await call(getExperimentResults, project.viewer, { params: { id } })).result;

/** 100 subjects an arm with three requests each; the treatment's slow tail is cut off, its mean is not. */
async function runWhole(parts: object) {
  const { result } = await call(createExperiment, project.engineer, { body: await draft(parts) });
  await call(startExperiment, project.engineer, { params: { id: result.id }, body: { reason: "because of the test" } });
  const timeOf = (arm: string, n: number) => (n % 10 === 9 && arm === "control" ? 900 + (n % 70) : 200 + (n % 90));
  const events = ["control", "treatment"].flatMap((armName) =>
    Array.from({ length: 300 }, (_, n) =>
      testEvent({
        projectId: project.id,
        experimentId: result.id,
        armName,
        subjectHash: `${armName}-${n % 100}`,
        totalMs: timeOf(armName, Math.floor(n / 3) + (n % 3) * 31),
      }),
    ),
  );
  await send(events.slice(0, 250));
  await send(events.slice(200));
  const scores = events.map(({ requestId }, i) => ({ requestId, metric: "accuracy", value: 0.5 + (i % 37) / 100 }));
  await call(postScores, project.engineer, { body: { scores } });
  await asOwner(domain, "alter table experiment disable trigger experiment_move_legal");
  await asOwner(domain, "update experiment set started_at = started_at - interval '2 seconds' where id = $1", [result.id]);
  await asOwner(domain, "alter table experiment enable trigger experiment_move_legal");
  expect((await analyseExperiments()).failures).toEqual([]);
  return { id: result.id, events, results: await resultsOf(result.id) };
}

const rankOf = (values: readonly number[], quantile: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(quantile * (values.length - 1))] ?? Number.NaN;

describe("a quantile as a metric", { timeout: 120_000 }, () => {
  it("of requests' times is within a bucket of the sorted ones, decides as any other, and is computed anew from raw rows", async () => {
    const { id, events, results } = await runWhole({ metric: P95 });
    const [primary] = results.planned?.analysis.comparisons ?? [];
    for (const arm of ["control", "treatment"] as const) {
      const times = events.filter((e) => e.armName === arm).map((e) => e.totalMs);
      const shown = arm === "control" ? primary?.control : primary?.treated;
      expect(Math.abs((shown?.mean ?? 0) / rankOf(times, 0.95) - 1)).toBeLessThan(0.01);
      expect(shown).toMatchObject({ subjects: 100, scores: 300, variance: null });
    }
    expect([results.verdict, results.planned?.analysis.primary[0]?.cohensD]).toEqual(["deploy_treatment", null]);
    await send([...events.slice(0, 50), ...events.slice(0, 30).map((e) => ({ ...e, requestId: testEvent().requestId, totalMs: 5_000 }))]);
    const [again] = await recomputeEvidence(id);
    expect(again).toMatchObject({ faults: [] });
    await asOwner(domain, "update usage.experiment_histogram set requests = requests + 1 where metric = 'latency_ms'");
    expect((await recomputeEvidence(id))[0]?.faults).toEqual([]);
  });

  it("of subjects' mean scores has the value of its rank, beside the mean of the same scores", async () => {
    const { id, results } = await runWhole({ guardrails: [{ name: "accuracy", quantile: 0.1 }] });
    const p10 = results.planned?.analysis.comparisons[1];
    const means = Array.from({ length: 100 }, (_, s) => {
      const own = Array.from({ length: 300 }, (_, n) => n).filter((n) => n % 100 === s);
      return own.reduce((sum, n) => sum + 0.5 + (n % 37) / 100, 0) / own.length;
    });
    expect(p10?.control.mean).toBeCloseTo([...means].sort((a, b) => a - b)[9] ?? 0, 12);
    expect(p10).toMatchObject({ status: "ok", control: { subjects: 100 } });
    expect(await recomputeEvidence(id)).toMatchObject([{ faults: [] }]);
  });

  it("is refused where the log has no time of each request, with the place", async () => {
    const refusal = await callRefused(createExperiment, project.engineer, {
      body: await draft({ signals: [{ ...P95, name: "cost_per_request" }] }),
    });
    expect([refusal.code, refusal.errors.map((e) => e.pointer)]).toEqual(["invalid_request", ["/signals/0/quantile"]]);
  });
});
