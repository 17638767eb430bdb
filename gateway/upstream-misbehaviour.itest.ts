import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BACKEND_KEY, errorOf, MisbehaviourBench } from "./testing/misbehaviour-bench";
import {
  completion,
  goodScript,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type Script,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
} from "./testing/scripted-upstream";

let bench: MisbehaviourBench;
let upstream: ScriptedUpstream;
const ask = (stream: boolean, more: object = {}) => bench.ask(stream, more);

beforeAll(async () => {
  bench = await MisbehaviourBench.open();
  upstream = bench.upstream;
});
afterAll(() => bench.close());
beforeEach(async () => {
  upstream.play(goodScript);
  await bench.serve(upstream.url);
});

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
  it.each([false, true])("a refused connection is 502 after it was tried again (stream: %s)", async (stream) => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await bench.serve(`http://127.0.0.1:${port}`);
    const answer = await ask(stream);
    expect([answer.status, errorOf(answer).code]).toEqual([502, "upstream_unavailable"]);
    expect(answer.headers.get("x-switchyard-attempts")).toBe("3");
  });

  it("a name that does not resolve is 502", async () => {
    await bench.serve("http://no-such-host.invalid:8000");
    expect(errorOf(await ask(false)).code).toBe("upstream_unavailable");
  });

  it("a full backlog is 504 after the connect limit", async () => {
    // TEST-NET-1 answers nothing where it is routed at all; where it is not, the connection fails at once and this proves nothing.
    await bench.serve("http://192.0.2.1:9");
    const answer = await ask(false);
    expect(["upstream_timeout", "upstream_unavailable"]).toContain(errorOf(answer).code);
  });

  it("a private address that the operator does not allow is never connected to", async () => {
    await bench.serve(upstream.url, false);
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
  both("refused credentials that echo the key", plain(401, JSON.stringify({ error: { message: `wrong key ${BACKEND_KEY}` } })), {
    status: 502,
    code: "upstream_failed",
  });
  both("forbidden", plain(403, JSON.stringify({ detail: BACKEND_KEY })), { status: 502, code: "upstream_failed" });
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
    upstream.play(plain(400, JSON.stringify({ object: "error", message: `temperature is too hot for ${BACKEND_KEY}` })));
    expect(errorOf(await ask(false)).message).toBe("temperature is too hot for [redacted]");
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${BACKEND_KEY}`);
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
