import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createTestRedis, type TestRedis } from "@/test/redis";
import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
  usageEvent,
} from "../scripted-upstream";
import { startTestGateway, type TestGateway } from "../test-gateway";
import { testBackend, testCache, testEndpoint, testRelease, testVariant } from "../test-installation";
import { DRIVERS, type Driver, type Setup, TOOL } from "./drivers";

/** Longer than anything takes on a machine that is busy with other things. */
const SOON = { timeout: 20_000, interval: 20 };

let redis: TestRedis;
let upstream: ScriptedUpstream;
let gateway: TestGateway;
let generation = 0;
/** What each answer of the gateway said that the cache did, in order. */
let seen: (string | null)[] = [];

const chunk = (delta: unknown, finish_reason: string | null) => ({
  ...{ id: "c", object: "chat.completion.chunk", created: 1, model: "m" },
  choices: [{ index: 0, delta, finish_reason }],
});
const text = (part: string, finish_reason: string | null) => ({
  ...{ id: "c", object: "text_completion", created: 1, model: "m" },
  choices: [{ index: 0, text: part, logprobs: null, finish_reason }],
});
const CALL = { index: 0, id: "call_1", type: "function", function: { name: TOOL.name, arguments: '{"city":"Seoul"}' } };

/** What a backend answers to whatever a client asks. */
function toAnswer(path: string, body: string): { whole: unknown; stream: readonly unknown[] } {
  if (path.endsWith("/embeddings")) {
    const encode = (v: number[]) => (body.includes("base64") ? Buffer.from(new Float32Array(v).buffer).toString("base64") : v);
    const data = [0.5, 0.25].map((n, index) => ({ object: "embedding", index, embedding: encode([n, -n]) }));
    return { whole: { object: "list", model: "m", data, usage: { prompt_tokens: 6, total_tokens: 6 } }, stream: [] };
  }
  if (!path.includes("/chat/"))
    return {
      whole: { ...text(" a time", "stop"), usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 } },
      stream: [text(" a", null), text(" time", "stop")],
    };
  if (body.includes(TOOL.name)) {
    const message = { role: "assistant", content: null, tool_calls: [CALL] };
    const choices = [{ index: 0, message, finish_reason: "tool_calls" }];
    const whole = {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices,
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    };
    return { whole, stream: [chunk({ role: "assistant", tool_calls: [CALL] }, null), chunk({}, "tool_calls")] };
  }
  const said = body.includes("json_schema") || body.includes("json_object") ? '{"city":"Seoul","degrees":7}' : "Hello there";
  return { whole: JSON.parse(completion(said)), stream: [deltaEvent("Hel"), deltaEvent("lo"), finishEvent()] };
}

beforeAll(async () => {
  redis = await createTestRedis();
  upstream = await startScriptedUpstream((wire) => {
    const { path, body } = wire.request;
    const { whole, stream } = toAnswer(path, body);
    if (!body.includes('"stream":true')) {
      wire.write(httpAnswer(200, JSON.stringify(whole)));
      return;
    }
    wire.write(SSE_HEAD);
    for (const event of [...stream, usageEvent()]) wire.write(httpChunk(sse(event)));
    wire.write(httpChunk(DONE_EVENT));
    wire.write(LAST_CHUNK);
  });
  gateway = await startTestGateway({ redisUrl: redis.redisUrl, cacheWaitMs: 10_000 });
});
afterAll(async () => {
  await gateway.remove();
  await Promise.all([upstream.close(), redis.close()]);
});
beforeEach(async () => {
  const server = testBackend(upstream.url, { kind: "vllm" });
  const cache = testCache(`run ${++generation}`);
  const endpoint = testEndpoint("chat", [testRelease(1, [testVariant([server.id])], { cache })]);
  await gateway.serve(gateway.installation.config({ generation, backends: [server], endpoints: [endpoint] }));
  await vi.waitFor(() => expect(gateway.answers.isConnected).toBe(true), SOON);
  seen = [];
  upstream.requests.length = 0;
});

const setup = (): Setup => ({
  baseUrl: `${gateway.url}/v1`,
  apiKey: gateway.installation.keyText,
  model: "chat",
  maxRetries: 0,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  async fetch(input, init) {
    const response = await fetch(input, init);
    seen.push(response.headers.get("x-switchyard-cache"));
    return response;
  },
});

const CALLS: readonly [string, (client: Driver) => Promise<unknown>][] = [
  ["a chat", (c) => c.chat(setup())],
  ["a streamed chat", async (c) => (await c.stream(setup())).join("")],
  ["a tool", (c) => c.callTool(setup())],
  ["a streamed tool", (c) => c.streamTool(setup())],
  ["a structured answer", (c) => c.structured(setup())],
  ["embeddings", (c) => c.embed(setup(), ["one", "two"])],
  ["a completion", (c) => c.complete(setup(), "Once upon")],
  ["a streamed completion", async (c) => (await c.streamCompletion(setup(), "Once upon")).join("")],
];

describe.each(DRIVERS.map((driver) => [driver.name, driver] as const))("the official client %s, unchanged", (_, client) => {
  it.each(CALLS)("takes a stored answer for one that has just come: %s", async (_name, ask) => {
    const first = await ask(client);
    expect(seen.at(-1)).toBe("miss");
    await vi.waitFor(async () => {
      expect(await ask(client)).toEqual(first);
      expect(seen.at(-1)).toBe("hit");
    }, SOON);
    const calls = upstream.requests.length;
    expect(await ask(client)).toEqual(first);
    expect(upstream.requests).toHaveLength(calls);
  });
});
