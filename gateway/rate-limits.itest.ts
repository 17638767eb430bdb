import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GatewayConfig } from "@/lib/contracts/gateway-config";
import type { RateLimits } from "@/lib/contracts/rate-limits";
import { eventually } from "@/test/eventually";
import { completion, goodScript, httpAnswer, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { simpleConfig } from "./testing/test-installation";

const messages = [{ role: "user" as const, content: "Hi" }];

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
});
beforeEach(async () => {
  upstream.play(goodScript);
  gateway = await startTestGateway();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
});
afterEach(() => gateway.remove());
afterAll(() => upstream.close());

function toConfig(limits: { key?: RateLimits; endpoint?: RateLimits }, generation = 1): GatewayConfig {
  const config = simpleConfig(gateway.installation, upstream.url);
  return {
    ...config,
    generation,
    keys: config.keys.map((k) => ({ ...k, limits: limits.key })),
    endpoints: config.endpoints.map((e) => ({ ...e, limits: limits.endpoint })),
  };
}
const serve = (limits: { key?: RateLimits; endpoint?: RateLimits }, generation?: number) => gateway.serve(toConfig(limits, generation));

const ask = (parts: object = {}) => client.chat.completions.create({ model: "chat", messages, max_tokens: 20, ...parts } as never);
async function read(parts: object = {}): Promise<void> {
  const answer = (await ask(parts)) as object;
  if (Symbol.asyncIterator in answer) for await (const _ of answer as AsyncIterable<unknown>);
}
async function refusalOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.RateLimitError>> {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof OpenAI.RateLimitError)) throw new Error(`expected a refusal by a limit, got ${error}`);
  return error;
}
/** What is used of a limit, by `key-requests` and the like. */
function usedOf(name: string): number {
  for (const [shared, allowance] of gateway.limits.shared())
    if (shared === name.replace("key-", "gwk_test:").replace("endpoint-", `${endpointId()}:`)) return allowance.used(performance.now());
  throw new Error(`there is no limit ${name}`);
}
const endpointId = () => [...(gateway.config.current?.keyByHash.values() ?? [])][0]?.scope.endpoints.get("chat")?.id ?? "";
/** A backend that answers nobody until it is let go. */
function holdBackend(): { arrived: () => number; letGo: () => void } {
  let arrived = 0;
  let letGo = () => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  upstream.play(async (wire) => {
    arrived++;
    await gone;
    wire.write(httpAnswer(200, completion("x", { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 })));
  });
  return { arrived: () => arrived, letGo: () => letGo() };
}

describe("a limit of requests", () => {
  it.each([["whole"], ["streamed"]])("lets exactly ten of a hundred that come at once in, %s", async (kind) => {
    await serve({ key: { requestsPerMinute: 10 } });
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => read({ stream: kind === "streamed" })));
    expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(10);
    for (const result of results)
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "requests", param: null });
    const events = await gateway.events();
    const outcomes = events.map((e) => `${e.outcome} ${e.errorCode} ${e.attempts}`);
    expect(outcomes.filter((o) => o === "complete null 1")).toHaveLength(10);
    expect(outcomes.filter((o) => o === "refused rate_limited 0")).toHaveLength(90);
    expect(events.filter((e) => e.outcome === "refused").every((e) => e.costUsd === null || e.costUsd === "0")).toBe(true);
  });

  it("says when to come again in every way that clients read, and says so on what is served too", async () => {
    await serve({ key: { requestsPerMinute: 2 }, endpoint: { requestsPerMinute: 5, tokensPerMinute: 100_000, concurrent: 4 } });
    const { response } = await ask().withResponse();
    expect(response.headers.get("ratelimit-policy")).toBe(
      '"key-requests";q=2;w=60, "endpoint-requests";q=5;w=60, "endpoint-tokens";q=100000;w=60;qu="tokens", "endpoint-concurrent";q=4;qu="concurrent-requests"',
    );
    expect(response.headers.get("ratelimit")).toMatch(
      /^"key-requests";r=1;t=\d+, "endpoint-requests";r=4;t=\d+, "endpoint-tokens";r=99985;t=\d+, "endpoint-concurrent";r=4$/,
    );
    await ask();
    const { headers, message } = await refusalOf(ask());
    expect(message).toContain("This gateway key is at its limit of 2 requests a minute.");
    const seconds = Number(headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(61);
    const ms = Number(headers.get("retry-after-ms"));
    expect(Math.ceil(ms / 1_000)).toBe(seconds);
    expect(headers.get("x-should-retry")).toBeNull();
    expect(headers.get("ratelimit")).toMatch(/^"key-requests";r=0;t=\d+, "endpoint-requests";r=3;/);
  });

  it("takes nothing from the other limit when one refuses", async () => {
    await serve({ key: { requestsPerMinute: 1 }, endpoint: { requestsPerMinute: 10, concurrent: 10, tokensPerMinute: 100_000 } });
    await ask();
    const before = [usedOf("endpoint-requests"), usedOf("endpoint-tokens")];
    for (let n = 0; n < 5; n++) await refusalOf(ask());
    expect([usedOf("endpoint-requests"), usedOf("endpoint-tokens"), usedOf("endpoint-concurrent")]).toEqual([...before, 0]);
  });

  it("is not set for an answer that has none, and a key without limits goes on", async () => {
    await serve({});
    const { response } = await ask().withResponse();
    expect(response.headers.get("ratelimit-policy")).toBeNull();
    expect(response.headers.get("ratelimit")).toBeNull();
  });
});

describe("a limit of tokens", () => {
  it("reserves what a request may need, and keeps only what it used", async () => {
    await serve({ key: { tokensPerMinute: 5_000 } });
    const backend = holdBackend();
    const running = ask({ max_tokens: 256 });
    await eventually(() => expect(backend.arrived()).toBe(1));
    const body = upstream.requests.at(-1)?.body ?? "";
    expect(usedOf("key-tokens")).toBe(Buffer.byteLength(body) + 256);
    backend.letGo();
    await running;
    expect(usedOf("key-tokens")).toBe(5);
  });

  it("refuses what does not fit beside what runs, and gives back the request that it was counted as", async () => {
    await serve({ key: { tokensPerMinute: 500, requestsPerMinute: 10, concurrent: 5 } });
    const backend = holdBackend();
    const running = ask({ max_tokens: 256 });
    await eventually(() => expect(backend.arrived()).toBe(1));
    const error = await refusalOf(ask({ max_tokens: 256 }));
    expect(error).toMatchObject({ code: "rate_limit_exceeded", type: "tokens" });
    expect([usedOf("key-requests"), usedOf("key-concurrent")]).toEqual([1, 1]);
    backend.letGo();
    await running;
    await read({ max_tokens: 256 });
  });

  it("says of a request that never fits that no waiting helps", async () => {
    await serve({ key: { tokensPerMinute: 200 } });
    const error = await refusalOf(ask({ max_tokens: 256 }));
    expect(error.message).toContain("Lower max_tokens");
    expect(error.headers.get("x-should-retry")).toBe("false");
    expect(error.headers.get("retry-after")).toBeNull();
    await read({ max_tokens: 20 });
  });
});

describe("a limit of requests at a time", () => {
  it("lets as many in at once, and the next when one has ended", async () => {
    await serve({ endpoint: { concurrent: 3 } });
    const backend = holdBackend();
    const running = [ask(), ask(), ask()];
    await eventually(() => expect(backend.arrived()).toBe(3));
    const error = await refusalOf(ask());
    expect(error).toMatchObject({ type: "requests" });
    expect(error.message).toContain("This endpoint has its 3 requests at a time under way.");
    backend.letGo();
    await Promise.all(running);
    expect(usedOf("endpoint-concurrent")).toBe(0);
    await read();
  });

  it.each([
    ["before an answer", false],
    ["in the middle of a stream", true],
  ])("gives the place of a client that went away %s to another, once", async (_title, stream) => {
    await serve({ endpoint: { concurrent: 1, requestsPerMinute: 100, tokensPerMinute: 100_000 } });
    let calls = 0;
    upstream.play(async (wire) => {
      calls++;
      if (stream) wire.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
      await wire.closed();
    });
    for (let n = 1; n <= 3; n++) {
      const leaving = new AbortController();
      const left = client.chat.completions
        .create({ model: "chat", messages, max_tokens: 20, stream } as never, { signal: leaving.signal })
        .catch(() => {});
      await eventually(() => expect(calls).toBe(n));
      await refusalOf(ask());
      leaving.abort();
      await left;
      await eventually(() => expect(usedOf("endpoint-concurrent")).toBe(0));
    }
    expect(usedOf("endpoint-requests")).toBe(3);
    upstream.play(goodScript);
    await read();
    expect(usedOf("endpoint-concurrent")).toBe(0);
  });

  it("is given back by what failed, after all its attempts", async () => {
    await serve({ endpoint: { concurrent: 1, tokensPerMinute: 10_000 } });
    upstream.play((wire) => wire.write(httpAnswer(500, "{}")));
    for (let n = 0; n < 3; n++) await expect(ask()).rejects.toMatchObject({ status: 502 });
    expect(usedOf("endpoint-concurrent")).toBe(0);
  });
});

describe("a change of settings under load", () => {
  it("holds at once, up and down, and loses nothing that is under way", async () => {
    await serve({ key: { requestsPerMinute: 4, concurrent: 4, tokensPerMinute: 10_000 } });
    const backend = holdBackend();
    const running = [ask(), ask(), ask(), ask()];
    await eventually(() => expect(backend.arrived()).toBe(4));
    await refusalOf(ask());
    await serve({ key: { requestsPerMinute: 5, concurrent: 5, tokensPerMinute: 10_000 } }, 2);
    running.push(ask());
    await eventually(() => expect(backend.arrived()).toBe(5));
    await refusalOf(ask());
    await serve({ key: { requestsPerMinute: 2, concurrent: 2 } }, 3);
    await refusalOf(ask());
    backend.letGo();
    await Promise.all(running);
    expect([usedOf("key-requests"), usedOf("key-concurrent")]).toEqual([5, 0]);
    await serve({ key: { concurrent: 2 } }, 4);
    await read();
    await serve({}, 5);
    await read();
  });
});

it("names the limit in metrics by fixed words only", async () => {
  await serve({ key: { requestsPerMinute: 1 } });
  await ask();
  await refusalOf(ask());
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(text).toContain('switchyard_gateway_limited_requests_total{model="chat",scope="key",quantity="requests"} 1');
  expect(text).toContain('llm_requests_total{model="chat",variant="none",outcome="refused"} 1');
});

it("is heard by OpenAI's client, which waits as told and then is served", async () => {
  await serve({ endpoint: { concurrent: 1 } });
  const backend = holdBackend();
  const first = ask();
  await eventually(() => expect(backend.arrived()).toBe(1));
  const patient = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 2 });
  const second = patient.chat.completions.create({ model: "chat", messages, max_tokens: 20 });
  await eventually(async () => expect((await gateway.events()).filter((e) => e.errorCode === "rate_limited")).toHaveLength(1));
  backend.letGo();
  await first;
  expect((await second).choices).toHaveLength(1);
});
