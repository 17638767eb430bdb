import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import {
  asOwner,
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestPerson,
  createTestProject,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import {
  breakGlass,
  cancelApproval,
  decideApproval,
  getApproval,
  listApprovalPolicies,
  putApprovalPolicy,
  requestApproval,
} from "../approvals";
import { createRelease } from "../endpoints";
import { createRollout } from "../rollouts";
import { changeExperiment, createExperiment, getExperiment, listExperimentMoves, reviseExperiment, startExperiment } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  await asOwner(domain, "delete from rollout");
  project = await createTestProject(domain, { protectedNames: ["production"] });
});
afterAll(() => domain.close());

const REASON = { body: { reason: "compare before a rollout" } };
const PLAN = { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 };
const ARMS = { control: { release: 1, shareBps: 2_000 }, treatments: [{ release: 2, shareBps: 2_000 }] };

/** A draft by somebody else than the one person who is the project in every role, and who made its releases. */
async function draft() {
  const planner = await createTestPerson(project, "engineer");
  const { endpoint, body } = await createServingEndpoint(project);
  const at = { params: { name: endpoint.name } };
  await call(createRelease, project.engineer, { ...at, body: { ...body, note: "next", maxOutputTokens: 300 } });
  const plan = { endpoint: endpoint.name, name: "Newer model", metric: { name: "accuracy" }, arms: ARMS, plan: PLAN };
  const { result, etag } = await call(createExperiment, planner, { body: plan });
  return { endpoint, planner, experiment: result, params: { id: result.id }, etag: etag ?? "" };
}

const ask = (experiment: number | string, more: object = {}) => ({
  body: { kind: "experiment-start", subject: { experiment }, reason: "we want to know", ...more },
});
const approve = ({ id, digest }: { id: string; digest: string }) => ({ params: { id }, body: { verdict: "approve", digest } });
const read = async (id: string) => (await call(getExperiment, project.viewer, { params: { id } })).result;
const stateOf = async (id: string) => (await call(getApproval, project.viewer, { params: { id } })).result.state;
const movesOf = async (id: string) => (await listExperimentMoves(db().prisma)).filter((m) => m.experimentId === id);

describe("a draft whose start waits for a decision", () => {
  it("is left as it is by a change that changes nothing, and so is the request", async () => {
    const { experiment, planner, params, etag } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.number))).result;
    const rows = await countAllRows();
    const { name, metric } = experiment;
    for (const body of [{}, { name, metric, arms: ARMS, plan: PLAN, layer: null }]) {
      const same = await call(changeExperiment, planner, { params, body, ifMatch: etag });
      expect([same.etag, same.result]).toEqual([etag, await read(experiment.id)]);
    }
    expect(await countAllRows()).toEqual(rows);
    expect(await stateOf(asked.id)).toBe("pending");
  });

  it("names the request in the trail that a change of it makes void", async () => {
    const { experiment, planner, params, etag } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.number))).result;
    await call(changeExperiment, planner, { params, body: { name: "Another" }, ifMatch: etag });
    expect(await stateOf(asked.id)).toBe("void");
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "experiment.changed",
      details: { name: "Another", voided: [asked.number] },
    });
  });
});

describe("a start in production", () => {
  it("is nobody's call alone: admin, approver and token are told how to ask, and nothing is written", async () => {
    const { experiment, params } = await draft();
    expect(experiment).toMatchObject({ needsApproval: true, approval: null });
    const rows = await countAllRows();
    for (const who of [project.engineer, project.approver, project.admin, project.token("experiments:write")]) {
      const refused = await callRefused(startExperiment, who, { params, ...REASON });
      expect(refused).toMatchObject({ code: "approval_required", detail: expect.stringContaining(`"experiment":${experiment.number}`) });
    }
    expect(await countAllRows()).toEqual(rows);
  });

  it("of a next version is not approved by who planned or changed the one before, whoever copied it", async () => {
    const guard = (guarded: string[]) =>
      call(putApprovalPolicy, project.admin, {
        params: { environment: "production" },
        ifMatch: "*",
        body: { guarded, reason: "for the test" },
      });
    const planner = await createTestPerson(project, "approver");
    const { endpoint, body } = await createServingEndpoint(project);
    await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, note: "next", maxOutputTokens: 300 } });
    const plan = { endpoint: endpoint.name, name: "Newer model", metric: { name: "accuracy" }, arms: ARMS, plan: PLAN };
    const { result: first, etag } = await call(createExperiment, planner, { body: plan });
    const editor = await createTestPerson(project, "approver");
    await call(changeExperiment, editor, { params: { id: first.id }, body: { name: "Newest model" }, ifMatch: etag ?? "" });
    await guard([]);
    await call(startExperiment, project.engineer, { params: { id: first.id }, ...REASON });
    await guard(["experiment-start"]);
    const copier = await createTestPerson(project, "engineer");
    const next = (await call(reviseExperiment, copier, { params: { id: first.id }, ...REASON })).result;
    const asked = (await call(requestApproval, copier, ask(next.number))).result;
    for (const who of [planner, editor]) expect((await callRefused(decideApproval, who, approve(asked))).code).toBe("forbidden");
    const other = await createTestPerson(project, "approver");
    expect((await call(decideApproval, other, approve(asked))).result.state).toBe("executed");
  });

  it("happens with the last approval of exactly the plan: shown whole, by another than who planned it or made a release", async () => {
    const { experiment, planner, params } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.number))).result;
    expect(asked.content).toMatchObject({
      environment: "production",
      title: `Experiment ${experiment.number}: Newer model`,
      change: {
        experiment: experiment.number,
        metric: { name: "accuracy", direction: "higher" },
        plan: PLAN,
        arms: { control: { release: { number: 1 }, shareBps: 2_000 } },
        shortcuts: ["minSubjectsPerArm", "minDurationSeconds"],
        planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect((await read(experiment.id)).approval).toEqual({ number: asked.number, state: "pending" });
    for (const who of [planner, project.admin, project.approver])
      expect((await callRefused(decideApproval, who, approve(asked))).code).toBe("forbidden");
    const approver = await createTestPerson(project, "approver");
    expect((await call(decideApproval, approver, approve(asked))).result.state).toBe("executed");
    const started = await read(experiment.id);
    expect(started).toMatchObject({ state: "running", planDigest: (asked.content.change as { planDigest: string }).planDigest });
    expect(started.events[0]).toMatchObject({ kind: "started", actor: planner.name, reason: "we want to know" });
    expect(await movesOf(experiment.id)).toHaveLength(1);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "approval.executed",
      details: { done: { experiment: experiment.number, planDigest: started.planDigest, approval: asked.number } },
    });
    const { rows } = await db().pool.query("select 1 from outbox where job = 'publish-snapshot'");
    expect(rows.length).toBeGreaterThan(0);
    expect((await callRefused(startExperiment, planner, { params, ...REASON })).code).toBe("state_conflict");
  });

  it("is not asked for by a number that no experiment has: an unknown one, or one beyond all", async () => {
    const { planner } = await draft();
    expect((await callRefused(requestApproval, planner, ask(999_999_999))).code).toBe("invalid_reference");
    expect((await callRefused(requestApproval, planner, ask(3_000_000_000))).code).toBe("invalid_request");
  });

  it("uses up an approval that waits for the call, once", async () => {
    const { experiment, planner, params } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.id, { execution: "on_call" }))).result;
    expect((await callRefused(startExperiment, planner, { params, ...REASON })).detail).toContain("still waits");
    await call(decideApproval, await createTestPerson(project, "approver"), approve(asked));
    expect(await stateOf(asked.id)).toBe("approved");
    // A double click: two calls at once, one start.
    const both = await Promise.allSettled([1, 2].map(() => call(startExperiment, planner, { params, ...REASON })));
    expect(both.map((each) => each.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await stateOf(asked.id)).toBe("executed");
    expect((await read(experiment.id)).events.filter((event) => event.kind === "started")).toHaveLength(1);
  });

  it("is void once the plan changes, there and back again too, and who changed it does not decide", async () => {
    const { experiment, planner, params, etag } = await draft();
    const editor = await createTestPerson(project, "approver");
    const asked = (await call(requestApproval, planner, ask(experiment.number))).result;
    const renamed = await call(changeExperiment, editor, { params, body: { name: "Other" }, ifMatch: etag });
    await call(changeExperiment, editor, { params, body: { name: "Newer model" }, ifMatch: renamed.etag ?? "" });
    expect(await stateOf(asked.id)).toBe("void");
    const again = (await call(requestApproval, planner, ask(experiment.number))).result;
    expect((await callRefused(decideApproval, editor, approve(again))).code).toBe("forbidden");
    expect((await read(experiment.id)).state).toBe("draft");
  });

  it("does not happen once the approval is taken back, whichever comes first", async () => {
    const { experiment, planner, params } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.number, { execution: "on_call" }))).result;
    await call(decideApproval, await createTestPerson(project, "approver"), approve(asked));
    const cancel = { params: { id: asked.id }, body: { reason: "we were too quick" } };
    const [started, cancelled] = await Promise.allSettled([
      call(startExperiment, planner, { params, ...REASON }),
      call(cancelApproval, planner, cancel),
    ]);
    const end = [await stateOf(asked.id), (await read(experiment.id)).state, started.status, cancelled.status];
    expect([
      ["executed", "running", "fulfilled", "rejected"],
      ["cancelled", "draft", "rejected", "fulfilled"],
    ]).toContainEqual(end);
  });

  it("waits for a rollout that moves the endpoint, without losing the request; a release promoted under it makes it void", async () => {
    const { experiment, endpoint, planner } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.number))).result;
    await call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: 2, reason: "the other way" } });
    const approver = await createTestPerson(project, "approver");
    expect((await callRefused(decideApproval, approver, approve(asked))).code).toBe("endpoint_busy");
    expect(await stateOf(asked.id)).toBe("pending");
    await asOwner(domain, "delete from rollout");
    await asOwner(
      domain,
      "update endpoint set active_release_id = (select id from release where endpoint_id = $1 and number = 2) where id = $1",
      [endpoint.id],
    );
    expect((await call(decideApproval, approver, approve(asked))).result.state).toBe("void");
  });

  it("breaks the glass for an admin, flagged", async () => {
    const { experiment, planner } = await draft();
    const asked = (await call(requestApproval, planner, ask(experiment.number))).result;
    const glass = { params: { id: asked.id }, body: { digest: asked.digest, reason: "the campaign starts now" } };
    const { result } = await call(breakGlass, await createTestPerson(project, "admin"), glass);
    expect(result).toMatchObject({ state: "executed", breakGlass: { reviewedAt: null } });
    expect((await read(experiment.id)).state).toBe("running");
  });

  it("is refused by the table as well, whoever writes", async () => {
    const { experiment } = await draft();
    const sql =
      "update experiment set epoch = epoch + 1, state = 'running', started_at = now(), deadline_at = now() + interval '1 hour', plan_digest = 'x' where id = $1";
    await expect(db().pool.query(sql, [experiment.id])).rejects.toThrow(/starts with an approval of exactly its plan/);
  });
});

describe("where experiments start without an approval", () => {
  it("is every environment whose name is not protected", async () => {
    project = await createTestProject(domain, { protectedNames: ["live"] });
    const { experiment, planner, params } = await draft();
    expect(experiment.needsApproval).toBe(false);
    expect((await call(startExperiment, planner, { params, ...REASON })).result.state).toBe("running");
  });

  it("is what the environment's policy says, and a policy that does not say it leaves it as it was", async () => {
    const { planner, params } = await draft();
    const policies = async () =>
      (await call(listApprovalPolicies, project.viewer, {})).result.items.map(({ environment, guarded }) => [environment, guarded]);
    const put = (body: object) =>
      call(putApprovalPolicy, project.admin, {
        params: { environment: "production" },
        ifMatch: "*",
        body: { ...body, reason: "as agreed" },
      });
    expect(await policies()).toEqual([
      ["production", ["experiment-start"]],
      ["staging", []],
    ]);
    await put({ approvals: 2 });
    expect((await callRefused(startExperiment, planner, { params, ...REASON })).code).toBe("approval_required");
    await put({ guarded: [] });
    await put({ approvals: 1 });
    expect((await policies())[0]).toEqual(["production", []]);
    expect((await call(startExperiment, planner, { params, ...REASON })).result.state).toBe("running");
  });
});
