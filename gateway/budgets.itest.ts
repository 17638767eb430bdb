import { connect } from "node:net";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GatewayBudget } from "@/lib/contracts/gateway-config";
import { INTERNAL_CHAT_PATH, type InternalTarget } from "@/lib/contracts/internal-call";
import { signInternalCall } from "@/lib/infra/internal-token";
import { eventually } from "@/test/eventually";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { FakeLeases, type FakePot } from "./testing/fake-leases";
import {
  completion,
  deltaEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  type Script,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { TEST_PROJECT_ID, testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

const BUDGET: GatewayBudget = {
  id: "bud_test",
  name: "support",
  projectId: TEST_PROJECT_ID,
  endpointId: null,
  environment: "production",
  allowsUnknown: false,
};
/** Prices of the test variant: $2.50 and $10 per million tokens. */
const INPUT_NANO = 2_500;
const OUTPUT_NANO = 10_000;
/** goodScript's answer reports 10 input and 5 output tokens. */
const COST = BigInt(10 * INPUT_NANO + 5 * OUTPUT_NANO);
const messages = [{ role: "user" as const, content: "Hi" }];

let redis: TestRedis;
let upstream: ScriptedUpstream;
let gateway: TestGateway;
let leases: FakeLeases;
let client: OpenAI;
let targets: Record<InternalTarget["kind"], InternalTarget>;

beforeAll(async () => {
  redis = await createTestRedis();
  upstream = await startScriptedUpstream(goodScript);
});
beforeEach(async () => {
  await redis.flush();
  upstream.play(goodScript);
});
afterEach(async () => {
  await gateway.remove();
  await leases.close();
});
afterAll(async () => {
  await upstream.close();
  await redis.close();
});

async function open(pot: Partial<FakePot>, parts: { budgets?: GatewayBudget[]; price?: null; untilLeased?: boolean } = {}): Promise<void> {
  leases = new FakeLeases(redis.redisUrl, pot);
  gateway = await startTestGateway({ redisUrl: redis.redisUrl });
  const server = testBackend(upstream.url, { firstByteTimeoutMs: 20_000 });
  const variant = testVariant([server.id], parts.price === null ? { price: null } : {});
  const endpoints = [testEndpoint("chat", [testRelease(1, [variant])])];
  const direct = {
    ...{ backendId: server.backendId, projectId: TEST_PROJECT_ID, environment: "production", revisionId: server.id },
    ...{ modelVersionId: "mdv_test", modelVersionNumber: 1, modelName: "small", price: variant.price },
  };
  const config = { backends: [server], endpoints, directBackends: [direct], budgets: parts.budgets ?? [BUDGET] };
  await gateway.serve(gateway.installation.config(config));
  targets = {
    endpoint: { kind: "endpoint", endpointId: endpoints[0]?.id ?? "" },
    backend: { kind: "backend", backendId: server.backendId },
  };
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
  // An endpoint without a budget asks for nothing, however long one waits.
  if (parts.untilLeased === false) await new Promise((resolve) => setTimeout(resolve, 250));
  else await eventually(() => expect(leases.asks.length).toBeGreaterThan(0));
  if (leases.pot.answers && leases.pot.limit > 0n) await eventually(() => expect(available()).toBeGreaterThan(0n));
}

const available = () => gateway.budgets.availableOf(BUDGET.id) ?? -1n;
const ask = (parts: object = {}) => client.chat.completions.create({ model: "chat", messages, max_tokens: 20, ...parts } as never);
/** What a request with 20 tokens of ceiling reserves, read off the body that went upstream. */
async function reserveOf(): Promise<bigint> {
  await ask();
  const body = upstream.requests.at(-1)?.body ?? "";
  return BigInt(Buffer.byteLength(body) * INPUT_NANO + 20 * OUTPUT_NANO);
}
/** A call of the control plane itself, as the playground makes it. */
function askInternally(target: InternalTarget, maxTokens: number): Promise<Response> {
  const body = Buffer.from(JSON.stringify({ model: "chat", messages, max_tokens: maxTokens, stream: true }));
  const call = {
    source: "playground",
    projectId: TEST_PROJECT_ID,
    environment: "production",
    actorId: "usr_1",
    target,
    promptVersionId: null,
  } as const;
  const token = signInternalCall(gateway.installation.internalKey, { call, body, nowMs: Date.now() });
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return fetch(`${gateway.url}${INTERNAL_CHAT_PATH}`, { method: "POST", headers, body });
}

async function refusalOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof OpenAI.APIError)) throw new Error(`expected a refusal, got ${error}`);
  return error;
}

describe("the console's own calls", () => {
  it("spend from the budgets that cover them: an endpoint's, and a backend's that is asked by itself", async () => {
    await open({ limit: 10n ** 12n });
    for (const kind of ["endpoint", "backend"] as const) {
      const before = available();
      await (await askInternally(targets[kind], 20)).text();
      expect(available()).toBe(before - COST);
    }
  });

  it("are refused by a budget that cannot hold them, before any backend is asked", async () => {
    await open({ limit: 300_000n });
    const calls = upstream.requests.length;
    for (const kind of ["endpoint", "backend"] as const) {
      const response = await askInternally(targets[kind], 200);
      expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([402, "budget_exhausted"]);
    }
    expect(upstream.requests.length).toBe(calls);
    expect((await gateway.events()).map((e) => [e.source, e.outcome, e.errorCode])).toEqual([
      ["playground", "refused", "budget_exhausted"],
      ["playground", "refused", "budget_exhausted"],
    ]);
  });
});

describe("a lease", () => {
  it("is asked for before any request comes, and what was spent is what it cost, whole and streamed", async () => {
    await open({ limit: 10n ** 12n });
    const before = available();
    await ask();
    expect(available()).toBe(before - COST);
    const stream = (await ask({ stream: true })) as unknown as AsyncIterable<unknown>;
    for await (const _ of stream);
    expect(available()).toBe(before - 2n * COST);
    expect(leases.asks[0]).toMatchObject({ afterSequence: 0, bootSequence: 0, windowStartsAt: null, committedNanoUsd: "0" });
  });

  it("that cannot hold a request refuses it in OpenAI's shape before it costs anything", async () => {
    await open({ limit: 300_000n });
    const calls = upstream.requests.length;
    for (const stream of [false, true]) {
      const error = await refusalOf(ask({ max_tokens: 200, stream }));
      expect(error).toMatchObject({ status: 402, code: "budget_exhausted", type: "insufficient_quota" });
      expect(error.message).toContain("“support”");
      expect(error.message).toContain(new Date(leases.pot.windowEndsAt).toISOString());
      expect(error.headers?.get("x-should-retry")).toBe("false");
    }
    expect(upstream.requests.length).toBe(calls);
    const events = await gateway.events();
    expect(events.map((e) => [e.outcome, e.errorCode, e.costUsd])).toEqual([
      ["refused", "budget_exhausted", "0"],
      ["refused", "budget_exhausted", "0"],
    ]);
    expect(available()).toBe(300_000n);
  });

  it("worth ten requests lets at most ten of a burst of fifty in, and its cost is within it", async () => {
    await open({ limit: 10n ** 12n });
    const reserve = await reserveOf();
    await gateway.remove();
    await leases.close();
    await redis.flush();
    const limit = 10n * reserve;
    await open({ limit });
    let running = 0;
    let allJudged = () => {};
    const judged = new Promise<void>((resolve) => {
      allJudged = resolve;
    });
    upstream.play(async (wire) => {
      running++;
      // Nobody is answered before everybody was let in or refused.
      await judged;
      // As dear as a reserve can be: every token of the ceiling.
      wire.write(
        httpAnswer(200, completion("x", { prompt_tokens: Number((reserve - 200_000n) / 2_500n), completion_tokens: 20, total_tokens: 0 })),
      );
    });
    let refused = 0;
    const burst = Array.from({ length: 50 }, () =>
      ask().catch((error: unknown) => {
        if (++refused === 40) allJudged();
        throw error;
      }),
    );
    const results = await Promise.allSettled(burst);
    const served = results.filter((r) => r.status === "fulfilled").length;
    expect(served).toBe(10);
    expect(running).toBe(10);
    for (const result of results)
      if (result.status === "rejected") expect(["budget_exhausted", "budget_unknown"]).toContain(result.reason.code);
    const spent = (await gateway.events()).reduce((sum, e) => sum + Number(e.costUsd), 0);
    expect(BigInt(Math.round(spent * 1e9))).toBeLessThanOrEqual(limit);
    expect(available()).toBe(0n);
  });

  it("reserves for all choices of an answer", async () => {
    await open({ limit: 10n ** 12n });
    const reserve = await reserveOf();
    await gateway.remove();
    await leases.close();
    await redis.flush();
    await open({ limit: reserve + 100_000n });
    expect((await refusalOf(ask({ n: 2 }))).code).toBe("budget_exhausted");
    await ask({ n: 1 });
  });

  it.each<[string, Script, object]>([
    ["an answer that failed", (wire) => wire.write(httpAnswer(500, "{}")), {}],
    ["a backend that hung up", (wire) => wire.reset(), {}],
    [
      "a stream that was cut",
      async (wire) => {
        wire.write(SSE_HEAD);
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(50);
        wire.reset();
      },
      { stream: true },
    ],
  ])("gets back what %s did not cost", async (_title, script, parts) => {
    await open({ limit: 10n ** 12n });
    const before = available();
    upstream.play(script);
    await (async () => {
      const answer = await ask(parts);
      if (Symbol.asyncIterator in (answer as object)) for await (const _ of answer as unknown as AsyncIterable<unknown>);
    })().catch(() => {});
    const [event] = await gateway.events();
    expect(["failed", "cut"]).toContain(event?.outcome);
    expect(before - available()).toBe(BigInt(Math.ceil(Number(event?.costUsd) * 1e9 - 1e-6)));
  });

  it("gets back what a client that went away did not cost, before and in the middle of an answer", async () => {
    await open({ limit: 10n ** 12n });
    const before = available();
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      while (!wire.socket.destroyed) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(10);
      }
    });
    const stream = (await ask({ stream: true })) as unknown as AsyncIterable<unknown> & { controller: AbortController };
    for await (const _ of stream) break;
    const silent = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    const body = JSON.stringify({ model: "chat", messages });
    upstream.play(() => {});
    silent.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.installation.keyText}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually(() => expect(before - available()).toBeGreaterThan(2_000_000n));
    silent.destroy();
    const spent = await eventually(async () => {
      const events = await gateway.events();
      expect(events.map((e) => e.outcome)).toEqual(["client_gone", "client_gone"]);
      return events.reduce((sum, e) => sum + Number(e.costUsd), 0);
    });
    expect(before - available()).toBe(BigInt(Math.round(spent * 1e9)));
  });

  it("is not touched by what has no price: served, and shown as unpriced", async () => {
    await open({ limit: 0n }, { price: null });
    await ask();
    expect((await gateway.events())[0]).toMatchObject({ outcome: "complete", costUsd: null, inputTokens: 10 });
  });

  it("does not concern endpoints that no budget covers", async () => {
    await open(
      { limit: 0n },
      {
        budgets: [
          { ...BUDGET, endpointId: "ept_other" },
          { ...BUDGET, id: "bud_2", environment: "staging" },
        ],
        untilLeased: false,
      },
    );
    await ask();
    expect(leases.asks).toEqual([]);
  });

  it("is wanted of every budget that covers a request, and the fuller one's reserve is untouched by a refusal", async () => {
    const narrow = { ...BUDGET, id: "bud_narrow", name: "narrow" };
    await open({ limit: 10n ** 12n }, { budgets: [BUDGET, narrow] });
    await eventually(() => expect(gateway.budgets.availableOf("bud_narrow")).toBeGreaterThan(0n));
    await ask();
    expect(gateway.budgets.availableOf("bud_narrow")).toBe(available());
  });

  it("is given back when the gateway stops", async () => {
    await open({ limit: 10n ** 12n });
    await ask();
    const [first] = leases.asks;
    await gateway.close();
    await eventually(() => expect(leases.granted(first?.bootId ?? "")).toBe(COST));
  });
});

describe("without an answer", () => {
  it("a request is refused for a moment, and served when the answer comes", async () => {
    await open({ limit: 10n ** 12n, answers: false });
    const error = await refusalOf(ask());
    expect(error).toMatchObject({ status: 503, code: "budget_unknown" });
    expect(error.headers?.get("retry-after")).toBe("1");
    leases.pot.answers = true;
    await eventually(() => ask());
    expect(Number(leases.asks.at(-1)?.number)).toBeGreaterThan(1);
  });

  it("a budget that allows it is served, and what that costs is counted against the lease that follows", async () => {
    await open({ limit: 10n ** 12n, answers: false }, { budgets: [{ ...BUDGET, allowsUnknown: true }] });
    await ask();
    expect(available()).toBe(-COST);
    leases.pot.answers = true;
    await eventually(() => expect(available()).toBeGreaterThan(0n));
    expect(leases.asks.at(-1)?.committedNanoUsd).toBe(COST.toString());
  });

  it("of the worker a lease is spent until it runs out, then requests wait for the next", async () => {
    await open({ limit: 10n ** 12n, durationMs: 2_000 });
    leases.pot.answers = false;
    await ask();
    await eventually(async () => expect((await refusalOf(ask())).code).toBe("budget_unknown"));
    leases.pot.answers = true;
    await eventually(() => ask());
  });

  it.each([
    [false, "refused"],
    [true, "served"],
  ])(
    "of Redis a lease is spent until it runs out; then, where unknown is allowed: %s, requests are %s; with Redis back all goes on",
    async (allowsUnknown, end) => {
      await open({ limit: 10n ** 12n, durationMs: 2_500 }, { budgets: [{ ...BUDGET, allowsUnknown }] });
      await redis.kill();
      const killedAt = performance.now();
      await ask();
      if (end === "refused") await eventually(async () => expect((await refusalOf(ask())).code).toBe("budget_unknown"));
      else {
        while (performance.now() - killedAt < 3_500) await new Promise((resolve) => setTimeout(resolve, 100));
        await ask();
      }
      await redis.restart();
      await eventually(() => ask());
      await eventually(() => expect(available()).toBeGreaterThan(0n));
    },
  );
});

describe("a new month", () => {
  it("begins with a lease of its own, in which nothing of the old month counts", async () => {
    const now = Date.now();
    await open({ limit: 10n ** 12n, windowEndsAt: now + 2_500 });
    await ask();
    const [first] = leases.asks;
    leases.pot.windowStartsAt = now + 2_500;
    leases.pot.windowEndsAt = now + 86_400_000;
    await eventually(() => expect(leases.asks.at(-1)?.windowStartsAt).toBe(now + 2_500));
    await eventually(() => ask());
    const fresh = leases.asks.filter((a) => a.bootId !== first?.bootId);
    expect(fresh[0]).toMatchObject({ afterSequence: 1, bootSequence: 0, committedNanoUsd: "0", windowStartsAt: now + 2_500 });
  });
});
