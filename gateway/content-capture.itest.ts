import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { CONTENT_STREAM, ContentNote, type GatewayCapture, MASK_KINDS } from "@/lib/contracts/content";
import type { GatewayEndpoint } from "@/lib/contracts/gateway-config";
import { openContent, toContentKey } from "@/lib/infra/sealed-content";
import { hashSubject } from "@/lib/infra/subject-hash";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { isSampled } from "./content/capture";
import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { TEST_SUBJECT_KEY, testBackend, testCache, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

/** Longer than anything takes on a machine that is busy with other things. */
const SOON = { timeout: 20_000, interval: 20 };
const ALL: GatewayCapture = { sampleBps: 10_000, maxBytes: 4_096, masks: [...MASK_KINDS] };

let redis: TestRedis;
let reader: Redis;
let upstream: ScriptedUpstream;
let gateway: TestGateway;
let generation = 1;

beforeAll(async () => {
  [redis, upstream] = await Promise.all([createTestRedis(), startScriptedUpstream(goodScript)]);
  reader = new Redis(redis.redisUrl);
  reader.on("error", () => {});
  gateway = await startTestGateway({ redisUrl: redis.redisUrl, cacheWaitMs: 10_000 });
});
afterAll(async () => {
  await gateway.remove();
  reader.disconnect();
  await Promise.all([upstream.close(), redis.close()]);
});
beforeEach(async () => {
  upstream.play(goodScript);
  if (reader.status === "ready") await reader.del(CONTENT_STREAM);
});

async function serve(name: string, endpoint: Partial<GatewayEndpoint>, { isCached = false, on = gateway } = {}) {
  const server = testBackend(upstream.url);
  const release = testRelease(1, [testVariant([server.id])], {
    calls: { maxAttempts: 1 },
    ...(isCached ? { cache: testCache(name, {}) } : {}),
  });
  const config = on.installation.config({ backends: [server], endpoints: [testEndpoint(name, [release], endpoint)] });
  await on.serve({ ...config, generation: ++generation });
  if (endpoint.capture !== undefined && on === gateway) await vi.waitFor(() => expect(gateway.contents.isConnected).toBe(true), SOON);
  if (isCached) await vi.waitFor(() => expect(gateway.answers.isConnected).toBe(true), SOON);
}

async function ask(model: string, body: Readonly<Record<string, unknown>> = {}, on = gateway) {
  const response = await fetch(`${on.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${on.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi, I am kim@example.com" }], ...body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    id: response.headers.get("x-request-id") ?? "",
    cache: response.headers.get("x-switchyard-cache"),
  };
}

async function readKept() {
  const entries = await reader.xrangeBuffer(CONTENT_STREAM, "-", "+");
  return entries.map(([, fields]) => {
    const note = ContentNote.parse(JSON.parse(fields[1]?.toString() ?? ""));
    const sealed = fields[3] ?? Buffer.alloc(0);
    return { note, sealed, text: openContent(toContentKey(TEST_SUBJECT_KEY), note, sealed) };
  });
}

/** What is kept, once there is as much. */
function untilKept(count: number) {
  return vi.waitFor(async () => {
    const kept = await readKept();
    expect(kept).toHaveLength(count);
    return kept;
  }, SOON);
}

async function captured(result: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(new RegExp(`^switchyard_gateway_captured_requests_total\\{result="${result}"\\} (\\d+)`, "m").exec(text)?.[1] ?? 0);
}

describe("the content of requests", () => {
  it("is kept nowhere, and no connection is open for it, until an endpoint says so", async () => {
    await serve("off", {});
    expect(gateway.contents.isConnected).toBe(false);
    expect((await ask("off")).status).toBe(200);
    await serve("marker", { capture: ALL });
    const { id } = await ask("marker");
    expect((await untilKept(1)).map((k) => k.note.requestId)).toEqual([id]);
    await serve("off", {});
    await vi.waitFor(() => expect(gateway.contents.isConnected).toBe(false), SOON);
  });

  it("of a whole answer is masked before it leaves the gateway, and sealed for the project alone", async () => {
    upstream.play((wire) => wire.write(httpAnswer(200, completion("Write to sales@example.com or 010-1234-5678."))));
    await serve("whole", { capture: ALL });
    const { id, text } = await ask("whole", { user: "kim" });
    expect(text).toContain("sales@example.com");
    const [kept] = await untilKept(1);
    expect(kept?.text).toEqual({
      question: '{"messages":[{"role":"user","content":"Hi, I am [email]"}]}',
      questionCut: false,
      answers: ["Write to [email] or [phone]."],
      answerCut: false,
    });
    expect(kept?.note).toMatchObject({
      requestId: id,
      subjectHash: hashSubject(TEST_SUBJECT_KEY, "kim"),
      masked: { email: 2, phone: 1, card: 0, secret: 0 },
    });
    const sealed = kept?.sealed ?? Buffer.alloc(0);
    expect(sealed.includes("Write to")).toBe(false);
    const place = { projectId: kept?.note.projectId ?? "", requestId: id };
    expect(openContent(toContentKey("another project's key"), place, sealed)).toBeNull();
    expect(openContent(toContentKey(TEST_SUBJECT_KEY), { ...place, requestId: "req_other" }, sealed)).toBeNull();
  });

  it("of a stream is its pieces put together, cut where it is long", async () => {
    const pieces = Array.from({ length: 200 }, (_, i) => `piece ${i} `);
    upstream.play((wire) => {
      wire.write(SSE_HEAD + [...pieces.map((piece) => deltaEvent(piece)), finishEvent()].map((event) => httpChunk(sse(event))).join(""));
      wire.write(httpChunk(DONE_EVENT) + LAST_CHUNK);
    });
    await serve("stream", { capture: { ...ALL, maxBytes: 300 } });
    const { text } = await ask("stream", { stream: true });
    expect(text).toContain("piece 199 ");
    const [kept] = await untilKept(1);
    expect(kept?.text).toMatchObject({ answers: [pieces.join("").slice(0, 300)], answerCut: true, questionCut: false });
  });

  it("of a stored answer is what the caller got", async () => {
    await serve("stored", { capture: ALL }, { isCached: true });
    const first = await ask("stored");
    await vi.waitFor(async () => expect((await ask("stored")).cache).toBe("hit"), SOON);
    const kept = await vi.waitFor(async () => {
      const all = await readKept();
      expect(all.length).toBeGreaterThan(1);
      return all;
    }, SOON);
    const [one, ...others] = kept.map((k) => k.text?.answers);
    expect(one?.[0]).toBe(JSON.parse(first.text).choices[0].message.content);
    for (const other of others) expect(other).toEqual(one);
  });

  it("is kept of the sample alone, which the request's id tells", async () => {
    await serve("sample", { capture: { ...ALL, sampleBps: 5_000 } });
    const asked = await Promise.all(Array.from({ length: 40 }, () => ask("sample")));
    await serve("sample", { capture: ALL });
    const last = await ask("sample");
    const expected = [...asked.map(({ id }) => id).filter((id) => isSampled(id, 5_000)), last.id];
    const kept = await untilKept(expected.length);
    expect(kept.map((k) => k.note.requestId).sort()).toEqual(expected.sort());
  });

  it("is not kept of a request that no backend was called for", async () => {
    await serve("refused", { capture: ALL });
    expect((await ask("refused", { max_tokens: "many" })).status).toBe(400);
    const { id } = await ask("refused");
    expect((await untilKept(1)).map((k) => k.note.requestId)).toEqual([id]);
  });

  it("is lost and counted while Redis is away; answers and usage are as ever", async () => {
    await serve("away", { capture: ALL });
    await redis.kill();
    await vi.waitFor(() => expect(gateway.contents.isConnected).toBe(false), SOON);
    const before = await captured("dropped");
    const { status, id } = await ask("away");
    expect(status).toBe(200);
    expect((await gateway.events()).map((e) => e.requestId)).toContain(id);
    expect(await captured("dropped")).toBe(before + 1);
    await redis.restart();
    await vi.waitFor(() => expect(gateway.contents.isConnected).toBe(true), SOON);
  });
});
