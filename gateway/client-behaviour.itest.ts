import { connect } from "node:net";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { type SpoolFiles, systemSpoolFiles } from "./events/spool-files";
import {
  deltaEvent,
  goodScript,
  httpChunk,
  LAST_CHUNK,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
  streamEvents,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { simpleConfig, testEndpoint } from "./testing/test-installation";

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let client: OpenAI;
const messages = [{ role: "user" as const, content: "Hi" }];

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  gateway = await startTestGateway({ bodyLimits: { maxBytes: 1_000_000, graceMs: 1_000, minBytesPerSecond: 1_000 }, writeIdleMs: 300 });
  const config = simpleConfig(gateway.installation, upstream.url);
  const [key] = config.keys;
  if (key === undefined) throw new Error("no key");
  await gateway.serve({
    ...config,
    keys: [key, { ...key, id: "gwk_expired", hash: "c".repeat(64), expiresAt: "2020-01-01T00:00:00.000Z" }],
    endpoints: [...config.endpoints, testEndpoint("unreleased", [])],
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.remove();
  await upstream.close();
});
beforeEach(() => upstream.play(goodScript));

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<{ status: number; error: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json", ...headers },
    body,
  });
  const parsed = await response.json();
  return { status: response.status, error: parsed.error, headers: response.headers };
}

/** The event of the request with this client id, as soon as it is settled. */
async function eventOf(clientRequestId: string): Promise<UsageEvent> {
  return vi.waitFor(async () => {
    const found = (await gateway.events()).filter((e) => e.clientRequestId === clientRequestId);
    expect(found).toHaveLength(1);
    const [event] = found;
    if (event === undefined) throw new Error("not yet");
    return event;
  });
}

describe("bad input", () => {
  const ok = JSON.stringify({ model: "chat", messages });
  it.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, [number, string]]>([
    ["no JSON", "{oops", {}, [400, "invalid_json"]],
    ["nothing", "", {}, [400, "invalid_json"]],
    ["a byte order mark", `\ufeff${ok}`, {}, [400, "invalid_json"]],
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), {}, [400, "invalid_json"]],
    ["an array", "[]", {}, [400, "invalid_request"]],
    ["no model", JSON.stringify({ messages }), {}, [400, "invalid_request"]],
    ["no messages", JSON.stringify({ model: "chat" }), {}, [400, "invalid_request"]],
    [
      "options of a stream that is none",
      JSON.stringify({ model: "chat", messages, stream_options: { include_usage: true } }),
      {},
      [400, "invalid_request"],
    ],
    ["an unknown variable", JSON.stringify({ model: "chat", messages, switchyard: { variables: { x: 1 } } }), {}, [400, "invalid_request"]],
    ["an unknown endpoint", JSON.stringify({ model: "nope", messages }), {}, [404, "model_not_found"]],
    ["an endpoint named like an object's own", JSON.stringify({ model: "__proto__", messages }), {}, [404, "model_not_found"]],
    ["an endpoint without a release", JSON.stringify({ model: "unreleased", messages }), {}, [503, "unavailable"]],
    ["too much", `"${"x".repeat(1_100_000)}"`, {}, [413, "body_too_large"]],
    ["a form", "model=chat", { "content-type": "application/x-www-form-urlencoded" }, [415, "unsupported_media_type"]],
    ["an unknown key", ok, { authorization: "Bearer sk-sy-unknown-unknown" }, [401, "invalid_api_key"]],
    ["no key", ok, { authorization: "" }, [401, "invalid_api_key"]],
    ["another scheme", ok, { authorization: "Basic abcdefgh" }, [401, "invalid_api_key"]],
    ["a subject that is not UTF-8", ok, { "x-switchyard-subject": "\u00ff\u00fe" }, [400, "invalid_request"]],
    ["an endless subject", ok, { "x-switchyard-subject": "x".repeat(2_000) }, [400, "invalid_request"]],
  ])("%s is refused clearly and reaches no backend", async (_name, body, headers, [status, code]) => {
    const before = upstream.requests.length;
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.error).toEqual({ message: expect.any(String), type: expect.any(String), param: answer.error.param, code });
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    expect(answer.headers.get("x-should-retry")).toBe(status === 503 ? null : "false");
    expect(upstream.requests.length).toBe(before);
  });

  it("a key past its expiry is refused", async () => {
    const expired = { ...simpleConfig(gateway.installation, upstream.url), generation: 2 };
    const [key] = expired.keys;
    if (key === undefined) throw new Error("no key");
    const second = await startTestGateway({
      installation: gateway.installation,
      config: { ...expired, keys: [{ ...key, expiresAt: "2026-11-20T00:00:01.000Z" }] },
      clock: { nowMs: () => Date.parse("2026-11-20T00:00:01.000Z"), monotonicMs: () => performance.now() },
    });
    const response = await fetch(`${second.url}/v1/models`, { headers: { authorization: `Bearer ${second.installation.keyText}` } });
    expect(response.status).toBe(401);
    await second.remove();
  });

  it("an address or method that does not exist is told as such", async () => {
    const status = async (path: string, method: string) => (await fetch(`${gateway.url}${path}`, { method })).status;
    expect(await status("/v1/nothing", "GET")).toBe(404);
    expect(await status("/v1/chat/completions", "GET")).toBe(405);
    expect(await status("/v1/models", "POST")).toBe(405);
    expect(await status("/v1/models", "GET")).toBe(401);
  });

  it("a refusal after the endpoint was found is in the log, as refused", async () => {
    await post(JSON.stringify({ model: "chat", messages, switchyard: { variables: { x: 1 } } }), { "x-request-id": "refused-1" });
    expect(await eventOf("refused-1")).toMatchObject({
      outcome: "refused",
      status: 400,
      errorCode: "invalid_request",
      releaseId: "rel_test1",
      attempts: 0,
    });
  });
});

describe("a disk that takes no usage", () => {
  it("makes the gateway refuse visibly, tell clients when to come again, and go on by itself", async () => {
    let full = false;
    const spoolFiles: SpoolFiles = {
      ...systemSpoolFiles,
      append(fd, bytes, position) {
        if (full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        systemSpoolFiles.append(fd, bytes, position);
      },
    };
    const second = await startTestGateway({
      installation: gateway.installation,
      spoolFiles,
      config: simpleConfig(gateway.installation, upstream.url),
    });
    const ask = (stream: boolean) =>
      fetch(`${second.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${second.installation.keyText}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat", messages, stream }),
      });
    expect((await ask(false)).status).toBe(200);
    // The disk fills while a stream runs: its [DONE] may not go out, because its event is not on the disk.
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
      full = true;
      await wire.sleep(20);
      wire.write(`${httpChunk("data: [DONE]\n\n").toString()}${LAST_CHUNK}`);
    });
    const text = await (await ask(true)).text();
    expect(text).not.toContain("[DONE]");
    expect(text).toContain("usage_spool_full");
    const refused = await ask(false);
    expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("retry-after-ms")]).toEqual([503, "5", "5000"]);
    expect((await refused.json()).error.code).toBe("usage_spool_full");
    const ready = await fetch(`${second.url}/readyz`);
    expect([ready.status, (await ready.json()).problems]).toEqual([503, [expect.stringContaining("ENOSPC")]]);
    expect(await (await fetch(`${second.url}/metrics`)).text()).toMatch(/spool_refusing 1\n/);
    full = false;
    upstream.play(goodScript);
    await vi.waitFor(async () => expect((await ask(false)).status).toBe(200), { timeout: 5_000 });
    const events = (await second.events()).filter((e) => e.outcome !== "refused");
    expect(events.map((e) => [e.outcome, e.errorCode])).toEqual([
      ["complete", null],
      ["cut", "usage_spool_full"],
      ["complete", null],
    ]);
    await second.remove();
  });
});

describe("the official client's error classes", () => {
  const create = (model: string, apiKey = gateway.installation.keyText) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 }).chat.completions.create({ model, messages });

  it("are the ones it has for each refusal", async () => {
    await expect(create("chat", "sk-sy-wrong-wrong")).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(create("nope")).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: "model_not_found",
      param: "model",
      requestID: expect.stringMatching(/^req_/),
    });
    await expect(create("")).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    upstream.play((wire) => wire.end());
    await expect(create("chat")).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  });

  it("a stream that breaks raises an APIError instead of ending quietly", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
      await wire.sleep(50);
      wire.end();
    });
    const stream = await client.chat.completions.create({ model: "chat", messages, stream: true });
    const read = async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    };
    await expect(read()).rejects.toMatchObject({ constructor: OpenAI.APIError, code: "upstream_truncated" });
  });
});

describe("a client that goes away", () => {
  it("in the middle of a stream: the backend is left within 200 ms, and the delivered pieces are settled once", async () => {
    let closedAfter: Promise<number> = Promise.resolve(0);
    upstream.play(async (wire) => {
      closedAfter = wire.closed();
      wire.write(SSE_HEAD);
      while (!wire.socket.destroyed) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(10);
      }
    });
    const stream = await client.chat.completions.create(
      { model: "chat", messages, stream: true },
      { headers: { "x-request-id": "gone-stream" } },
    );
    let seen = 0;
    let abortedAt = 0;
    const startedAt = performance.now();
    for await (const _chunk of stream)
      if (++seen === 5) {
        abortedAt = performance.now() - startedAt;
        stream.controller.abort();
      }
    expect((await closedAfter) - abortedAt).toBeLessThan(200);
    const event = await eventOf("gone-stream");
    expect(event).toMatchObject({ outcome: "client_gone", tokensEstimated: true, status: 200 });
    expect(event.outputTokens).toBeGreaterThanOrEqual(5);
  });

  it("before the answer begins: the backend is left at once", async () => {
    let closed: Promise<number> = Promise.resolve(0);
    const called = new Promise<void>((resolve) => {
      upstream.play((wire) => {
        closed = wire.closed();
        resolve();
      });
    });
    const abort = new AbortController();
    const request = client.chat.completions.create(
      { model: "chat", messages },
      { signal: abort.signal, headers: { "x-request-id": "gone-early" } },
    );
    await called;
    const startedAt = performance.now();
    abort.abort();
    await expect(request).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(await eventOf("gone-early")).toMatchObject({ outcome: "client_gone", status: 499, outputTokens: 0 });
  });

  it("after the last chunk: the request stays complete", async () => {
    const stream = await client.chat.completions.create(
      { model: "chat", messages, stream: true },
      { headers: { "x-request-id": "gone-late" } },
    );
    for await (const _chunk of stream);
    stream.controller.abort();
    expect(await eventOf("gone-late")).toMatchObject({ outcome: "complete" });
  });

  it("in the middle of its body: no backend is called and nothing is settled", async () => {
    const before = upstream.requests.length;
    const events = (await gateway.events()).length;
    const port = Number(new URL(gateway.url).port);
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.installation.keyText}\r\ncontent-length: 500\r\n\r\n{"model"`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await vi.waitFor(async () => expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/in_flight_requests 0\n/));
    expect(upstream.requests.length).toBe(before);
    expect((await gateway.events()).length).toBe(events);
  });

  it("leaves no connection to the backend open", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      while (!wire.socket.destroyed) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(5);
      }
    });
    const before = upstream.connections();
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const stream = await client.chat.completions.create({ model: "chat", messages, stream: true });
        for await (const _chunk of stream) break;
      }),
    );
    await vi.waitFor(() => expect(upstream.connections()).toBeLessThanOrEqual(before));
  });
});

describe("a slow client", () => {
  it("whose body trickles is told 408, and no backend is called", async () => {
    const before = upstream.requests.length;
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.on("error", () => {});
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.installation.keyText}\r\ncontent-length: 5000\r\n\r\n`,
    );
    const drip = setInterval(() => socket.write(" "), 50);
    await new Promise((resolve) => socket.once("close", resolve));
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("request_timeout");
    expect(upstream.requests.length).toBe(before);
  });

  it("that stops reading pauses the backend and is cut when it takes nothing for too long", async () => {
    let written = 0;
    let stopped: Promise<number> = Promise.resolve(0);
    upstream.play(async (wire) => {
      stopped = wire.closed();
      wire.write(SSE_HEAD);
      const event = httpChunk(sse(deltaEvent("x".repeat(60_000))));
      while (!wire.socket.destroyed) {
        const taken = wire.socket.write(event);
        written += event.length;
        if (!taken) await Promise.race([new Promise((resolve) => wire.socket.once("drain", resolve)), wire.closed()]);
      }
    });
    const rssBefore = process.memoryUsage().rss;
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.on("error", () => {});
    const body = JSON.stringify({ model: "chat", messages, stream: true });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: slow-reader\r\nauthorization: Bearer ${gateway.installation.keyText}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.pause();
    await stopped;
    // Kernel buffers of both connections hold some megabytes on loopback; a gateway without backpressure would take everything.
    expect(written).toBeLessThan(40_000_000);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(150_000_000);
    expect(await eventOf("slow-reader")).toMatchObject({ outcome: "client_gone" });
    socket.destroy();
  });

  it("that reads slowly gets everything", async () => {
    const pieces = Array.from({ length: 200 }, (_, i) => `${i} ${"y".repeat(20_000)}`);
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      for (const event of streamEvents(pieces)) wire.write(httpChunk(event));
      wire.write(LAST_CHUNK);
    });
    const stream = await client.chat.completions.create(
      { model: "chat", messages, stream: true },
      { headers: { "x-request-id": "slow-but-steady" } },
    );
    const got: string[] = [];
    for await (const chunk of stream) {
      got.push(chunk.choices[0]?.delta.content ?? "");
      if (got.length % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(got.filter((text) => text !== "")).toEqual(pieces);
    expect(await eventOf("slow-but-steady")).toMatchObject({ outcome: "complete", answerChars: pieces.join("").length });
  });
});

describe("what is recorded of a request", () => {
  it("has times, tokens, exact cost, route and the hash of the subject, never its text", async () => {
    const created = await client.chat.completions.create(
      { model: "chat", messages: [{ role: "user", content: "안녕!" }], user: "ignored@example.com" },
      { headers: { "x-request-id": "recorded-1", "x-switchyard-subject": Buffer.from("김하늘").toString("latin1") } },
    );
    expect(created.choices).toHaveLength(1);
    const event = await eventOf("recorded-1");
    expect(event).toMatchObject({
      projectId: "prj_00000000000070008000000000000001",
      environment: "production",
      keyId: "gwk_test",
      source: "application",
      api: "/v1/chat/completions",
      streamed: false,
      generation: 1,
      releaseId: "rel_test1",
      servedReleaseId: "rel_test1",
      armName: "steady",
      modelVersionId: "mdv_test",
      outcome: "complete",
      status: 200,
      errorCode: null,
      cache: "bypass",
      attempts: 1,
      ttftMs: null,
      tpotMs: null,
      inputTokens: 10,
      outputTokens: 5,
      tokensEstimated: false,
      priceId: "prc_test",
      costUsd: "0.000075",
      promptChars: 3,
      answerChars: 11,
      subjectHash: "a82c41004bf2c1ebb72e9673b0656754e588c4785738800b07930bdef9aa747b",
    });
  });

  it("has TTFT and TPOT for a stream, and no subject hash without a subject", async () => {
    const stream = await client.chat.completions.create(
      { model: "chat", messages, stream: true },
      { headers: { "x-request-id": "recorded-2" } },
    );
    for await (const _chunk of stream);
    const event = await eventOf("recorded-2");
    expect(event.subjectHash).toBeNull();
    const { ttftMs, tpotMs, totalMs, queueMs } = event;
    if (ttftMs === null || tpotMs === null) throw new Error("a stream of three tokens has both");
    expect(ttftMs).toBeGreaterThan(0);
    expect(ttftMs).toBeLessThanOrEqual(totalMs);
    expect(queueMs).toBeLessThanOrEqual(totalMs);
    expect(tpotMs).toBeCloseTo((totalMs - ttftMs) / 4, 6);
  });
});
