import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import {
  asOwner,
  call,
  callRefused,
  countAllRows,
  createTestPerson,
  createTestProject,
  openTestDomain,
  readTrail,
  type TestDomain,
} from "@/test/factories";
import { ageExperiment, draftExperiment, runExperiment, runScored, scoreArm, type World } from "@/test/run-experiment";
import { decideApproval, putApprovalPolicy, requestApproval } from "../approvals";
import {
  analyseExperiments,
  changeExperiment,
  concludeExperiment,
  extendExperiment,
  getExperiment,
  getExperimentResults,
  listExperimentMoves,
  reviseExperiment,
  startExperiment,
  stopExperiment,
} from ".";

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

const REASON = { body: { reason: "because of the test" } };
const engineer = () => world.project.engineer;
const at = (id: string) => ({ params: { id } });
const read = async (id: string) => (await call(getExperiment, engineer(), at(id))).result;
const extend = (id: string, deadlineAt: string) => ({ ...at(id), body: { deadlineAt, reason: "a holiday came between" } });
const later = (iso: string | null, seconds: number) => new Date(Date.parse(iso ?? "") + seconds * 1_000).toISOString();
const revise = async (id: string) => (await call(reviseExperiment, engineer(), { ...at(id), ...REASON })).result;
const start = (id: string) => call(startExperiment, engineer(), { ...at(id), ...REASON });

describe("a running experiment's deadline", () => {
  it("moves to a later time: recorded with both ends, shown, audited, and the plan stays as it was frozen", async () => {
    const { experiment } = await runExperiment(world);
    const to = later(experiment.deadlineAt, 86_400);
    const { result } = await call(extendExperiment, engineer(), extend(experiment.id, to));
    expect(result).toMatchObject({
      state: "running",
      deadlineAt: to,
      planDigest: experiment.planDigest,
      plan: experiment.plan,
      extensions: [{ from: experiment.deadlineAt, to, reason: "a holiday came between" }],
    });
    expect(result.events[0]).toMatchObject({ kind: "extended", fromState: "running", toState: "running" });
    expect((await readTrail(world.project)).at(-1)).toMatchObject({
      action: "experiment.extended",
      details: { from: experiment.deadlineAt, to },
    });
    await ageExperiment(world, experiment.id, 4_000);
    await analyseExperiments();
    expect((await read(experiment.id)).state).toBe("running");
    await ageExperiment(world, experiment.id, 90_000);
    await analyseExperiments();
    expect((await read(experiment.id)).state).toBe("stopped");
  });

  it("of a fixed plan stays once the analysis that counts is made; of a sequential one it may move on", async () => {
    const fixed = await runScored(world, { control: 0.5, treatment: 0.7 });
    expect((await read(fixed.experiment.id)).isFinal).toBe(false);
    await analyseExperiments();
    expect(await read(fixed.experiment.id)).toMatchObject({ isFinal: true, allowed: { extend: false } });
    const to = later(fixed.experiment.deadlineAt, 86_400);
    expect(await callRefused(extendExperiment, engineer(), extend(fixed.experiment.id, to))).toMatchObject({
      code: "state_conflict",
      detail: expect.stringContaining("more data decides nothing"),
    });
    const plan = { mode: "sequential", minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 };
    const sequential = await runScored(world, { control: 0.5, treatment: 0.7 }, { plan });
    await analyseExperiments();
    expect((await call(getExperimentResults, engineer(), at(sequential.experiment.id))).result.planned).not.toBeNull();
    expect((await read(sequential.experiment.id)).isFinal).toBe(false);
    expect((await call(extendExperiment, engineer(), extend(sequential.experiment.id, to))).result.deadlineAt).toBe(to);
  });

  it("never moves to an earlier time, past half a year, or of what does not run", async () => {
    const { experiment } = await runExperiment(world);
    const rows = await countAllRows();
    for (const to of [experiment.deadlineAt ?? "", later(experiment.deadlineAt, -60), later(experiment.startedAt, 15_552_001)])
      expect(await callRefused(extendExperiment, engineer(), extend(experiment.id, to))).toMatchObject({
        code: "state_conflict",
        errors: [{ pointer: "/deadlineAt" }],
      });
    expect(await countAllRows()).toEqual(rows);
    await call(stopExperiment, engineer(), { ...at(experiment.id), ...REASON });
    const to = later(experiment.deadlineAt, 60);
    expect((await callRefused(extendExperiment, engineer(), extend(experiment.id, to))).code).toBe("state_conflict");
    const draft = await draftExperiment(world);
    expect((await callRefused(extendExperiment, engineer(), extend(draft.experiment.id, to))).code).toBe("state_conflict");
  });

  it("moves or ends it, never both, when somebody stops it at the same moment", async () => {
    const { experiment } = await runExperiment(world);
    const [extended, stopped] = await Promise.allSettled([
      call(extendExperiment, engineer(), extend(experiment.id, later(experiment.deadlineAt, 60))),
      call(stopExperiment, engineer(), { ...at(experiment.id), ...REASON }),
    ]);
    expect(stopped.status).toBe("fulfilled");
    const kinds = (await read(experiment.id)).events.map(({ kind }) => kind);
    expect(kinds).toEqual(
      extended.status === "fulfilled" ? ["stopped", "extended", "started", "created"] : ["stopped", "started", "created"],
    );
  });
});

describe("the next version of a plan", () => {
  it("is a draft with the same plan that names the one before; that one runs on until it starts, then stops in the same moment", async () => {
    const { experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    const next = await revise(experiment.id);
    expect(next).toMatchObject({
      state: "draft",
      version: 2,
      predecessor: { id: experiment.id, state: "running" },
      metric: experiment.metric,
      plan: experiment.plan,
      arms: experiment.arms,
      planDigest: null,
      busyWith: null,
      allowed: { edit: true, start: true },
    });
    expect(await read(experiment.id)).toMatchObject({
      state: "running",
      successor: { id: next.id, state: "draft" },
      allowed: { revise: false },
    });
    await call(changeExperiment, engineer(), { ...at(next.id), body: { metric: { name: "helpfulness" } }, ifMatch: "*" });
    await start(next.id);
    const [old, now] = [await read(experiment.id), await read(next.id)];
    // What was known when it ended stays its verdict: the next version's start is no reason to look away from it.
    expect(old).toMatchObject({ state: "stopped", verdict: "deploy_treatment", stoppedAt: now.startedAt, successor: { state: "running" } });
    expect(old.events[0]).toMatchObject({ kind: "superseded", toState: "stopped", reason: `Experiment ${next.number} takes its place.` });
    expect(now).toMatchObject({ state: "running", metric: { name: "helpfulness" }, predecessor: { state: "stopped" } });
    expect(now.planDigest).not.toBe(old.planDigest);
    expect((await listExperimentMoves(db().prisma)).map((move) => move.experimentId)).toEqual([next.id]);
    expect((await readTrail(world.project)).at(-1)).toMatchObject({
      action: "experiment.started",
      details: { predecessor: experiment.number },
    });
    await scoreArm(world, { id: next.id, arm: "control" }, [1]);
    expect((await call(getExperimentResults, engineer(), at(next.id))).result.current?.arms[0]?.subjects).toBe(0);
  });

  it("is one, and of what has started: a second is refused with the name of the first", async () => {
    const { experiment } = await runExperiment(world);
    const [one, two] = await Promise.allSettled([revise(experiment.id), revise(experiment.id)]);
    expect([one.status, two.status].sort()).toEqual(["fulfilled", "rejected"]);
    const { successor } = await read(experiment.id);
    expect(await callRefused(reviseExperiment, engineer(), { ...at(experiment.id), ...REASON })).toMatchObject({
      code: "state_conflict",
      detail: expect.stringContaining(`Experiment ${successor?.number} is its next version`),
    });
    expect((await callRefused(reviseExperiment, engineer(), { ...at(successor?.id ?? ""), ...REASON })).detail).toContain("draft itself");
  });

  it("may follow one that is over, and starts without stopping anything then", async () => {
    const { experiment } = await runExperiment(world);
    await call(concludeExperiment, engineer(), { ...at(experiment.id), body: { decision: "no_decision", reason: "wrong metric" } });
    const next = await revise(experiment.id);
    await start(next.id);
    expect((await read(experiment.id)).events.map(({ kind }) => kind)).toEqual(["concluded", "started", "created"]);
    expect((await revise(next.id)).version).toBe(3);
  });

  it("starts once and stops the one before once, by an approval too: both or nothing", async () => {
    const { experiment } = await runExperiment(world);
    const next = await revise(experiment.id);
    const put = { params: { environment: "production" }, ifMatch: "*", body: { guarded: ["experiment-start"], reason: "from now on" } };
    await call(putApprovalPolicy, world.project.admin, put);
    const ask = { body: { kind: "experiment-start", subject: { experiment: next.number }, reason: "a better metric" } };
    const asked = (await call(requestApproval, engineer(), ask)).result;
    expect(asked.content.change).toMatchObject({ replaces: experiment.number, version: 2 });
    await asOwner(domain, "create function fail_here() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$");
    await asOwner(
      domain,
      "create trigger fail_here before insert on experiment_event for each row when (new.kind = 'started') execute function fail_here()",
    );
    const approver = await createTestPerson(world.project, "approver");
    const vote = { ...at(asked.id), body: { verdict: "approve", digest: asked.digest } };
    await expect(call(decideApproval, approver, vote)).rejects.toThrow(/killed/);
    await asOwner(domain, "drop trigger fail_here on experiment_event");
    await asOwner(domain, "drop function fail_here");
    expect([(await read(experiment.id)).state, (await read(next.id)).state]).toEqual(["running", "draft"]);
    expect((await call(decideApproval, approver, vote)).result.state).toBe("executed");
    expect([(await read(experiment.id)).state, (await read(next.id)).state]).toEqual(["stopped", "running"]);
    const trail = (await readTrail(world.project)).slice(-3);
    expect(trail).toMatchObject([
      { action: "experiment.superseded", objectId: experiment.id, details: { to: "stopped", successor: next.number } },
      { action: "experiment.started", objectId: next.id, details: { to: "running", approval: asked.number } },
      { action: "approval.executed" },
    ]);
  });

  it("stops the one before by an approval with a last look, taken before the transaction", async () => {
    const { experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    const next = await revise(experiment.id);
    const put = { params: { environment: "production" }, ifMatch: "*", body: { guarded: ["experiment-start"], reason: "from now on" } };
    await call(putApprovalPolicy, world.project.admin, put);
    const ask = { body: { kind: "experiment-start", subject: { experiment: next.number }, reason: "a better metric" } };
    const asked = (await call(requestApproval, engineer(), ask)).result;
    const approver = await createTestPerson(world.project, "approver");
    await call(decideApproval, approver, { ...at(asked.id), body: { verdict: "approve", digest: asked.digest } });
    expect(await read(experiment.id)).toMatchObject({ state: "stopped", verdict: "deploy_treatment" });
  });

  it("keeps its place in the row of versions, whoever writes", async () => {
    const { experiment } = await runExperiment(world);
    const next = await revise(experiment.id);
    const sql = "update experiment set epoch = epoch + 1, predecessor_id = null, version = 1 where id = $1";
    await expect(db().pool.query(sql, [next.id])).rejects.toThrow(/version .* stays/);
  });
});
