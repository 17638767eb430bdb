import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "@/test/eventually";
import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type Script,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
  usageEvent,
  type Wire,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { simpleConfig } from "./testing/test-installation";

/**
 * What llama.cpp's server was seen to do otherwise than others: it goes on with a whole answer whose caller has gone, but gives up a stream;
 * the first event has `content: null`; codes of errors are numbers; broken JSON is a 500; while it loads, every route is a 503; it closes
 * kept connections after 5 s or 100 requests; it breaks off its streams when it is stopped.
 */
let gateway: TestGateway;
let upstream: ScriptedUpstream;

const roleEvent = sse({ ...deltaEvent(""), choices: [{ index: 0, delta: { role: "assistant", content: null }, finish_reason: null }] });
const event = (wire: Wire, text: string) => wire.write(httpChunk(text));

/** A good answer: a stream, or whole when that is what it is asked for. */
const llama: Script = (wire) => {
  if (wire.request.path === "/health") return wire.write(httpAnswer(200, '{"status":"ok"}'));
  if (wire.request.path === "/metrics")
    return wire.write(httpAnswer(200, "llamacpp:requests_processing 1\nllamacpp:requests_deferred 2\n", { "content-type": "text/plain" }));
  if (!wire.request.body.includes('"stream":true')) return wire.write(httpAnswer(200, completion("whole")));
  wire.write(SSE_HEAD);
  event(wire, roleEvent);
  for (const text of ["Hel", "lo"]) event(wire, sse(deltaEvent(text)));
  event(wire, sse(finishEvent()));
  event(wire, sse(usageEvent({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 })));
  event(wire, DONE_EVENT);
  wire.write(LAST_CHUNK);
};

beforeEach(async () => {
  upstream = await startScriptedUpstream(llama);
  gateway = await startTestGateway();
  await gateway.serve(simpleConfig(gateway.installation, upstream.url, { kind: "llamacpp" }));
});
afterEach(async () => {
  await gateway.remove();
  await upstream.close();
});

function send(body: object | string, { signal, path = "chat/completions" }: { signal?: AbortSignal; path?: string } = {}) {
  return fetch(`${gateway.url}/v1/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}
const chat = { model: "chat", messages: [{ role: "user", content: "Hi" }] };
async function ask(...args: Parameters<typeof send>) {
  const response = await send(...args);
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("a whole answer of llama.cpp", () => {
  it("is asked as a stream and comes to the client whole, metered as the server counted", async () => {
    const answer = await ask(chat);
    expect([answer.status, answer.type]).toEqual([200, "application/json"]);
    expect(JSON.parse(answer.text)).toMatchObject({
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 7, completion_tokens: 2 },
    });
    expect(JSON.parse(upstream.requests[0]?.body ?? "")).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(await gateway.events()).toMatchObject([
      { outcome: "complete", streamed: false, inputTokens: 7, outputTokens: 2, tokensEstimated: false, answerChars: 5, ttftMs: null },
    ]);
  });

  it("of a client that has gone is given up: the server's slot is free", async () => {
    let heard: (wire: Wire) => void = () => {};
    const called = new Promise<Wire>((resolve) => {
      heard = resolve;
    });
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      event(wire, roleEvent);
      event(wire, sse(deltaEvent("on and on")));
      heard(wire);
    });
    const leaving = new AbortController();
    const left = send(chat, { signal: leaving.signal }).catch(() => null);
    const wire = await called;
    leaving.abort();
    await wire.closed();
    await left;
    await eventually(async () => expect(await gateway.events()).toMatchObject([{ outcome: "client_gone", attempts: 1 }]));
  });

  it.each([
    ["breaks off in the middle, as when it is stopped", (wire: Wire) => wire.end(), 502, "upstream_truncated"],
    [
      "tells an error in the stream",
      (wire: Wire) => event(wire, sse({ error: { code: 500, message: "no memory" } })),
      502,
      "upstream_failed",
    ],
    ["sends what is no JSON", (wire: Wire) => event(wire, "data: {oops\n\n"), 502, "upstream_failed"],
  ])("that %s is an error, never half an answer", async (_name, end, status, code) => {
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      event(wire, roleEvent);
      event(wire, sse(deltaEvent("half")));
      end(wire);
    });
    const answer = await ask(chat);
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([status, code]);
    expect(await gateway.events()).toMatchObject([{ outcome: "failed", errorCode: code }]);
  });

  it("that ends without the end marker counts when every choice was finished", async () => {
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      for (const text of [roleEvent, sse(deltaEvent("all")), sse(finishEvent())]) event(wire, text);
      wire.write(LAST_CHUNK);
    });
    expect(JSON.parse((await ask(chat)).text).choices[0].message.content).toBe("all");
  });

  it("is whole from the server where it generates nothing, as embeddings", async () => {
    upstream.play((wire) =>
      wire.write(httpAnswer(200, JSON.stringify({ object: "list", data: [{ index: 0, embedding: [1] }], usage: {} }))),
    );
    expect((await ask({ model: "chat", input: "a" }, { path: "embeddings" })).status).toBe(200);
    expect(upstream.requests[0]?.body).not.toContain("stream");
  });
});

describe("a stream of llama.cpp", () => {
  it("goes through as it comes: a first event without content is no first token", async () => {
    const { text } = await ask({ ...chat, stream: true });
    expect(text.startsWith(roleEvent)).toBe(true);
    expect(text.endsWith(DONE_EVENT)).toBe(true);
    expect(await gateway.events()).toMatchObject([{ outcome: "complete", outputTokens: 2, answerChars: 5 }]);
  });
});

describe("llama.cpp's other ways", () => {
  it("numbers as codes of errors, and its own word for a context that is too long", async () => {
    const refusal = { error: { code: 400, message: "the request exceeds the available context size", type: "exceed_context_size_error" } };
    upstream.play((wire) => wire.write(httpAnswer(400, JSON.stringify(refusal))));
    const answer = await ask(chat);
    expect([answer.status, JSON.parse(answer.text).error]).toMatchObject([
      400,
      { code: "context_length_exceeded", type: "invalid_request_error" },
    ]);
  });

  it("never hears of broken JSON, which it would call its own fault", async () => {
    expect(JSON.parse((await ask('{"model": "chat", "messages": [')).text).error.code).toBe("invalid_json");
    expect(upstream.requests).toHaveLength(0);
  });

  it("closes a kept connection as the next request comes: it is sent again, and the client sees nothing of it", async () => {
    expect((await ask(chat)).status).toBe(200);
    upstream.play((wire) => (wire.request.onConnection > 1 ? wire.end() : llama(wire)));
    expect((await ask(chat)).status).toBe(200);
    expect(upstream.requests.map((r) => r.onConnection)).toEqual([1, 2, 1]);
  });

  it("says 503 on every route while it loads: its health is known, and requests are told when to come again", async () => {
    const loading = httpAnswer(503, JSON.stringify({ error: { code: 503, message: "Loading model", type: "unavailable_error" } }));
    upstream.play((wire) => wire.write(loading));
    const answer = await ask(chat);
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([503, "upstream_overloaded"]);
  });

  it("has its health and its load where its kind says", async () => {
    await gateway.remove();
    gateway = await startTestGateway({ probeEveryMs: 1_000 });
    await gateway.serve(simpleConfig(gateway.installation, `${upstream.url}/v1`, { kind: "llamacpp" }));
    await eventually(async () => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      expect(text).toMatch(/backend_healthy\{[^}]*\} 1\n/);
      expect(text).toMatch(/backend_server_waiting\{[^}]*\} 2\n/);
      expect(text).toMatch(/backend_server_running\{[^}]*\} 1\n/);
    });
  });
});
