import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildRuntime } from "@/gateway/config/build-runtime";
import { toPublicKeys, verifySnapshot } from "@/gateway/config/verify-snapshot";
import { toPublicKeyText } from "@/lib/infra/signing";
import {
  asOwner,
  call,
  callRefused,
  createServingEndpoint,
  createTestPerson,
  createTestProject,
  createTestToken,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { changeGatewayKey, createGatewayKey, listGatewayKeys, revokeGatewayKey } from "../access";
import { listBlocking } from "../budgets";
import { changeEndpoint, createEndpoint, getEndpoint } from "../endpoints";
import { listMoves } from "../rollouts";
import { publishSnapshot } from ".";

const SIGNING_KEY = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const NONE = { requestsPerMinute: null, tokensPerMinute: null, concurrent: null };

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
const addKey = async (parts: object = {}) => (await call(createGatewayKey, project.admin, { body: { name: "app", ...parts } })).result;
const limit = (id: string, limits: object, parts: object = {}) =>
  call(changeGatewayKey, project.admin, { params: { id }, body: { limits }, ifMatch: "1", ...parts });

describe("a gateway key's limits", () => {
  it("are none at first, and reach gateways when they are set, each by itself", async () => {
    const key = await addKey();
    expect(key).toMatchObject({ limits: NONE, version: 1 });
    expect((await publish()).config.keys.find((k) => k.id === key.id)).not.toHaveProperty("limits");
    const before = (await readJobs()).length;
    const { result, etag } = await limit(key.id, { requestsPerMinute: 60 });
    expect(result).toMatchObject({ limits: { ...NONE, requestsPerMinute: 60 }, version: 2 });
    expect(etag).toBe("2");
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    const { config, isNew, runtime } = await publish();
    expect(isNew).toBe(true);
    expect(config.keys.find((k) => k.id === key.id)?.limits).toEqual({ requestsPerMinute: 60 });
    expect([...runtime.keyByHash.values()].find((k) => k.id === key.id)?.limits).toEqual({ requestsPerMinute: 60 });
    expect((await publish()).isNew).toBe(false);
  });

  it("can be given with the key, are listed, and go again", async () => {
    const limits = { requestsPerMinute: 5, tokensPerMinute: 2_000_000_000, concurrent: 1_000_000 };
    const key = await addKey({ limits });
    expect((await call(listGatewayKeys, project.viewer, { query: {} })).result.items[0]).toMatchObject({ id: key.id, limits });
    expect((await limit(key.id, {})).result.limits).toEqual(NONE);
  });

  it("are on record before and after", async () => {
    const key = await addKey({ limits: { concurrent: 3 } });
    await limit(key.id, { concurrent: 4 });
    const trail = await readTrail(project);
    expect(trail.at(-1)).toMatchObject({
      action: "gateway-key.changed",
      objectId: key.id,
      details: { before: { limits: { ...NONE, concurrent: 3 } }, after: { limits: { ...NONE, concurrent: 4 } } },
    });
  });

  it.each([
    ["nothing at all", {}, "/limits"],
    ["a limit of nothing", { limits: { requestsPerMinute: 0 } }, "/limits/requestsPerMinute"],
    ["a part of a token", { limits: { tokensPerMinute: 1.5 } }, "/limits/tokensPerMinute"],
    ["more than can be counted", { limits: { concurrent: 1_000_001 } }, "/limits/concurrent"],
    ["a word that nobody knows", { limits: { requestsPerHour: 5 } }, "/limits"],
  ])("refuse %s, and say where", async (_title, body, pointer) => {
    const key = await addKey();
    const refusal = await callRefused(changeGatewayKey, project.admin, { params: { id: key.id }, body, ifMatch: "1" });
    expect(refusal.code).toBe("invalid_request");
    expect(refusal.errors.map((e) => e.pointer).some((p) => p.startsWith(pointer))).toBe(true);
  });

  it("change only for who read them as they are, and not on a key that is revoked", async () => {
    const key = await addKey();
    const change = { params: { id: key.id }, body: { limits: { concurrent: 2 } } };
    expect((await callRefused(changeGatewayKey, project.admin, change)).code).toBe("precondition_required");
    await call(changeGatewayKey, project.admin, { ...change, ifMatch: "1" });
    expect((await callRefused(changeGatewayKey, project.admin, { ...change, ifMatch: "1" })).code).toBe("precondition_failed");
    await call(revokeGatewayKey, project.admin, { params: { id: key.id } });
    expect((await callRefused(changeGatewayKey, project.admin, { ...change, ifMatch: "*" })).code).toBe("state_conflict");
  });

  it("are an admin's, and no token's", async () => {
    const key = await addKey();
    const change = { params: { id: key.id }, body: { limits: { concurrent: 2 } }, ifMatch: "1" };
    const token = await createTestToken(await createTestPerson(project, "admin"), ["read", "releases:write", "budgets:write"]);
    for (const actor of [project.approver, project.engineer, project.viewer, token])
      expect((await callRefused(changeGatewayKey, actor, change)).code).toBe("forbidden");
    const other = await createTestProject(domain);
    expect((await callRefused(changeGatewayKey, other.admin, change)).code).toBe("not_found");
  });
});

describe("an endpoint's limits", () => {
  it("hold over all its keys, reach gateways, and change only with the ETag that was read", async () => {
    const { endpoint } = await createServingEndpoint(project);
    const at = { params: { name: endpoint.name } };
    const { result, etag } = await call(getEndpoint, project.viewer, { ...at, query: {} });
    expect(result.limits).toEqual(NONE);
    const change = { ...at, body: { limits: { tokensPerMinute: 90_000 } } };
    expect((await callRefused(changeEndpoint, project.engineer, change)).code).toBe("precondition_required");
    const changed = await call(changeEndpoint, project.engineer, { ...change, ifMatch: etag ?? "" });
    expect(changed.result).toMatchObject({ limits: { ...NONE, tokensPerMinute: 90_000 }, activeRelease: result.activeRelease });
    expect((await callRefused(changeEndpoint, project.engineer, { ...change, ifMatch: etag ?? "" })).code).toBe("precondition_failed");
    expect((await publish()).config.endpoints.find((e) => e.id === endpoint.id)?.limits).toEqual({ tokensPerMinute: 90_000 });
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "endpoint.changed",
      details: { before: { limits: NONE }, after: { limits: { ...NONE, tokensPerMinute: 90_000 } } },
    });
  });

  it("can be given with it, and are an engineer's", async () => {
    const { result } = await call(createEndpoint, project.engineer, { body: { name: "chat", limits: { concurrent: 8 } } });
    expect(result.limits).toEqual({ ...NONE, concurrent: 8 });
    const change = { params: { name: "chat" }, body: { limits: {} }, ifMatch: "*" };
    expect((await callRefused(changeEndpoint, project.viewer, change)).code).toBe("forbidden");
    expect((await callRefused(changeEndpoint, (await createTestProject(domain)).engineer, change)).code).toBe("not_found");
    const token = await createTestToken(await createTestPerson(project, "engineer"), ["releases:write"]);
    expect((await call(changeEndpoint, token, change)).result.limits).toEqual(NONE);
  });

  it("of nothing are refused by the database too, whoever writes", async () => {
    const key = await addKey();
    for (const column of ["requests_per_minute", "tokens_per_minute", "max_concurrent"]) {
      await expect(asOwner(domain, `update gateway_key set ${column} = 0 where id = $1`, [key.id])).rejects.toThrow("limits_above_nothing");
      await expect(
        asOwner(
          domain,
          `insert into endpoint (id, project_id, environment_name, name, salt, ${column}) values ('ept_bad', $1, 'production', 'bad', 's', 0)`,
          [project.id],
        ),
      ).rejects.toThrow("limits_above_nothing");
    }
  });
});
