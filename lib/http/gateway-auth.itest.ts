import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listBlocking } from "@/lib/domain/budgets";
import { listMoves } from "@/lib/domain/rollouts";
import { publishSnapshot } from "@/lib/domain/snapshots";
import { env } from "@/lib/infra/env";
import { createTestEndpoint, createTestProject, type TestProject } from "@/test/factories";
import { openTestWeb, send, type TestWeb, type Visitor } from "@/test/web";

let web: TestWeb;
let project: TestProject;
let gateway: Visitor;
beforeAll(async () => {
  web = await openTestWeb();
  project = await createTestProject(web);
  gateway = { label: "gateway", headers: { authorization: `Bearer ${env("web").SWITCHYARD_GATEWAY_TOKEN}` } };
});
afterAll(() => web.close());

const signingKey = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const publish = () => publishSnapshot({ signingKey, readMoves: listMoves, readBudgets: listBlocking, deadmanAfterMs: 60_000 });
const poll = (headers: Record<string, string> = {}, caller = gateway) => send(web, caller, "GET /api/v1/gateway-snapshot", { headers });

describe("what gateways poll", () => {
  it("is nothing before the first snapshot, then exactly what was signed, and 304 while it stays the newest", async () => {
    expect((await poll()).status).toBe(404);
    const { snapshot } = await publish();
    const first = await poll();
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual(snapshot);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toBe(`"${snapshot.epoch}.${snapshot.generation}"`);
    const same = await poll({ "if-none-match": etag });
    expect(same.status).toBe(304);
    expect(await same.text()).toBe("");

    await createTestEndpoint(project);
    await publish();
    const next = await poll({ "if-none-match": etag });
    expect(next.status).toBe(200);
    expect(next.headers.get("etag")).toBe(`"${snapshot.epoch}.${snapshot.generation + 1}"`);
  });

  it.each([
    ["no token", {}],
    ["another token", { authorization: `Bearer ${"0".repeat(64)}` }],
    ["a part of the token", () => ({ authorization: `Bearer ${env("web").SWITCHYARD_GATEWAY_TOKEN.slice(0, -1)}` })],
    ["the token under another scheme", () => ({ authorization: `Basic ${env("web").SWITCHYARD_GATEWAY_TOKEN}` })],
    ["an empty token", { authorization: "Bearer " }],
  ])("is refused with %s", async (label, headers) => {
    const answer = await poll({}, { label, headers: typeof headers === "function" ? headers() : headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "unauthenticated" });
    expect(answer.headers.get("etag")).toBeNull();
  });

  it("is no part of the public API", async () => {
    const document = await (await send(web, { label: "anybody", headers: {} }, "GET /api/v1/openapi.json")).text();
    expect(document).toContain("/endpoints/{name}/releases");
    expect(document).not.toContain("gateway-snapshot");
  });
});
