import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  DONE_EVENT,
  deltaEvent,
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
import { simpleConfig } from "./testing/test-installation";

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  gateway = await startTestGateway();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.remove();
  await upstream.close();
});
let generation = 0;
beforeEach(async () => {
  upstream.play(goodScript);
  // A backend of its own for each test: none is left alone for the failures of another.
  await gateway.serve({ ...simpleConfig(gateway.installation, upstream.url, { kind: "vllm" }), generation: ++generation });
});

const textChunk = (text: string, finish_reason: string | null = null, more: object = {}) =>
  sse({ id: "cmpl-1", object: "text_completion", created: 1, model: "m", choices: [{ index: 0, text, finish_reason }], ...more });

const post = (path: string, body: string) =>
  fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body,
  });

const lastEvent = async () => (await gateway.events()).at(-1);

describe("completions", () => {
  it("are relayed whole, byte for byte, and metered", async () => {
    const answer = `{ "object":"text_completion","choices":[{"text":"\\u00e9\\/","index":0,"finish_reason":"stop","x":10000000000000001}],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n`;
    upstream.play((wire) => wire.write(httpAnswer(200, answer)));
    const response = await post("/v1/completions", '{"model":"chat","prompt":["Once","Twice"],"seed":9007199254740993,"max_tokens":4}');
    expect(await response.text()).toBe(answer);
    expect(upstream.requests.at(-1)).toMatchObject({
      path: "/v1/completions",
      body: '{"model":"served-model","prompt":["Once","Twice"],"seed":9007199254740993,"max_tokens":4}',
    });
    expect(await lastEvent()).toMatchObject({
      api: "/v1/completions",
      outcome: "complete",
      inputTokens: 3,
      outputTokens: 2,
      tokensEstimated: false,
      promptChars: 9,
      answerChars: 2,
      costUsd: "0.0000275",
    });
  });

  it("stream, with the usage taken out that the caller did not ask for", async () => {
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      for (const event of [textChunk("On"), textChunk("ce", "stop")]) wire.write(httpChunk(event));
      wire.write(httpChunk(sse({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })));
      wire.write(httpChunk("data: [DONE]\n\n"));
      wire.write(LAST_CHUNK);
    });
    const stream = await client.completions.create({ model: "chat", prompt: "x", stream: true });
    const seen: unknown[] = [];
    for await (const chunk of stream) seen.push([chunk.choices[0]?.text, chunk.usage]);
    expect(seen).toEqual([
      ["On", undefined],
      ["ce", undefined],
    ]);
    expect(await lastEvent()).toMatchObject({ streamed: true, outcome: "complete", inputTokens: 3, outputTokens: 2, answerChars: 4 });
  });
});

describe("embeddings", () => {
  it("come as the caller asked for them, and cost their input", async () => {
    const vector = Buffer.from(new Float32Array([1, 0.5, -2]).buffer);
    upstream.play((wire) => {
      const isBase64 = wire.request.body.includes('"encoding_format":"base64"');
      const embedding = isBase64 ? vector.toString("base64") : [1, 0.5, -2];
      const body = { object: "list", data: [{ object: "embedding", index: 0, embedding }], usage: { prompt_tokens: 4, total_tokens: 4 } };
      wire.write(httpAnswer(200, JSON.stringify(body)));
    });
    for (const encoding_format of [undefined, "float"] as const) {
      const answer = await client.embeddings.create({ model: "chat", input: ["one", "two"], encoding_format });
      expect(answer.data[0]?.embedding).toEqual([1, 0.5, -2]);
      expect(await lastEvent()).toMatchObject({
        api: "/v1/embeddings",
        inputTokens: 4,
        outputTokens: 0,
        tokensEstimated: false,
        ttftMs: null,
        costUsd: "0.00001",
      });
    }
  });
});

describe("an answer of another kind", () => {
  it.each([
    ["/v1/completions", { prompt: "x" }, '{"object":"list","data":[]}'],
    ["/v1/embeddings", { input: "x" }, '{"object":"text_completion","choices":[]}'],
    ["/v1/chat/completions", { messages: [{ role: "user", content: "x" }] }, "{}"],
  ])("than %s gives is an error, never an empty answer", async (path, fields, answer) => {
    upstream.play((wire) => wire.write(httpAnswer(200, answer)));
    const response = await post(path, JSON.stringify({ model: "chat", ...fields }));
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "upstream_failed" } });
  });
});

const usage = { prompt_tokens: 3, completion_tokens: 2 };

/** The text of a streamed chat whose backend sends these events. */
async function streamChat(events: readonly string[], options?: object): Promise<{ status: number; text: string }> {
  upstream.play((wire) => {
    wire.write(SSE_HEAD);
    for (const event of events) wire.write(httpChunk(event));
    wire.write(LAST_CHUNK);
  });
  const body = { model: "chat", messages: [{ role: "user", content: "x" }], stream: true, stream_options: options };
  const response = await post("/v1/chat/completions", JSON.stringify(body));
  return { status: response.status, text: await response.text() };
}

describe("the bytes of a stream", () => {
  it("come as they were sent: comments, ids, line ends, escapes, digits, several choices, log probabilities", async () => {
    const piece = (index: number, text: string, finish: string) =>
      `data: { "choices":[{"logprobs":{"content":[{"token":"\\u00e9","logprob":-1.10}]},"index":${index},"delta":{"content":"${text}"},"finish_reason":${finish}}],"created":10000000000000001,"usage":null}`;
    const events = [
      ": ping\n\n",
      `id: 1\nevent: message\n${piece(0, "a\\/", "null")}\n\n`,
      `${piece(1, "\\ud83d\\ude00", "null")}\r\n\r\n`,
      `${piece(0, "안녕", '"stop"')}\n\n`,
      `${piece(1, "b", '"length"')}\n\n`,
      DONE_EVENT,
    ];
    expect(await streamChat(events)).toEqual({ status: 200, text: events.join("") });
    expect(await lastEvent()).toMatchObject({ outcome: "complete", tokensEstimated: true, outputTokens: 4, answerChars: 7 });
  });
});

describe("the usage of a stream", () => {
  const piece = sse(deltaEvent("a"));
  const last = (more: string) => `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop","x":10000000000000001}]${more} }\n\n`;
  const riding = last(`,"usage":${JSON.stringify(usage)}`);

  it.each([
    ["in an event of its own", [piece, last(""), sse({ choices: [], usage }), DONE_EVENT], [piece, last(""), DONE_EVENT]],
    ["in an event with choices that are null", [piece, last(""), sse({ choices: null, usage }), DONE_EVENT], [piece, last(""), DONE_EVENT]],
    ["on the event that finishes, without [DONE]", [piece, riding], [piece, last("")]],
  ])("%s is read, and taken out for a caller that did not ask for it", async (_what, events, seen) => {
    expect(await streamChat(events)).toEqual({ status: 200, text: seen.join("") });
    expect(await lastEvent()).toMatchObject({ outcome: "complete", inputTokens: 3, outputTokens: 2, tokensEstimated: false });
    expect((await streamChat(events, { include_usage: true })).text).toBe(events.join(""));
  });
});

describe("an error in a stream", () => {
  it.each([
    ['{"object":"error","message":"KV cache is full","type":"x","code":500}', "KV cache is full"],
    ['{"detail":"CUDA out of memory"}', "CUDA out of memory"],
    ['{"error":{"message":"worker died"}}', "worker died"],
    ['{"error":"worker died"}', "worker died"],
  ])("of shape %s is told in OpenAI's, in the backend's words", async (data, words) => {
    const early = await streamChat([`data: ${data}\n\n`]);
    expect(early.status).toBe(502);
    expect(JSON.parse(early.text)).toMatchObject({ error: { message: words, code: "upstream_failed" } });
    const late = await streamChat([sse(deltaEvent("a")), `data: ${data}\n\n`, DONE_EVENT]);
    expect(late.status).toBe(200);
    expect(late.text).toContain(words);
    expect(late.text).not.toContain("[DONE]");
    expect(await lastEvent()).toMatchObject({ outcome: "cut", errorCode: "upstream_failed" });
  });

  it("is also a stream that ends before it has begun", async () => {
    expect(await streamChat([DONE_EVENT])).toMatchObject({ status: 502 });
    const { text } = await streamChat([": ping\n\n", sse({ choices: [], usage }), DONE_EVENT]);
    expect(text).toMatch(/^: ping\n\ndata: \{"error":.*"upstream_failed"\}\}\n\n$/);
  });
});

describe("the Responses API", () => {
  it("is refused for good, with what to call instead", async () => {
    const response = await post("/v1/responses", '{"model":"chat","input":"x"}');
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([404, "false"]);
    expect(await response.json()).toMatchObject({ error: { code: "not_found", message: expect.stringContaining("/v1/chat/completions") } });
    await expect(client.responses.create({ model: "chat", input: "x" })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

describe("the list of models", () => {
  it("names the endpoints that the key reaches", async () => {
    const listed = [];
    for await (const model of client.models.list()) listed.push(model);
    expect(listed).toMatchObject([{ id: "chat", object: "model", owned_by: "test" }]);
    expect(await client.models.retrieve("chat")).toMatchObject({ id: "chat" });
    await expect(client.models.retrieve("nowhere")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
