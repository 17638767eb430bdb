import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCanonicalJson } from "@/lib/core/canonical";
import { db } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
import { asOwner, call, callRefused, createTestProject, openTestDomain, type TestDomain } from "@/test/factories";
import { ageExperiment, draftExperiment, runExperiment, runScored, scoreArm, type World } from "@/test/run-experiment";
import {
  analyseExperiments,
  changeExperiment,
  createExperiment,
  getExperiment,
  getExperimentResults,
  listExperimentLooks,
  listExperimentMoves,
  recomputeEvidence,
} from ".";
import { toEvidence } from "./rules/evidence";

let domain: TestDomain;
let world: World;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  world = { domain, project: await createTestProject(domain) };
});
afterAll(() => domain.close());

const arm = (release: number, shareBps: number, variant: string | null = null) => ({ release, shareBps, variant });
const FOUR = { control: arm(1, 2_500), treatments: [arm(2, 2_500), arm(3, 2_500), arm(4, 2_500, "second")] };
const COST = { source: "usage", name: "cost_per_request", direction: "lower" };
const alternating = (n: number, mean: number) => Array.from({ length: n }, (_, i) => mean + (i % 2 === 0 ? 0.1 : -0.1));
const resultsOf = async (id: string) => (await call(getExperimentResults, world.project.viewer, { params: { id } })).result;
const read = async (id: string) => (await call(getExperiment, world.project.viewer, { params: { id } })).result;

describe("an experiment of several treatments", { timeout: 120_000 }, () => {
  it("has its arms in the plan's order, under one name everywhere", async () => {
    const { experiment } = await runExperiment(world, { arms: FOUR });
    expect(experiment.arms.treatments.map(({ key, release, variant }) => [key, release.number, variant?.name ?? null])).toEqual([
      ["treatment", 2, null],
      ["treatment_2", 3, null],
      ["treatment_3", 4, "second"],
    ]);
    expect(experiment.arms.holdoutBps).toBe(0);
    const [move] = (await listExperimentMoves(db().prisma)).filter((m) => m.experimentId === experiment.id);
    expect([move?.control, ...(move?.treatments ?? [])].map((each) => each?.name)).toEqual([
      "control",
      "treatment",
      "treatment_2",
      "treatment_3",
    ]);
  });

  it("names the treatment that wins, says of each what it is, and is computed anew from raw events to the last digit", async () => {
    const { experiment } = await runExperiment(world, {
      arms: FOUR,
      guardrails: [{ ...COST, practicalMargin: 0.5 }],
      signals: [{ name: "accuracy", quantile: 0.5 }],
    });
    const means = { control: 0.5, treatment: 0.52, treatment_2: 0.7, treatment_3: 0.3 };
    for (const [name, mean] of Object.entries(means)) await scoreArm(world, { id: experiment.id, arm: name }, alternating(40, mean));
    await ageExperiment(world, experiment.id, 2);
    expect((await analyseExperiments()).failures).toEqual([]);
    const results = await resultsOf(experiment.id);
    expect([results.verdict, results.winner]).toEqual(["deploy_treatment", "treatment_2"]);
    expect(results.verdicts.map(({ treatment, verdict }) => [treatment, verdict])).toEqual([
      ["treatment", "keep_running"],
      ["treatment_2", "deploy_treatment"],
      ["treatment_3", "keep_control"],
    ]);
    const analysis = results.planned?.analysis;
    expect(analysis?.arms.map(({ arm: name, subjects }) => [name, subjects])).toEqual(Object.keys(means).map((name) => [name, 40]));
    expect(analysis?.comparisons.map(({ treatment, role }) => `${role} ${treatment}`)).toEqual(
      ["primary", "guardrail", "signal"].flatMap((role) => ["treatment", "treatment_2", "treatment_3"].map((name) => `${role} ${name}`)),
    );
    expect(analysis?.confidence).toBeCloseTo(1 - 0.05 / 3, 15);
    expect(results.history.at(-1)?.treatments.map(({ treatment, subjects }) => [treatment, subjects])).toEqual([
      ["treatment", 40],
      ["treatment_2", 40],
      ["treatment_3", 40],
    ]);
    const { result: looks } = await call(listExperimentLooks, world.project.viewer, { params: { id: experiment.id }, query: {} });
    expect(looks.items[0]?.primary).toEqual(analysis?.primary);
    const [again] = await recomputeEvidence(experiment.id);
    expect(again).toMatchObject({ verdict: "deploy_treatment", faults: [] });
    await asOwner(domain, "update usage.event set arm_name = 'treatment' where arm_name = 'treatment_3'");
    expect((await recomputeEvidence(experiment.id))[0]?.faults.join("\n")).toMatch(/in treatment_3: kept/);
  });

  it("counts a subject that two treatments saw as crossed, and the arms against their own shares", async () => {
    const { experiment } = await runExperiment(world, { arms: { control: arm(1, 2_000), treatments: [arm(2, 2_000), arm(3, 6_000)] } });
    await scoreArm(world, { id: experiment.id, arm: "control" }, alternating(100, 0.5));
    await scoreArm(world, { id: experiment.id, arm: "treatment" }, alternating(100, 0.5));
    await scoreArm(world, { id: experiment.id, arm: "treatment_2" }, alternating(100, 0.5));
    const { exposure, current } = await resultsOf(experiment.id);
    expect(exposure?.arms.map((each) => each.plannedShare)).toEqual([0.2, 0.2, 0.6]);
    expect(current?.checks.find(({ code }) => code === "sample_ratio")).toMatchObject({ status: "fail", arm: "control" });
  });

  it.each([
    ["no treatment", { control: arm(1, 5_000), treatments: [] }, ["/arms/treatments"]],
    ["five", { control: arm(1, 100), treatments: [2, 3, 4, 5, 6].map((r) => arm(r, 100)) }, ["/arms/treatments"]],
    ["one twice", { control: arm(1, 100), treatments: [arm(2, 100), arm(3, 100), arm(2, 100)] }, ["/arms/treatments/2"]],
    ["one that is the control", { control: arm(1, 100), treatments: [arm(2, 100), arm(1, 100)] }, ["/arms/treatments/1"]],
    ["shares of 0.9999", { control: arm(1, 3_333), treatments: [arm(2, 3_333), arm(3, 3_333)] }, ["/arms/treatments/1/shareBps"]],
    ["shares of more than all", { control: arm(1, 4_000), treatments: [arm(2, 4_000), arm(3, 4_000)] }, ["/arms/treatments/1/shareBps"]],
  ])("with %s is refused with the place", async (_, arms, pointers) => {
    const { endpoint } = await draftExperiment(world);
    const body = { endpoint: endpoint.name, name: "Bad", metric: { name: "accuracy" }, arms };
    const refusal = await callRefused(createExperiment, world.project.engineer, { body });
    expect([refusal.code, refusal.errors.map((e) => e.pointer)]).toEqual(["invalid_request", pointers]);
  });

  it("may get and lose treatments while it is a draft", async () => {
    const { experiment } = await draftExperiment(world);
    const params = { id: experiment.id };
    const change = async (arms: object) =>
      (await call(changeExperiment, world.project.engineer, { params, body: { arms }, ifMatch: "*" })).result;
    expect((await change(FOUR)).arms.treatments).toHaveLength(3);
    expect(
      (await change({ control: arm(1, 100), treatments: [arm(3, 100)] })).arms.treatments.map(({ key, release }) => [key, release.number]),
    ).toEqual([["treatment", 3]]);
  });

  it("asks for as many subjects as the divided level needs", async () => {
    const basis = { minimumDetectableEffect: 0.02, baselineMean: 0.75, baselineDeviation: 0.2 };
    const plan = { basis, minDurationSeconds: 1, maxDurationSeconds: 60 };
    // statsmodels' TTestIndPower for d = 0.075 at 0.05 and at 0.05 / 3.
    const one = await draftExperiment(world, { plan, arms: { ...FOUR, treatments: FOUR.treatments.slice(0, 1) } });
    const three = await draftExperiment(world, { plan, arms: FOUR });
    expect([one.experiment.plannedSubjectsPerArm, three.experiment.plannedSubjectsPerArm]).toEqual([2_792, 3_724]);
  });
});

describe("what was kept before there were several treatments", { timeout: 120_000 }, () => {
  it("has the digest of its plan still: each arm under its key", async () => {
    const { experiment, endpoint } = await runScored(world, { control: 0.5, treatment: 0.7 });
    const { id, name, hypothesis, metric, guardrails, signals, plan, arms } = experiment;
    const [treatment] = arms.treatments;
    const frozen = (each: typeof arms.control | undefined) => ({
      release: each?.release.digest ?? "",
      variant: each?.variant?.name ?? null,
      shareBps: each?.shareBps ?? 0,
    });
    const told = { experiment: id, endpoint: endpoint.id, name, hypothesis, metric, guardrails, signals, plan };
    const digest = sha256Hex(toCanonicalJson({ ...told, arms: { control: frozen(arms.control), treatment: frozen(treatment) } }));
    expect(experiment.planDigest).toBe(digest);
  });

  it("is read as if it had been kept today, and computed anew", async () => {
    const { experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    await analyseExperiments();
    const before = { ...(await resultsOf(experiment.id)), current: null };
    const kept = await db().prisma.experimentEvidence.findUniqueOrThrow({ where: { experimentId: experiment.id } });
    const evidence = toEvidence(kept.content);
    if (evidence.version !== 4) throw new Error("the evidence is not of today");
    const { winner: _, treatments: __, analysis, design: planned, ...rest } = evidence;
    const { rules: _____, ...design } = planned;
    const [control, treated] = analysis.arms.map(({ arm: ___, ...figures }) => figures);
    const [primary] = analysis.primary;
    const metrics = analysis.comparisons.map(({ treatment: ___, treated: treatment, ...each }) => ({ ...each, treatment }));
    const { treatment: ____, ...figures } = primary ?? { treatment: null };
    const { at, confidence, checks } = analysis;
    const first = { ...rest, version: 2, design, analysis: { at, control, treatment: treated, ...figures, confidence, metrics, checks } };
    const digest = sha256Hex(toCanonicalJson(first));
    await asOwner(domain, "alter table experiment_evidence disable trigger user");
    await asOwner(domain, "update experiment_evidence set content = $2::jsonb, digest = $3 where experiment_id = $1", [
      experiment.id,
      JSON.stringify(first),
      digest,
    ]);
    await asOwner(domain, "alter table experiment_evidence enable trigger user");
    const judge = { verdict: "deploy_treatment", reasons: rest.reasons, control: 20, treatment: 20 };
    await asOwner(domain, "update experiment set judge = $2::jsonb, epoch = epoch + 1 where id = $1", [
      experiment.id,
      JSON.stringify(judge),
    ]);
    const after = { ...(await resultsOf(experiment.id)), current: null };
    if (before.planned === null) throw new Error("nothing was planned");
    // What is measured now has moved on by the time between the two readings.
    expect(after).toEqual({ ...before, power: after.power, planned: { ...before.planned, digest } });
    expect((await read(experiment.id)).subjects).toEqual([
      { arm: "control", subjects: 20 },
      { arm: "treatment", subjects: 20 },
    ]);
    expect((await recomputeEvidence(experiment.id))[0]).toMatchObject({ faults: [], digest });
  });
});
