import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BackendReport } from "@/lib/contracts/backend-report";
import { db } from "@/lib/infra/db";
import {
  call,
  callRefused,
  createTestBackend,
  createTestProject,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { getBackendHealth, listBackendHealth, maintainBackendHealth, saveBackendReports } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

let gateways = 0;
const freshGateway = () => `gw-health-${++gateways}`;
async function makeBackend() {
  const { id, name } = await createTestBackend(project);
  const { currentRevisionId } = await db().prisma.backend.findUniqueOrThrow({ where: { id } });
  return { id, name, revisionId: currentRevisionId ?? "" };
}
const report = (revisionId: string, parts: Partial<BackendReport> = {}): BackendReport => ({
  revisionId,
  health: "healthy",
  healthSince: 1_763_600_000_000,
  reason: null,
  probeMs: 3.5,
  breaker: "closed",
  inFlight: 2,
  queued: 0,
  waiting: 4,
  running: 8,
  kvUseRatio: 0.5,
  responseMs: 120,
  calls: 10,
  failures: 1,
  ...parts,
});
const read = async (name: string) => (await call(getBackendHealth, project.viewer, { params: { name }, query: {} })).result;

describe("what gateways say of a backend", () => {
  it("is there as it was said, with its minute", async () => {
    const backend = await makeBackend();
    const gatewayId = freshGateway();
    await saveBackendReports({ gatewayId, bootId: "b1", at: 1, backends: [report(backend.revisionId)] });
    const found = await read(backend.name);
    expect(found.now).toEqual({
      gateways: 1,
      health: "healthy",
      breakersOpen: 0,
      inFlight: 2,
      queued: 0,
      waiting: 4,
      running: 8,
      kvUseRatio: 0.5,
      responseMs: 120,
    });
    expect(found.gateways).toMatchObject([{ gateway: gatewayId, revision: 1, healthSince: "2025-11-20T00:53:20.000Z", probeMs: 3.5 }]);
    expect(found.minutes).toMatchObject([{ healthyRatio: 1, breakerOpenRatio: 0, waiting: 4, kvUseRatio: 0.5, calls: 10, failures: 1 }]);
  });

  it("counts once, however often it is read, and only what came since the report before it", async () => {
    const backend = await makeBackend();
    const said = (at: number, calls: number, failures: number, bootId = "b1") =>
      saveBackendReports({ gatewayId: "gw-once", bootId, at, backends: [report(backend.revisionId, { calls, failures })] });
    await Promise.all([said(1, 10, 1), said(1, 10, 1), said(1, 10, 1)]);
    await said(2, 15, 1);
    await said(1, 10, 1);
    // A new process counts from 0.
    await said(1, 3, 3, "b2");
    // The snapshot left it out for a while: the same process counts anew.
    await said(2, 2, 0, "b2");
    const { minutes } = await read(backend.name);
    expect(minutes.reduce((sum, m) => sum + m.calls, 0)).toBe(10 + 5 + 3 + 2);
    expect(minutes.reduce((sum, m) => sum + m.failures, 0)).toBe(1 + 0 + 3 + 0);
  });

  it("that is not known is null, and makes no mean smaller", async () => {
    const backend = await makeBackend();
    const unknown = { health: "unknown", waiting: null, running: null, kvUseRatio: null, responseMs: null } as const;
    await saveBackendReports({ gatewayId: freshGateway(), bootId: "b", at: 1, backends: [report(backend.revisionId, unknown)] });
    expect(await read(backend.name)).toMatchObject({
      now: { health: "unknown", waiting: null, running: null, kvUseRatio: null, responseMs: null },
      minutes: [{ healthyRatio: null, waiting: null, running: null, kvUseRatio: null, responseMs: null }],
    });
    await saveBackendReports({ gatewayId: freshGateway(), bootId: "b", at: 1, backends: [report(backend.revisionId)] });
    const both = await read(backend.name);
    expect(both.now).toMatchObject({ gateways: 2, health: "healthy", inFlight: 4, waiting: 4, kvUseRatio: 0.5 });
    expect(both.minutes.at(-1)).toMatchObject({ waiting: 4, kvUseRatio: 0.5 });
  });

  it("differs between gateways: mixed, and breakers are counted", async () => {
    const backend = await makeBackend();
    const bad = report(backend.revisionId, { health: "unhealthy", reason: "HTTP 503", breaker: "open" });
    await saveBackendReports({ gatewayId: freshGateway(), bootId: "b", at: 1, backends: [bad] });
    await saveBackendReports({ gatewayId: freshGateway(), bootId: "b", at: 1, backends: [report(backend.revisionId)] });
    expect((await read(backend.name)).now).toMatchObject({ health: "mixed", breakersOpen: 1 });
  });

  it("is not known any more once its gateway is silent, or says nothing of it", async () => {
    const backend = await makeBackend();
    const gatewayId = freshGateway();
    await saveBackendReports({ gatewayId, bootId: "b", at: 1, backends: [report(backend.revisionId)] });
    await saveBackendReports({ gatewayId, bootId: "b", at: 2, backends: [] });
    expect((await read(backend.name)).gateways).toEqual([]);
    await saveBackendReports({ gatewayId, bootId: "b", at: 3, backends: [report(backend.revisionId)] });
    await db().pool.query("update usage.backend_reporter set heard_at = now() - interval '30 seconds' where gateway_id = $1", [gatewayId]);
    const silent = await read(backend.name);
    expect(silent.now).toMatchObject({ gateways: 0, health: "unknown", inFlight: 0, waiting: null });
    expect(silent.minutes.length).toBeGreaterThan(0);
  });

  it("stands in the list beside backends that nobody knows anything of", async () => {
    const [known, silent] = [await makeBackend(), await makeBackend()];
    await saveBackendReports({ gatewayId: freshGateway(), bootId: "b", at: 1, backends: [report(known.revisionId)] });
    const { items } = (await call(listBackendHealth, project.viewer, { query: {} })).result;
    expect(items.map((i) => [i.name, i.health, i.waiting]).sort()).toEqual(
      [
        [known.name, "healthy", 4],
        [silent.name, "unknown", null],
      ].sort(),
    );
  });

  it("is nobody else's", async () => {
    const backend = await makeBackend();
    const stranger = await createTestProject(domain);
    expect(await callRefused(getBackendHealth, stranger.admin, { params: { name: backend.name }, query: {} })).toMatchObject({
      code: "not_found",
    });
  });

  it("is forgotten after two weeks", async () => {
    const backend = await makeBackend();
    const gatewayId = freshGateway();
    await saveBackendReports({ gatewayId, bootId: "b", at: 1, backends: [report(backend.revisionId)] });
    const count = async () =>
      (await db().pool.query<{ n: number }>("select count(*)::int as n from usage.backend_minute where gateway_id = $1", [gatewayId]))
        .rows[0]?.n;
    await maintainBackendHealth();
    expect(await count()).toBe(1);
    await db().pool.query("update usage.backend_minute set minute = minute - interval '15 days' where gateway_id = $1", [gatewayId]);
    await maintainBackendHealth();
    expect(await count()).toBe(0);
  });
});
