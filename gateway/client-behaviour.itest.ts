import { connect } from "node:net";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { eventually } from "@/test/eventually";
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

/** The event of the request with this client id, as soon as it is settled. */
async function eventOf(clientRequestId: string): Promise<UsageEvent> {
  return eventually(async () => {
    const found = (await gateway.events()).filter((e) => e.clientRequestId === clientRequestId);
    expect(found).toHaveLength(1);
    const [event] = found;
    if (event === undefined) throw new Error("not yet");
    return event;
  });
}

describe("a client that goes away", () => {
  it("in the middle of a stream: the backend is left, and the delivered pieces are settled once", async () => {
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
    for await (const _chunk of stream) if (++seen === 5) stream.controller.abort();
    // The script goes on until the gateway hangs up.
    await closedAfter;
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
    abort.abort();
    await expect(request).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await closed;
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
    await eventually(async () => expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/in_flight_requests 0\n/));
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
    await eventually(() => expect(upstream.connections()).toBeLessThanOrEqual(before));
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
