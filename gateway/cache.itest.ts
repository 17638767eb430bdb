import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayCache } from "@/lib/contracts/cache";
import type { GatewayConfig, GatewayEndpoint, GatewayVariant } from "@/lib/contracts/gateway-config";
import { sealSecret, secretPlace, sha256Hex } from "@/lib/infra/secrets";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { holdRedis } from "./testing/held-redis";
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
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { testBackend, testCache, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

/** Longer than anything takes on a machine that is busy with other things. */
const SOON = { timeout: 20_000, interval: 20 };

/** What is found must not depend on how busy this machine is. */
const PATIENT_MS = 10_000;

let redis: TestRedis;
let upstream: ScriptedUpstream;
let gateway: TestGateway;
let generation = 1;

beforeAll(async () => {
  [redis, upstream] = await Promise.all([createTestRedis(), startScriptedUpstream(goodScript)]);
  gateway = await startTestGateway({ redisUrl: redis.redisUrl, cacheWaitMs: PATIENT_MS });
});
afterAll(async () => {
  await gateway.remove();
  await Promise.all([upstream.close(), redis.close()]);
});
beforeEach(() => {
  upstream.play(goodScript);
  upstream.requests.length = 0;
});

interface Serving {
  readonly cache?: Partial<GatewayCache> | null;
  readonly endpoint?: Partial<GatewayEndpoint>;
  readonly variant?: Partial<GatewayVariant>;
  readonly config?: (config: GatewayConfig) => GatewayConfig;
  /** A second variant that answers instead when the first is overloaded. */
  readonly spare?: boolean;
}

/** One endpoint of this name before the scripted backend; resolves when look-ups can be made. */
async function serve(
  name: string,
  { cache = {}, endpoint = {}, variant = {}, config = (c) => c, spare = false }: Serving = {},
  on = gateway,
) {
  const server = testBackend(upstream.url);
  const other = testVariant([server.id], { name: "spare", weightBps: 0 });
  const main = testVariant([server.id], { ...variant, ...(spare ? { fallbacks: [{ variantId: other.id, on: ["overloaded"] }] } : {}) });
  const release = testRelease(1, spare ? [main, other] : [main], {
    calls: { maxAttempts: 1 },
    ...(cache === null ? {} : { cache: testCache(name, cache) }),
  });
  const whole = on.installation.config({ backends: [server], endpoints: [testEndpoint(name, [release], endpoint)] });
  await on.serve({ ...config(whole), generation: ++generation });
  if (cache !== null && on === gateway) await vi.waitFor(() => expect(gateway.answers.isConnected).toBe(true), SOON);
}

interface Asking {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly on?: TestGateway;
  /** The body as it is written. */
  readonly raw?: string;
}

async function ask(model: string, { body = {}, headers = {}, key, on = gateway, raw }: Asking = {}) {
  const response = await fetch(`${on.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key ?? on.installation.keyText}`, "content-type": "application/json", ...headers },
    body: raw ?? JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], ...body }),
  });
  const text = await response.text();
  const [event, second] = (await on.events()).filter((e) => e.requestId === response.headers.get("x-request-id"));
  expect(second).toBeUndefined();
  return { status: response.status, text, headers: response.headers, cache: response.headers.get("x-switchyard-cache"), event };
}

/** Asks until what was stored in its own time is found. */
function untilHit(model: string, asking: Asking = {}) {
  return vi.waitFor(async () => {
    const answer = await ask(model, asking);
    expect(answer.cache).toBe("hit");
    return answer;
  }, SOON);
}

/** Long enough for a store that should not have been made to be seen. */
async function settleStores(): Promise<void> {
  await serve("marker");
  await untilHit("marker");
  upstream.requests.length = 0;
}

/** A figure of the gateway's metrics; 0 where it has none. */
async function metric(of: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${of.url}/metrics`)).text();
  const line = text.split("\n").find((l) => l.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

const counted = (): Script => {
  let n = 0;
  return (wire) => wire.write(httpAnswer(200, completion(`answer ${++n}`)));
};
const fails =
  (status: number): Script =>
  (wire) =>
    wire.write(httpAnswer(status, JSON.stringify({ error: { message: "no" } })));

describe.each([false, true])("an answer that was stored (stream: %s)", (stream) => {
  const name = `stored-${stream ? "stream" : "whole"}`;

  it("is given again byte for byte, costs nothing, and says what it saved", async () => {
    await serve(name);
    const first = await ask(name, { body: { stream } });
    expect(first).toMatchObject({ status: 200, cache: "miss", event: { cache: "miss", outcome: "complete", attempts: 1 } });
    expect(first.event?.savedUsd).toBeUndefined();
    const again = await untilHit(name, { body: { stream } });
    const calls = upstream.requests.length;
    expect(again).toMatchObject({ status: 200, text: first.text });
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect(Number(again.headers.get("x-switchyard-cache-age"))).toBeGreaterThanOrEqual(0);
    expect(again.event).toMatchObject({
      ...{ cache: "hit", outcome: "complete", status: 200, attempts: 0, backendId: null, costUsd: "0", inputTokens: 0, outputTokens: 0 },
      ...{ savedUsd: first.event?.costUsd, answerChars: first.event?.answerChars, ttftMs: null, tpotMs: null },
      ...{ variantId: first.event?.variantId, servedVariantId: first.event?.servedVariantId },
    });
    await ask(name, { body: { stream } });
    expect(upstream.requests).toHaveLength(calls);
  });

  it("is not given for another question, another parameter or another form of answer", async () => {
    await serve(name);
    await untilHit(name, { body: { stream } });
    for (const body of [{ temperature: 0.5 }, { n: 2 }, { seed: 7 }, { max_tokens: 5 }, { messages: [{ role: "user", content: "hi" }] }])
      expect((await ask(name, { body: { stream, ...body } })).cache).toBe("miss");
    const other = await ask(name, { body: { stream: !stream, seed: 99 } });
    expect(other.cache).toBe("miss");
  });

  it("that is broken, refused or cut is never stored", async () => {
    await serve(`${name}-bad`);
    const scripts: Script[] = [
      fails(500),
      fails(400),
      async (wire) => {
        wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("Hello"))).toString());
        await wire.sleep(50);
        wire.end();
      },
      (wire) => wire.write(httpAnswer(200, JSON.stringify({ error: { message: "hidden" } }))),
      (wire) => {
        wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("Hello")) + sse({ error: { message: "late" } })).toString());
      },
    ];
    for (const script of scripts) {
      upstream.play(script);
      expect((await ask(`${name}-bad`, { body: { stream } })).event?.outcome).not.toBe("complete");
    }
    upstream.play(goodScript);
    await settleStores();
    await serve(`${name}-bad`);
    expect((await ask(`${name}-bad`, { body: { stream } })).cache).toBe("miss");
  });
});

describe("a stored stream", () => {
  it("tells its usage to who asks for it and to nobody else, whoever asked first", async () => {
    await serve("usage");
    const [plain, wanting] = [{ stream: true }, { stream: true, stream_options: { include_usage: true } }];
    const without = await ask("usage", { body: plain });
    const withUsage = await untilHit("usage", { body: wanting });
    expect(withUsage.text).toContain('"completion_tokens":5');
    expect(without.text).not.toContain("completion_tokens");
    expect((await untilHit("usage", { body: plain })).text).toBe(without.text);
    expect(withUsage.text.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});

describe("what is the same request", () => {
  it("is decided by what it says, not by how it is written or who sends it", async () => {
    await serve("same");
    upstream.play(counted());
    await ask("same", { raw: '{"model":"same","messages":[{"role":"user","content":"caf\\u00e9"}],"seed":9007199254740993,"top_p":1}' });
    const again = await untilHit("same", {
      raw: '{ "top_p": 1.0, "seed": 9007199254740993, "user": "somebody",\n "messages": [{"content": "café", "role": "user"}], "model": "same"}',
    });
    expect(again.text).toContain("answer 1");
    const other = '{"model":"same","messages":[{"role":"user","content":"café"}],"seed":9007199254740992,"top_p":1}';
    expect((await ask("same", { raw: other })).text).toContain("answer 2");
  });
});

describe("whose answers they are", () => {
  it("two projects never share one, though all else is equal", async () => {
    const { installation } = gateway;
    const twoProjects = (config: GatewayConfig): GatewayConfig => {
      const id = "prj_00000000000070008000000000000002";
      const subjectKey = sealSecret(installation.kek, "another-subject-key-of-another-project", secretPlace.subjectKey(id));
      const [key] = config.keys;
      const [endpoint] = config.endpoints;
      if (key === undefined || endpoint === undefined) throw new Error("the configuration has a key and an endpoint");
      return {
        ...config,
        projects: [...config.projects, { id, slug: "other", subjectKey }],
        keys: [...config.keys, { ...key, id: "gwk_other", projectId: id, hash: sha256Hex("sk-sy-other-project") }],
        endpoints: [
          ...config.endpoints,
          { ...endpoint, id: endpoint.id.replace(/.$/, (last) => (last === "0" ? "1" : "0")), projectId: id },
        ],
      };
    };
    upstream.play(counted());
    await serve("shared", { config: twoProjects });
    expect((await untilHit("shared")).text).toContain("answer 1");
    const other = await ask("shared", { key: "sk-sy-other-project" });
    expect(other).toMatchObject({ cache: "miss", status: 200 });
    expect(other.text).not.toContain("answer 1");
  });

  it("are kept apart by key or by subject where the release says so", async () => {
    upstream.play(counted());
    await serve("apart", { cache: { scope: "subject" } });
    const [ann, ben] = ["ann", "ben"].map((subject) => ({ headers: { "x-switchyard-subject": subject } }));
    await untilHit("apart", ann);
    expect((await ask("apart", ben)).cache).toBe("miss");
    expect((await ask("apart")).cache).toBe("bypass");
    await serve("apart", { cache: { scope: "key" } });
    expect((await ask("apart", ann)).cache).toBe("miss");
    expect((await untilHit("apart", ben)).cache).toBe("hit");
  });
});

describe("a release's mode and a request's wish", () => {
  it("refresh asks anew and stores, read_only gives and stores nothing, off leaves all as it is", async () => {
    upstream.play(counted());
    await serve("modes");
    const wish = (text: string, body = {}) => ask("modes", { headers: { "x-switchyard-cache": text }, body });
    expect((await untilHit("modes")).text).toContain("answer 1");
    expect((await wish("off")).text).toContain("answer 2");
    const fresh = await wish("refresh");
    expect([fresh.cache, fresh.event?.cache]).toEqual(["bypass", "bypass"]);
    await vi.waitFor(async () => expect((await ask("modes")).text).toContain("answer 3"), SOON);
    expect((await wish("read-only", { seed: 1 })).cache).toBe("miss");
    await settleStores();
    await serve("modes");
    expect((await wish("read_only", { seed: 1 })).cache).toBe("miss");
    expect((await wish("whenever")).status).toBe(400);
  });

  it("only narrows: what the release does not permit, no request gets", async () => {
    upstream.play(counted());
    await serve("narrow");
    await untilHit("narrow");
    await serve("narrow", { cache: { mode: "refresh" } });
    expect((await ask("narrow", { headers: { "x-switchyard-cache": "on" } })).cache).toBe("bypass");
    await serve("narrow", { cache: null });
    expect((await ask("narrow", { headers: { "x-switchyard-cache": "on" } })).cache).toBe("bypass");
    await serve("narrow", { cache: { mode: "read_only" } });
    expect((await ask("narrow", { headers: { "x-switchyard-cache": "on" } })).cache).toBe("hit");
  });

  it("answers to requests that leave room for chance are stored only where the release has it so", async () => {
    await serve("chance", { cache: { deterministicOnly: true } });
    expect((await ask("chance")).event?.cache).toBe("bypass");
    await untilHit("chance", { body: { temperature: 0 } });
    await untilHit("chance", { body: { temperature: 0.0, seed: 4 } });
  });
});

describe("a purge", () => {
  it("gives up what was stored, and what is stored after it is given", async () => {
    upstream.play(counted());
    await serve("purged");
    expect((await untilHit("purged")).text).toContain("answer 1");
    await serve("purged", { endpoint: { cachePurges: 1 } });
    const after = await ask("purged");
    expect([after.cache, after.text.includes("answer 2")]).toEqual(["miss", true]);
    expect((await untilHit("purged")).text).toContain("answer 2");
  });
});

describe("the release", () => {
  it("finds nothing that another content answered, and all that it answered itself under another cache", async () => {
    upstream.play(counted());
    await serve("content");
    await untilHit("content");
    await serve("content", { cache: { ttlSeconds: 60, mode: "read_only" } });
    expect((await ask("content")).cache).toBe("hit");
    await serve("content", { cache: { space: sha256Hex("another content") } });
    expect((await ask("content")).cache).toBe("miss");
  });

  it("sets how old an answer may be, also for one that was stored with longer", async () => {
    let ahead = 0;
    const clock = { nowMs: () => Date.now() + ahead, monotonicMs: () => performance.now() };
    const later = await startTestGateway({ redisUrl: redis.redisUrl, installation: gateway.installation, clock, cacheWaitMs: PATIENT_MS });
    try {
      await serve("aged");
      await untilHit("aged");
      await serve("aged", { cache: { ttlSeconds: 1_800 } }, later);
      await vi.waitFor(() => expect(later.answers.isConnected).toBe(true), SOON);
      expect((await ask("aged", { on: later })).cache).toBe("hit");
      ahead = 1_800_001;
      expect((await ask("aged", { on: later })).cache).toBe("miss");
    } finally {
      await later.remove();
    }
  });

  it("sets how long one may be: a longer one is relayed and not stored", async () => {
    await serve("long", { cache: { maxEntryBytes: 1_024 } });
    upstream.play((wire) => wire.write(httpAnswer(200, completion("x".repeat(2_000)))));
    expect((await ask("long")).status).toBe(200);
    upstream.play((wire) =>
      wire.write(
        SSE_HEAD +
          [...Array(20)].map(() => httpChunk(sse(deltaEvent("y".repeat(100))))).join("") +
          httpChunk(sse(finishEvent()) + DONE_EVENT) +
          LAST_CHUNK,
      ),
    );
    expect((await ask("long", { body: { stream: true } })).event?.outcome).toBe("complete");
    upstream.play(goodScript);
    await settleStores();
    await serve("long", { cache: { maxEntryBytes: 1_024 } });
    for (const stream of [false, true]) expect((await ask("long", { body: { stream } })).cache).toBe("miss");
  });
});

describe("a request that no backend could answer", () => {
  const cache = { onFailure: ["overloaded" as const] };

  it.each([false, true])("is answered with what is stored, as a failure of the assigned variant (stream: %s)", async (stream) => {
    const name = `stands-in-${stream}`;
    await serve(name, { cache });
    const first = await untilHit(name, { body: { stream } });
    upstream.play(fails(503));
    // Nothing is given before the backend was asked.
    await serve(name, { cache: { ...cache, mode: "refresh" } });
    const stood = await ask(name, { body: { stream } });
    expect(stood).toMatchObject({ status: 200, text: first.text, cache: "hit" });
    expect(stood.event).toMatchObject({
      ...{ outcome: "complete", cache: "hit", attempts: 1, servedVariantId: null, backendId: null, costUsd: "0" },
      variantId: expect.stringMatching(/^var_/),
    });
    expect(stood.event?.savedUsd).toBeUndefined();
    for (const wish of ["off", "refresh"])
      expect((await ask(name, { body: { stream }, headers: { "x-switchyard-cache": wish } })).status).toBe(503);
    upstream.play(fails(500));
    expect((await ask(name, { body: { stream } })).status).toBe(502);
  });

  it("is answered with one that is too old to be given otherwise, up to the age that the release says", async () => {
    let ahead = 0;
    const clock = { nowMs: () => Date.now() + ahead, monotonicMs: () => performance.now() };
    const later = await startTestGateway({ redisUrl: redis.redisUrl, installation: gateway.installation, clock, cacheWaitMs: PATIENT_MS });
    try {
      const aged = { cache: { ...cache, ttlSeconds: 3_600, staleSeconds: 3_600 } };
      await serve("stale", aged);
      await untilHit("stale");
      await serve("stale", aged, later);
      await vi.waitFor(() => expect(later.answers.isConnected).toBe(true), SOON);
      upstream.play(fails(503));
      ahead = 3_600_001;
      expect(await ask("stale", { on: later })).toMatchObject({ status: 200, cache: "hit", event: { attempts: 1, servedVariantId: null } });
      ahead = 7_200_001;
      expect(await ask("stale", { on: later })).toMatchObject({ status: 503, cache: "miss", event: { outcome: "failed" } });
    } finally {
      await later.remove();
    }
  });

  it("asks the other variants first, and what they answer is never stored as the assigned one's", async () => {
    await serve("chain", { cache: { onFailure: ["overloaded"] }, spare: true });
    let n = 0;
    upstream.play((wire) => (n++ === 0 ? fails(503)(wire) : goodScript(wire)));
    const answer = await ask("chain");
    expect(answer).toMatchObject({ status: 200, cache: "miss", event: { attempts: 2 } });
    expect(answer.headers.get("x-switchyard-variant")).toBe("spare");
    upstream.play(goodScript);
    await settleStores();
    await serve("chain", { cache: { onFailure: ["overloaded"] }, spare: true });
    expect((await ask("chain")).cache).toBe("miss");
  });
});

describe("a Redis that is away, or takes commands and says nothing", () => {
  it("costs a request nothing but its stored answer", async () => {
    const held = await holdRedis(redis.redisUrl);
    const one = await startTestGateway({ redisUrl: held.url, installation: gateway.installation, gatewayId: "held", cacheWaitMs: 1 });
    try {
      await serve("away", {}, one);
      await vi.waitFor(() => expect(one.answers.isConnected).toBe(true), SOON);
      held.hold();
      for (const stream of [false, true, false, true, false, true, false])
        expect(await ask("away", { on: one, body: { stream } })).toMatchObject({
          ...{ status: 200, cache: "bypass", event: { outcome: "complete", cache: "bypass", attempts: 1 } },
        });
      await held.close();
      expect(await ask("away", { on: one })).toMatchObject({ status: 200, cache: "bypass", event: { outcome: "complete" } });
      upstream.play(fails(503));
      expect(await ask("away", { on: one })).toMatchObject({ status: 503, cache: "bypass", event: { outcome: "failed" } });
    } finally {
      await one.remove();
      await held.close();
    }
  });
});

describe("a client that leaves while a stored answer is looked for", () => {
  it("is settled once, as gone, and no backend is called", async () => {
    const held = await holdRedis(redis.redisUrl);
    const one = await startTestGateway({
      redisUrl: held.url,
      installation: gateway.installation,
      gatewayId: "left",
      cacheWaitMs: PATIENT_MS,
    });
    try {
      await serve("left", {}, one);
      await vi.waitFor(() => expect(one.answers.isConnected).toBe(true), SOON);
      held.hold();
      const leaving = new AbortController();
      const asked = fetch(`${one.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${one.installation.keyText}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "left", messages: [{ role: "user", content: "Hi" }] }),
        signal: leaving.signal,
      }).catch(() => null);
      await vi.waitFor(async () => expect((await metric(one, "switchyard_gateway_in_flight_requests")) > 0).toBe(true), SOON);
      leaving.abort();
      await asked;
      await vi.waitFor(async () => expect(await metric(one, "switchyard_gateway_in_flight_requests")).toBe(0), SOON);
      held.release();
      await vi.waitFor(async () => expect((await one.events()).map((e) => e.outcome)).toEqual(["client_gone"]), SOON);
      expect(upstream.requests).toHaveLength(0);
    } finally {
      await one.remove();
      await held.close();
    }
  });
});

describe("limits and metrics", () => {
  it("a hit counts as a request and takes no tokens, and is told by its result", async () => {
    await serve("limited", { endpoint: { limits: { requestsPerMinute: 1_000, tokensPerMinute: 100_000 } } });
    await untilHit("limited");
    const left = (headers: Headers) =>
      [...(headers.get("ratelimit") ?? "").matchAll(/"endpoint-(requests|tokens)";r=(\d+)/g)].map(([, name, n]) => [name, Number(n)]);
    const [before, after] = [await ask("limited"), await ask("limited")].map(({ headers }) => Object.fromEntries(left(headers)));
    expect(after?.tokens).toBe(before?.tokens);
    expect(after?.requests).toBe((before?.requests ?? 0) - 1);
    expect(await metric(gateway, 'llm_cache_requests_total{model="limited",result="miss"}')).toBe(1);
    expect(await metric(gateway, 'llm_cache_requests_total{model="limited",result="hit"}')).toBeGreaterThanOrEqual(3);
    expect(await metric(gateway, 'llm_request_latency_seconds_count{model="limited",endpoint="/v1/chat/completions"}')).toBe(
      await metric(gateway, 'llm_cache_requests_total{model="limited",result="miss"}'),
    );
  });
});
