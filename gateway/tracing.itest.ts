import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "@/lib/infra/logger";
import { version } from "@/package.json";
import { goodScript, httpAnswer, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";
import { type CollectedSpan, startTraceCollector, type TraceCollector } from "./testing/trace-collector";
import { TraceExporter } from "./tracing/exporter";
import type { TracingOptions } from "./tracing/options";
import type { TracedRequest } from "./tracing/traced-request";
import { newSpanId } from "./tracing/tracing";

const PARENT = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const traceparent = (sampled: boolean) => `00-${PARENT.traceId}-${PARENT.spanId}-${sampled ? "01" : "00"}`;

let collector: TraceCollector;
let upstreams: ScriptedUpstream[];
let gateway: TestGateway;

const optionsOf = (url: string): TracingOptions => ({
  url: `${url}/v1/traces`,
  headers: { "x-tenant": "shop" },
  sampler: "parentbased_always_off",
  ratio: 1,
  resource: { "service.name": "switchyard-gateway", "deployment.environment.name": "test" },
  delayMs: 20,
  timeoutMs: 5_000,
});

async function serve(of: TestGateway): Promise<void> {
  const servers = upstreams.map((u, i) =>
    testBackend(u.url, { name: `gpu-${i}`, servedModel: `model-${i}`, kind: "vllm", simulated: false }),
  );
  const second = testVariant([servers[1]?.id ?? ""], { name: "b", weightBps: 0 });
  const first = testVariant([servers[0]?.id ?? ""], { name: "a", fallbacks: [{ variantId: second.id, on: ["overloaded"] }] });
  const endpoint = testEndpoint("chat", [testRelease(7, [first, second], { calls: { maxAttempts: 1 } })]);
  await of.serve(of.installation.config({ backends: servers, endpoints: [endpoint] }));
}

beforeAll(async () => {
  collector = await startTraceCollector();
  upstreams = await Promise.all([0, 1].map(() => startScriptedUpstream(goodScript)));
  gateway = await startTestGateway({ tracing: optionsOf(collector.url) });
  await serve(gateway);
});
afterAll(async () => {
  await gateway.remove();
  await Promise.all([...upstreams.map((u) => u.close()), collector.close()]);
});
beforeEach(() => {
  for (const u of upstreams) {
    u.play(goodScript);
    u.requests.length = 0;
  }
  collector.spans.length = 0;
});

async function ask(of: TestGateway, headers: Record<string, string>, stream = true) {
  const response = await fetch(`${of.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${of.installation.keyText}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "my secret question" }], stream }),
  });
  await response.text();
  const id = response.headers.get("x-request-id");
  return { status: response.status, event: (await of.events()).find((e) => e.requestId === id) };
}

/** Waits for the exporter, which posts a moment after a request's end. */
async function collected(): Promise<CollectedSpan[]> {
  await expect.poll(() => collector.spans.length, { timeout: 10_000 }).toBeGreaterThan(0);
  return collector.spans;
}

describe("a request of a sampled trace", () => {
  it("is a span under its caller's, with a span for each step and for the model's call", async () => {
    const { event } = await ask(gateway, { traceparent: traceparent(true), tracestate: "vendor=1", baggage: "tier=gold" });
    const spans = await collected();
    const named = (name: string) => spans.find((span) => span.name === name);
    const root = named("POST /v1/chat/completions");
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([PARENT.traceId]));
    expect(root).toMatchObject({ parentId: PARENT.spanId, kind: 2, isError: false });
    expect(root?.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.route": "/v1/chat/completions",
      "http.response.status_code": 200,
      "switchyard.request.id": event?.requestId,
      "switchyard.endpoint": "chat",
      "switchyard.release": 7,
      "switchyard.variant": "a",
      "switchyard.outcome": "complete",
      "switchyard.attempts": 1,
      "switchyard.streamed": true,
    });
    expect(root?.resource).toEqual({ "service.name": "switchyard-gateway", "deployment.environment.name": "test" });
    for (const step of ["read request", "check limits", "build prompt", "reserve budget"])
      expect(named(step), step).toMatchObject({ parentId: root?.spanId, kind: 1 });
    const inference = named("chat model-0");
    expect(inference).toMatchObject({ parentId: root?.spanId, kind: 3 });
    expect(inference?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "vllm",
      "gen_ai.request.model": "model-0",
      "gen_ai.usage.input_tokens": event?.inputTokens,
      "gen_ai.usage.output_tokens": event?.outputTokens,
      "server.address": "127.0.0.1",
    });
    const call = named("POST");
    expect(call).toMatchObject({ parentId: inference?.spanId, kind: 3, events: ["on a connection", "answer begins"] });
    expect(call?.attributes).toMatchObject({ "http.response.status_code": 200, "switchyard.backend": "gpu-0" });
    // The backend's own spans hang below this very call.
    expect(upstreams[0]?.requests[0]?.headers).toMatchObject({
      traceparent: `00-${PARENT.traceId}-${call?.spanId}-01`,
      tracestate: "vendor=1",
      baggage: "tier=gold",
    });
    expect(event?.traceId).toBe(PARENT.traceId);
    expect(collector.exports.at(-1)).toMatchObject({ path: "/v1/traces", "content-type": "application/json", "x-tenant": "shop" });
  });

  it("has each span within its parent's time", async () => {
    await ask(gateway, { traceparent: traceparent(true) });
    const spans = await collected();
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of spans) {
      expect(span.startNano <= span.endNano, span.name).toBe(true);
      const parent = span.parentId === null ? undefined : byId.get(span.parentId);
      if (parent !== undefined) expect(parent.startNano <= span.startNano && span.endNano <= parent.endNano, span.name).toBe(true);
    }
    expect(spans.filter((span) => !byId.has(span.parentId ?? ""))).toHaveLength(1);
  });

  it("has a span for each attempt, each with its own id for its backend and its own failure", async () => {
    upstreams[0]?.play((wire) => wire.write(httpAnswer(503, JSON.stringify({ error: { message: "no" } }))));
    await ask(gateway, { traceparent: traceparent(true) }, false);
    const spans = await collected();
    const calls = spans.filter((span) => span.name === "POST");
    expect(calls.map((call) => [call.attributes["switchyard.backend"], call.attributes["error.type"], call.isError])).toEqual([
      ["gpu-0", "overloaded", true],
      ["gpu-1", undefined, false],
    ]);
    expect(calls[1]?.attributes["http.request.resend_count"]).toBe(1);
    expect(upstreams.map((u) => u.requests[0]?.headers.traceparent)).toEqual(calls.map((call) => `00-${PARENT.traceId}-${call.spanId}-01`));
    const root = spans.find((span) => span.kind === 2);
    expect(root?.attributes).toMatchObject({ "switchyard.variant": "a", "switchyard.served_variant": "b", "switchyard.attempts": 2 });
    expect(spans.find((span) => span.name === "chat model-1")).toBeDefined();
  });

  it("that failed says so, by its error's code", async () => {
    for (const u of upstreams) u.play((wire) => wire.write(httpAnswer(500, "{}")));
    const { status } = await ask(gateway, { traceparent: traceparent(true) });
    const root = (await collected()).find((span) => span.kind === 2);
    expect(root).toMatchObject({ isError: true });
    expect(root?.attributes).toMatchObject({ "http.response.status_code": status, "error.type": "upstream_failed" });
  });

  it("says nothing of what was asked or answered", async () => {
    await ask(gateway, { traceparent: traceparent(true) });
    const text = JSON.stringify(await collected(), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    expect(text).not.toContain("secret question");
    expect(text).not.toContain("Hello");
    expect(text).not.toContain(gateway.installation.keyText);
  });
});

describe("a request of a trace that is not sampled", () => {
  it("leaves no span, and its backend is told", async () => {
    const { event } = await ask(gateway, { traceparent: traceparent(false) });
    await ask(gateway, {});
    // What comes after it arrives alone.
    await ask(gateway, { traceparent: `00-${"ab".repeat(16)}-${PARENT.spanId}-01` });
    expect(new Set((await collected()).map((span) => span.traceId))).toEqual(new Set(["ab".repeat(16)]));
    expect(upstreams[0]?.requests[0]?.headers.traceparent).toMatch(new RegExp(`^00-${PARENT.traceId}-[0-9a-f]{16}-00$`));
    expect(upstreams[0]?.requests[0]?.headers.traceparent).not.toContain(PARENT.spanId);
    expect(event?.traceId).toBe(PARENT.traceId);
  });
});

describe("a gateway without a collector", () => {
  it("passes the caller's context on untouched and adds none of its own", async () => {
    const plain = await startTestGateway();
    try {
      await serve(plain);
      const { event } = await ask(plain, { traceparent: traceparent(true), tracestate: "vendor=1" });
      await ask(plain, {});
      const [first, second] = upstreams[0]?.requests ?? [];
      expect(first?.headers).toMatchObject({ traceparent: traceparent(true), tracestate: "vendor=1" });
      expect(second?.headers).not.toHaveProperty("traceparent");
      expect(event?.traceId).toBe(PARENT.traceId);
    } finally {
      await plain.remove();
    }
  });
});

describe("the exporter", () => {
  const traced = (): TracedRequest => ({
    ...{ traceId: PARENT.traceId, spanId: newSpanId(), parentId: null, state: null, atMs: 1_763_600_000_000, totalMs: 5 },
    ...{ operation: "chat", api: "/v1/chat/completions", status: 200, outcome: "complete", errorCode: null, ttftMs: null },
    ...{ tokens: null, costUsd: null, phases: [1, 2, 3, -1, 4], calls: [], own: {} },
  });
  const counted = () => {
    const counts = { exported: 0, dropped: {} as Record<string, number> };
    return {
      counts,
      sink: {
        exported: (spans: number) => {
          counts.exported += spans;
        },
        dropped: (requests: number, reason: string) => {
          counts.dropped[reason] = (counts.dropped[reason] ?? 0) + requests;
        },
      },
    };
  };
  const start = (url: string) => {
    const { counts, sink } = counted();
    const options = { ...optionsOf(url), delayMs: 600_000 };
    return { counts, exporter: new TraceExporter({ options, newSpanId, counts: sink, logger: createLogger("test", "silent"), version }) };
  };

  it("tries again what the collector could not take for a moment, and loses nothing", async () => {
    const { counts, exporter } = start(collector.url);
    collector.answers.push(503);
    exporter.add(traced());
    await exporter.flush();
    expect(counts).toEqual({ exported: 5, dropped: {} });
    expect(collector.spans).toHaveLength(5);
    await exporter.close();
  });

  it("counts what the collector refuses, and does not send it again", async () => {
    const { counts, exporter } = start(collector.url);
    const before = collector.exports.length;
    collector.answers.push(400);
    exporter.add(traced());
    await exporter.flush();
    expect(counts).toEqual({ exported: 0, dropped: { refused: 1 } });
    expect(collector.exports.length).toBe(before + 1);
    await exporter.close();
  });

  it("holds a bounded number of requests while the collector is away, and counts the others", async () => {
    const { counts, exporter } = start("http://127.0.0.1:1");
    for (let i = 0; i < 2_500; i++) exporter.add(traced());
    expect(exporter.queued).toBe(2_048);
    expect(counts.dropped).toEqual({ queue_full: 452 });
    await exporter.close();
    expect(counts.exported).toBe(0);
  });
});
