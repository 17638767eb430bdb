import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { toCanonicalJson } from "@/lib/core/canonical";
import { quantileEstimate } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
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
import { readSums } from "./read-sums";
import { analysisOf, toEvidence } from "./rules/evidence";
import { judgeRunning } from "./rules/judge";
import { toLook } from "./rules/look";

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

  it("of subjects' mean scores is that of the sorted ones, beside the mean of the same scores", async () => {
    const { id, results } = await runWhole({ guardrails: [{ name: "accuracy", quantile: 0.1 }] });
    const p10 = results.planned?.analysis.comparisons[1];
    const means = Array.from({ length: 100 }, (_, s) => {
      const own = Array.from({ length: 300 }, (_, n) => n).filter((n) => n % 100 === s);
      return own.reduce((sum, n) => sum + 0.5 + (n % 37) / 100, 0) / own.length;
    });
    expect(p10?.control.mean).toBeCloseTo(quantileEstimate({ values: means }, 0.1).value ?? 0, 12);
    expect(p10).toMatchObject({ status: "ok", control: { subjects: 100 } });
    expect(await recomputeEvidence(id)).toMatchObject([{ faults: [] }]);
  });

  it("that was kept before quantiles lay between middles keeps its digest and is computed anew by the rules of its time", async () => {
    const p90 = { source: "score", metric: "accuracy", evaluator: "auto", quantile: 0.9 } as const;
    const p95 = { source: "usage", metric: "latency_ms", evaluator: "", quantile: 0.95 } as const;
    const { id } = await runWhole({ metric: P95, guardrails: [{ name: "accuracy", quantile: 0.9 }] });
    const kept = await db().prisma.experimentEvidence.findUniqueOrThrow({ where: { experimentId: id } });
    const evidence = toEvidence(kept.content);
    if (evidence.version !== 4) throw new Error("the evidence is not of today");
    const source = { kind: "raw", snapshot: evidence.snapshot, at: kept.at } as const;
    const { quantiles } = (await readSums(id, { source, quantiles: [p95, p90], hasFirstQuantiles: true })).sums;
    expect(quantiles?.map(({ times, means }) => times !== undefined || means !== undefined)).toEqual([true, true, true, true]);
    const nowMs = Date.parse(analysisOf(evidence).at);
    const { rules: __, ...design } = evidence.design;
    const startedAtMs = nowMs - Math.round(evidence.elapsedSeconds * 1_000);
    const sums = { ...evidence.sums, ...(quantiles === undefined ? {} : { quantiles }) };
    const look = toLook({ sums, design: { ...design, rules: 1 }, planned: null, startedAtMs, nowMs });
    const { counts: _, ...opinion } = judgeRunning(look);
    const first = { ...evidence, version: 3, design, ...opinion, sums, analysis: look.analysed.analysis };
    const digest = sha256Hex(toCanonicalJson(first));
    expect(digest).not.toBe(kept.digest);
    await asOwner(domain, "alter table experiment_evidence disable trigger user");
    const renew = "update experiment_evidence set content = $2::jsonb, digest = $3 where experiment_id = $1";
    await asOwner(domain, renew, [id, JSON.stringify(first), digest]);
    await asOwner(domain, "alter table experiment_evidence enable trigger user");
    expect(await recomputeEvidence(id)).toMatchObject([{ faults: [], digest }]);
  });

  it("is refused where the log has no time of each request, with the place", async () => {
    const refusal = await callRefused(createExperiment, project.engineer, {
      body: await draft({ signals: [{ ...P95, name: "cost_per_request" }] }),
    });
    expect([refusal.code, refusal.errors.map((e) => e.pointer)]).toEqual(["invalid_request", ["/signals/0/quantile"]]);
  });
});
