import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import { asOwner, call, callRefused, createTestProject, openTestDomain, type TestDomain } from "@/test/factories";
import { draftExperiment, runExperiment, type World } from "@/test/run-experiment";
import {
  changeExperiment,
  concludeExperiment,
  getExperiment,
  listExperimentLayers,
  listExperimentMoves,
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
  world = { domain, project: await createTestProject(domain) };
});
afterAll(() => domain.close());

const REASON = { body: { reason: "because of the test" } };
const on = (shareBps: number, holdoutBps?: number) => ({
  layer: { name: "checkout", shareBps, ...(holdoutBps === undefined ? {} : { holdoutBps }) },
});
const read = async (id: string) => (await call(getExperiment, world.project.viewer, { params: { id } })).result;
const start = (id: string) => ({ params: { id }, ...REASON });
const rangesOf = async (id: string) => (await listExperimentMoves(db().prisma)).find((m) => m.experimentId === id)?.layer?.ranges;

describe("a layer", { timeout: 120_000 }, () => {
  it("comes to be with the first experiment that names it, and keeps its holdout", async () => {
    const { experiment } = await draftExperiment(world, on(4_000, 1_000));
    expect(experiment.layer).toEqual({ name: "checkout", shareBps: 4_000, holdoutBps: 1_000, held: [] });
    expect(experiment.layerShareBps).toBe(4_000);
    const second = (await draftExperiment(world, on(3_000))).experiment;
    expect(second.layer).toMatchObject({ shareBps: 3_000, holdoutBps: 1_000 });
    const change = (layer: object | null) => ({ params: { id: second.id }, body: { layer }, ifMatch: "*" });
    const other = await callRefused(changeExperiment, world.project.engineer, change({ name: "checkout", shareBps: 1, holdoutBps: 2_000 }));
    expect([other.code, other.errors.map((e) => e.pointer)]).toEqual(["invalid_request", ["/layer/holdoutBps"]]);
    const much = await callRefused(changeExperiment, world.project.engineer, change({ name: "checkout", shareBps: 9_001 }));
    expect(much.errors.map((e) => e.pointer)).toEqual(["/layer/shareBps"]);
    expect((await call(changeExperiment, world.project.engineer, change(null))).result).toMatchObject({
      layer: null,
      layerShareBps: 10_000,
    });
  });

  it("gives two running experiments of different endpoints buckets of which none is both's", async () => {
    const first = (await runExperiment(world, on(4_000, 1_000))).experiment;
    const second = (await runExperiment(world, on(5_000))).experiment;
    expect([await rangesOf(first.id), await rangesOf(second.id)]).toEqual([[[0, 4_000]], [[4_000, 9_000]]]);
    expect((await read(second.id)).layer?.held).toEqual([
      { experiment: first.number, shareBps: 4_000 },
      { experiment: second.number, shareBps: 5_000 },
    ]);
  });

  it("that has too little left refuses the next one with what is free and who has the rest, until one ends", async () => {
    const first = (await runExperiment(world, on(4_000, 1_000))).experiment;
    const second = (await draftExperiment(world, on(6_000))).experiment;
    const refusal = await callRefused(startExperiment, world.project.engineer, start(second.id));
    expect([refusal.code, refusal.detail]).toEqual([
      "state_conflict",
      expect.stringMatching(`checkout has 5000 of its 10,000 .* wants 6000: experiment ${first.number} and a holdout of 1000`),
    ]);
    expect((await read(second.id)).state).toBe("draft");
    await call(stopExperiment, world.project.engineer, start(first.id));
    expect((await call(startExperiment, world.project.engineer, start(second.id))).result.state).toBe("running");
    expect(await rangesOf(second.id)).toEqual([[0, 6_000]]);
    await call(concludeExperiment, world.project.engineer, {
      params: { id: second.id },
      body: { decision: "no_decision", reason: "enough" },
    });
    expect((await read(second.id)).layer?.held).toEqual([]);
  });

  it("is listed by name with what is free and who runs in it, ended ones and other projects' layers not", async () => {
    const list = async (query: object = {}) => (await call(listExperimentLayers, world.project.viewer, { query })).result;
    expect(await list()).toEqual({ items: [], nextCursor: null });
    const first = (await runExperiment(world, on(4_000, 1_000))).experiment;
    const second = (await runExperiment(world, on(3_000))).experiment;
    const third = (await draftExperiment(world, { layer: { name: "search", shareBps: 9_999 } })).experiment;
    await call(stopExperiment, world.project.engineer, start(first.id));
    const holder = { experiment: second.number, name: second.name, endpoint: second.endpoint.name, shareBps: 3_000 };
    const checkout = { name: "checkout", environment: "production", holdoutBps: 1_000, freeBps: 6_000, held: [holder] };
    const search = { name: "search", environment: "production", holdoutBps: 0, freeBps: 10_000, held: [] };
    expect(third.state).toBe("draft");
    expect(await list()).toEqual({ items: [checkout, search], nextCursor: null });
    const page = await list({ limit: 1 });
    expect([page.items, await list({ limit: 1, cursor: page.nextCursor })]).toEqual([[checkout], { items: [search], nextCursor: null }]);
    expect((await list({ environment: "staging" })).items).toEqual([]);
    const other = await createTestProject(domain);
    expect((await call(listExperimentLayers, other.viewer, { query: {} })).result.items).toEqual([]);
  });

  it("of two starts at once lets only as many in as there is room for", async () => {
    const drafts = [await draftExperiment(world, on(6_000)), await draftExperiment(world, on(6_000))].map(
      ({ experiment }) => experiment.id,
    );
    const ends = await Promise.all(
      drafts.map((id) =>
        call(startExperiment, world.project.engineer, start(id)).then(
          () => "started",
          () => "refused",
        ),
      ),
    );
    expect(ends.sort()).toEqual(["refused", "started"]);
  });

  it("is another one in another project", async () => {
    await runExperiment(world, on(9_000));
    const other = { domain, project: await createTestProject(domain) };
    expect((await runExperiment(other, on(9_000))).experiment.state).toBe("running");
  });

  it("is part of what the start freezes and digests, and a plan without one has the digest that it had", async () => {
    const { experiment } = await runExperiment(world, on(4_000));
    const frozen = "update experiment set epoch = epoch + 1, layer_bps = 5000 where id = $1";
    await expect(asOwner(domain, frozen, [experiment.id])).rejects.toThrow(/frozen/);
    await expect(
      asOwner(domain, "update experiment set epoch = epoch + 1, layer_id = null, layer_bps = null where id = $1", [experiment.id]),
    ).rejects.toThrow(/frozen/);
  });

  it.each([
    ["a bucket of another experiment", "insert into experiment_layer_claim values ($1, 3999, 4001, $2)", /are taken/],
    ["a bucket of the holdout", "insert into experiment_layer_claim values ($1, 8999, 9001, $2)", /held out/],
    ["no bucket", "insert into experiment_layer_claim values ($1, 5000, 5000, $2)", /experiment_layer_claim_range/],
  ])("is held by the database too: it refuses %s", async (_, sql, message) => {
    const { experiment } = await runExperiment(world, on(4_000, 1_000));
    const second = (await draftExperiment(world, on(1_000))).experiment;
    const { layerId } = await db().prisma.experiment.findUniqueOrThrow({ where: { id: experiment.id }, select: { layerId: true } });
    await expect(asOwner(domain, sql, [second.id, layerId])).rejects.toThrow(message);
  });

  it("lets nobody run on it without a share", async () => {
    const { experiment } = await draftExperiment(world, on(4_000));
    const sql =
      "update experiment set epoch = epoch + 1, state = 'running', started_at = now(), deadline_at = now(), plan_digest = 'x' where id = $1";
    await expect(asOwner(domain, sql, [experiment.id])).rejects.toThrow(/without its share/);
  });
});
