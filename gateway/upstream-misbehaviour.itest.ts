import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type Script,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
  streamEvents,
  usageEvent,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { simpleConfig } from "./testing/test-installation";

const API_KEY = "sk-backend-canary-0123456789";
let upstream: ScriptedUpstream;
let gateway: TestGateway;
let generation = 1;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.remove();
  await upstream.close();
});
beforeEach(async () => {
  upstream.play(goodScript);
  await serve(upstream.url);
});

async function serve(url: string): Promise<void> {
  const config = simpleConfig(gateway.installation, url, {
    connectTimeoutMs: 500,
    firstByteTimeoutMs: 400,
    idleTimeoutMs: 300,
    totalTimeoutMs: 1_200,
  });
  const [backend] = config.backends;
  if (backend === undefined) throw new Error("no backend");
  const apiKey = gateway.installation.sealBackendKey(backend.backendId, API_KEY);
  await gateway.serve({ ...config, generation: generation++, backends: [{ ...backend, apiKey }] });
}

interface Answer {
  status: number;
  text: string;
  headers: Headers;
  tookMs: number;
  /** The one event that this request left in the spool. */
  event: UsageEvent | undefined;
}

async function ask(stream: boolean, more: object = {}): Promise<Answer> {
  const startedMs = performance.now();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }], stream, ...more }),
  });
  const text = await readText(response);
  const tookMs = performance.now() - startedMs;
  const found = (await gateway.events()).filter((e) => e.requestId === response.headers.get("x-request-id"));
  expect(found).toHaveLength(1);
  expect(text).not.toContain(API_KEY);
  return { status: response.status, text, headers: response.headers, tookMs, event: found[0] };
}

/** Called when the client has the first byte of an answer's body: scripts wait for it before they break the rest. */
let clientHasBytes = () => {};
const untilClientHasBytes = () => new Promise<void>((resolve) => (clientHasBytes = resolve));

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) {
    clientHasBytes();
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

const errorOf = (answer: Answer) => JSON.parse(answer.text).error;
/** The data of every event of a stream. */
const dataOf = (text: string) => text.split("\n\n").flatMap((e) => (e.startsWith("data: ") ? [e.slice(6)] : []));

const both = (name: string, script: Script, expected: { status: number; code: string }) =>
  it.each([false, true])(`${name}: ${expected.status} ${expected.code} (stream: %s)`, async (stream) => {
    upstream.play(script);
    const answer = await ask(stream);
    expect(answer.status).toBe(expected.status);
    expect(errorOf(answer)).toEqual({ message: expect.any(String), type: expect.any(String), param: null, code: expected.code });
    expect(answer.event).toMatchObject({ outcome: "failed", errorCode: expected.code, status: expected.status });
  });

/** Plays raw bytes to streams and whole requests alike. */
const plain =
  (status: number, body: string, headers: Record<string, string> = {}): Script =>
  (wire) =>
    wire.write(httpAnswer(status, body, headers));

describe("before the first byte", () => {
  it.each([false, true])("a refused connection is 502 within 100 ms (stream: %s)", async (stream) => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await serve(`http://127.0.0.1:${port}`);
    const answer = await ask(stream);
    expect([answer.status, errorOf(answer).code]).toEqual([502, "upstream_unavailable"]);
    expect(answer.tookMs).toBeLessThan(250);
  });

  it("a name that does not resolve is 502", async () => {
    await serve("http://no-such-host.invalid:8000");
    expect(errorOf(await ask(false)).code).toBe("upstream_unavailable");
  });

  it("a full backlog is 504 after the connect limit", async () => {
    // TEST-NET-1 answers nothing where it is routed at all; where it is not, the connection fails at once and this proves nothing.
    await serve("http://192.0.2.1:9");
    const answer = await ask(false);
    expect(["upstream_timeout", "upstream_unavailable"]).toContain(errorOf(answer).code);
    expect(answer.tookMs).toBeLessThan(1_000);
  });

  it("a private address that the operator does not allow is never connected to", async () => {
    const config = simpleConfig(gateway.installation, upstream.url, { privateAllowed: false });
    await gateway.serve({ ...config, generation: generation++ });
    const before = upstream.requests.length;
    expect(errorOf(await ask(false)).code).toBe("upstream_unavailable");
    expect(upstream.requests.length).toBe(before);
  });

  both("accepts and never answers", () => {}, { status: 504, code: "upstream_timeout" });
  both(
    "headers one byte at a time",
    async (wire) => {
      for (const byte of httpAnswer(200, "{}")) {
        if (wire.socket.destroyed) return;
        wire.write(byte);
        await wire.sleep(50);
      }
    },
    { status: 504, code: "upstream_timeout" },
  );
  both("resets on a fresh connection", (wire) => wire.reset(), { status: 502, code: "upstream_unavailable" });
  both("closes without an answer", (wire) => wire.end(), { status: 502, code: "upstream_unavailable" });
  both("does not speak HTTP", (wire) => wire.write("SSH-2.0-OpenSSH_9.2\r\n"), { status: 502, code: "upstream_failed" });
  both("two lengths", plain(200, "{}", { "content-length": "2\r\ncontent-length: 7" }), { status: 502, code: "upstream_failed" });
  both("a negative length", plain(200, "{}", { "content-length": "-5" }), { status: 502, code: "upstream_failed" });
  both("a length and chunks", plain(200, "{}", { "transfer-encoding": "chunked" }), { status: 502, code: "upstream_failed" });
  both("a redirect to elsewhere", plain(302, "", { location: "http://127.0.0.1:1/" }), { status: 502, code: "upstream_failed" });
  both("a redirect that keeps the method", plain(307, "", { location: "/v1/chat/completions" }), { status: 502, code: "upstream_failed" });
  both("HTML with 200", plain(200, "<html>hello</html>", { "content-type": "text/html" }), { status: 502, code: "upstream_failed" });
  both("HTML with 503", plain(503, "<html>busy</html>", { "content-type": "text/html" }), { status: 502, code: "upstream_failed" });
  both("refused credentials that echo the key", plain(401, JSON.stringify({ error: { message: `wrong key ${API_KEY}` } })), {
    status: 502,
    code: "upstream_failed",
  });
  both("forbidden", plain(403, JSON.stringify({ detail: API_KEY })), { status: 502, code: "upstream_failed" });
  both("an unknown model", plain(404, JSON.stringify({ object: "error", message: "no such model" })), {
    status: 502,
    code: "upstream_failed",
  });
  both("bad input", plain(400, JSON.stringify({ object: "error", message: "temperature is too hot" })), {
    status: 400,
    code: "upstream_rejected",
  });
  both("unprocessable input", plain(422, JSON.stringify({ detail: [{ msg: "missing" }] })), { status: 400, code: "upstream_rejected" });
  both("compressed without being asked", plain(200, gzipSync("{}").toString("latin1"), { "content-encoding": "gzip" }), {
    status: 502,
    code: "upstream_failed",
  });
  both("an error of its own", plain(500, JSON.stringify({ error: { message: "CUDA out of memory" } })), {
    status: 502,
    code: "upstream_failed",
  });

  it("tells the backend's words, never sends its key back, and never follows", async () => {
    upstream.play(plain(400, JSON.stringify({ object: "error", message: `temperature is too hot for ${API_KEY}` })));
    expect(errorOf(await ask(false)).message).toBe("temperature is too hot for [redacted]");
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${API_KEY}`);
  });

  it.each([
    ["2", "2", "2000"],
    ["99999", "30", "30000"],
    ["garbage", "1", "1000"],
  ])("429 with Retry-After %s is passed on within bounds", async (sent, seconds, ms) => {
    upstream.play(plain(429, JSON.stringify({ error: { message: "slow down" } }), { "retry-after": sent }));
    const answer = await ask(true);
    expect(answer.status).toBe(429);
    expect([answer.headers.get("retry-after"), answer.headers.get("retry-after-ms")]).toEqual([seconds, ms]);
    expect(errorOf(answer)).toMatchObject({ code: "upstream_rate_limited", message: "slow down" });
  });

  it("an error event as the first of a stream is still a plain error answer", async () => {
    upstream.play((wire) => wire.write(SSE_HEAD + httpChunk(sse({ error: { message: "no slot", code: 500 } })).toString() + LAST_CHUNK));
    const answer = await ask(true);
    expect([answer.status, errorOf(answer).message]).toEqual([502, "no slot"]);
  });

  it("JSON where a stream was asked for is an error, not a silent nothing", async () => {
    upstream.play(plain(200, completion("hello")));
    expect(errorOf(await ask(true))).toMatchObject({ code: "upstream_failed" });
  });

  it("200 with an error body is an error", async () => {
    upstream.play(plain(200, JSON.stringify({ error: { message: "model is loading" } })));
    expect(await ask(false)).toMatchObject({ status: 502 });
  });
});

describe("keep-alive", () => {
  it("a connection closed as we send is tried again once, without the client noticing", async () => {
    await ask(false);
    upstream.play((wire) => (wire.request.onConnection > 1 ? wire.reset() : goodScript(wire)));
    const answer = await ask(false);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-switchyard-attempts")).toBe("2");
    expect(answer.event).toMatchObject({ outcome: "complete", attempts: 2 });
  });

  it("a connection closed politely between requests costs nothing", async () => {
    upstream.play(async (wire) => {
      await goodScript(wire);
      wire.end();
    });
    for (let i = 0; i < 10; i++) expect((await ask(i % 2 === 0)).status).toBe(200);
  });
});

describe("in the middle of a whole answer", () => {
  const text = completion("Hello there");
  const brokenOff =
    (bytes: string, how: "end" | "reset"): Script =>
    async (wire) => {
      wire.write(bytes);
      // An RST overtakes what the gateway has not read yet.
      if (how === "reset") await wire.sleep(30);
      wire[how]();
    };
  it.each<[string, Script]>([
    ["FIN before the length is reached", brokenOff(httpAnswer(200, text, { "content-length": String(text.length + 50) }), "end")],
    ["FIN without a length", brokenOff(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${text.slice(0, 40)}`, "end")],
    ["a length that is too short", (wire) => wire.write(httpAnswer(200, text, { "content-length": String(text.length - 30) }))],
    [
      "a bad chunk size",
      (wire) => wire.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    ],
  ])("%s is 502 upstream_truncated", async (_name, script) => {
    upstream.play(script);
    const answer = await ask(false);
    expect([answer.status, errorOf(answer).code]).toEqual([502, "upstream_truncated"]);
    upstream.play(goodScript);
    expect((await ask(false)).status).toBe(200);
  });

  it("RST is 502", async () => {
    upstream.play(brokenOff(httpAnswer(200, text).slice(0, -20), "reset"));
    expect(await ask(false)).toMatchObject({ status: 502, event: { outcome: "failed" } });
  });

  it("a trickle ends at the whole time allowed", async () => {
    upstream.play(async (wire) => {
      for (const byte of httpAnswer(200, text)) {
        if (wire.socket.destroyed) return;
        wire.write(byte);
        await wire.sleep(10);
      }
    });
    const answer = await ask(false);
    expect([answer.status, errorOf(answer).code]).toEqual([504, "upstream_timeout"]);
    expect(answer.tookMs).toBeLessThan(1_200 + 250);
  });

  it("is relayed byte for byte when it is whole", async () => {
    const odd = `${text.slice(0, -1)} ,  "extra" : [1e2,"\\u00e9 안녕"]  }\n`;
    upstream.play(plain(200, odd));
    expect((await ask(false)).text).toBe(odd);
  });
});

describe("in the middle of a stream", () => {
  const playChunks =
    (pieces: readonly (string | Buffer)[], then: Script = (wire) => wire.write(LAST_CHUNK)): Script =>
    async (wire) => {
      const heard = untilClientHasBytes();
      wire.write(SSE_HEAD);
      for (const piece of pieces) wire.write(httpChunk(piece));
      await heard;
      await then(wire);
    };
  const two = [sse(deltaEvent("Hel")), sse(deltaEvent("lo"))];

  it.each<[string, Script, string]>([
    ["RST", playChunks(two, (wire) => wire.reset()), "upstream_truncated"],
    ["FIN", playChunks(two, (wire) => wire.end()), "upstream_truncated"],
    ["an end without [DONE] and finish reason", playChunks(two), "upstream_truncated"],
    ["an end inside an event", playChunks([...two, sse(deltaEvent("x")).slice(0, 30)]), "upstream_truncated"],
    ["silence", playChunks(two, () => {}), "upstream_timeout"],
    ["an event that is no JSON", playChunks([...two, "data: {oops\n\n"]), "upstream_failed"],
    ["an event that is an array", playChunks([...two, "data: [1,2]\n\n"]), "upstream_failed"],
    ["an error event", playChunks([...two, sse({ object: "error", error: { message: "preempted" } })]), "upstream_failed"],
    ["one endless event", playChunks([...two, ...Array.from({ length: 30 }, () => "x".repeat(65_536))]), "upstream_failed"],
    ["one endless line", playChunks([...two, Buffer.alloc(2_000_000, 0x61)]), "upstream_failed"],
  ])("%s ends with an error event and no [DONE]", async (_name, script, code) => {
    upstream.play(script);
    const answer = await ask(true);
    expect(answer.status).toBe(200);
    const data = dataOf(answer.text);
    expect(answer.text.startsWith(two.join(""))).toBe(true);
    expect(data).toHaveLength(3);
    expect(JSON.parse(data[2] ?? "")).toEqual({ error: { message: expect.any(String), type: "server_error", param: null, code } });
    expect(answer.text).not.toContain("[DONE]");
    expect(answer.event).toMatchObject({
      outcome: "cut",
      status: 200,
      errorCode: code,
      outputTokens: 2,
      tokensEstimated: true,
      answerChars: 5,
    });
  });

  it("a stream that only ends by closing is not believed, even after its finish reason", async () => {
    upstream.play((wire) => {
      wire.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${two.join("")}${sse(finishEvent())}`);
      wire.end();
    });
    expect((await ask(true)).event).toMatchObject({ outcome: "cut", errorCode: "upstream_truncated" });
  });

  it("a backend that never sends [DONE] is complete when HTTP and the finish reason say so, and gets no false [DONE]", async () => {
    upstream.play(playChunks([...two, sse(Object.assign(finishEvent(), { usage: { prompt_tokens: 4, completion_tokens: 2 } }))]));
    const answer = await ask(true);
    expect(answer.event).toMatchObject({ outcome: "complete", inputTokens: 4, outputTokens: 2, tokensEstimated: false });
    expect(answer.text).not.toContain("[DONE]");
  });

  it("what follows [DONE] is ignored", async () => {
    upstream.play(playChunks([...streamEvents(["a", "b"]), sse(deltaEvent("late")), DONE_EVENT]));
    const answer = await ask(true);
    expect(answer.text).not.toContain("late");
    expect(answer.text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(answer.event).toMatchObject({ outcome: "complete", outputTokens: 5 });
  });

  it("events that trickle in whole keep it alive, bytes that never make one do not", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      for (let i = 0; i < 5; i++) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(150);
      }
      for (const event of streamEvents([])) wire.write(httpChunk(event));
      wire.write(LAST_CHUNK);
    });
    expect((await ask(true)).event).toMatchObject({ outcome: "complete" });
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
      for (let i = 0; i < 100 && !wire.socket.destroyed; i++) {
        wire.write(httpChunk("x"));
        await wire.sleep(50);
      }
    });
    const answer = await ask(true);
    expect(answer.event).toMatchObject({ outcome: "cut", errorCode: "upstream_timeout" });
    expect(answer.tookMs).toBeLessThan(300 + 50 + 250);
  });

  it("the whole time allowed ends an endless stream", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      while (!wire.socket.destroyed) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(20);
      }
    });
    const answer = await ask(true);
    expect(answer.event).toMatchObject({ outcome: "cut", errorCode: "upstream_timeout" });
    expect(answer.tookMs).toBeLessThan(1_200 + 250);
  });

  it("cut at every byte it gives the same relay and the same metering", async () => {
    const stream = [...streamEvents(["안", "녕 🙂", "x"], { prompt_tokens: 7, completion_tokens: 3 })].join("");
    const bytes = Buffer.from(stream);
    const expected = stream.replace(sse(usageEvent({ prompt_tokens: 7, completion_tokens: 3 })), "");
    for (let cut = 1; cut < bytes.length; cut += 7) {
      upstream.play((wire) =>
        wire.write(
          Buffer.concat([
            Buffer.from(SSE_HEAD),
            httpChunk(bytes.subarray(0, cut)),
            httpChunk(bytes.subarray(cut)),
            Buffer.from(LAST_CHUNK),
          ]),
        ),
      );
      const answer = await ask(true);
      expect(answer.text).toBe(expected);
      expect(answer.event).toMatchObject({ outcome: "complete", inputTokens: 7, outputTokens: 3, answerChars: 6, tokensEstimated: false });
    }
    upstream.play((wire) =>
      wire.write(Buffer.concat([Buffer.from(SSE_HEAD), ...[...bytes].map((byte) => httpChunk(Buffer.of(byte))), Buffer.from(LAST_CHUNK)])),
    );
    const answer = await ask(true);
    expect(answer.text).toBe(expected);
    expect(answer.event).toMatchObject({ outcome: "complete", outputTokens: 3, answerChars: 6 });
  });

  it.each([
    ["absent", undefined, { outputTokens: 2, tokensEstimated: true }],
    ["zero", { prompt_tokens: 0, completion_tokens: 0 }, { inputTokens: 0, outputTokens: 0, tokensEstimated: false }],
    ["negative", { prompt_tokens: 1, completion_tokens: -1 }, { outputTokens: 2, tokensEstimated: true }],
    ["a text", { prompt_tokens: "1", completion_tokens: "2" }, { outputTokens: 2, tokensEstimated: true }],
    ["huge", { prompt_tokens: 1, completion_tokens: 1e18 }, { outputTokens: 2, tokensEstimated: true }],
  ])("usage that is %s is metered as it must be", async (_name, usage, expected) => {
    const events = [...two, sse(finishEvent()), ...(usage === undefined ? [] : [sse(usageEvent(usage))]), DONE_EVENT];
    upstream.play(playChunks(events));
    expect((await ask(true)).event).toMatchObject({ outcome: "complete", ...expected });
  });

  it("choices that interleave, tool calls and missing fields are relayed as they are and counted", async () => {
    const events = [
      sse(deltaEvent("a", 0)),
      sse(deltaEvent("b", 1)),
      sse({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] } }] }),
      sse({ id: "other", model: 5, choices: [] }),
      sse(finishEvent(0)),
      sse(finishEvent(1)),
      DONE_EVENT,
    ];
    upstream.play(playChunks(events));
    const answer = await ask(true, { n: 2 });
    expect(answer.text).toBe(events.join(""));
    expect(answer.event).toMatchObject({ outcome: "complete", outputTokens: 3, answerChars: 9 });
  });
});
