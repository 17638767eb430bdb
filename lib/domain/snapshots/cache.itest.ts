import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildRuntime } from "@/gateway/config/build-runtime";
import { toPublicKeys, verifySnapshot } from "@/gateway/config/verify-snapshot";
import { toPublicKeyText } from "@/lib/infra/signing";
import {
  call,
  callRefused,
  createServingEndpoint,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { listBlocking } from "../budgets";
import { activateRelease, createEndpoint, createRelease, getEndpoint, getRelease, purgeCache } from "../endpoints";
import { listMoves } from "../rollouts";
import { publishSnapshot } from ".";

const SIGNING_KEY = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

async function publish() {
  const { snapshot, isNew } = await publishSnapshot({
    signingKey: SIGNING_KEY,
    readMoves: listMoves,
    readBudgets: listBlocking,
    deadmanAfterMs: 60_000,
  });
  const config = verifySnapshot(snapshot, toPublicKeys([toPublicKeyText(SIGNING_KEY)]));
  return { config, isNew, runtime: buildRuntime(config, { keks: [domain.kek], privateHosts: [] }) };
}

/** An endpoint that serves, and how to give it a release with this cache. */
async function open() {
  const { endpoint, release } = await createServingEndpoint(project);
  const [variant] = release.variants;
  if (variant === undefined) throw new Error("the release has a variant");
  const body = {
    variants: [
      {
        name: variant.name,
        model: variant.model.name,
        modelVersion: variant.model.version,
        backends: variant.backends.map((b) => b.name),
        prompt: variant.prompt === null ? null : { name: variant.prompt.name, version: variant.prompt.version },
        parameters: variant.parameters,
      },
    ],
    maxOutputTokens: release.maxOutputTokens,
    calls: release.calls,
  };
  const params = { name: endpoint.name };
  const release_ = (cache: object | null) => call(createRelease, project.engineer, { params, body: { ...body, cache } });
  return { endpoint, first: release, params, body, release: release_ };
}

describe("a release's cache", () => {
  it("is off unless it is said, and then a release like any before it", async () => {
    const { first, release } = await open();
    expect(first.cache).toBeNull();
    for (const off of [null, { mode: "off" }])
      expect((await release(off)).result).toMatchObject({ id: first.id, digest: first.digest, cache: null });
  });

  it("is in the digest with all that it leaves to its defaults, and failures are a set", async () => {
    const { params, release } = await open();
    const { result } = await release({ mode: "on", onFailure: ["timeout", "overloaded", "timeout"] });
    const cache = {
      ...{ mode: "on", ttlSeconds: 3_600, maxEntryBytes: 262_144, scope: "endpoint", deterministicOnly: false, staleSeconds: 0 },
      onFailure: ["overloaded", "timeout"],
    };
    expect(result.cache).toEqual(cache);
    expect((await release({ ...cache, onFailure: ["timeout", "overloaded"] })).result.id).toBe(result.id);
    const digests = new Set([result.digest]);
    for (const other of [
      { mode: "refresh" },
      { ttlSeconds: 60 },
      { scope: "key" },
      { maxEntryBytes: 2_048 },
      { staleSeconds: 9 },
      { onFailure: [] },
    ])
      digests.add((await release({ ...cache, ...other })).result.digest);
    expect(digests.size).toBe(7);
    const read = await call(getRelease, project.viewer, { params: { ...params, number: result.number }, query: {} });
    expect(read.result.cache).toEqual(cache);
  });

  it("is refused with its place where it makes no sense", async () => {
    const { params, body } = await open();
    for (const [cache, pointer] of [
      [{ mode: "sometimes" }, "/cache/mode"],
      [{ mode: "on", ttlSeconds: 0 }, "/cache/ttlSeconds"],
      [{ mode: "on", maxEntryBytes: 100_000_000 }, "/cache/maxEntryBytes"],
      [{ mode: "on", onFailure: ["bad weather"] }, "/cache/onFailure/0"],
    ] as const) {
      const refused = await callRefused(createRelease, project.engineer, { params, body: { ...body, cache } });
      expect(refused.code).toBe("invalid_request");
      expect(refused.errors[0]?.pointer).toBe(pointer);
    }
  });
});

describe("what stored answers are found by", () => {
  it("is the release's content without its cache, and reaches gateways with the cache itself", async () => {
    const { body } = await open();
    const serve = async (name: string, parts: object) => {
      await call(createEndpoint, project.engineer, { body: { name } });
      const { result } = await call(createRelease, project.engineer, { params: { name }, body: { ...body, ...parts } });
      await call(activateRelease, project.engineer, { params: { name, number: result.number }, body: { reason: "first release" } });
      return result.id;
    };
    const ids = [
      await serve("on", { cache: { mode: "on" } }),
      await serve("refresh", { cache: { mode: "refresh", ttlSeconds: 5, onFailure: ["timeout"] } }),
      await serve("shorter", { cache: { mode: "on" }, maxOutputTokens: 7 }),
      await serve("off", {}),
    ];
    const { config, runtime } = await publish();
    const caches = ids.map((id) => config.endpoints.flatMap((e) => e.releases).find((r) => r.id === id)?.cache);
    expect(caches.map((c) => c?.mode)).toEqual(["on", "refresh", "on", undefined]);
    expect(caches[1]).toMatchObject({ ttlSeconds: 5, onFailure: ["timeout"] });
    expect(caches[0]?.space).toBe(caches[1]?.space);
    expect(caches[2]?.space).not.toBe(caches[0]?.space);
    const built = [...runtime.internalTargets.values()].flatMap(({ endpoint }) => endpoint.arms.map((arm) => arm.release));
    expect(built.find((r) => r.id === ids[1])?.cache?.onFailure).toEqual(new Set(["timeout"]));
    expect(built.find((r) => r.id === ids[3])?.cache).toBeNull();
  });
});

describe("giving up stored answers", () => {
  it("reaches gateways, is on record with its reason, and is counted", async () => {
    const { endpoint, params } = await open();
    const { etag: before } = await call(getEndpoint, project.viewer, { params, query: {} });
    const find = async () => (await publish()).config.endpoints.find((e) => e.id === endpoint.id);
    expect(await find()).not.toHaveProperty("cachePurges");
    const jobs = (await readJobs()).length;
    for (const times of [1, 2]) {
      const { result } = await call(purgeCache, project.engineer, { params, body: { reason: "wrong price list" } });
      expect(Date.parse(result.cachePurgedAt ?? "")).toBeGreaterThan(0);
      expect((await find())?.cachePurges).toBe(times);
    }
    expect((await readJobs()).slice(jobs)).toEqual(["publish-snapshot", "publish-snapshot"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "endpoint.cache_purged", details: { purges: 2 } });
    const { result, etag } = await call(getEndpoint, project.viewer, { params, query: {} });
    expect(result.cachePurgedAt).not.toBeNull();
    // What a form on another screen holds is still what it was.
    expect(etag).toBe(before);
  });

  it("is an engineer's, of this project", async () => {
    const { params } = await open();
    const body = { reason: "because" };
    expect((await callRefused(purgeCache, project.viewer, { params, body })).code).toBe("forbidden");
    const other = await createTestProject(domain);
    expect((await callRefused(purgeCache, other.engineer, { params, body })).code).toBe("not_found");
  });
});
