import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CallSettings, GatewayBackend, GatewayVariant } from "@/lib/contracts/gateway-config";
import { eventually } from "@/test/eventually";
import { goodScript, httpAnswer, type ScriptedUpstream, startScriptedUpstream, type Wire } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

let gateway: TestGateway;
let upstream: ScriptedUpstream;
let generation = 1;
/** Calls that the backend holds until the test lets them go. */
let held: Wire[] = [];

beforeEach(async () => {
  held = [];
  upstream = await startScriptedUpstream((wire) => void held.push(wire));
  gateway = await startTestGateway();
});
afterEach(async () => {
  await gateway.remove();
  await upstream.close();
});

interface Served {
  backend?: Partial<GatewayBackend>;
  variant?: Partial<GatewayVariant>;
  calls?: CallSettings;
  more?: { backends: GatewayBackend[]; variants: GatewayVariant[] };
}
async function serve({ backend, variant, calls, more }: Served): Promise<string> {
  const name = `chat${generation}`;
  const server = testBackend(upstream.url, backend);
  const variants = [testVariant([server.id], variant), ...(more?.variants ?? [])];
  const release = testRelease(generation, variants, calls === undefined ? {} : { calls });
  const backends = [server, ...(more?.backends ?? [])];
  await gateway.serve({
    ...gateway.installation.config({ backends, endpoints: [testEndpoint(name, [release])] }),
    generation: generation++,
  });
  return name;
}

function send(
  model: string,
  { content = "Hi", stream = false, signal }: { content?: string; stream?: boolean; signal?: AbortSignal } = {},
) {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content }], stream }),
    ...(signal === undefined ? {} : { signal }),
  });
}
async function ask(...args: Parameters<typeof send>) {
  const response = await send(...args);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const arrived = (count: number) => eventually(() => expect(upstream.requests).toHaveLength(count));
const gauge = async (name: string) =>
  Number(
    new RegExp(`switchyard_gateway_backend_${name}\\{[^}]*\\} (\\S+)`).exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1],
  );
const waiting = (count: number) => eventually(async () => expect(await gauge("queued")).toBe(count));
const letGo = (wire: Wire | undefined) => wire !== undefined && goodScript(wire);

describe("a backend with a capacity", () => {
  it("is never called more often at a time; the others wait, in turn, and are served", async () => {
    const model = await serve({ backend: { capacity: 2 } });
    const answers = Array.from({ length: 6 }, (_, i) => ask(model, { stream: i % 2 === 1 }));
    await waiting(4);
    for (let done = 0; done < 6; done++) {
      await arrived(Math.min(6, done + 2));
      expect(await gauge("in_flight")).toBeLessThanOrEqual(2);
      void letGo(held[done]);
    }
    expect((await Promise.all(answers)).map((a) => a.status)).toEqual(Array(6).fill(200));
    await eventually(async () => expect([await gauge("in_flight"), await gauge("queued")]).toEqual([0, 0]));
    const events = await gateway.events();
    expect(events.map((e) => [e.outcome, e.attempts])).toEqual(Array(6).fill(["complete", 1]));
    expect(Math.max(...events.map((e) => e.queueMs))).toBeGreaterThan(0);
  });

  it("has room for as many as ever, however its calls end: answered, failed, broken off, left by the client", async () => {
    const model = await serve({ backend: { capacity: 1 }, calls: { maxAttempts: 1 } });
    const ends: ((wire: Wire) => void)[] = [
      // A kept connection that is reset would be asked once more.
      (wire) => wire.write(httpAnswer(500, "{}", { connection: "close" })),
      (wire) => wire.reset(),
      (wire) => {
        wire.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{");
        wire.end();
      },
      (wire) => wire.write(httpAnswer(429, "{}", { connection: "close" })),
    ];
    for (const [i, end] of ends.entries()) {
      const answer = ask(model).catch(() => null);
      await arrived(i + 1);
      const wire = held[i];
      if (wire !== undefined) end(wire);
      await answer;
    }
    const leaving = new AbortController();
    const left = send(model, { signal: leaving.signal }).catch(() => null);
    await arrived(ends.length + 1);
    leaving.abort();
    await left;
    await eventually(async () => expect(await gauge("in_flight")).toBe(0));
    const last = ask(model);
    await arrived(ends.length + 2);
    void letGo(held.at(-1));
    expect((await last).status).toBe(200);
  });

  it("keeps no place for a client that left the queue", async () => {
    const model = await serve({ backend: { capacity: 1 } });
    const first = ask(model);
    await arrived(1);
    const leaving = new AbortController();
    const left = send(model, { signal: leaving.signal }).catch(() => null);
    await waiting(1);
    const behind = ask(model);
    await waiting(2);
    leaving.abort();
    await left;
    await waiting(1);
    void letGo(held[0]);
    expect((await first).status).toBe(200);
    await arrived(2);
    void letGo(held[1]);
    expect((await behind).status).toBe(200);
    expect(upstream.requests).toHaveLength(2);
    expect((await gateway.events()).map((e) => [e.outcome, e.attempts]).sort()).toEqual([
      ["client_gone", 0],
      ["complete", 1],
      ["complete", 1],
    ]);
  });

  it("refuses with 429 who finds the queue full; it is told when to come again, and counts as failed", async () => {
    const model = await serve({ backend: { capacity: 1 }, calls: { queue: { maxLength: 1, timeoutMs: 30_000 } } });
    const first = ask(model);
    await arrived(1);
    const behind = ask(model);
    await waiting(1);
    const full = await ask(model);
    expect([full.status, JSON.parse(full.text).error.code]).toEqual([429, "queue_full"]);
    // Nothing ended yet: as long as one may wait.
    expect(Number(full.headers.get("retry-after"))).toBe(30);
    void letGo(held[0]);
    await arrived(2);
    void letGo(held[1]);
    expect([(await first).status, (await behind).status]).toEqual([200, 200]);
    expect((await gateway.events()).map((e) => [e.outcome, e.errorCode, e.attempts])).toContainEqual(["failed", "queue_full", 0]);
  });

  it("refuses with 503 who waited in vain; the wait is its queue time", async () => {
    const model = await serve({ backend: { capacity: 1 }, calls: { queue: { maxLength: 1, timeoutMs: 100 } } });
    const first = ask(model);
    await arrived(1);
    const late = await ask(model);
    expect([late.status, JSON.parse(late.text).error.code, Number(late.headers.get("retry-after"))]).toEqual([503, "queue_timeout", 1]);
    void letGo(held[0]);
    expect((await first).status).toBe(200);
    const timed = (await gateway.events()).find((e) => e.errorCode === "queue_timeout");
    expect([timed?.outcome, timed?.attempts]).toEqual(["failed", 0]);
    expect(timed?.queueMs).toBeGreaterThanOrEqual(100);
  });

  it("that is full is passed over while another has room", async () => {
    const spare = await startScriptedUpstream(goodScript);
    try {
      const other = testBackend(spare.url);
      const server = testBackend(upstream.url, { capacity: 1 });
      const release = testRelease(generation, [testVariant([server.id, other.id])]);
      const config = gateway.installation.config({ backends: [server, other], endpoints: [testEndpoint("two", [release])] });
      await gateway.serve({ ...config, generation: generation++ });
      const first = ask("two");
      await arrived(1);
      for (let i = 0; i < 5; i++) expect((await ask("two")).status).toBe(200);
      expect([upstream.requests.length, spare.requests.length]).toEqual([1, 5]);
      void letGo(held[0]);
      expect((await first).status).toBe(200);
    } finally {
      await spare.close();
    }
  });

  it("is bounded across its revisions, also while a snapshot replaces one by another", async () => {
    const bound = { backendId: "bck_one", capacity: 2 };
    const [one, other, next] = [0, 1, 2].map((i) => testBackend(upstream.url, { ...bound, servedModel: `served-${i}` })) as [
      GatewayBackend,
      GatewayBackend,
      GatewayBackend,
    ];
    const serveBoth = (a: GatewayBackend, b: GatewayBackend) => {
      const endpoints = [a, b].map((backend, i) => testEndpoint(`on${i}`, [testRelease(i + 1, [testVariant([backend.id])])]));
      return gateway.serve({ ...gateway.installation.config({ backends: [a, b], endpoints }), generation: generation++ });
    };
    await serveBoth(one, other);
    const answers = [ask("on0")];
    await arrived(1);
    answers.push(...Array.from({ length: 7 }, (_, i) => ask(`on${(i + 1) % 2}`)));
    const queued = async () => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return [...text.matchAll(/switchyard_gateway_backend_queued\{[^}]*\} (\S+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    };
    await eventually(async () => expect(await queued()).toBe(6));
    expect(upstream.requests).toHaveLength(2);
    // The first of them leaves the snapshot; those that wait for it stay in the queue.
    await serveBoth(next, other);
    const late = ask("on0");
    await eventually(async () => expect(await queued()).toBeGreaterThanOrEqual(4));
    for (let done = 0; done < 9; done++) {
      await arrived(Math.min(9, done + 2));
      expect(held.length - done).toBeLessThanOrEqual(2);
      void letGo(held[done]);
    }
    expect((await Promise.all([...answers, late])).map((a) => a.status)).toEqual(Array(9).fill(200));
  });

  it("is not waited for while one that answers less well has room", async () => {
    const flaky = await startScriptedUpstream((wire) => wire.write(httpAnswer(500, "{}")));
    try {
      upstream.play(goodScript);
      const server = testBackend(upstream.url, { capacity: 1 });
      const second = testBackend(flaky.url, { capacity: 100 });
      const calls = { maxAttempts: 2, queue: { maxLength: 0, timeoutMs: 1_000 } };
      const release = testRelease(generation, [testVariant([server.id, second.id])], { calls });
      const config = gateway.installation.config({ backends: [server, second], endpoints: [testEndpoint("two", [release])] });
      await gateway.serve({ ...config, generation: generation++ });
      // A third of its calls fail: an outlier, whose breaker stays closed.
      let calledSecond = 0;
      flaky.play((wire) => (++calledSecond % 3 === 0 ? wire.write(httpAnswer(500, "{}")) : goodScript(wire)));
      for (let i = 0; i < 90; i++) await ask("two");
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const standing = (id: string) => new RegExp(`backend_preferred\\{[^}]*revision="${id}"\\} (\\S+)`).exec(text)?.[1];
      expect([standing(server.id), standing(second.id)]).toEqual(["1", "0"]);
      flaky.play(goodScript);
      const before = upstream.requests.length;
      upstream.play((wire) => void held.push(wire));
      const first = ask("two");
      await arrived(before + 1);
      expect((await ask("two")).status).toBe(200);
      void letGo(held[0]);
      expect((await first).status).toBe(200);
    } finally {
      await flaky.close();
    }
  });

  it("that is full gives way to a fallback for what is overloaded", async () => {
    const spare = await startScriptedUpstream(goodScript);
    try {
      const backend = testBackend(spare.url);
      const other = testVariant([backend.id], { name: "spare", weightBps: 0 });
      const model = await serve({
        backend: { capacity: 1 },
        variant: { fallbacks: [{ variantId: other.id, on: ["overloaded"] }] },
        calls: { queue: { maxLength: 0, timeoutMs: 1_000 } },
        more: { backends: [backend], variants: [other] },
      });
      const first = ask(model);
      await arrived(1);
      const answer = await ask(model);
      expect([answer.status, answer.headers.get("x-switchyard-variant")]).toEqual([200, "spare"]);
      void letGo(held[0]);
      expect((await first).status).toBe(200);
    } finally {
      await spare.close();
    }
  });
});

describe("a ceiling of the input", () => {
  const long = "word ".repeat(100);

  it("refuses what is surely too long before a backend is called", async () => {
    const model = await serve({ variant: { maxInputTokens: 50 } });
    const refused = await ask(model, { content: long });
    expect([refused.status, JSON.parse(refused.text).error.code, refused.headers.get("x-should-retry")]).toEqual([
      400,
      "context_length_exceeded",
      "false",
    ]);
    expect(upstream.requests).toHaveLength(0);
    expect(await gateway.events()).toMatchObject([{ outcome: "refused", errorCode: "context_length_exceeded", attempts: 0, costUsd: "0" }]);
    upstream.play(goodScript);
    expect((await ask(model, { content: "word ".repeat(30) })).status).toBe(200);
  });

  it("sends it to a fallback for long contexts where there is one", async () => {
    const large = testBackend(upstream.url);
    const other = testVariant([large.id], { name: "large", weightBps: 0, maxInputTokens: 1_000 });
    const model = await serve({
      variant: { maxInputTokens: 50, fallbacks: [{ variantId: other.id, on: ["context_too_long"] }] },
      more: { backends: [large], variants: [other] },
    });
    upstream.play(goodScript);
    const answer = await ask(model, { content: long });
    expect([answer.status, answer.headers.get("x-switchyard-variant")]).toEqual([200, "large"]);
  });
});
