import { generateKeyPairSync } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildRuntime } from "@/gateway/config/build-runtime";
import { compareVersions, toPublicKeys, verifySnapshot } from "@/gateway/config/verify-snapshot";
import { db } from "@/lib/infra/db";
import { toPublicKeyText } from "@/lib/infra/signing";
import {
  asOwner,
  call,
  createServingEndpoint,
  createTestBackend,
  createTestEndpoint,
  createTestProject,
  createTestPromptVersion,
  LISTED_HOST,
  openTestDomain,
  readJobs,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createGatewayKey, revokeGatewayKey } from "../access";
import { INSTALLATION_CHAIN, verifyChain } from "../audit";
import { changeBackend } from "../backends";
import { listBlocking } from "../budgets";
import { createRelease } from "../endpoints";
import { saveHeartbeats } from "../gateways";
import { createPrice } from "../prices";
import { createRollout, listMoves } from "../rollouts";
import { findNewestSnapshot, publishSnapshot, raiseEpoch } from ".";

const pem = () => generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const SIGNING_KEY = pem();
const DEADMAN_AFTER_MS = 60_000;

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
afterAll(() => domain.close());

const publish = (signingKey = SIGNING_KEY) =>
  publishSnapshot({ signingKey, readMoves: listMoves, readBudgets: listBlocking, deadmanAfterMs: DEADMAN_AFTER_MS });

/** Publishes, and reads what came as a gateway does: signature, shape, and every part that another names. */
async function serve() {
  const { snapshot, isNew } = await publish();
  const config = verifySnapshot(snapshot, toPublicKeys([toPublicKeyText(SIGNING_KEY)]));
  const runtime = buildRuntime(config, { keks: [domain.kek], privateHosts: [] });
  expect(runtime.warnings).toEqual([]);
  return { snapshot, isNew, config, runtime };
}
const addKey = async (parts: object = {}) => (await call(createGatewayKey, project.admin, { body: { name: "app", ...parts } })).result;

describe("what gateways serve", () => {
  beforeEach(async () => {
    project = await createTestProject(domain);
  });

  it("holds the active release with everything it names, signed, in the shape that a gateway takes", async () => {
    const key = await addKey({ team: "search" });
    const { endpoint, release, backend, prompt, model } = await createServingEndpoint(project);
    await call(createPrice, project.admin, { body: { model: model.model, inputUsd: "0.59", outputUsd: "0.79" } });
    const { config, runtime } = await serve();

    expect(config.projects.map((p) => p.slug)).toContain(project.slug);
    expect(config.keys.find((k) => k.id === key.id)).toMatchObject({ projectId: project.id, environment: "production", team: "search" });
    const served = config.endpoints.find((e) => e.id === endpoint.id);
    expect(served).toMatchObject({
      name: endpoint.name,
      releases: [
        {
          id: release.id,
          digest: release.digest,
          maxOutputTokens: 256,
          variants: [{ modelName: model.model, price: { inputUsd: "0.59", outputUsd: "0.79", perTokens: 1_000_000 } }],
        },
      ],
      arms: [{ kind: "steady", ranges: [[0, 10_000]], releaseId: release.id, deadman: null }],
    });
    expect(config.backends.find((b) => b.backendId === backend.id)).toMatchObject({
      baseUrl: backend.baseUrl,
      servedModel: "served",
      privateAllowed: true,
      simulated: false,
    });
    expect(config.prompts.find((p) => p.versionId === prompt.id)).toMatchObject({ number: 1, parameters: { temperature: 0.2 } });
    expect(runtime.endpointCount).toBe(config.endpoints.length);
    expect(await findNewestSnapshot()).toEqual((await publish()).snapshot);
  });

  it("has a prompt with the text of others in it, as it was when the release was saved", async () => {
    const { endpoint, release, body } = await createServingEndpoint(project);
    await createTestPromptVersion(project, { name: "tone", text: "Be brief about {{topic}}." });
    await createTestPromptVersion(project, { name: "whole", text: "{{> tone#1}} Go." });
    const variants = body.variants.map((v) => ({ ...v, prompt: { name: "whole", version: 1 } }));
    await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, variants } });
    await call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: 2, reason: "composed" } });
    const { config } = await serve();
    const served = config.endpoints.find((e) => e.id === endpoint.id);
    const promptOf = (releaseNumber: number) => {
      const id = served?.releases.find((r) => r.number === releaseNumber)?.variants[0]?.promptId;
      return config.prompts.find((p) => p.id === id);
    };
    expect(promptOf(2)).toMatchObject({ name: "whole", number: 1, messages: [{ content: "Be brief about {{topic}}. Go." }] });
    expect(promptOf(2)?.versionId).not.toBe(promptOf(2)?.id);
    expect(promptOf(release.number)).toMatchObject({ id: promptOf(release.number)?.versionId });
  });

  it("says how backends are called, chosen and replaced, as far as a release says it", async () => {
    const { endpoint, body, release } = await createServingEndpoint(project);
    const [main] = body.variants;
    const variants = [
      { ...main, balancing: "weighted", backendWeights: [3], fallbacks: [{ variant: "spare", on: ["timeout", "overloaded"] }] },
      { ...main, name: "spare", weightBps: 0 },
    ];
    const more = { ...body, variants, calls: { firstByteTimeoutMs: 5_000, maxAttempts: 2 } };
    const { result } = await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: more });
    expect(result).toMatchObject({
      number: 2,
      calls: more.calls,
      variants: [{ balancing: "weighted", backendWeights: [3] }, { fallbacks: [] }],
    });
    await call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: 2, reason: "served otherwise" } });
    const { config, runtime } = await serve();
    const served = config.endpoints.find((e) => e.id === endpoint.id)?.releases ?? [];
    const spare = result.variants[1]?.id;
    expect(served.find((r) => r.number === 2)).toMatchObject({
      calls: more.calls,
      variants: [
        { balancing: "weighted", backendWeights: [3], fallbacks: [{ variantId: spare, on: ["overloaded", "timeout"] }] },
        { id: spare },
      ],
    });
    expect(served.find((r) => r.id === release.id)).not.toHaveProperty("calls");
    expect(new Set(runtime.backends.map((b) => b.firstByteTimeoutMs))).toEqual(new Set([30_000, 5_000]));
  });

  it("leaves out what nobody can reach: releases without traffic, their parts, revoked and expired keys", async () => {
    const live = await addKey();
    const revoked = await addKey();
    const expired = await addKey({ expiresInDays: 1 });
    const { endpoint, release, body, backend } = await createServingEndpoint(project);
    for (const [revision, servedModel] of ["between", "next"].entries())
      await call(changeBackend, project.engineer, { params: { name: backend.name }, body: { servedModel }, ifMatch: String(revision + 1) });
    const next = (await call(createRelease, project.engineer, { params: { name: endpoint.name }, body })).result;
    await call(revokeGatewayKey, project.admin, { params: { id: revoked.id } });
    await asOwner(domain, "update gateway_key set expires_at = now() - interval '1 second' where id = $1", [expired.id]);
    const { config, snapshot } = await serve();
    expect(config.keys.filter((k) => k.projectId === project.id).map((k) => k.id)).toEqual([live.id]);
    const served = config.endpoints.find((e) => e.id === endpoint.id);
    expect(served?.releases.map((r) => r.id)).toEqual([release.id]);
    expect(snapshot.content).not.toContain(next.id);
    // What the release froze, and what is saved now: the console may ask a saved backend by itself.
    expect(config.backends.filter((b) => b.backendId === backend.id).map((b) => b.servedModel)).toEqual(["served", "next"]);
  });

  it("name each saved backend with the model that releases serve on it, and what it costs", async () => {
    const { model, backend } = await createServingEndpoint(project);
    const idle = await createTestBackend(project, { environment: "staging" });
    await call(createPrice, project.admin, { body: { model: model.model, inputUsd: "1", outputUsd: "2" } });
    const { config } = await serve();
    const directOf = (backendId: string) => config.directBackends.find((d) => d.backendId === backendId);
    const revisionOf = (backendId: string) => config.backends.find((b) => b.backendId === backendId)?.id;
    expect(directOf(backend.id)).toEqual({
      backendId: backend.id,
      projectId: project.id,
      environment: "production",
      revisionId: revisionOf(backend.id),
      modelVersionId: model.id,
      modelVersionNumber: 1,
      modelName: model.model,
      price: expect.objectContaining({ inputUsd: "1", outputUsd: "2" }),
    });
    expect(directOf(idle.id)).toMatchObject({ environment: "staging", modelName: null, price: null });
  });

  it("has an endpoint without a release, which answers nothing yet", async () => {
    const { id } = await createTestEndpoint(project);
    expect((await serve()).config.endpoints.find((e) => e.id === id)).toMatchObject({ releases: [], arms: [] });
  });

  it("has the price that has begun last, and none where the model has none", async () => {
    const { endpoint, model } = await createServingEndpoint(project);
    const priceNow = async () => (await serve()).config.endpoints.find((e) => e.id === endpoint.id)?.releases[0]?.variants[0]?.price;
    expect(await priceNow()).toBeNull();
    const set = (inputUsd: string, validFrom: string) =>
      call(createPrice, project.admin, { body: { model: model.model, inputUsd, outputUsd: "0", validFrom } });
    await set("2", "2025-06-01T00:00:00Z");
    await set("1", "2025-01-01T00:00:00Z");
    const later = (await set("3", "2100-01-01T00:00:00Z")).result;
    expect((await priceNow())?.inputUsd).toBe("2");
    await asOwner(domain, "update price set valid_from = now() - interval '1 second' where id = $1", [later.id]);
    expect((await priceNow())?.inputUsd).toBe("3");
  });

  it("gives a backend's key to the origin that it was entered for only, also after the backend moved", async () => {
    const { backend } = await createServingEndpoint(project);
    const params = { name: backend.name };
    const keyOf = async () => (await serve()).runtime.backends.find((b) => b.backendId === backend.id)?.apiKey;
    expect(await keyOf()).toBeNull();
    await call(changeBackend, project.engineer, { params, body: { apiKey: "key-1" }, ifMatch: "1" });
    expect(await keyOf()).toBe("key-1");
    await call(changeBackend, project.engineer, { params, body: { baseUrl: `http://${LISTED_HOST}/other` }, ifMatch: "2" });
    expect(await keyOf()).toBe("key-1");
    await call(changeBackend, project.engineer, {
      params,
      body: { baseUrl: "https://8.8.8.8/v1", apiKey: "key-2" },
      ifMatch: "3",
    });
    expect(await keyOf()).toBeNull();
    expect((await serve()).snapshot.content).not.toContain("key-2");
  });

  it("splits an endpoint while a rollout moves its traffic, with both releases and a way back", async () => {
    const { endpoint, release, body } = await createServingEndpoint(project);
    const next = (await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, maxOutputTokens: 512 } }))
      .result;
    const started = (
      await call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: 2, reason: "longer answers" } })
    ).result;
    const serveEndpoint = async () => (await serve()).config.endpoints.find((e) => e.id === endpoint.id);
    // Before its first share the new release is known to the gateways, and nobody gets it.
    const before = await serveEndpoint();
    expect(before?.releases.map((r) => r.id).sort()).toEqual([release.id, next.id].sort());
    expect(before?.arms).toMatchObject([{ kind: "steady", ranges: [[0, 10_000]], releaseId: release.id }]);
    await asOwner(domain, "update rollout set epoch = epoch + 1, weight_bps = 1000 where id = $1", [started.id]);
    const served = await serveEndpoint();
    expect(served?.releases.map((r) => r.id).sort()).toEqual([release.id, next.id].sort());
    expect(served?.arms).toMatchObject([
      {
        kind: "canary",
        ranges: [[0, 1_000]],
        releaseId: next.id,
        rolloutId: started.id,
        deadman: { afterMs: DEADMAN_AFTER_MS, releaseId: release.id },
      },
      { kind: "steady", ranges: [[1_000, 10_000]], releaseId: release.id, rolloutId: started.id },
    ]);
  });
});

describe("publishing", () => {
  beforeAll(async () => {
    project = await createTestProject(domain);
  });
  const counter = () => db().prisma.snapshotCounter.findUniqueOrThrow({ where: { id: 1 } });

  it("gives the next generation only when something changed", async () => {
    const first = await serve();
    expect(await publish()).toEqual({ snapshot: first.snapshot, isNew: false });
    await createTestEndpoint(project);
    const second = await serve();
    expect(second).toMatchObject({ isNew: true, snapshot: { epoch: first.snapshot.epoch, generation: first.snapshot.generation + 1 } });
    expect(await publish()).toMatchObject({ isNew: false });
  });

  it("gives one generation when 10 workers publish at the same moment", async () => {
    const { snapshot: before } = await publish();
    await createTestEndpoint(project);
    let [inside, most] = [0, 0];
    // Long enough inside that all of them would meet here, were they let in together.
    const slowly = async (...args: Parameters<typeof listMoves>) => {
      most = Math.max(most, ++inside);
      await sleep(50);
      inside--;
      return listMoves(...args);
    };
    const all = await Promise.all(
      Array.from({ length: 10 }, () =>
        publishSnapshot({ signingKey: SIGNING_KEY, readMoves: slowly, readBudgets: listBlocking, deadmanAfterMs: DEADMAN_AFTER_MS }),
      ),
    );
    expect(most).toBe(1);
    expect(all.filter((p) => p.isNew)).toHaveLength(1);
    for (const { snapshot } of all) expect(snapshot).toEqual(all[0]?.snapshot);
    expect(all[0]?.snapshot.generation).toBe(before.generation + 1);
  });

  it("leaves nothing behind when it fails: no row, no generation taken", async () => {
    await publish();
    await createTestEndpoint(project);
    const before = [await counter(), await db().prisma.snapshot.count()];
    await expect(publish("no key")).rejects.toThrow();
    expect([await counter(), await db().prisma.snapshot.count()]).toEqual(before);
    expect(await publish()).toMatchObject({ isNew: true });
  });

  it("signs anew with a new key, though nothing else changed", async () => {
    const { snapshot: before } = await publish();
    const key = pem();
    const { snapshot, isNew } = await publish(key);
    expect({ isNew, generation: snapshot.generation }).toEqual({ isNew: true, generation: before.generation + 1 });
    expect(verifySnapshot(snapshot, toPublicKeys([toPublicKeyText(key)])).generation).toBe(snapshot.generation);
    expect(() => verifySnapshot(snapshot, toPublicKeys([toPublicKeyText(SIGNING_KEY)]))).toThrow(/signature/);
    await publish();
  });

  it("goes on above everything that gateways serve when the epoch was raised after a restore, and the raise is in the audit trail", async () => {
    const { snapshot: before } = await publish();
    // As the backup was: older than what the gateways have seen since, one of them in an epoch that the backup does not know.
    await asOwner(domain, "delete from snapshot");
    await db().prisma.snapshotCounter.update({ where: { id: 1 }, data: { generation: 3 } });
    const beat = { bootId: "b", startedAt: Date.now(), at: Date.now(), version: "1", address: "x", inFlight: 0, spoolRecords: 0 };
    await saveHeartbeats([
      { ...beat, gatewayId: "gw-restored", epoch: before.epoch + 4, generation: 90, spoolBytes: 0, snapshotAlarm: "redis: older" },
    ]);
    expect(await raiseEpoch({ reason: "restored the backup of Tuesday", operator: "root@db-1" })).toEqual({
      from: before.epoch,
      to: before.epoch + 5,
    });
    expect(await readJobs()).toContain("publish-snapshot");
    const { snapshot, isNew } = await publish();
    expect({ isNew, epoch: snapshot.epoch, generation: snapshot.generation }).toEqual({
      isNew: true,
      epoch: before.epoch + 5,
      generation: 1,
    });
    expect(compareVersions(snapshot, { epoch: before.epoch + 4, generation: 90 })).toBeGreaterThan(0);
    expect((await findNewestSnapshot())?.epoch).toBe(before.epoch + 5);
    expect(await publish()).toMatchObject({ isNew: false });
    const { rows } = await db().pool.query("select action, reason, actor_name from audit_event where chain = $1", [INSTALLATION_CHAIN]);
    expect(rows).toEqual([{ action: "snapshot.epoch-raised", reason: "restored the backup of Tuesday", actor_name: "root@db-1" }]);
    expect((await verifyChain(INSTALLATION_CHAIN)).intact).toBe(true);
    await asOwner(domain, "delete from gateway where id = 'gw-restored'");
  });

  it("keeps the newest 20", async () => {
    for (let i = 0; i < 23; i++) {
      await createTestEndpoint(project);
      await publish();
    }
    const { generation, epoch } = await counter();
    const kept = await db().prisma.snapshot.findMany({
      orderBy: [{ epoch: "desc" }, { generation: "desc" }],
      select: { epoch: true, generation: true },
    });
    expect(kept).toEqual(Array.from({ length: 20 }, (_, i) => ({ epoch, generation: generation - i })));
  });
});
