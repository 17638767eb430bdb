import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Sketch } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import { asOwner, call, callRefused, countAllRows, createTestProject, openTestDomain, readTrail, type TestDomain } from "@/test/factories";
import { runScored, type World } from "@/test/run-experiment";
import {
  analyseExperiments,
  concludeExperiment,
  getExperiment,
  getExperimentResults,
  listExperimentMoves,
  reviseExperiment,
  startExperiment,
  stopExperiment,
} from "../experiments";
import { createRollout, getRollout, listMoves, type RolloutSenses, reconcileRollouts, type Samples } from ".";

let domain: TestDomain;
let world: World;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  await asOwner(domain, "delete from rollout");
  world = { domain, project: await createTestProject(domain) };
});
afterAll(() => domain.close());

const PLAN = {
  steps: [{ weightBps: 3_000, minSeconds: 1 }],
  gates: [{ metric: "error_ratio", maxIncrease: 0.01, minSamples: 100 }],
  judgeEverySeconds: 1,
  failureLimit: 1,
  stepDeadlineSeconds: 600,
};
const GOOD: Samples = { complete: 5_000, failed: 25, cut: 0, latency: new Sketch(), newestAgeMs: 10 };
const SENSES: RolloutSenses = {
  observeReadiness: async () => ({ ready: true, finding: "Its backend answers: gpu-a." }),
  observeConvergence: async () => ({ published: true, heard: 2, serving: 2, unknown: 0 }),
  readSamples: async () => GOOD,
};

/** An experiment that has decided, still running. */
async function decided(means = { control: 0.5, treatment: 0.7 }) {
  const { endpoint, experiment } = await runScored(world, means);
  await analyseExperiments();
  return { endpoint, experiment };
}

const wish = (endpoint: string, experiment: number | string, more: { release?: number; plan?: object; evidenceDigest?: string } = {}) => ({
  body: {
    endpoint,
    release: more.release ?? 2,
    reason: "the experiment says so",
    plan: { ...PLAN, ...more.plan, experiment: { experiment, ...(more.evidenceDigest && { evidenceDigest: more.evidenceDigest }) } },
  },
});
const engineer = () => world.project.engineer;
const readExperiment = async (id: string) => (await call(getExperiment, engineer(), { params: { id } })).result;
const readRollout = async (id: string) => (await call(getRollout, engineer(), { params: { id } })).result;
const conclude = (id: string, decision = "deploy_treatment") =>
  call(concludeExperiment, engineer(), { params: { id }, body: { decision, reason: "as it turned out" } });
const digestOf = async (id: string) => (await call(getExperimentResults, engineer(), { params: { id } })).result.planned?.digest;
/** Lets the step's shortest time pass without waiting for it. */
const age = (id: string) =>
  asOwner(
    domain,
    "update rollout set epoch = epoch + 1, step_started_at = step_started_at - interval '1 hour', judge = jsonb_set(judge, '{judgedAtMs}', 'null') where id = $1",
    [id],
  );

describe("a rollout with an experiment as its gate", () => {
  it("is bound to the evidence at its start, goes on while that holds, and shows it", async () => {
    const { endpoint, experiment } = await decided();
    await conclude(experiment.id);
    const rollout = (await call(createRollout, engineer(), wish(endpoint.name, experiment.number))).result;
    const evidenceDigest = await digestOf(experiment.id);
    expect(rollout.plan.experiment).toEqual({ experiment: experiment.id, evidenceDigest });
    const { id, number, name } = experiment;
    expect(rollout.experiment).toEqual({ experiment: { id, number, name }, verdict: "pass", reason: "verified", evidenceDigest });
    await reconcileRollouts(SENSES);
    await reconcileRollouts(SENSES);
    await age(rollout.id);
    await reconcileRollouts(SENSES);
    expect(await readRollout(rollout.id)).toMatchObject({ state: "promoting", endReason: "All 2 gates pass at 30 %." });
    const moves = await db().prisma.rolloutEvent.findMany({ where: { rolloutId: rollout.id, toState: "promoting" } });
    expect(moves[0]?.evidence).toMatchObject({ judge: { experiment: { verdict: "pass", evidenceDigest } } });
  });

  it.each([
    [
      "its evidence was altered in the database",
      "update experiment_evidence set content = jsonb_set(content, '{elapsedSeconds}', '7')",
      "evidence_altered",
    ],
    ["its digest was written anew over other content", "update experiment_evidence set digest = repeat('0', 64)", "evidence_altered"],
    ["its evidence is gone", "delete from experiment_evidence", "no_evidence"],
    [
      "another release was put under its arm",
      "update experiment_arm a set release_id = r.id from release r join experiment e on e.endpoint_id = r.endpoint_id where e.id = a.experiment_id and r.number = 3 and a.key = 'treatment'",
      "evidence_altered",
    ],
  ])("does not go on once %s", async (_, sql, reason) => {
    const { endpoint, experiment } = await decided();
    await conclude(experiment.id);
    const rollout = (await call(createRollout, engineer(), wish(endpoint.name, experiment.id))).result;
    await reconcileRollouts(SENSES);
    await reconcileRollouts(SENSES);
    for (const table of ["experiment", "experiment_arm", "experiment_evidence"])
      await asOwner(domain, `alter table ${table} disable trigger user`);
    await asOwner(domain, sql);
    for (const table of ["experiment", "experiment_arm", "experiment_evidence"])
      await asOwner(domain, `alter table ${table} enable trigger user`);
    await age(rollout.id);
    await reconcileRollouts(SENSES);
    const held = await readRollout(rollout.id);
    expect(held.experiment?.reason).toBe(reason);
    expect(["judging", "rolling_back"]).toContain(held.state);
    expect(held.judge.results).toMatchObject([{ verdict: "pass" }]);
  });

  it("is refused where the gate would never open, and nothing is written", async () => {
    const { endpoint, experiment } = await decided();
    await conclude(experiment.id);
    const worse = await decided({ control: 0.7, treatment: 0.5 });
    await conclude(worse.experiment.id, "keep_control");
    const otherwise = await decided();
    await conclude(otherwise.experiment.id, "no_decision");
    const other = await createTestProject(domain);
    const rows = await countAllRows();
    const cases: [ReturnType<typeof wish>, string, string][] = [
      [wish(endpoint.name, experiment.number, { release: 3 }), "state_conflict", "another release"],
      [wish(endpoint.name, experiment.number, { evidenceDigest: "0".repeat(64) }), "state_conflict", "another than the one"],
      [wish(worse.endpoint.name, worse.experiment.number), "state_conflict", "another decision"],
      [wish(otherwise.endpoint.name, otherwise.experiment.number), "state_conflict", "another decision"],
      [wish(endpoint.name, 999_999), "invalid_reference", "no such experiment"],
    ];
    for (const [body, code, detail] of cases)
      expect(await callRefused(createRollout, engineer(), body)).toMatchObject({ code, detail: expect.stringContaining(detail) });
    expect((await callRefused(createRollout, other.engineer, wish(endpoint.name, experiment.id))).code).toBe("invalid_reference");
    expect(await countAllRows()).toEqual(rows);
  });

  it("is refused once a next version has started, whatever the one before had found", async () => {
    const { endpoint, experiment } = await decided();
    const reason = { reason: "a better metric" };
    const next = (await call(reviseExperiment, engineer(), { params: { id: experiment.id }, body: reason })).result;
    await call(startExperiment, engineer(), { params: { id: next.id }, body: reason });
    await conclude(next.id, "keep_control");
    const refused = { code: "state_conflict", detail: expect.stringContaining("next version") };
    expect(await callRefused(createRollout, engineer(), wish(endpoint.name, experiment.number))).toMatchObject(refused);
  });

  it("is refused where the release that serves is not the one that was compared with", async () => {
    const { endpoint, experiment } = await decided();
    await conclude(experiment.id);
    await asOwner(
      domain,
      "update endpoint e set active_release_id = r.id, version = version + 1 from release r where r.endpoint_id = e.id and e.id = $1 and r.number = 3",
      [endpoint.id],
    );
    const refused = { code: "state_conflict", detail: expect.stringContaining("with another release") };
    expect(await callRefused(createRollout, engineer(), wish(endpoint.name, experiment.number))).toMatchObject(refused);
  });

  it("takes a treatment that was one variant for its release only where it is the whole of it", async () => {
    const arms = (release: number) => ({
      control: { release: 1, shareBps: 2_000 },
      treatments: [{ release, variant: "main", shareBps: 3_000 }],
    });
    for (const [release, code] of [
      [2, null],
      [4, "state_conflict"],
    ] as const) {
      const { endpoint, experiment } = await runScored(world, { control: 0.5, treatment: 0.7 }, { arms: arms(release) });
      await analyseExperiments();
      await conclude(experiment.id);
      const body = wish(endpoint.name, experiment.id, { release });
      if (code === null) expect((await call(createRollout, engineer(), body)).result.experiment?.verdict).toBe("pass");
      else
        expect(await callRefused(createRollout, engineer(), body)).toMatchObject({ code, detail: expect.stringContaining("one variant") });
    }
  });
});

describe("a running experiment that has decided", () => {
  it("hands its endpoint over in one step: concluded for the treatment, which keeps its share at once", async () => {
    const { endpoint, experiment } = await decided();
    const rollout = (await call(createRollout, engineer(), wish(endpoint.name, experiment.number))).result;
    expect(rollout).toMatchObject({ state: "advancing", weightBps: 3_000, stepIndex: 0 });
    expect(await readExperiment(experiment.id)).toMatchObject({
      state: "concluded",
      decision: "deploy_treatment",
      verdict: "deploy_treatment",
    });
    expect((await listExperimentMoves(db().prisma)).filter((m) => m.experimentId === experiment.id)).toEqual([]);
    expect((await listMoves(db().prisma)).filter((m) => m.rolloutId === rollout.id)).toMatchObject([{ weightBps: 3_000 }]);
    const { rows } = await db().pool.query("select rollout_id from traffic_claim where endpoint_id = $1", [endpoint.id]);
    expect(rows).toEqual([{ rollout_id: rollout.id }]);
    const [concluded, started] = (await readTrail(world.project)).slice(-2);
    expect(concluded).toMatchObject({
      action: "experiment.concluded",
      objectKind: "experiment",
      objectId: experiment.id,
      details: { from: "running", to: "concluded", rollout: rollout.number },
    });
    expect(started).toMatchObject({ action: "rollout.started", details: { concludes: experiment.number } });
    await reconcileRollouts(SENSES);
    expect(await readRollout(rollout.id)).toMatchObject({ state: "judging", weightBps: 3_000 });
  });

  it("hands over once, when two ask at the same moment or somebody stops it meanwhile", async () => {
    const { endpoint, experiment } = await decided();
    const ask = () => call(createRollout, engineer(), wish(endpoint.name, experiment.number));
    const stop = () => call(stopExperiment, engineer(), { params: { id: experiment.id }, body: { reason: "at the same moment" } });
    const ends = await Promise.allSettled([ask(), ask(), stop()]);
    const rollouts = await db().prisma.rollout.count({ where: { endpointId: endpoint.id } });
    expect(rollouts).toBe(ends.slice(0, 2).filter((end) => end.status === "fulfilled").length);
    expect(rollouts).toBeLessThanOrEqual(1);
    expect(["stopped", "concluded"]).toContain((await readExperiment(experiment.id)).state);
    for (const end of ends) if (end.status === "rejected") expect(["endpoint_busy", "state_conflict"]).toContain(end.reason.code);
  });

  it("does not hand over before it has decided, nor to who may not conclude it", async () => {
    const { endpoint, experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    expect((await callRefused(createRollout, engineer(), wish(endpoint.name, experiment.number))).code).toBe("endpoint_busy");
    // Whatever digest somebody names: an analysis that was not made is for no release.
    for (const release of [2, 3])
      expect(
        await callRefused(createRollout, engineer(), wish(endpoint.name, experiment.number, { release, evidenceDigest: "0".repeat(64) })),
      ).toMatchObject({ code: "endpoint_busy" });
    await analyseExperiments();
    const token = world.project.token("releases:write");
    expect((await callRefused(createRollout, token, wish(endpoint.name, experiment.number))).code).toBe("forbidden");
    expect((await readExperiment(experiment.id)).state).toBe("running");
  });

  it("writes all of the hand-over or nothing", async () => {
    const { endpoint, experiment } = await decided();
    const rows = await countAllRows();
    await asOwner(domain, "create function fail_here() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$");
    await asOwner(domain, "create trigger fail_here before insert on rollout_event for each row execute function fail_here()");
    await expect(call(createRollout, engineer(), wish(endpoint.name, experiment.number))).rejects.toThrow(/killed/);
    await asOwner(domain, "drop trigger fail_here on rollout_event");
    await asOwner(domain, "drop function fail_here");
    expect(await countAllRows()).toEqual(rows);
    expect((await readExperiment(experiment.id)).state).toBe("running");
  });
});
