import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { Sketch } from "@/lib/core/stats";
import { createRelease } from "@/lib/domain/endpoints";
import { createRollout } from "@/lib/domain/rollouts";
import { getBackendTraffic, ingestBatch } from "@/lib/domain/usage";
import { db } from "@/lib/infra/db";
import {
  call,
  callRefused,
  createServingEndpoint,
  createTestProject,
  LISTED_HOST,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { testEvent, toSpooled } from "../usage/testing/usage-events";
import { changeBackend, listBackendUses } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const usesOf = async (name: string, query: object = {}) =>
  (await call(listBackendUses, project.viewer, { params: { name }, query })).result;

describe("who uses a backend", () => {
  it("names its releases, those with traffic first, with the revision and the variants that answer from it", async () => {
    const { endpoint, backend, body } = await createServingEndpoint(project);
    const params = { name: endpoint.name };
    const idle = (await call(createRelease, project.engineer, { params, body: { ...body, maxOutputTokens: 7 } })).result;
    await call(changeBackend, project.engineer, {
      params: { name: backend.name },
      body: { baseUrl: `http://${LISTED_HOST}/other/v1` },
      ifMatch: "*",
    });
    const newer = (await call(createRelease, project.engineer, { params, body: { ...body, maxOutputTokens: 9 } })).result;
    const { items, nextCursor } = await usesOf(backend.name);
    expect(nextCursor).toBeNull();
    expect(items.map((use) => [use.release, use.live, use.revision])).toEqual([
      [1, "active", 1],
      [newer.number, null, 2],
      [idle.number, null, 1],
    ]);
    expect(items[0]).toMatchObject({
      endpoint: endpoint.name,
      variants: [{ name: "main", weightBps: 10_000, model: { name: body.variants[0]?.model, version: 1 } }],
    });

    const first = await usesOf(backend.name, { limit: 1 });
    const second = await usesOf(backend.name, { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.nextCursor).toBeNull();
  });

  it("says which releases a rollout moves", async () => {
    const { endpoint, backend, body } = await createServingEndpoint(project);
    const next = (await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, maxOutputTokens: 7 } }))
      .result;
    await call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: next.number, reason: "faster" } });
    expect((await usesOf(backend.name)).items.map((use) => [use.release, use.live])).toEqual([
      [2, "rollout"],
      [1, "rollout"],
    ]);
  });

  it("is not told to another project, and refuses a cursor of another list", async () => {
    const { backend } = await createServingEndpoint(project);
    const other = await createTestProject(domain);
    expect((await callRefused(listBackendUses, other.admin, { params: { name: backend.name } })).code).toBe("not_found");
    for (const cursor of ["nonsense", btoa('[2,"x"]').replaceAll("=", ""), btoa('["a","b"]').replaceAll("=", "")])
      expect((await callRefused(listBackendUses, project.viewer, { params: { name: backend.name }, query: { cursor } })).code).toBe(
        "invalid_request",
      );
  });
});

describe("what a backend answered", () => {
  it("is counted once, merged over batches and revisions, and split by release", async () => {
    const { endpoint, backend, release } = await createServingEndpoint(project);
    const revision = await db().prisma.backendRevision.findFirstOrThrow({ where: { backendId: backend.id } });
    const served = { projectId: project.id, endpointId: endpoint.id, backendId: revision.id, servedReleaseId: release.id };
    const good = [100, 200, 300].map((totalMs) => testEvent({ ...served, totalMs, ttftMs: totalMs / 10 }));
    const failed = testEvent({ ...served, outcome: "failed", totalMs: 1, ttftMs: null, attempts: 2 });
    const direct = testEvent({ ...served, endpointId: null, servedReleaseId: null, source: "playground", totalMs: 400, ttftMs: null });
    const gateway = `gw-${backend.id}`;
    await ingestBatch(gateway, JSON.stringify(toSpooled(good)));
    await ingestBatch(gateway, JSON.stringify(toSpooled([failed, direct], 4)));
    // What was taken already counts no second time.
    await ingestBatch(gateway, JSON.stringify(toSpooled(good)));
    for (const range of ["1h", "7d"]) {
      const { items } = (await call(getBackendTraffic, project.viewer, { query: { backend: backend.name, range } })).result;
      expect(items).toMatchObject([
        {
          backend: backend.name,
          traffic: { requests: 5, complete: 4, failed: 1, retried: 1, errorRatio: 0.2, inputTokens: 100 },
          users: [
            { endpoint: endpoint.name, release: 1, requests: 4, errorRatio: 0.25 },
            { endpoint: null, release: null, requests: 1, errorRatio: 0 },
          ],
        },
      ]);
      const [{ traffic, points } = { traffic: null, points: [] }] = items;
      // The lower of the two that a quantile lies between, out of good answers only.
      expect(Math.abs((traffic?.totalMsP99 ?? 0) / 300 - 1)).toBeLessThan(0.01);
      expect(Math.abs((traffic?.ttftMsP95 ?? 0) / 20 - 1)).toBeLessThan(0.01);
      expect(points.reduce((sum, point) => sum + point.requests, 0)).toBe(5);
      expect(points.filter((point) => point.requests === 0).every((point) => point.errorRatio === null && point.totalMsP95 === null)).toBe(
        true,
      );
    }
    const other = await createTestProject(domain);
    expect((await call(getBackendTraffic, other.admin, { query: { backend: backend.name } })).result.items).toEqual([]);
    expect((await call(getBackendTraffic, project.viewer, { query: { environment: "staging" } })).result.items).toEqual([]);
  });

  it("is shown in longer steps where the finest would read too many cells, with the same numbers", async () => {
    const { endpoint, backend, release } = await createServingEndpoint(project);
    const revision = await db().prisma.backendRevision.findFirstOrThrow({ where: { backendId: backend.id } });
    const served = { projectId: project.id, endpointId: endpoint.id, backendId: revision.id, servedReleaseId: release.id };
    const [now, minutes] = [Date.now(), 1_300];
    const toEvents = (outcome: UsageEvent["outcome"]) =>
      Array.from({ length: minutes }, (_, minute) => testEvent({ ...served, outcome, at: now - minute * 60_000, totalMs: 100 + minute }));
    const gateway = `gw-${backend.id}`;
    const read = async () => (await call(getBackendTraffic, project.viewer, { query: { range: "24h" } })).result;
    await ingestBatch(gateway, JSON.stringify(toSpooled(toEvents("complete"))));
    const fine = await read();
    expect([fine.stepSeconds, fine.items[0]?.traffic.requests]).toEqual([900, minutes]);
    const more = (["failed", "cut", "client_gone"] as const).flatMap(toEvents);
    await ingestBatch(gateway, JSON.stringify(toSpooled(more, minutes + 1)));
    const coarse = await read();
    const [item] = coarse.items;
    expect([coarse.stepSeconds, coarse.items.length, item?.points.length]).toEqual([3_600, 1, 24]);
    expect(item?.traffic).toMatchObject({ requests: 4 * minutes, complete: minutes, failed: minutes, cut: minutes });
    expect(item?.traffic.totalMsP50).toBe(fine.items[0]?.traffic.totalMsP50);
    expect(item?.points.reduce((sum, point) => sum + point.requests, 0)).toBe(4 * minutes);
    expect(item?.users).toMatchObject([{ endpoint: endpoint.name, release: 1, requests: 4 * minutes }]);
  });

  it("of all backends of a month is refused where it is too much for one answer, and one by its name is told", async () => {
    const { backend } = await createServingEndpoint(project);
    const revision = await db().prisma.backendRevision.findFirstOrThrow({ where: { backendId: backend.id } });
    const empty = Buffer.from(new Sketch().toBytes());
    // 30 releases in each of the last 700 hours, as the ingest would have left them.
    await db().pool.query(
      `insert into usage.backend_rollup (level, bucket, revision_id, release_id, outcome, project_id, requests, retried, unpriced,
         input_tokens, output_tokens, cost_usd, total_sketch, ttft_sketch)
       select 'hour', date_trunc('hour', now()) - make_interval(hours => h), $1::uuid, gen_random_uuid(), 'complete', $2::uuid, 1, 0, 0, 1, 1, 0, $3, $3
       from generate_series(0, 699) h, generate_series(1, 30)`,
      [uuidOfId(revision.id), uuidOfId(project.id), empty],
    );
    const refused = await callRefused(getBackendTraffic, project.viewer, { query: { range: "30d" } });
    expect([refused.code, refused.errors.map((e) => e.pointer)]).toEqual(["invalid_request", ["?backend"]]);
    for (const query of [{ range: "30d", backend: backend.name }, { range: "7d" }]) {
      const { result } = await call(getBackendTraffic, project.viewer, { query });
      expect(result.items.map((item) => item.backend)).toEqual([backend.name]);
    }
  });
});
