import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toId, uuidOfId } from "@/lib/core/ids";
import { DAY_MS } from "@/lib/core/time";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { asOwner, call, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { runScored } from "@/test/run-experiment";
import { listScores, postScores } from "../scores";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import { analyseExperiments, getExperimentResults, recomputeEvidence, retireExperiments, stopExperiment } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  await asOwner(domain, "delete from usage.score");
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const OF_SUBJECTS = ["experiment_subject", "experiment_histogram", "experiment_quantile", "score_subject", "score"];
const OF_ARMS = ["experiment_arm", "experiment_total", "experiment_day", "score_arm", "score_day"];
async function countRows(tables: readonly string[], id: string) {
  const counts: number[] = [];
  for (const table of tables) {
    const { rows } = await db().pool.query<{ n: number }>(`select count(*)::int as n from usage.${table} where experiment_id = $1`, [
      uuidOfId(id),
    ]);
    counts.push(rows[0]?.n ?? 0);
  }
  return counts;
}

/** Lets days pass since an experiment; only the tables' owner can, past the freeze. */
async function age(id: string, days: number) {
  await asOwner(domain, "alter table experiment disable trigger experiment_move_legal");
  const past = ["started_at", "stopped_at"].map((column) => `${column} = ${column} - make_interval(days => $2)`).join(", ");
  await asOwner(domain, `update experiment set ${past} where id = $1`, [id, days]);
  await asOwner(domain, "alter table experiment enable trigger experiment_move_legal");
}

const resultsOf = async (id: string) => (await call(getExperimentResults, project.viewer, { params: { id } })).result;
const QUANTILES = [
  { source: "usage", name: "latency_ms", direction: "lower", quantile: 0.9 },
  { name: "accuracy", quantile: 0.5 },
];

async function ended() {
  const { experiment } = await runScored({ domain, project }, { control: 0.5, treatment: 0.6 }, { signals: QUANTILES });
  await analyseExperiments();
  await call(stopExperiment, project.engineer, { params: { id: experiment.id }, body: { reason: "it is decided" } });
  return experiment.id;
}

describe("an experiment that is long over", () => {
  it("loses the rows of its subjects and its raw scores 92 days after its end, keeps all that was known, and says so", async () => {
    const id = await ended();
    const before = await resultsOf(id);
    expect(before.rowsDeletedAt).toBeNull();
    await age(id, 91);
    const aged = await resultsOf(id);
    const kept = [await countRows(OF_SUBJECTS, id), await countRows(OF_ARMS, id)];
    expect(kept.flat().every((n) => n > 0)).toBe(true);
    await retireExperiments();
    expect([await countRows(OF_SUBJECTS, id), await countRows(OF_ARMS, id)]).toEqual(kept);

    await age(id, 2);
    for (const _ of ["once", "again"]) {
      await retireExperiments();
      expect(await countRows(OF_SUBJECTS, id)).toEqual(OF_SUBJECTS.map(() => 0));
      expect(await countRows(OF_ARMS, id)).toEqual(kept[1]);
      const after = await resultsOf(id);
      expect(after.rowsDeletedAt).not.toBeNull();
      expect(after.planned).toEqual(aged.planned);
      for (const part of ["arms", "primary", "comparisons"] as const) expect(after.current?.[part]).toEqual(aged.current?.[part]);
      expect(after.exposure).toEqual(aged.exposure);
      expect(after.history).toEqual(aged.history);
    }
    const { rows } = await db().pool.query("select cleared_at is not null as cleared from experiment_archive");
    expect(rows).toEqual([{ cleared: true }]);
    const [again] = await recomputeEvidence(id);
    expect([again?.faults, again?.sumsChecked, again?.untold]).toEqual([[], 0, expect.stringContaining("were deleted on")]);
  });

  it("whose raw log is past its retention is not called different: it cannot be told", async () => {
    const id = await ended();
    expect(await recomputeEvidence(id)).toMatchObject([{ faults: [], untold: null }]);
    await age(id, 91);
    expect(await recomputeEvidence(id)).toMatchObject([{ faults: [], untold: expect.stringContaining("kept for 90 days") }]);
  });

  it("that still runs keeps its rows, however old", async () => {
    const { experiment } = await runScored({ domain, project }, { control: 0.5, treatment: 0.6 });
    await age(experiment.id, 120);
    const kept = await countRows(["experiment_subject", "score"], experiment.id);
    await retireExperiments();
    expect(await countRows(["experiment_subject", "score"], experiment.id)).toEqual(kept);
  });
});

describe("scores of no experiment", () => {
  const requestOf = (daysAgo: number) => testEvent({ projectId: project.id, at: Date.now() - daysAgo * DAY_MS });
  const read = async (requestId: string) => (await call(listScores, project.viewer, { query: { requestId } })).result.items;

  it("go 90 days after their last change, and what was said beside a score 90 days after its request, experiment or not", async () => {
    const [old, fresh] = [requestOf(0), requestOf(0)];
    const inExperiment = testEvent({ projectId: project.id, experimentId: newId("experiment"), armName: "control", subjectHash: "s" });
    await ingestBatch("gw-retire", JSON.stringify([old, fresh, inExperiment].map((event, i) => ({ sequence: i + 1, event }))));
    // An id of 91 days ago; its request is not in the log any more.
    const past = toId("request", Date.now() - 91 * DAY_MS, new Uint8Array(10).fill(7));
    const scoreOf = (requestId: string) => ({ requestId, metric: "tone", value: 0.5, comment: "Said beside it" });
    const all = [old.requestId, fresh.requestId, inExperiment.requestId, past];
    await call(postScores, project.engineer, { body: { scores: all.map(scoreOf) } });
    const aged = "update usage.score set changed_at = now() - interval '91 days' where request_id = any($1)";
    await asOwner(domain, aged, [[old.requestId, inExperiment.requestId].map((id) => uuidOfId(id))]);
    await retireExperiments();
    await retireExperiments();
    expect(await read(old.requestId)).toEqual([]);
    expect(await read(fresh.requestId)).toMatchObject([{ comment: "Said beside it" }]);
    expect(await read(inExperiment.requestId)).toMatchObject([{ comment: "Said beside it" }]);
    expect(await read(past)).toMatchObject([{ value: 0.5, comment: null }]);
  });
});
