import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CallSettings } from "@/lib/contracts/gateway-config";
import { systemClock } from "./clock";
import { goodScript, httpAnswer, type Script, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

let gateway: TestGateway;
let upstreams: [ScriptedUpstream, ScriptedUpstream];
let generation = 1;
/** Time that passed in one step: breakers wait for seconds, tests do not. */
let skippedMs = 0;

beforeAll(async () => {
  upstreams = [await startScriptedUpstream(goodScript), await startScriptedUpstream(goodScript)];
  gateway = await startTestGateway({ clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + skippedMs } });
});
afterAll(async () => {
  await gateway.remove();
  await Promise.all(upstreams.map((u) => u.close()));
});
beforeEach(() => {
  for (const u of upstreams) {
    u.play(goodScript);
    u.requests.length = 0;
  }
});

async function serve(count: number, calls: CallSettings = { maxAttempts: 1 }): Promise<string> {
  const name = `chat${generation}`;
  const servers = upstreams.slice(0, count).map((u) => testBackend(u.url));
  const release = testRelease(generation, [testVariant(servers.map((s) => s.id))], { calls });
  await gateway.serve({
    ...gateway.installation.config({ backends: servers, endpoints: [testEndpoint(name, [release])] }),
    generation: generation++,
  });
  return name;
}

async function ask(model: string, stream = false) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], stream }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, id: response.headers.get("x-request-id") };
}
const eventOf = async (id: string | null) => (await gateway.events()).filter((e) => e.requestId === id);

const broken: Script = (wire) => wire.write(httpAnswer(500, JSON.stringify({ error: { message: "out of memory" } })));

describe("the only backend of a variant, failing", () => {
  it("is called no more after five failures: the client is told at once when to come back, and the request counts as failed", async () => {
    const model = await serve(1);
    upstreams[0].play(broken);
    for (let i = 0; i < 5; i++) expect((await ask(model)).status).toBe(502);
    const refused = await ask(model);
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, "upstream_resting"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get("x-switchyard-attempts")).toBe("0");
    expect(await eventOf(refused.id)).toMatchObject([{ outcome: "failed", errorCode: "upstream_resting", attempts: 0, status: 503 }]);
    expect(upstreams[0].requests).toHaveLength(5);
  });

  it("is tried by one request after its time, by more after each success, and serves again", async () => {
    const model = await serve(1);
    upstreams[0].play(broken);
    for (let i = 0; i < 6; i++) await ask(model);
    let answerFirst = () => {};
    const released = new Promise<void>((resolve) => {
      answerFirst = resolve;
    });
    let heard = () => {};
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    upstreams[0].requests.length = 0;
    upstreams[0].play(async (wire) => {
      heard();
      await released;
      await goodScript(wire);
    });
    skippedMs += 6_000;
    const first = ask(model);
    await arrived;
    const meanwhile = await Promise.all([1, 2, 3, 4].map(() => ask(model)));
    expect(meanwhile.map((a) => a.status)).toEqual([503, 503, 503, 503]);
    expect(upstreams[0].requests).toHaveLength(1);
    answerFirst();
    expect((await first).status).toBe(200);
    upstreams[0].play(goodScript);
    for (let i = 0; i < 2; i++) expect((await ask(model)).status).toBe(200);
    expect((await Promise.all(Array.from({ length: 20 }, () => ask(model)))).map((a) => a.status)).toEqual(Array(20).fill(200));
  });

  it("that fails its trial is left alone for longer", async () => {
    const model = await serve(1);
    upstreams[0].play(broken);
    for (let i = 0; i < 5; i++) await ask(model);
    skippedMs += 6_000;
    expect((await ask(model)).status).toBe(502);
    skippedMs += 6_000;
    expect((await ask(model)).status).toBe(503);
    skippedMs += 6_000;
    expect((await ask(model)).status).toBe(502);
  });

  it("that answers a bad request rightly is not blamed for it", async () => {
    const model = await serve(1);
    upstreams[0].play((wire) => wire.write(httpAnswer(400, JSON.stringify({ error: { message: "bad" } }))));
    for (let i = 0; i < 30; i++) expect((await ask(model)).status).toBe(400);
  });

  it("whose clients hang up is not blamed for it, and no call stays counted", async () => {
    const model = await serve(1);
    for (const stream of [false, true])
      for (let i = 0; i < 8; i++) {
        const abort = new AbortController();
        const called = new Promise<void>((resolve) => upstreams[0].play(() => resolve()));
        const request = fetch(`${gateway.url}/v1/chat/completions`, {
          method: "POST",
          signal: abort.signal,
          headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
          body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], stream }),
        });
        await called;
        abort.abort();
        await request.catch(() => {});
      }
    upstreams[0].play(goodScript);
    expect((await ask(model)).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/switchyard_gateway_backend_in_flight\{[^}]*\} 0\n/);
  });
});

describe("one of two backends, failing", () => {
  it("is left out, its requests go to the other, and it is not back before half a minute of good trials", async () => {
    const model = await serve(2, { maxAttempts: 2 });
    upstreams[0].play(broken);
    for (let i = 0; i < 20; i++) expect((await ask(model)).status).toBe(200);
    expect(upstreams[0].requests).toHaveLength(5);
    upstreams[0].play(goodScript);
    upstreams[0].requests.length = 0;
    for (let i = 0; i < 6; i++) expect((await ask(model)).status).toBe(200);
    expect(upstreams[0].requests).toHaveLength(0);
    for (let second = 0; second < 40; second++) {
      skippedMs += 1_000;
      for (let i = 0; i < 2; i++) expect((await ask(model)).status).toBe(200);
    }
    upstreams[0].requests.length = 0;
    for (let i = 0; i < 20; i++) await ask(model);
    expect(upstreams[0].requests).toHaveLength(10);
  });

  it("healthy on its health route, broken on completions: real traffic ejects it", async () => {
    const model = await serve(2, { maxAttempts: 2 });
    upstreams[1].play((wire) => (wire.request.path === "/health" ? wire.write(httpAnswer(200, "{}")) : broken(wire)));
    for (let i = 0; i < 30; i++) expect((await ask(model)).status).toBe(200);
    expect(upstreams[1].requests.filter((r) => r.path !== "/health")).toHaveLength(5);
  });
});
