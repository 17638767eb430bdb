import { afterAll, beforeAll, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import { call, createTestProject, openTestDomain, type TestDomain } from "@/test/factories";
import { draftExperiment, runExperiment, type World } from "@/test/run-experiment";
import { createRollout } from "../rollouts";
import { createExperiment, reviseExperiment, stopExperiment } from ".";

let domain: TestDomain;
let world: World;
beforeAll(async () => {
  domain = await openTestDomain();
  world = { domain, project: await createTestProject(domain) };
});
afterAll(() => domain.close());

async function untilWaiting(n: number): Promise<void> {
  const sql = "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  for (;;) {
    const { rows } = await db().pool.query<{ n: number }>(sql);
    if (rows[0]?.n === n) return;
  }
}

/** Lets the first and then the second come as far as the project's number, which somebody else takes just then. */
async function meetAtTheNumber(first: () => Promise<unknown>, second: () => Promise<unknown>) {
  const client = await db().pool.connect();
  await client.query("begin");
  await client.query("select 1 from project where id = $1 for no key update", [world.project.id]);
  const both = [first()];
  await untilWaiting(1);
  both.push(second());
  await untilWaiting(2);
  await client.query("commit");
  client.release();
  return Promise.allSettled(both);
}

const refusals = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : []));

const ARMS = { control: { release: 1, shareBps: 2_000 }, treatments: [{ release: 2, shareBps: 2_000 }] };
const rollOut = (endpoint: string) => () =>
  call(createRollout, world.project.engineer, { body: { endpoint, release: 2, reason: "because of the test" } });

it("a plan that is made while a rollout of its endpoint starts: both go through", async () => {
  const { endpoint } = await draftExperiment(world);
  const body = { endpoint: endpoint.name, name: "another", metric: { name: "accuracy" }, arms: ARMS };
  const plan = () => call(createExperiment, world.project.engineer, { body });
  expect(refusals(await meetAtTheNumber(plan, rollOut(endpoint.name)))).toEqual([]);
});

it("a plan that is revised meanwhile: both go through", async () => {
  const { endpoint, experiment } = await runExperiment(world);
  const named = { params: { id: experiment.id }, body: { reason: "a better metric" } };
  await call(stopExperiment, world.project.engineer, named);
  const revise = () => call(reviseExperiment, world.project.engineer, named);
  expect(refusals(await meetAtTheNumber(revise, rollOut(endpoint.name)))).toEqual([]);
});
