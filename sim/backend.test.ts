import OpenAI from "openai";
import { afterEach, expect, test } from "vitest";
import { eventually } from "@/test/eventually";
import { type SimBackend, startSimBackend } from "./backend";
import type { ModelProfileInput } from "./profiles";
import { countTokens } from "./tokens";

const FAST: ModelProfileInput = { ttftMs: { median: 0, p95: 0 }, tokenMs: 0 };
const SLOW: ModelProfileInput = { ...FAST, tokenMs: 20, outputTokens: { median: 4000, p95: 4000 } };
const QUESTION = [{ role: "user" as const, content: "Where is my order KR-20931?" }];
const open: SimBackend[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((backend) => backend.close()));
});

async function start(models: Record<string, ModelProfileInput>, more: { seed?: number; apiKey?: string; ledgerCapacity?: number } = {}) {
  const backend = await startSimBackend({ profiles: { models }, ...more });
  open.push(backend);
  const client = new OpenAI({ baseURL: `${backend.url}/v1`, apiKey: more.apiKey ?? "none", maxRetries: 0 });
  const post = (path: string, body: unknown) => fetch(backend.url + path, { method: "POST", body: JSON.stringify(body) });
  return { backend, client, post };
}

const scrape = async (backend: SimBackend) => (await fetch(`${backend.url}/metrics`)).text();

test("the openai client reads a whole chat answer whose usage is its text's", async () => {
  const { client, backend } = await start({ small: FAST });
  const { data, response } = await client.chat.completions.create({ model: "small", messages: QUESTION }).withResponse();
  const text = data.choices[0]?.message.content ?? "";
  expect(text.length).toBeGreaterThan(20);
  expect(data.choices[0]?.finish_reason).toBe("stop");
  expect(data.usage).toMatchObject({ prompt_tokens: countTokens(QUESTION[0]?.content ?? ""), completion_tokens: countTokens(text) });
  expect(response.headers.get("x-simulated")).toBe("true");
  expect(response.headers.get("server")).toBe("switchyard-simulator");
  expect(backend.stats().small).toMatchObject({ admitted: 1, complete: 1, completionTokens: countTokens(text), running: 0 });
});

test.each([1, 4, 1000])("a stream (%d tokens an event) carries the same answer, its end and its usage", async (streamInterval) => {
  const { client } = await start({ small: { ...FAST, streamInterval } });
  const whole = await client.chat.completions.create({ model: "small", messages: QUESTION });
  const stream = await client.chat.completions.create({
    model: "small",
    messages: QUESTION,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let finishReason: string | null = null;
  let usage: OpenAI.CompletionUsage | null = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    finishReason = chunk.choices[0]?.finish_reason ?? finishReason;
    if (chunk.usage) usage = chunk.usage;
  }
  expect(text).toBe(whole.choices[0]?.message.content);
  expect(finishReason).toBe("stop");
  expect(usage).toMatchObject({ completion_tokens: countTokens(text), total_tokens: whole.usage?.total_tokens });
});

test("max_tokens ends an answer with length after exactly so many tokens, unless the profile ignores it", async () => {
  const { client } = await start({ obedient: FAST, stubborn: { ...FAST, ignoresMaxTokens: true } });
  const ask = (model: string) => client.chat.completions.create({ model, messages: QUESTION, max_tokens: 5 });
  const obedient = await ask("obedient");
  expect(obedient.choices[0]?.finish_reason).toBe("length");
  expect(obedient.usage?.completion_tokens).toBe(5);
  expect((await ask("stubborn")).usage?.completion_tokens).toBeGreaterThan(5);
});

test("stop ends an answer before the stop string, and n gives n answers", async () => {
  const { client } = await start({ small: FAST });
  const full = await client.chat.completions.create({ model: "small", messages: QUESTION, n: 3 });
  expect(new Set(full.choices.map(({ message }) => message.content)).size).toBe(3);
  const text = full.choices[0]?.message.content ?? "";
  const word = text.split(" ")[4] ?? "";
  const stopped = await client.chat.completions.create({ model: "small", messages: QUESTION, stop: [word] });
  expect(stopped.choices[0]?.message.content).toBe(text.slice(0, text.indexOf(word)));
  expect(stopped.choices[0]?.finish_reason).toBe("stop");
});

test("a required tool and a JSON schema get values that fit, streamed or whole", async () => {
  const { client } = await start({ small: FAST });
  const schema = {
    type: "object",
    properties: { team: { enum: ["payments", "logistics"] }, urgency: { type: "integer", minimum: 1, maximum: 3 } },
    required: ["team", "urgency"],
  };
  const fits = (text: string | null | undefined) => {
    const value = JSON.parse(text ?? "") as { team: string; urgency: number };
    expect(["payments", "logistics"]).toContain(value.team);
    expect([1, 2, 3]).toContain(value.urgency);
  };
  const tools = [{ type: "function" as const, function: { name: "route", parameters: schema } }];
  const called = await client.chat.completions.create({ model: "small", messages: QUESTION, tools, tool_choice: "required" });
  const call = called.choices[0]?.message.tool_calls?.[0];
  expect(called.choices[0]?.finish_reason).toBe("tool_calls");
  fits(call?.type === "function" ? call.function.arguments : null);
  const streamed = await client.chat.completions
    .stream({ model: "small", messages: QUESTION, tools, tool_choice: "required" })
    .finalChatCompletion();
  const streamedCall = streamed.choices[0]?.message.tool_calls?.[0];
  fits(streamedCall?.type === "function" ? streamedCall.function.arguments : null);
  const formatted = await client.chat.completions.create({
    model: "small",
    messages: QUESTION,
    response_format: { type: "json_schema", json_schema: { name: "triage", schema } },
  });
  fits(formatted.choices[0]?.message.content);
});

test("completions, models and embeddings answer in their shapes", async () => {
  const { client } = await start({ small: FAST, large: FAST });
  const completion = await client.completions.create({ model: "small", prompt: "Summarise order KR-20931" });
  expect(completion.usage?.completion_tokens).toBe(16);
  expect(completion.choices[0]?.finish_reason).toBe("length");
  const models = await client.models.list();
  expect(models.data.map(({ id, owned_by }) => [id, owned_by])).toEqual([
    ["small", "switchyard-simulator"],
    ["large", "switchyard-simulator"],
  ]);
  const input = ["refund for my order", "refund for my orders", "비밀번호를 바꾸고 싶어요"];
  const { data } = await client.embeddings.create({ model: "small", input, dimensions: 64 });
  const cosine = (a: number, b: number) =>
    (data[a]?.embedding ?? []).reduce((sum, value, i) => sum + value * (data[b]?.embedding[i] ?? 0), 0);
  expect(data[0]?.embedding).toHaveLength(64);
  expect(cosine(0, 0)).toBeCloseTo(1, 5);
  expect(cosine(0, 1)).toBeGreaterThan(cosine(0, 2));
});

test("a client that leaves a stream stops the generation and frees the slot for the next", async () => {
  const { client, backend } = await start({ slow: { ...SLOW, maxNumSeqs: 1 } });
  const first = await client.chat.completions.create({ model: "slow", messages: QUESTION, stream: true });
  const second = client.chat.completions.create({ model: "slow", messages: QUESTION, max_tokens: 3 });
  await eventually(() => expect(backend.stats().slow).toMatchObject({ running: 1, waiting: 1 }));
  for await (const chunk of first) if (chunk.choices[0]?.delta.content) break;
  expect((await second).usage?.completion_tokens).toBe(3);
  expect(backend.stats().slow).toMatchObject({ admitted: 2, aborted: 1, complete: 1, running: 0, waiting: 0 });
  expect(backend.ledger()[0]).toMatchObject({ outcome: "aborted", status: 200 });
  expect(backend.ledger()[0]?.completionTokens).toBeLessThan(4000);
  expect(await scrape(backend)).toContain('vllm:request_success_total{model_name="slow",engine="0",finished_reason="abort"} 1');
});

test("a client that leaves while it waits never takes a slot, and one that leaves a whole answer frees it", async () => {
  const { backend } = await start({ slow: { ...SLOW, maxNumSeqs: 1 } });
  const ask = (signal: AbortSignal) =>
    fetch(`${backend.url}/v1/chat/completions`, { method: "POST", body: JSON.stringify({ messages: QUESTION }), signal }).then(
      () => "answered",
      () => "left",
    );
  const [running, waiting] = [new AbortController(), new AbortController()];
  const answers = [ask(running.signal)];
  await eventually(() => expect(backend.stats().slow?.running).toBe(1));
  answers.push(ask(waiting.signal));
  await eventually(() => expect(backend.stats().slow?.waiting).toBe(1));
  expect(await scrape(backend)).toContain('vllm:num_requests_waiting{model_name="slow",engine="0"} 1');
  waiting.abort();
  await eventually(() => expect(backend.stats().slow).toMatchObject({ running: 1, waiting: 0, aborted: 1 }));
  running.abort();
  await eventually(() => expect(backend.stats().slow).toMatchObject({ running: 0, aborted: 2, complete: 0 }));
  expect(await Promise.all(answers)).toEqual(["left", "left"]);
  expect(backend.ledger()).toMatchObject([
    { outcome: "aborted", status: null, promptTokens: 0, completionTokens: 0 },
    { outcome: "aborted", status: null },
  ]);
});

test("the cache in use grows with the tokens in flight", async () => {
  const { client, backend } = await start({ slow: { ...SLOW, contextLength: 5000, kvCacheTokens: 5000 } });
  const stream = await client.chat.completions.create({ model: "slow", messages: QUESTION, stream: true });
  const seen: number[] = [];
  for await (const chunk of stream) {
    if (!chunk.choices[0]?.delta.content) continue;
    seen.push(Number(/^vllm:kv_cache_usage_perc\{.*\} (.*)$/m.exec(await scrape(backend))?.[1]));
    if (seen.length === 5) break;
  }
  expect(seen[0]).toBeGreaterThan(0);
  expect(seen[4]).toBeGreaterThan(seen[0] ?? 1);
});

test("errors come at their ratio and mix, the same ones for the same seed", async () => {
  const models = { shaky: { ...FAST, errorRatio: 0.1, errorMix: { "500": 2, "503": 1, "429": 1 } } };
  const statuses = async (seed: number, count: number) => {
    const { post } = await start(models, { seed });
    const all: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const response = await post("/v1/chat/completions", { messages: QUESTION });
      await response.arrayBuffer();
      all.push(response.status);
    }
    return all;
  };
  const first = await statuses(5, 1000);
  expect(await statuses(5, 200)).toEqual(first.slice(0, 200));
  const count = (status: number) => first.filter((value) => value === status).length;
  const errors = first.length - count(200);
  expect(Math.abs(errors - 100)).toBeLessThan(4 * Math.sqrt(1000 * 0.1 * 0.9));
  expect(Math.abs(count(500) - errors / 2)).toBeLessThan(4 * Math.sqrt(errors / 4));
  expect(count(429)).toBeGreaterThan(0);
  expect(count(503)).toBeGreaterThan(0);
});

test("injected errors are the openai client's typed errors", async () => {
  const { client } = await start({
    limited: { ...FAST, errorRatio: 1, errorMix: { "429": 1 } },
    broken: { ...FAST, errorRatio: 1 },
    loading: { ...FAST, warmUpSeconds: 600 },
    short: { ...FAST, contextLength: 50 },
  });
  const ask = (model: string) => client.chat.completions.create({ model, messages: QUESTION, max_tokens: 60 });
  await expect(ask("limited")).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  await expect(ask("broken")).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  await expect(ask("loading")).rejects.toMatchObject({ status: 503, type: "ServiceUnavailableError" });
  await expect(ask("none")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(ask("short")).rejects.toMatchObject({
    status: 400,
    param: "input_tokens",
    message: expect.stringContaining("maximum context length is 50 tokens. However, you requested 60 output tokens"),
  });
});

test.each(["close", "end"] as const)("a cut stream (%s) breaks off in the middle without [DONE]", async (cutHow) => {
  const { backend, post } = await start({ small: { ...FAST, cutRatio: 1, cutHow } });
  const response = await post("/v1/chat/completions", { messages: QUESTION, stream: true });
  let text = "";
  let isBroken = false;
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  } catch {
    isBroken = true;
  }
  expect(response.status).toBe(200);
  expect(text).toContain('"delta":{"content":');
  expect(text).not.toContain("[DONE]");
  expect(text).not.toContain('"finish_reason":"stop"');
  expect(isBroken).toBe(cutHow === "close");
  const whole = await post("/v1/chat/completions", { messages: QUESTION });
  await expect(whole.json()).rejects.toThrow();
  expect(backend.stats().small).toMatchObject({ admitted: 2, cut: 2, complete: 0, aborted: 0, running: 0 });
});

test("bad requests are 400 in vLLM's shape and count as refused", async () => {
  const { backend, post } = await start({ small: FAST });
  const bodies = [
    { messages: [] },
    { messages: "hi" },
    { messages: QUESTION, max_tokens: 0 },
    { messages: QUESTION, n: 99 },
    { messages: QUESTION, stream_options: { include_usage: true } },
  ];
  for (const body of bodies) {
    const response = await post("/v1/chat/completions", { model: "small", ...body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: "BadRequestError", param: expect.any(String), code: 400 },
    });
  }
  const broken = await fetch(`${backend.url}/v1/chat/completions`, { method: "POST", body: "{" });
  expect(broken.status).toBe(400);
  expect((await fetch(`${backend.url}/v1/chat/completions`)).status).toBe(405);
  expect((await fetch(`${backend.url}/nothing`)).status).toBe(404);
  expect(backend.stats().small).toMatchObject({ admitted: 0, refused: bodies.length });
});

test("/metrics is Prometheus text with vLLM's names and types", async () => {
  const { backend, client } = await start({ small: FAST });
  await client.chat.completions.create({ model: "small", messages: QUESTION });
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of (await scrape(backend)).trimEnd().split("\n")) {
    const type = /^# TYPE (\S+) (gauge|counter|histogram)$/.exec(line);
    if (type?.[1] && type[2]) types.set(type[1], type[2]);
    if (line.startsWith("#")) continue;
    const sample = /^([a-z0-9_:]+)(\{(?:[a-z_]+="[^"]*",?)*\}) ([0-9.e+-]+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    samples.set(`${sample?.[1]}${sample?.[2]}`, Number(sample?.[3]));
    expect(types.has(sample?.[1] ?? "") || types.get((sample?.[1] ?? "").replace(/_(bucket|sum|count)$/, "")) === "histogram", line).toBe(
      true,
    );
  }
  expect(Object.fromEntries(types)).toMatchObject({
    "vllm:num_requests_running": "gauge",
    "vllm:num_requests_waiting": "gauge",
    "vllm:kv_cache_usage_perc": "gauge",
    "vllm:gpu_cache_usage_perc": "gauge",
    "vllm:prompt_tokens_total": "counter",
    "vllm:generation_tokens_total": "counter",
    "vllm:request_success_total": "counter",
    "vllm:time_to_first_token_seconds": "histogram",
    "vllm:inter_token_latency_seconds": "histogram",
    "vllm:time_per_output_token_seconds": "histogram",
    "vllm:e2e_request_latency_seconds": "histogram",
  });
  const labels = 'model_name="small",engine="0"';
  expect(samples.get(`vllm:request_success_total{${labels},finished_reason="stop"}`)).toBe(1);
  expect(samples.get(`vllm:time_to_first_token_seconds_bucket{${labels},le="+Inf"}`)).toBe(1);
  expect(samples.get(`vllm:generation_tokens_total{${labels}}`)).toBe(backend.stats().small?.completionTokens);
});

test("a control call changes behaviour at once, and a bad one changes nothing", async () => {
  const { backend, client, post } = await start({ a: FAST, b: FAST });
  const ask = (model: string) => client.chat.completions.create({ model, messages: QUESTION });
  expect((await post("/sim/profiles", { model: "a", patch: { errorRatio: 1 } })).status).toBe(200);
  await expect(ask("a")).rejects.toMatchObject({ status: 500 });
  await ask("b");
  const refused = await post("/sim/profiles", { model: "*", patch: { errorRatio: 7 } });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining("errorRatio: Too big") } });
  await ask("b");
  expect((await post("/sim/profiles", { model: "c", patch: {} })).status).toBe(404);
  expect((await post("/sim/profiles", { model: "c", patch: FAST, create: true })).status).toBe(200);
  await ask("c");
  await post("/sim/profiles", { model: "c", patch: { warmUpSeconds: 600 } });
  await expect(ask("c")).rejects.toMatchObject({ status: 503 });
  expect((await fetch(`${backend.url}/health`)).status).toBe(200);
});

test("the ledger says what was served by the caller's request id, the newest only", async () => {
  const { backend } = await start({ small: FAST }, { ledgerCapacity: 3 });
  for (let i = 1; i <= 5; i += 1) {
    const headers = { "x-request-id": `req_${i}` };
    const response = await fetch(`${backend.url}/v1/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ messages: QUESTION }),
    });
    expect(response.headers.get("x-request-id")).toBe(`req_${i}`);
    await response.arrayBuffer();
  }
  const state = await (await fetch(`${backend.url}/sim/state?after=3`)).json();
  expect(state).toMatchObject({
    simulated: true,
    models: { small: { admitted: 5, complete: 5 } },
    ledger: [
      { sequence: 4, requestId: "req_4", model: "small", outcome: "complete", status: 200, streamed: false },
      { sequence: 5, requestId: "req_5" },
    ],
    ledgerDropped: 2,
  });
  expect(backend.ledger().map(({ requestId }) => requestId)).toEqual(["req_3", "req_4", "req_5"]);
});

test("with an API key, /v1 is closed to others", async () => {
  const { backend, client } = await start({ small: FAST }, { apiKey: "secret" });
  await client.chat.completions.create({ model: "small", messages: QUESTION });
  expect((await fetch(`${backend.url}/v1/models`)).status).toBe(401);
  expect((await fetch(`${backend.url}/health`)).status).toBe(200);
});
