import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Sketch } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import {
  asOwner,
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createRelease, getEndpoint } from "../endpoints";
import {
  abortRollout,
  createRollout,
  getRollout,
  listMoves,
  pauseRollout,
  promoteRollout,
  type RolloutSenses,
  reconcileRollouts,
  resumeRollout,
  rollbackRollout,
  type Samples,
} from ".";

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  other = await createTestProject(domain);
});
beforeEach(async () => {
  await asOwner(domain, "delete from rollout");
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

/** Short enough to be judged at once; the deadlines stay far away unless a test moves them. */
const PLAN = {
  steps: [
    { weightBps: 1_000, minSeconds: 1 },
    { weightBps: 5_000, minSeconds: 1 },
  ],
  gates: [{ metric: "error_ratio", maxIncrease: 0.01, minSamples: 100 }],
  judgeEverySeconds: 1,
  stepDeadlineSeconds: 600,
};

const samplesOf = (complete: number, failed: number): Samples => ({ complete, failed, cut: 0, latency: new Sketch(), newestAgeMs: 10 });
const GOOD = samplesOf(5_000, 25);
const BAD = samplesOf(4_000, 1_000);

/** The new release's backends answer and all gateways follow at once; the new release does what the test says, the running one is good. */
function senses(fresh: Samples, toReleaseId: string, parts: Partial<RolloutSenses> = {}): RolloutSenses {
  return {
    observeReadiness: async () => ({ ready: true, finding: "Its backend answers: gpu-a." }),
    observeConvergence: async () => ({ published: true, heard: 2, serving: 2, unknown: 0 }),
    readSamples: async ({ releaseId }) => (releaseId === toReleaseId ? fresh : GOOD),
    ...parts,
  };
}

async function openRollout(plan: object = PLAN) {
  const { endpoint, release, body } = await createServingEndpoint(project);
  const next = (
    await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, note: "next", maxOutputTokens: 300 } })
  ).result;
  const started = await call(createRollout, project.engineer, {
    body: { endpoint: endpoint.name, release: next.number, plan, reason: "newer model" },
  });
  return { endpoint, from: release, to: next, rollout: started.result };
}

/** A rollout whose first share is asked for. */
async function openAsked(plan: object = PLAN) {
  const opened = await openRollout(plan);
  await reconcileRollouts(senses(GOOD, opened.to.id));
  return opened;
}

/** Lets the step's shortest time pass without waiting for it. */
const age = (id: string) =>
  asOwner(
    domain,
    "update rollout set epoch = epoch + 1, step_started_at = step_started_at - interval '1 hour', judge = jsonb_set(judge, '{judgedAtMs}', 'null') where id = $1",
    [id],
  );

const read = async (id: string) => (await call(getRollout, project.viewer, { params: { id } })).result;
const activeNumber = async (name: string) =>
  (await call(getEndpoint, project.viewer, { params: { name }, query: {} })).result.activeRelease?.number;

describe("a canary", () => {
  it("of a good release goes step by step and ends promoted, with each move in its history and in the audit trail", async () => {
    const { endpoint, to, rollout } = await openRollout();
    expect(rollout).toMatchObject({ state: "advancing", weightBps: 0, stepIndex: 0 });
    const look = senses(GOOD, to.id);
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toMatchObject({ state: "advancing", weightBps: 1_000 });
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toMatchObject({ state: "judging", weightBps: 1_000 });
    await age(rollout.id);
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toMatchObject({ state: "advancing", weightBps: 5_000, stepIndex: 1 });
    await reconcileRollouts(look);
    await age(rollout.id);
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toMatchObject({ state: "promoting", weightBps: 10_000 });
    expect(await activeNumber(endpoint.name)).toBe(1);
    await reconcileRollouts(look);
    const ended = await read(rollout.id);
    expect(ended).toMatchObject({ state: "promoted", deadlineAt: null, endReason: "All 1 gates pass at 50 %." });
    expect(ended.events.map((e) => e.toState)).toEqual([
      "promoted",
      "promoting",
      "judging",
      "advancing",
      "judging",
      "advancing",
      "advancing",
    ]);
    expect(await activeNumber(endpoint.name)).toBe(2);
    const actions = (await readTrail(project)).map((e) => e.action).filter((a) => a.startsWith("rollout."));
    expect(actions).toEqual([
      "rollout.started",
      "rollout.advancing",
      "rollout.judging",
      "rollout.advancing",
      "rollout.judging",
      "rollout.promoting",
      "rollout.promoted",
    ]);
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toEqual(ended);
  });

  it("of a bad release rolls back after the second failed check, and the reason names the numbers", async () => {
    const { endpoint, to, rollout } = await openAsked();
    const look = senses(BAD, to.id);
    await reconcileRollouts(look);
    await age(rollout.id);
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toMatchObject({ state: "judging", verdict: "fail" });
    await age(rollout.id);
    await reconcileRollouts(look);
    expect(await read(rollout.id)).toMatchObject({ state: "rolling_back", weightBps: 0 });
    await reconcileRollouts(look);
    const ended = await read(rollout.id);
    expect(ended.state).toBe("rolled_back");
    expect(ended.endReason).toMatch(/^Error ratio 20\.00 % is past 1\.50 % .*2 checks in a row\.$/);
    expect(await activeNumber(endpoint.name)).toBe(1);
    const again = { body: { endpoint: endpoint.name, release: to.number, plan: PLAN, reason: "again" } };
    expect((await callRefused(createRollout, project.engineer, again)).errors).toMatchObject([{ pointer: "/retry" }]);
    expect((await call(createRollout, project.engineer, { body: { ...again.body, retry: true } })).status).toBe(201);
  });

  it("without traffic rolls back at its deadline and says what was missing", async () => {
    const { to, rollout } = await openAsked();
    const look = senses(samplesOf(0, 0), to.id);
    await reconcileRollouts(look);
    await age(rollout.id);
    await reconcileRollouts(look);
    await asOwner(domain, "update rollout set epoch = epoch + 1, deadline_at = now() - interval '1 second' where id = $1", [rollout.id]);
    await reconcileRollouts(look);
    await reconcileRollouts(look);
    const ended = await read(rollout.id);
    expect(ended.state).toBe("rolled_back");
    expect(ended.endReason).toContain("0 of 100 requests");
  });

  it("gets no share until its backends answer; what is missing is shown, and at the deadline is the reason", async () => {
    const { endpoint, to, rollout } = await openRollout();
    const finding = "Backend gpu-a: Nothing listens at this address.";
    const deaf = senses(GOOD, to.id, { observeReadiness: async () => ({ ready: false, finding }) });
    await reconcileRollouts(deaf);
    await reconcileRollouts(deaf);
    const waiting = await read(rollout.id);
    expect(waiting).toMatchObject({ state: "advancing", weightBps: 0, waitsFor: finding, allowed: { promote: false, rollback: true } });
    expect(waiting.events).toHaveLength(1);
    expect(await listMoves(db().prisma)).toMatchObject([{ endpointId: endpoint.id, weightBps: 0 }]);
    const promote = { params: { id: rollout.id }, body: { reason: "now" } };
    expect((await callRefused(promoteRollout, project.approver, promote)).code).toBe("state_conflict");
    await asOwner(domain, "update rollout set epoch = epoch + 1, deadline_at = now() - interval '1 second' where id = $1", [rollout.id]);
    await reconcileRollouts(deaf);
    await reconcileRollouts(deaf);
    expect(await read(rollout.id)).toMatchObject({
      state: "rolled_back",
      waitsFor: null,
      endReason: `The new release was not ready in time: ${finding}`,
    });
    expect(await activeNumber(endpoint.name)).toBe(1);
  });

  it("whose backends answer late gets its share then", async () => {
    const { to, rollout } = await openRollout();
    await reconcileRollouts(senses(GOOD, to.id, { observeReadiness: async () => null }));
    expect(await read(rollout.id)).toMatchObject({ state: "advancing", weightBps: 0, waitsFor: null });
    await reconcileRollouts(senses(GOOD, to.id));
    expect(await read(rollout.id)).toMatchObject({ state: "advancing", weightBps: 1_000, waitsFor: null });
  });

  it("does not begin a step while a gateway is silent, and says the share to the snapshot before it begins", async () => {
    const { endpoint, to, rollout } = await openAsked();
    const silent = senses(GOOD, to.id, { observeConvergence: async () => ({ published: true, heard: 1, serving: 1, unknown: 1 }) });
    await reconcileRollouts(silent);
    expect(await read(rollout.id)).toMatchObject({ state: "advancing" });
    expect(await listMoves(db().prisma)).toMatchObject([
      { rolloutId: rollout.id, endpointId: endpoint.id, toReleaseId: to.id, weightBps: 1_000 },
    ]);
    expect(await readJobs()).toContain("publish-snapshot");
  });
});

describe("a person", () => {
  it("pauses, resumes, and rolls back; each act has its reason in the history", async () => {
    const { to, rollout } = await openAsked();
    await reconcileRollouts(senses(GOOD, to.id));
    const act = { params: { id: String(rollout.number) }, body: { reason: "night shift" } };
    expect((await call(pauseRollout, project.engineer, act)).result).toMatchObject({
      state: "paused",
      weightBps: 1_000,
      allowed: { pause: false, resume: true, rollback: true },
    });
    await age(rollout.id);
    await reconcileRollouts(senses(GOOD, to.id));
    expect(await read(rollout.id)).toMatchObject({ state: "paused" });
    expect((await call(resumeRollout, project.engineer, act)).result.state).toBe("advancing");
    const back = (await call(rollbackRollout, project.engineer, act)).result;
    expect(back).toMatchObject({ state: "rolling_back", weightBps: 0, endReason: "night shift" });
    expect(back.events[0]).toMatchObject({ actor: "Test engineer", reason: "night shift" });
    await reconcileRollouts(senses(GOOD, to.id));
    expect(await read(rollout.id)).toMatchObject({ state: "rolled_back", endReason: "night shift" });
    for (const verb of [pauseRollout, resumeRollout, rollbackRollout, abortRollout])
      expect((await callRefused(verb, project.engineer, act)).code).toBe("state_conflict");
  });

  it("aborts, and it ends as aborted", async () => {
    const { to, rollout } = await openAsked();
    await call(abortRollout, project.engineer, { params: { id: rollout.id }, body: { reason: "wrong release" } });
    await reconcileRollouts(senses(GOOD, to.id));
    expect(await read(rollout.id)).toMatchObject({ state: "aborted", endReason: "wrong release" });
  });

  it("promotes past open gates only as an approver, never as a token, and never while a gate fails", async () => {
    const { to, rollout } = await openAsked();
    const act = { params: { id: rollout.id }, body: { reason: "known good" } };
    expect((await callRefused(promoteRollout, project.engineer, act)).code).toBe("forbidden");
    expect((await callRefused(promoteRollout, project.token("releases:write", "read"), act)).code).toBe("forbidden");
    await reconcileRollouts(senses(BAD, to.id));
    await age(rollout.id);
    await reconcileRollouts(senses(BAD, to.id));
    expect((await callRefused(promoteRollout, project.approver, act)).code).toBe("state_conflict");
  });

  it.each([
    ["another project's rollout is as if it were not there", () => other.engineer, "not_found"],
    ["a viewer may not", () => project.viewer, "forbidden"],
  ])("%s", async (_, actor, code) => {
    const { rollout } = await openAsked();
    const before = await countAllRows();
    expect((await callRefused(pauseRollout, actor(), { params: { id: rollout.id }, body: { reason: "no right" } })).code).toBe(code);
    expect(await countAllRows()).toEqual(before);
  });
});

describe("an endpoint", () => {
  it("is moved by one rollout at a time, also when twenty start at once", async () => {
    const { endpoint, body } = await createServingEndpoint(project);
    const next = (await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, maxOutputTokens: 300 } }))
      .result;
    const start = () =>
      call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: next.number, plan: PLAN, reason: "race" } });
    const settled = await Promise.allSettled(Array.from({ length: 20 }, start));
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    expect(await listMoves(db().prisma)).toHaveLength(1);
  });

  it("is moved once by controllers that look at the same moment", async () => {
    const { to, rollout } = await openAsked();
    const looks = await Promise.all(Array.from({ length: 8 }, () => reconcileRollouts(senses(GOOD, to.id))));
    expect(looks.reduce((sum, l) => sum + l.moved, 0)).toBe(1);
    expect((await read(rollout.id)).events).toHaveLength(3);
  });

  it("keeps a rollout untouched when the controller dies inside its move", async () => {
    const { to, rollout } = await openAsked();
    const before = await read(rollout.id);
    const dying = senses(GOOD, to.id, {
      observeConvergence: async () => {
        throw new Error("killed");
      },
    });
    expect((await reconcileRollouts(dying)).failures).toHaveLength(1);
    expect(await read(rollout.id)).toEqual(before);
  });

  it.each([
    [
      "weights that do not grow",
      {
        ...PLAN,
        steps: [
          { weightBps: 5_000, minSeconds: 1 },
          { weightBps: 1_000, minSeconds: 1 },
        ],
      },
    ],
    ["a step of all traffic", { ...PLAN, steps: [{ weightBps: 10_000, minSeconds: 1 }] }],
    ["no gate", { ...PLAN, gates: [] }],
    ["a gate that stands twice", { ...PLAN, gates: [PLAN.gates[0], PLAN.gates[0]] }],
  ])("refuses a plan with %s, and writes nothing", async (_, plan) => {
    const { endpoint } = await createServingEndpoint(project);
    const before = await countAllRows();
    const refusal = await callRefused(createRollout, project.engineer, {
      body: { endpoint: endpoint.name, release: 2, plan, reason: "bad plan" },
    });
    expect(refusal.code).toBe("invalid_request");
    expect(refusal.errors[0]?.pointer).toMatch(/^\/plan\//);
    expect(await countAllRows()).toEqual(before);
  });
});

describe("the database", () => {
  it.each([
    [
      "a jump between states",
      "update rollout set epoch = epoch + 1, state = 'promoted', weight_bps = 10000, ended_at = now(), deadline_at = null where id = $1",
    ],
    ["a move without a new epoch", "update rollout set state = 'judging' where id = $1"],
    ["a change of the plan", "update rollout set epoch = epoch + 1, plan = '{}' where id = $1"],
    ["a waiting without a deadline", "update rollout set epoch = epoch + 1, deadline_at = null where id = $1"],
    ["a share while rolling back", "update rollout set epoch = epoch + 1, state = 'rolling_back' where id = $1"],
  ])("refuses %s", async (_, sql) => {
    const { rollout } = await openAsked();
    await expect(asOwner(domain, sql, [rollout.id])).rejects.toThrow();
  });
});
