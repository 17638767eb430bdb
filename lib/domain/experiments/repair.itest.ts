import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { uuidOfId } from "@/lib/core/ids";
import { db } from "@/lib/infra/db";
import { asOwner, call, createTestProject, openTestDomain, readTrail, type TestDomain, type TestProject } from "@/test/factories";
import { ageExperiment, runScored, scoreArm } from "@/test/run-experiment";
import { repairSums, stopExperiment } from ".";

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

const SIGNALS = [{ source: "usage", name: "latency_ms", direction: "lower", quantile: 0.9 }];
const TABLES = [
  "experiment_arm",
  "experiment_day",
  "experiment_histogram",
  "experiment_subject",
  "experiment_total",
  "score_arm",
  "score_day",
  "score_subject",
] as const;

async function keptOf(id: string) {
  const kept: string[] = [];
  for (const table of TABLES) {
    const { rows } = await db().pool.query<{ row: string }>(
      `select t::text as row from usage.${table} t where experiment_id = $1 order by 1`,
      [uuidOfId(id)],
    );
    kept.push(`${table} ${rows.map(({ row }) => row).join(" ")}`);
  }
  return kept;
}

it("kept sums that are off are rewritten from the raw log, told by table and audited; right ones are left as they are", async () => {
  const { experiment } = await runScored({ domain, project }, { control: 0.5, treatment: 0.6 }, { signals: SIGNALS });
  const other = await runScored({ domain, project }, { control: 0.5, treatment: 0.6 });
  const { id } = experiment;
  const [right, others] = [await keptOf(id), await keptOf(other.experiment.id)];
  expect(await repairSums(id)).toMatchObject([{ experimentId: id, wrong: {} }]);
  expect(await keptOf(id)).toEqual(right);
  expect((await readTrail(project)).filter(({ action }) => action === "experiment.sums_repaired")).toEqual([]);

  const uuid = uuidOfId(id);
  for (const spoil of [
    "update usage.experiment_arm set subjects = subjects - 1, latency_ms_x = latency_ms_x + 1 where arm_name = 'control' and experiment_id = $1",
    "update usage.experiment_total set crossed = 3 where experiment_id = $1",
    "delete from usage.experiment_day where experiment_id = $1",
    "delete from usage.experiment_histogram where arm_name = 'treatment' and experiment_id = $1",
    "delete from usage.experiment_subject where arm_name = 'treatment' and experiment_id = $1",
    "update usage.score_arm set mean_sum = mean_sum + 0.5 where arm_name = 'treatment' and experiment_id = $1",
    "update usage.score_day set scores = scores + 1 where experiment_id = $1",
    "update usage.score_subject set total = total + 1 where arm_name = 'control' and experiment_id = $1",
  ])
    await db().pool.query(spoil, [uuid]);
  const [repaired] = await repairSums(id);
  expect(Object.keys(repaired?.wrong ?? {}).sort()).toEqual([...TABLES]);
  expect(await keptOf(id)).toEqual(right);
  expect(await keptOf(other.experiment.id)).toEqual(others);
  expect((await readTrail(project)).at(-1)).toMatchObject({ action: "experiment.sums_repaired", details: { wrong: repaired?.wrong } });
  // What comes afterwards adds to what was rewritten.
  await scoreArm({ domain, project }, { id, arm: "control" }, [0.4]);
  expect(await repairSums(id)).toMatchObject([{ wrong: {} }]);
});

it("of an experiment that is over, or whose raw log is gone, nothing is changed", async () => {
  const { experiment } = await runScored({ domain, project }, { control: 0.5, treatment: 0.6 });
  await ageExperiment({ domain, project }, experiment.id, 92 * 86_400);
  await expect(repairSums(experiment.id)).rejects.toMatchObject({ code: "state_conflict" });
  await call(stopExperiment, project.engineer, { params: { id: experiment.id }, body: { reason: "it is over" } });
  await expect(repairSums(experiment.id)).rejects.toMatchObject({ code: "not_found" });
});
