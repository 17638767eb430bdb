import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "@/test/eventually";
import { createTestRedis, type TestRedis } from "@/test/redis";
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
  SSE_HEAD,
  sse,
  streamEvents,
  usageEvent,
} from "../scripted-upstream";
import { type ClientStage, openClientStage } from "./client-stage";
import { ANSWER_SCHEMA, DRIVERS, type Driver, QUESTION, TOOL, TOOL_SCHEMA } from "./drivers";

let redis: TestRedis;
let stage: ClientStage;
beforeAll(async () => {
  redis = await createTestRedis();
  await redis.flush();
  stage = await openClientStage(redis.redisUrl);
});
afterAll(async () => {
  await stage.close();
  await redis.close();
});
beforeEach(async () => {
  stage.upstream.play(goodScript);
  await stage.renew();
});

const playWhole = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  stage.upstream.play((wire) => wire.write(httpAnswer(status, typeof body === "string" ? body : JSON.stringify(body), headers)));
const playStream = (events: readonly string[], end: Script = (wire) => wire.write(LAST_CHUNK)) =>
  stage.upstream.play((wire) => {
    wire.write(SSE_HEAD);
    for (const event of events) wire.write(httpChunk(event));
    return end(wire);
  });
const sentUpstream = (): Record<string, unknown> => JSON.parse(stage.upstream.requests.at(-1)?.body ?? "null");
const lastEvent = async () => (await stage.gateway.events()).at(-1);

/** All that is raised says, its causes included: clients wrap what the server said in errors of their own, or raise its text alone. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error && parts.length < 10; at = "lastError" in at ? at.lastError : at.cause) {
    const status = "status" in at ? at.status : "statusCode" in at ? at.statusCode : "";
    parts.push(`${at.name} ${status} ${at.message}`);
  }
  return parts.join(" < ");
}

async function errorOf(call: Promise<unknown>): Promise<string> {
  const answer = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in answer) throw new Error(`the client took it as an answer: ${JSON.stringify(answer.value)}`);
  return wordsOf(answer.error);
}

const WEATHER_CALL = { index: 0, id: "call_1", type: "function", function: { name: TOOL.name, arguments: '{"city":"Seoul"}' } };

describe.each(DRIVERS)("$name", (client: Driver) => {
  it("gets a whole answer, and it is metered", async () => {
    expect(await client.chat(stage.setup())).toBe("Hello there");
    expect(sentUpstream()).toMatchObject({ model: "served-model", messages: [{ role: "user", content: QUESTION }] });
    expect(await lastEvent()).toMatchObject({ outcome: "complete", inputTokens: 10, outputTokens: 5 });
  });

  it("gets a stream piece by piece, and it is metered", async () => {
    expect(await client.stream(stage.setup())).toEqual(["Hel", "lo", " there"]);
    expect(sentUpstream()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(await lastEvent()).toMatchObject({ outcome: "complete", streamed: true, inputTokens: 10, outputTokens: 5 });
  });

  it("reads a stream with pings, CRLF and usage on the event that finishes", async () => {
    const riding = { ...finishEvent(), usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
    playStream([": ping\r\n\r\n", sse(deltaEvent("안녕"), "\r\n"), sse(riding, "\r\n"), "data: [DONE]\r\n\r\n"]);
    expect(await client.stream(stage.setup())).toEqual(["안녕"]);
    expect(await lastEvent()).toMatchObject({ outcome: "complete", inputTokens: 1, outputTokens: 1, tokensEstimated: false });
  });

  it("calls tools, whole and streamed; the tools reach the backend as they are", async () => {
    const message = { role: "assistant", content: null, tool_calls: [WEATHER_CALL] };
    const choices = [{ index: 0, message, finish_reason: "tool_calls" }];
    playWhole(200, {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices,
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    });
    expect(await client.callTool(stage.setup())).toEqual({ name: TOOL.name, input: { city: "Seoul" } });
    expect(sentUpstream().tools).toMatchObject([{ type: "function", function: { ...TOOL, parameters: TOOL_SCHEMA } }]);
    const chunk = (delta: object, finish_reason: string | null) => ({
      id: "c",
      object: "chat.completion.chunk",
      created: 1,
      model: "m",
      choices: [{ index: 0, delta, finish_reason }],
    });
    const piece = (text: string) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] });
    playStream([
      sse(chunk({ role: "assistant", tool_calls: [{ ...WEATHER_CALL, function: { name: TOOL.name, arguments: "" } }] }, null)),
      sse(chunk(piece('{"city":'), null)),
      sse(chunk(piece('"Seoul"}'), null)),
      sse(chunk({}, "tool_calls")),
      sse(usageEvent()),
      DONE_EVENT,
    ]);
    expect(await client.streamTool(stage.setup())).toEqual({ name: TOOL.name, input: { city: "Seoul" } });
  });

  it("gets a structured answer; its schema reaches the backend as it is", async () => {
    playWhole(200, completion('{"city":"Seoul","degrees":7}'));
    expect(await client.structured(stage.setup())).toEqual({ city: "Seoul", degrees: 7 });
    expect(sentUpstream().response_format).toMatchObject({ type: "json_schema", json_schema: { name: "weather", schema: ANSWER_SCHEMA } });
  });

  it("embeds, in the encoding that it asks for", async () => {
    const vectors = [
      [1, 0.5, -2],
      [0, 0.25, 3],
    ];
    stage.upstream.play((wire) => {
      const isBase64 = wire.request.body.includes('"encoding_format":"base64"');
      const encode = (vector: number[]) => (isBase64 ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector);
      const data = vectors.map((vector, index) => ({ object: "embedding", index, embedding: encode(vector) }));
      const body = { object: "list", model: "m", data, usage: { prompt_tokens: 6, total_tokens: 6 } };
      wire.write(httpAnswer(200, JSON.stringify(body)));
    });
    expect(await client.embed(stage.setup(), ["one", "two"])).toEqual(vectors);
    expect(await lastEvent()).toMatchObject({ api: "/v1/embeddings", outcome: "complete", inputTokens: 6, outputTokens: 0 });
  });

  it("completes texts, whole and streamed", async () => {
    const choice = (text: string, finish_reason: string | null) => ({
      id: "c",
      object: "text_completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, text, logprobs: null, finish_reason }],
    });
    playWhole(200, { ...choice(" a time", "stop"), usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 } });
    expect(await client.complete(stage.setup(), "Once upon")).toBe(" a time");
    expect(await lastEvent()).toMatchObject({ api: "/v1/completions", outcome: "complete", inputTokens: 2, outputTokens: 2 });
    playStream([sse(choice(" a", null)), sse(choice(" time", "stop")), sse(usageEvent()), DONE_EVENT]);
    expect((await client.streamCompletion(stage.setup(), "Once upon")).join("")).toBe(" a time");
    expect(await lastEvent()).toMatchObject({ api: "/v1/completions", outcome: "complete", inputTokens: 10, outputTokens: 5 });
  });

  describe("is refused for good, once, and says why", () => {
    it.each([
      ["a used-up budget", { model: "broke" }, 402, /pilot|budget/i],
      ["an unknown key", { apiKey: `sk-sy-${"x".repeat(40)}` }, 401, /key/i],
      ["an unknown endpoint", { model: "nowhere" }, 404, /nowhere/],
    ])("%s", async (_what, parts, status, words) => {
      for (const call of [client.chat, client.stream]) {
        const setup = stage.setup({ ...parts, maxRetries: 2 });
        const error = await errorOf(call(setup));
        expect(error).toMatch(words);
        expect(error).toContain(String(status));
        expect(setup.sent()).toBe(1);
      }
    });

    it.each([
      [400, { error: { message: "temperature must be below 2", type: "BadRequestError", code: 400 } }, /temperature must be below 2/],
      [422, { detail: [{ loc: ["body"], msg: "field required" }] }, /field required/],
      [413, { object: "error", message: "the image is too large", type: "x", code: 413 }, /the image is too large/],
      [400, { error: { message: "This model's maximum context length is 8 tokens.", code: 400 } }, /maximum context length/],
    ])("what the backend refuses with %i and %j", async (status, body, words) => {
      playWhole(status, body);
      for (const call of [client.chat, client.stream]) {
        const setup = stage.setup({ maxRetries: 2 });
        const error = await errorOf(call(setup));
        expect(error).toMatch(words);
        expect(error).toContain("400");
        expect(setup.sent()).toBe(1);
      }
    });
  });

  describe("comes again, as often as it was told", () => {
    it.each([
      { what: "is at its limit", status: 429, body: { error: { message: "slow down" } }, wait: "0", words: /429 .*slow down/ },
      { what: "has no room", status: 503, body: { error: { message: "loading" } }, wait: "1", words: /503 .*loading/ },
      { what: "failed, in vLLM's flat shape", status: 500, body: { object: "error", message: "worker died" }, words: /502 .*worker died/ },
      { what: "failed, in FastAPI's shape", status: 500, body: { detail: "CUDA out of memory" }, words: /502 .*CUDA out of memory/ },
      { what: "failed, and said so with 200", status: 200, body: { detail: "CUDA out of memory" }, words: /502 .*CUDA out of memory/ },
      { what: "failed, with a page", status: 502, body: "<html>Bad Gateway</html>", words: /502/ },
    ])("when the backend $what", async ({ status, body, wait, words }) => {
      playWhole(status, body, wait === undefined ? {} : { "retry-after": wait });
      const setup = stage.setup({ maxRetries: 1 });
      expect(await errorOf(client.chat(setup))).toMatch(words);
      expect(setup.sent()).toBe(2);
    });

    it("and gets its answer then", async () => {
      let calls = 0;
      stage.upstream.play((wire) => {
        calls++;
        if (calls === 1) wire.write(httpAnswer(429, '{"error":{"message":"slow down"}}', { "retry-after": "1" }));
        else return goodScript(wire);
      });
      const setup = stage.setup();
      expect(await client.chat(setup)).toBe("Hello there");
      expect([calls, setup.sent()]).toEqual([2, 2]);
    });
  });

  describe("never takes as an answer", () => {
    it.each([
      ["a stream that breaks", streamEvents(["Hel"]).slice(0, 1), (wire) => wire.end()],
      ["a stream that ends without having ended", streamEvents(["Hel"]).slice(0, 1), (wire) => wire.write(LAST_CHUNK)],
      [
        "a stream with an error in it",
        [sse(deltaEvent("Hel")), sse({ error: { message: "worker died" } }), DONE_EVENT],
        (wire) => wire.end(),
      ],
      [
        "a stream with a flat error in it",
        [sse(deltaEvent("Hel")), sse({ object: "error", message: "worker died" })],
        (wire) => wire.end(),
      ],
      ["a stream that is no JSON", [sse(deltaEvent("Hel")), "data: {oops\n\n", DONE_EVENT], (wire) => wire.end()],
    ] satisfies [string, string[], Script][])("%s", async (_what, events, end) => {
      playStream(events, end);
      const pieces: string[] = [];
      const error = await errorOf(client.stream(stage.setup({ maxRetries: 0 }), (text) => pieces.push(text)));
      expect(pieces).toEqual(["Hel"]);
      expect(error).toMatch(/broke off|worker died|no JSON/);
      expect(await lastEvent()).toMatchObject({ outcome: "cut" });
    });

    it("a whole answer where it asked for a stream, nothing where it asked for something, or half an answer", async () => {
      playWhole(200, completion("Hello"));
      expect(await errorOf(client.stream(stage.setup({ maxRetries: 0 })))).toMatch(/502 .*stream/);
      playStream([DONE_EVENT]);
      expect(await errorOf(client.stream(stage.setup({ maxRetries: 0 })))).toMatch(/502 .*without an answer/);
      playWhole(200, {});
      expect(await errorOf(client.chat(stage.setup({ maxRetries: 0 })))).toMatch(/502/);
      playWhole(200, completion("Hello").slice(0, 40));
      expect(await errorOf(client.chat(stage.setup({ maxRetries: 0 })))).toMatch(/502 .*broke off/);
    });
  });

  it("that gives up waiting ends the call of the backend", async () => {
    let closed: Promise<number> | null = null;
    stage.upstream.play((wire) => {
      closed = wire.closed();
    });
    const error = await errorOf(client.chat(stage.setup({ maxRetries: 0, timeoutMs: 300 })));
    expect(error).toMatch(/time|abort/i);
    await closed;
    await eventually(async () => expect(await lastEvent()).toMatchObject({ outcome: "client_gone" }));
  });

  it("that is aborted in the middle of a stream ends the call of the backend", async () => {
    let closed: Promise<number> | null = null;
    playStream([sse(deltaEvent("Hel"))], (wire) => {
      closed = wire.closed();
    });
    const abort = new AbortController();
    const ended = client.stream(stage.setup({ maxRetries: 0, signal: abort.signal }), () => abort.abort());
    await ended.catch(() => {});
    await closed;
    await eventually(async () => expect(await lastEvent()).toMatchObject({ outcome: "client_gone", streamed: true }));
  });
});
