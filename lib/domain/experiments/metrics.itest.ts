import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { toCanonicalJson } from "@/lib/core/canonical";
import { toCursor } from "@/lib/core/cursor";
import { uuidOfId } from "@/lib/core/ids";
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
import { testEvent, testId } from "../usage/testing/usage-events";
import {
  analyseExperiments,
  changeExperiment,
  createExperiment,
  getExperimentResults,
  listExperimentLooks,
  planExperiment,
  recomputeEvidence,
  startExperiment,
} from ".";
import { readSums } from "./read-sums";

const EvidenceContent = z.looseObject({ sums: z.looseObject({ scores: z.array(z.looseObject({ metric: z.string() })) }) });

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

const PLAN = { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 };
const COST = { source: "usage", name: "cost_per_request", direction: "lower", practicalMargin: 0.05 };
const LATENCY = { source: "usage", name: "latency_ms", direction: "lower" };
const ARMS = { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] };

async function draft(parts: object = {}) {
  const { endpoint, body } = await createServingEndpoint(project);
  await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, note: "next", maxOutputTokens: 300 } });
  return { endpoint: endpoint.name, name: "Newer model", metric: { name: "accuracy" }, arms: ARMS, plan: PLAN, ...parts };
}

async function running(parts: object = {}): Promise<string> {
  const { result } = await call(createExperiment, project.engineer, { body: await draft(parts) });
  await call(startExperiment, project.engineer, { params: { id: result.id }, body: { reason: "because of the test" } });
  return result.id;
}

const resultsOf = async (id: string) => (await call(getExperimentResults, project.viewer, { params: { id } })).result;

let sequence = 0;
const send = (events: readonly UsageEvent[]) =>
  ingestBatch("gw-metrics", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

type ArmName = "control" | "treatment";

/** `n` subjects with two requests each. */
function eventsOf(experimentId: string, armName: ArmName, { n, ...parts }: { n: number } & Partial<UsageEvent>) {
  const of = (i: number) => testEvent({ projectId: project.id, experimentId, armName, subjectHash: `${armName}-${i}`, ...parts });
  return Array.from({ length: n }, (_, i) => [of(i), of(i)]).flat();
}

async function score(events: readonly UsageEvent[], mean: number) {
  const scores = events.map(({ requestId }, i) => ({ requestId, metric: "accuracy", value: mean + (i % 4 < 2 ? 0.1 : -0.1) }));
  await call(postScores, project.engineer, { body: { scores } });
}

/** Lets the planned time pass without waiting for it; only the tables' owner can, past the freeze. */
async function age(id: string) {
  await asOwner(domain, "alter table experiment disable trigger experiment_move_legal");
  await asOwner(domain, "update experiment set started_at = started_at - interval '2 seconds' where id = $1", [id]);
  await asOwner(domain, "alter table experiment enable trigger experiment_move_legal");
}

/** A whole experiment: both arms' requests and scores, then the look that counts. */
async function runWhole(parts: object, arms: { control: Parameters<typeof eventsOf>[2]; treatment: Parameters<typeof eventsOf>[2] }) {
  const id = await running(parts);
  const [control, treatment] = [eventsOf(id, "control", arms.control), eventsOf(id, "treatment", arms.treatment)];
  await send([...control, ...treatment]);
  await score(control, 0.5);
  await score(treatment, 0.7);
  await age(id);
  expect((await analyseExperiments()).failures).toEqual([]);
  return { id, control, treatment, results: await resultsOf(id) };
}

const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code);

describe("metrics of the usage log", () => {
  it("are ratios over subjects, from exact sums that the ingest keeps, each request once", async () => {
    const id = await running({ signals: [COST, LATENCY] });
    const cheap = eventsOf(id, "control", { n: 20, costUsd: "0.001", totalMs: 100 });
    const dear = eventsOf(id, "treatment", { n: 20, costUsd: "0.002", totalMs: 300 });
    await send([...cheap, ...dear]);
    await send([...dear, ...cheap]);
    const { comparisons } = (await resultsOf(id)).current ?? { comparisons: [] };
    expect(comparisons.map((m) => [m.role, m.metric.name, m.control.mean, m.treated.mean, m.control.subjects, m.control.scores])).toEqual([
      ["primary", "accuracy", null, null, 0, 0],
      ["signal", "cost_per_request", 0.001, 0.002, 20, 40],
      ["signal", "latency_ms", 100, 300, 20, 40],
    ]);
  });

  it("leave stored answers and failures out of latency, count failures as errors, and answers of another variant as fallbacks", async () => {
    const lower = (name: string) => ({ source: "usage", name, direction: "lower" });
    const id = await running({ signals: ["latency_ms", "error_ratio", "fallback_ratio", "refused_ratio"].map(lower) });
    await send([
      ...eventsOf(id, "treatment", { n: 2, totalMs: 100 }),
      ...eventsOf(id, "treatment", { n: 2, totalMs: 1, cache: "hit" }),
      ...eventsOf(id, "treatment", { n: 2, totalMs: 9_000, outcome: "failed", status: 502 }),
      ...eventsOf(id, "treatment", { n: 2, totalMs: 2, outcome: "refused", status: 429 }),
      ...eventsOf(id, "treatment", { n: 2, totalMs: 100, servedVariantId: testId("variant", 2) }),
    ]);
    const { comparisons, checks } = (await resultsOf(id)).current ?? { comparisons: [], checks: [] };
    const mean = (name: string) => comparisons.find((m) => m.metric.name === name)?.treated.mean;
    expect(["latency_ms", "error_ratio", "fallback_ratio", "refused_ratio"].map(mean)).toEqual([100, 0.25, 0.2, 0.2]);
    expect(checks.find((c) => c.code === "served_elsewhere")).toMatchObject({ status: "fail", arm: "treatment", share: 0.4 });
  });

  it("as they are kept are to the last digit what the raw log adds up to", async () => {
    const id = await running();
    const parts = [0.1, 1 / 3, 7e-7, 123.456789].map((n) => ({
      n: 3,
      totalMs: n,
      ttftMs: n / 3,
      tpotMs: null,
      costUsd: `0.0000${Math.round(n * 1e6)}1`,
    }));
    for (const [i, part] of parts.entries()) await send(eventsOf(id, i % 2 === 0 ? "control" : "treatment", part));
    const late = eventsOf(id, "control", { n: 3, at: Date.now() - 86_400_000 });
    await send(late);
    await send(late);
    const kept = await readSums(id);
    expect(kept.sums).toEqual((await readSums(id, { source: { kind: "raw" } })).sums);
    expect(kept.sums.exposures.control).toMatchObject({ subjects: 3, requests: 18 });
  });

  it("may be the primary one, without a single score", async () => {
    const { results } = await runWhole({ metric: LATENCY }, { control: { n: 20, totalMs: 200 }, treatment: { n: 20, totalMs: 200 } });
    expect(results).toMatchObject({ verdict: "keep_running", planned: null });
    const id = await running({ metric: LATENCY });
    const spread = (arm: ArmName, base: number) =>
      Array.from({ length: 20 }, (_, i) =>
        testEvent({ projectId: project.id, experimentId: id, armName: arm, subjectHash: `${arm}${i}`, totalMs: base + i }),
      );
    await send([...spread("control", 300), ...spread("treatment", 200)]);
    await age(id);
    await analyseExperiments();
    expect(await resultsOf(id)).toMatchObject({
      verdict: "deploy_treatment",
      planned: { analysis: { primary: [{ lift: { status: "ok" } }] } },
    });
  });
});

describe("a verdict", () => {
  const same = { n: 30, costUsd: "0.001" };
  // A guardrail needs some spread to be tested.
  const spread = (events: UsageEvent[]) => events.map((e, i) => ({ ...e, costUsd: `${Number(e.costUsd) + (i % 5) * 1e-6}` }));

  it("is keep_control where a cost guardrail breaks, however good the primary metric is", async () => {
    const id = await running({ guardrails: [COST] });
    const control = spread(eventsOf(id, "control", same));
    const treatment = spread(eventsOf(id, "treatment", { ...same, costUsd: "0.002" }));
    await send([...control, ...treatment]);
    await score(control, 0.5);
    await score(treatment, 0.7);
    await age(id);
    await analyseExperiments();
    const results = await resultsOf(id);
    expect([results.verdict, codes(results.reasons)]).toEqual(["keep_control", ["guardrail_broken"]]);
    expect(results.planned?.analysis.comparisons.map((m) => m.effect)).toEqual(["better", "worse"]);
  });

  it("is cannot_tell where an arm has lost subjects, with the sizes as the reason, and stays so", async () => {
    const { id, results } = await runWhole({}, { control: { n: 120 }, treatment: { n: 60 } });
    expect([results.verdict, codes(results.reasons)]).toEqual(["cannot_tell", ["check_failed"]]);
    expect(results.reasons[0]).toMatchObject({ check: { code: "sample_ratio", status: "fail" } });
    await send(eventsOf(id, "treatment", { n: 120 }));
    await analyseExperiments();
    expect((await resultsOf(id)).verdict).toBe("cannot_tell");
  });

  it("is cannot_tell where subjects were seen in both arms", async () => {
    const id = await running();
    await send([
      ...eventsOf(id, "control", { n: 20 }),
      ...eventsOf(id, "treatment", { n: 20 }),
      ...eventsOf(id, "treatment", { n: 1, subjectHash: "control-1" }),
    ]);
    expect((await resultsOf(id)).current?.checks.find((c) => c.code === "crossed_subjects")).toMatchObject({
      status: "fail",
      share: 1 / 41,
    });
  });
});

describe("a sequential plan", () => {
  it("stops for harm at a look after a fifth of its subjects and keeps that look, and never deploys before its minimums", async () => {
    const plan = { mode: "sequential", minSubjectsPerArm: 1_000, minDurationSeconds: 60, maxDurationSeconds: 3_600 };
    const look = async (treatmentMean: number) => {
      const id = await running({ plan });
      const [control, treatment] = [eventsOf(id, "control", { n: 200 }), eventsOf(id, "treatment", { n: 200 })];
      await send([...control, ...treatment]);
      await score(control, 0.5);
      await score(treatment, treatmentMean);
      await analyseExperiments();
      return await resultsOf(id);
    };
    const gain = await look(0.9);
    expect(gain).toMatchObject({ verdict: "keep_running", planned: null });
    const harm = await look(0.1);
    expect([harm.verdict, codes(harm.reasons)]).toEqual(["keep_control", ["significant_harm"]]);
    expect(await recomputeEvidence(harm.id)).toMatchObject([{ verdict: "keep_control", faults: [] }]);
  });
});

describe("kept evidence", () => {
  it("is computed anew from raw events and scores, whatever came after it", async () => {
    const { id, control, treatment, results } = await runWhole({ signals: [COST, LATENCY] }, { control: { n: 30 }, treatment: { n: 30 } });
    expect(results.planned?.verdict).toBe("deploy_treatment");
    // Afterwards: a changed score twice over, new requests with scores, and a score of a request that had none.
    await score(treatment.slice(0, 10), 0.1);
    await score(treatment.slice(0, 5), 0.2);
    const late = eventsOf(id, "control", { n: 40 });
    await score(late, 0.9);
    await send(late);
    await call(postScores, project.engineer, { body: { requestId: control[0]?.requestId, metric: "helpfulness", value: 1 } });
    const [again, ...others] = await recomputeEvidence(id);
    expect(others).toEqual([]);
    expect(again).toMatchObject({ experimentId: id, verdict: "deploy_treatment", faults: [], digest: results.planned?.digest });
    expect(again?.sumsChecked).toBeGreaterThan(20);
  });

  it("holds the plan's metrics and no other that somebody posts; evidence that still holds another is computed anew", async () => {
    const id = await running({ guardrails: [{ name: "politeness" }] });
    const [control, treatment] = [eventsOf(id, "control", { n: 30 }), eventsOf(id, "treatment", { n: 30 })];
    await send([...control, ...treatment]);
    await score(control, 0.5);
    await score(treatment, 0.7);
    const post = (metric: string) =>
      call(postScores, project.engineer, {
        body: { scores: [...control, ...treatment].map(({ requestId }, i) => ({ requestId, metric, value: 0.5 + (i % 4) / 10 })) },
      });
    for (const metric of ["politeness", "unplanned"]) await post(metric);
    const all = (await readSums(id)).sums.scores;
    expect(all.map(({ metric, arm }) => `${metric} ${arm}`)).toContain("unplanned treatment");
    await age(id);
    await analyseExperiments();
    const kept = async () =>
      EvidenceContent.parse((await db().prisma.experimentEvidence.findUniqueOrThrow({ where: { experimentId: id } })).content);
    const evidence = await kept();
    expect(new Set(evidence.sums.scores.map(({ metric }) => metric))).toEqual(new Set(["accuracy", "politeness"]));
    const looks = await db().pool.query<{ look: string }>("select look::text from experiment_point where experiment_id = $1", [id]);
    expect(looks.rows.length).toBeGreaterThan(0);
    expect(looks.rows.filter(({ look }) => look.includes("unplanned"))).toEqual([]);
    expect((await recomputeEvidence(id))[0]?.faults).toEqual([]);
    const before = { ...evidence, sums: { ...evidence.sums, scores: all } };
    await asOwner(domain, "alter table experiment_evidence disable trigger experiment_evidence_immutable");
    await asOwner(domain, "update experiment_evidence set content = $2::jsonb, digest = $3 where experiment_id = $1", [
      id,
      JSON.stringify(before),
      sha256Hex(toCanonicalJson(before)),
    ]);
    await asOwner(domain, "alter table experiment_evidence enable trigger experiment_evidence_immutable");
    expect((await recomputeEvidence(id))[0]?.faults).toEqual([]);
    await asOwner(domain, "delete from usage.score where metric = 'politeness' and request_id = $1", [
      uuidOfId(control[0]?.requestId ?? ""),
    ]);
    expect((await recomputeEvidence(id))[0]?.faults.join("\n")).toMatch(/scores of politeness \(auto\) in control: kept/);
  });

  it("goes by what the look saw, whatever the clock said when it began", async () => {
    const { id, treatment } = await runWhole({}, { control: { n: 30 }, treatment: { n: 30 } });
    await asOwner(domain, "alter table experiment_evidence disable trigger experiment_evidence_immutable");
    await asOwner(domain, "update experiment_evidence set at = at - interval '1 hour' where experiment_id = $1", [id]);
    await asOwner(domain, "alter table experiment_evidence enable trigger experiment_evidence_immutable");
    await score(treatment.slice(0, 10), 0.1);
    expect((await recomputeEvidence(id))[0]?.faults).toEqual([]);
  });

  it("does not hold where a raw row was altered behind its back", async () => {
    const { id, control } = await runWhole({}, { control: { n: 30 }, treatment: { n: 30 } });
    await asOwner(domain, "delete from usage.event where request_id = $1", [uuidOfId(control[0]?.requestId ?? "")]);
    const [again] = await recomputeEvidence(id);
    expect(again?.faults.join("\n")).toMatch(/requests in control: kept/);
    await asOwner(domain, "alter table experiment_evidence disable trigger experiment_evidence_immutable");
    await asOwner(
      domain,
      `update experiment_evidence set content = jsonb_set(content, '{verdict}', '"keep_control"') where experiment_id = $1`,
      [id],
    );
    await asOwner(domain, "alter table experiment_evidence enable trigger experiment_evidence_immutable");
    expect((await recomputeEvidence(id))[0]?.faults).toContain("the content is not that of its digest");
  });
});

describe("the primary metric without its largest values", () => {
  it("cuts what lies above the 99.9th percentile of both arms, kept and raw alike", async () => {
    const id = await running();
    const events = [...eventsOf(id, "control", { n: 600 }), ...eventsOf(id, "treatment", { n: 600 })].filter((_, i) => i % 2 === 0);
    await send(events);
    const scores = events.map(({ requestId }, i) => ({
      requestId,
      metric: "accuracy",
      value: i === 1_100 ? 1_000_000 : 1 + (i % 10) / 10,
    }));
    await call(postScores, project.engineer, { body: { scores: scores.slice(0, 1_000) } });
    await call(postScores, project.engineer, { body: { scores: scores.slice(1_000) } });
    const cut = { metric: "accuracy", evaluator: "auto" };
    const kept = (await readSums(id, { cut })).sums;
    expect(kept.cut).toMatchObject([
      { arm: "control", subjects: 600, meanSum: "870" },
      { arm: "treatment", subjects: 600, meanSum: "870.9" },
    ]);
    expect(kept.scores.find((s) => s.arm === "treatment")?.meanSum).toBe("1000869");
    expect((await readSums(id, { cut, source: { kind: "raw" } })).sums).toEqual(kept);
  });
});

describe("the looks", () => {
  it("are kept with their sums, so that every metric can be read as it was", async () => {
    const { id, results } = await runWhole({ signals: [COST] }, { control: { n: 30 }, treatment: { n: 30 } });
    await send(eventsOf(id, "control", { n: 5 }));
    const { result } = await call(listExperimentLooks, project.viewer, { params: { id }, query: {} });
    expect(result).toEqual({ items: [results.planned?.analysis], nextCursor: null });
    expect((await callRefused(listExperimentLooks, project.viewer, { params: { id }, query: { cursor: "bm90LWEtbG9vaw" } })).code).toBe(
      "invalid_request",
    );
    const before = await call(listExperimentLooks, project.viewer, { params: { id }, query: { cursor: toCursor([Date.now() + 60_000]) } });
    expect(before.result.items).toHaveLength(1);
    const other = await createTestProject(domain);
    expect((await callRefused(listExperimentLooks, other.admin, { params: { id } })).code).toBe("not_found");
  });
});

describe("the size of an experiment to come", () => {
  const QUESTION = { metric: "accuracy", minimumDetectableEffect: "0.05" };

  it("follows from what was measured at the endpoint and from its traffic", async () => {
    const { endpoint } = await createServingEndpoint(project);
    const events = Array.from({ length: 60 }, (_, i) =>
      testEvent({ projectId: project.id, endpointId: endpoint.id, subjectHash: `s${i >> 1}`, totalMs: 100 + (i % 30) }),
    );
    await send(events);
    await score(events, 0.5);
    const size = async (query: object) =>
      (await call(planExperiment, project.viewer, { query: { ...QUESTION, endpoint: endpoint.name, ...query } })).result;
    const scored = await size({});
    expect(scored).toMatchObject({ measured: { subjects: 30 }, basis: { minimumDetectableEffect: 0.05 }, minSubjectsPerArm: 1_000 });
    expect(scored.measured.mean).toBeCloseTo(0.5, 12);
    // 30 subjects in the first hour, and half of them in each arm.
    expect(scored.subjectsPerDay).toBeCloseTo(720, 6);
    expect(scored.days).toBeCloseTo(1_000 / 360, 6);
    expect(scored.scoredPerDay).toBeCloseTo(720, 6);
    // Of a metric that a tenth of the subjects are scored with, each arm gets a tenth as many.
    const requestIds = [...new Set(events.slice(0, 6).map((event) => event.requestId))];
    const rare = requestIds.map((requestId, i) => ({ requestId, metric: "rare", value: 0.4 + i / 10 }));
    await call(postScores, project.engineer, { body: { scores: rare } });
    const few = await size({ metric: "rare" });
    expect([few.measured.subjects, few.subjectsPerDay.toFixed(3), few.scoredPerDay?.toFixed(3)]).toEqual([3, "720.000", "72.000"]);
    expect(few.days).toBeCloseTo((few.minSubjectsPerArm ?? 0) / 36, 6);
    // A tenth of the subjects are in its part of a layer.
    const layered = await size({ layerShareBps: "1000" });
    expect(layered).toMatchObject({ subjectsPerArm: scored.subjectsPerArm, minDurationSeconds: 4 * 604_800 });
    expect(layered.days).toBeCloseTo(1_000 / 36, 6);
    expect(scored.minDurationSeconds).toBe(604_800);
    const slow = await size({ source: "usage", metric: "latency_ms" });
    expect(slow.measured).toMatchObject({ subjects: 30, mean: 114.5 });
    expect(slow.curve.length).toBeGreaterThan(10);
    const median = await size({ source: "usage", metric: "latency_ms", quantile: "0.5" });
    expect(median.measured.subjects).toBe(30);
    expect(Math.abs((median.measured.mean ?? 0) / 114.5 - 1)).toBeLessThan(0.02);
    expect(median).toMatchObject({ basis: { baselineMean: median.measured.mean, baselineDeviation: median.measured.deviation } });
    expect(median.curve.length).toBeGreaterThan(10);
    // The ends of the interval of a p99 lie beyond 60 requests.
    const extreme = await size({ source: "usage", metric: "latency_ms", quantile: "0.99" });
    expect(extreme).toMatchObject({ measured: { subjects: 30, deviation: null }, basis: null, subjectsPerArm: null, curve: [] });
    expect(
      await size({ source: "usage", metric: "ttft_ms", quantile: "0.95", baselineMean: "200", baselineDeviation: "90" }),
    ).toMatchObject({
      subjectsPerArm: 1_273,
    });
    const scores = await size({ quantile: "0.5" });
    expect(scores.measured).toMatchObject({ subjects: 30, mean: 0.5 });
    expect(scores.basis?.baselineDeviation).toBe(scores.measured.deviation);
    expect(await size({ metric: "nobody-measures-this" })).toMatchObject({ basis: null, subjectsPerArm: null, curve: [] });
    const named = { metric: "nobody-measures-this", baselineMean: "0.75", baselineDeviation: "0.2", minimumDetectableEffect: "0.02" };
    expect(await size(named)).toMatchObject({ subjectsPerArm: 2_792, minSubjectsPerArm: 2_792 });
    expect((await size({ ...named, mode: "sequential" })).subjectsPerArm).toBeGreaterThan(1.5 * 2_792);
    expect(await size({ ...named, treatments: "3" })).toMatchObject({ subjectsPerArm: 3_724 });
    const endless = { ...named, minimumDetectableEffect: "0.0001", baselineDeviation: "1e9" };
    expect(await size(endless)).toMatchObject({ basis: { baselineDeviation: 1e9 }, subjectsPerArm: null, days: null, curve: [] });
  });

  it("is refused for what is not there, with the place", async () => {
    const { endpoint } = await createServingEndpoint(project);
    const ask = (query: object) =>
      callRefused(planExperiment, project.viewer, { query: { ...QUESTION, endpoint: endpoint.name, ...query } });
    expect((await ask({ endpoint: "nowhere" })).code).toBe("not_found");
    expect((await ask({ source: "usage" })).errors.map((e) => e.pointer)).toEqual(["?metric"]);
    expect((await ask({ source: "usage", metric: "error_ratio", quantile: "0.5" })).errors.map((e) => e.pointer)).toEqual(["?quantile"]);
    expect((await ask({ minimumDetectableEffect: "0" })).code).toBe("invalid_request");
  });

  it("is kept with the plan, and a smaller one is called a shortcut", async () => {
    const basis = { minimumDetectableEffect: 0.02, baselineMean: 0.75, baselineDeviation: 0.2 };
    const { result } = await call(createExperiment, project.engineer, { body: await draft({ plan: { basis } }) });
    expect(result).toMatchObject({ plannedSubjectsPerArm: 2_792, shortcuts: ["plannedSize"], plan: { basis } });
  });
});

describe("a plan of several metrics", () => {
  it.each([
    [
      "shares that sum to 0.9999",
      { arms: { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 4_999 }] } },
      "/arms/treatments/0/shareBps",
    ],
    ["a metric that the log does not have", { guardrails: [{ ...COST, name: "happiness" }] }, "/guardrails/0/name"],
    ["a cost that is to rise", { guardrails: [{ ...COST, direction: "higher" }] }, "/guardrails/0/direction"],
    ["one metric twice", { signals: [{ name: "accuracy" }] }, "/signals/0"],
    ["an A/A test of two different arms", { plan: { ...PLAN, isAa: true } }, "/plan/isAa"],
    ["one arm twice", { arms: { ...ARMS, treatments: [{ release: 1, shareBps: 5_000 }] } }, "/arms/treatments/0"],
  ])("with %s is refused with the place", async (...[, parts, pointer]) => {
    const refusal = await callRefused(createExperiment, project.engineer, { body: await draft(parts) });
    expect([refusal.code, refusal.errors.map((e) => e.pointer)]).toEqual(["invalid_request", [pointer]]);
  });

  it("is frozen whole at the start: no metric is renamed under way", async () => {
    const id = await running({ guardrails: [COST] });
    const change = { params: { id }, body: { guardrails: [{ ...COST, name: "latency_ms" }] }, ifMatch: "*" };
    expect((await callRefused(changeExperiment, project.engineer, change)).code).toBe("state_conflict");
    const sql = `update experiment set epoch = epoch + 1, others = '{"guardrails": [], "signals": []}' where id = $1`;
    await expect(asOwner(domain, sql, [id])).rejects.toThrow(/frozen/);
  });

  it("may be an A/A test, whose arms are the same and change nothing in it", async () => {
    const arms = { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 1, shareBps: 5_000 }] };
    const id = await running({ arms, plan: { ...PLAN, isAa: true } });
    const { rows } = await db().pool.query("select state from experiment where id = $1", [id]);
    expect(rows).toEqual([{ state: "running" }]);
  });
});
