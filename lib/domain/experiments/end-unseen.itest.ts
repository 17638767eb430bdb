import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { uuidOfId } from "@/lib/core/ids";
import { db } from "@/lib/infra/db";
import { asOwner, call, createTestProject, openTestDomain, type TestDomain } from "@/test/factories";
import { ageExperiment, runExperiment, runScored, type World } from "@/test/run-experiment";
import { createRollout } from "../rollouts";
import {
  analyseExperiments,
  concludeExperiment,
  getExperiment,
  listExperimentMoves,
  reviseExperiment,
  startExperiment,
  stopExperiment,
} from ".";
import { getPatience, providePatience } from "./patience";

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

const engineer = () => world.project.engineer;
const reasoned = (id: string) => ({ params: { id }, body: { reason: "it does harm" } });
const read = async (id: string) => (await call(getExperiment, engineer(), { params: { id } })).result;
const codesOf = ({ reasons }: { reasons: readonly { code: string }[] }) => reasons.map(({ code }) => code);

/** While every reading of an experiment's sums fails at once. */
async function unreadable<T>(work: () => Promise<T>): Promise<T> {
  await asOwner(domain, "alter table usage.experiment_arm rename to experiment_arm_away");
  try {
    return await work();
  } finally {
    await asOwner(domain, "alter table usage.experiment_arm_away rename to experiment_arm");
  }
}

/** While another transaction holds what this statement takes. */
async function held<T>(sql: string, values: unknown[], work: () => Promise<T>): Promise<T> {
  const client = await db().pool.connect();
  try {
    await client.query("begin");
    await client.query(sql, values);
    return await work();
  } finally {
    await client.query("rollback");
    client.release();
  }
}

describe("an experiment whose sums cannot be read", () => {
  it("stops all the same and gives its subjects back: nobody can tell, since nothing had been analysed", async () => {
    const { experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    const { result } = await unreadable(() => call(stopExperiment, engineer(), reasoned(experiment.id)));
    expect(result).toMatchObject({ state: "stopped", verdict: "cannot_tell", winner: null });
    expect(codesOf(result)).toEqual(["stopped_early"]);
    expect(await listExperimentMoves(db().prisma)).toEqual([]);
  });

  it("ends with the verdict of the analysis that counts, where that was made", async () => {
    const { experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    await analyseExperiments();
    const seen = await read(experiment.id);
    const body = { decision: "no_decision", reason: "it does harm" };
    const { result } = await unreadable(() => call(concludeExperiment, engineer(), { params: { id: experiment.id }, body }));
    expect(seen.verdict).toBe("deploy_treatment");
    expect(result).toMatchObject({ state: "concluded", verdict: "deploy_treatment", winner: "treatment", reasons: seen.reasons });
  });

  it("stops at its deadline, with what the last look waited for", async () => {
    const { experiment } = await runExperiment(world);
    await analyseExperiments();
    await ageExperiment(world, experiment.id, 4_000);
    expect((await unreadable(analyseExperiments)).failures).toEqual([]);
    const ended = await read(experiment.id);
    expect(ended).toMatchObject({ state: "stopped", verdict: "cannot_tell" });
    expect(codesOf(ended).at(-1)).toBe("deadline_reached");
    expect(codesOf(ended).length).toBeGreaterThan(1);
  });

  it("makes place for its next version", async () => {
    const { experiment } = await runExperiment(world);
    const next = (await call(reviseExperiment, engineer(), reasoned(experiment.id))).result;
    await unreadable(() => call(startExperiment, engineer(), reasoned(next.id)));
    expect([(await read(experiment.id)).state, (await read(next.id)).state]).toEqual(["stopped", "running"]);
  });

  it("hands its traffic over to the rollout of what won", async () => {
    const { endpoint, experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    await analyseExperiments();
    const plan = { experiment: { experiment: experiment.number } };
    const body = { endpoint: endpoint.name, release: 2, reason: "the treatment won", plan };
    await unreadable(() => call(createRollout, engineer(), { body }));
    expect(await read(experiment.id)).toMatchObject({ state: "concluded", decision: "deploy_treatment", verdict: "deploy_treatment" });
  });
});

describe("an experiment whose last look has to wait", () => {
  const usual = getPatience();
  beforeEach(() => providePatience({ personMs: 300, deadlineMs: 300 }));
  afterEach(() => providePatience(usual));

  it("stops while somebody still reads the days before it", async () => {
    const { experiment } = await runExperiment(world, {
      plan: { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600, cuped: { windowDays: 28 } },
    });
    const sql =
      "insert into usage.experiment_before_reading (experiment_id, read_at, snapshot) values ($1, now(), pg_current_snapshot()::text)";
    const stop = () => call(stopExperiment, engineer(), reasoned(experiment.id));
    expect((await held(sql, [uuidOfId(experiment.id)], stop)).result.state).toBe("stopped");
  });

  it("stops while events are being written for long", async () => {
    const { experiment } = await runScored(world, { control: 0.5, treatment: 0.7 });
    const sql = "select pg_advisory_xact_lock_shared(hashtextextended('usage.experiment-writers', 7))";
    const stop = () => call(stopExperiment, engineer(), reasoned(experiment.id));
    expect((await held(sql, [], stop)).result).toMatchObject({ state: "stopped", verdict: "cannot_tell" });
  });
});
