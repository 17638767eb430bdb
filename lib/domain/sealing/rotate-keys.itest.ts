import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createBackend, testBackend } from "@/lib/domain/backends";
import { saveHeartbeats } from "@/lib/domain/gateways";
import { db } from "@/lib/infra/db";
import { type Kek, openSecret, secretPlace, toKek } from "@/lib/infra/secrets";
import { call, createTestBackend, createTestProject, openTestDomain, readJobs, type TestDomain, type TestProject } from "@/test/factories";
import { provideSettings } from "../settings";
import { readKeyStatus, rotateKeys } from ".";

const by = { reason: "yearly change", operator: "ops@test" };
const newKek = () => toKek(randomBytes(32).toString("base64"));

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  seal(domain.kek, []);
  await db().prisma.gateway.deleteMany();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

function seal(kek: Kek, otherKeks: readonly Kek[]): void {
  provideSettings({ kek, otherKeks, privateHosts: ["127.0.0.1:9"] });
}

async function openAll(keks: readonly Kek[]): Promise<string[]> {
  const [projects, backends] = await Promise.all([
    db().prisma.project.findMany({ select: { id: true, subjectKeySealed: true } }),
    db().prisma.backend.findMany({ where: { apiKeySealed: { not: null } }, orderBy: { id: "asc" } }),
  ]);
  for (const { id, subjectKeySealed } of projects) expect(openSecret(keks, subjectKeySealed, secretPlace.subjectKey(id))).toHaveLength(44);
  return backends.map((b) => openSecret(keks, b.apiKeySealed ?? "", secretPlace.backendKey(b.projectId, b.id)));
}

const beat = (gatewayId: string, kekIds: string[] | undefined) =>
  saveHeartbeats([
    {
      gatewayId,
      bootId: "boot",
      startedAt: 1,
      at: 1,
      version: "1",
      address: "http://gw",
      epoch: 1,
      generation: 1,
      inFlight: 0,
      spoolRecords: 0,
      spoolBytes: 0,
      snapshotAlarm: null,
      ...(kekIds === undefined ? {} : { kekIds }),
    },
  ]);

const rotations = () => db().prisma.auditEvent.findMany({ where: { action: "keys.rotated" }, orderBy: { sequence: "asc" } });

describe("a rotation", () => {
  it("brings every stored secret under the new key, in batches that are each a change with its audit event and a new configuration", async () => {
    const keys = ["key-1", "key-2", "key-3"];
    for (const apiKey of keys) await createTestBackend(project, { apiKey });
    const before = await openAll([domain.kek]);
    const versions = await db().prisma.backend.findMany({ select: { id: true, version: true }, orderBy: { id: "asc" } });
    const [jobs, events] = [(await readJobs()).length, (await rotations()).length];
    const next = newKek();
    seal(next, [domain.kek]);
    const batches: number[] = [];
    const { rewrapped, left, to } = await rotateKeys({ ...by, batch: 2, onBatch: (done) => batches.push(done.rewrapped) });
    expect({ to, left }).toEqual({ to: next.id, left: [] });
    expect(batches.every((n) => n >= 1 && n <= 2)).toBe(true);
    expect(batches.reduce((sum, n) => sum + n, 0)).toBe(rewrapped);
    expect(await openAll([next])).toEqual(before);
    expect((await readJobs()).slice(jobs)).toEqual(batches.map(() => "publish-snapshot"));
    expect((await rotations()).slice(events).map((e) => [e.actorName, e.reason, e.objectId])).toEqual(
      batches.map(() => ["ops@test", "yearly change", next.id]),
    );
    // Nobody's change is refused for it.
    expect(await db().prisma.backend.findMany({ select: { id: true, version: true }, orderBy: { id: "asc" } })).toEqual(versions);
    expect((await readKeyStatus()).rows).toEqual([{ kekId: next.id, rows: expect.any(Number) }]);
    expect(await rotateKeys(by)).toMatchObject({ rewrapped: 0, left: [] });
    const text = JSON.stringify([await db().prisma.auditEvent.findMany()], (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    for (const key of keys) expect(text).not.toContain(key);
    // The tests after this one start from the first key again.
    seal(domain.kek, [next]);
    await rotateKeys(by);
  });

  it("works while both keys are about: what the old one sealed is used, and a repeated request finds its first answer", async () => {
    const backend = await createTestBackend(project, { apiKey: "key-1" });
    const raw = { body: { name: "again", kind: "vllm", baseUrl: "http://127.0.0.1:9/v1", apiKey: "key-2" }, idempotencyKey: "add-1" };
    const first = await call(createBackend, project.engineer, raw);
    const next = newKek();
    seal(next, [domain.kek]);
    expect(await call(createBackend, project.engineer, raw)).toMatchObject({ replayed: true, result: first.result });
    // Opens the key before it connects to where nothing listens.
    const probe = await call(testBackend, project.engineer, { params: { name: backend.name }, body: {} });
    expect(probe.result.reachable).toBe(false);
    await createTestBackend(project, { apiKey: "key-3" });
    expect(await openAll([next, domain.kek])).toEqual(expect.arrayContaining(["key-1", "key-2", "key-3"]));
    await rotateKeys(by);
    expect(await openAll([next])).toEqual(expect.arrayContaining(["key-1", "key-2", "key-3"]));
    seal(domain.kek, [next]);
    await rotateKeys(by);
  });

  it("does not begin while a gateway could not open what it writes, unless it is forced", async () => {
    const backend = await createTestBackend(project, { apiKey: "key-1" });
    const next = newKek();
    seal(next, [domain.kek]);
    await beat("gw-ready", [domain.kek.id, next.id]);
    await beat("gw-blind", [domain.kek.id]);
    await beat("gw-older", undefined);
    await expect(rotateKeys(by)).rejects.toMatchObject({ code: "state_conflict", detail: expect.stringMatching(/: gw-blind, gw-older\./) });
    expect(await openAll([domain.kek])).toContain("key-1");
    await beat("gw-blind", [domain.kek.id, next.id]);
    await db().prisma.gateway.update({ where: { id: "gw-older" }, data: { heardAt: new Date(Date.now() - 3_600_000) } });
    expect((await rotateKeys(by)).rewrapped).toBeGreaterThan(0);
    expect((await readKeyStatus()).gateways.map((g) => g.id)).toEqual(["gw-blind", "gw-ready"]);
    expect(await db().prisma.backend.findUnique({ where: { id: backend.id } })).not.toBeNull();
    seal(domain.kek, [next]);
    await rotateKeys({ ...by, force: true });
  });

  it("leaves what it cannot open as it is, says so, and does the rest", async () => {
    const [broken, good] = [await createTestBackend(project, { apiKey: "key-1" }), await createTestBackend(project, { apiKey: "key-2" })];
    const stranger = newKek();
    await db().prisma.backend.update({ where: { id: broken.id }, data: { apiKeySealed: `v1.${stranger.id}.AAAA.BBBB` } });
    const next = newKek();
    seal(next, [domain.kek]);
    const { left, rewrapped } = await rotateKeys({ ...by, batch: 1 });
    expect(left).toEqual([
      { name: `key of backend ${broken.name} (production)`, why: `sealed with key ${stranger.id}, which is not configured` },
    ]);
    expect(rewrapped).toBeGreaterThanOrEqual(2);
    const row = await db().prisma.backend.findUniqueOrThrow({ where: { id: good.id } });
    expect(openSecret([next], row.apiKeySealed ?? "", secretPlace.backendKey(project.id, good.id))).toBe("key-2");
    await db().prisma.backend.delete({ where: { id: broken.id } });
    seal(domain.kek, [next]);
    await rotateKeys(by);
  });
});
