import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CallSettings, FallbackClass, GatewayVariant } from "@/lib/contracts/gateway-config";
import {
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
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

let gateway: TestGateway;
let upstreams: ScriptedUpstream[];
let generation = 1;

beforeAll(async () => {
  upstreams = await Promise.all([0, 1, 2].map(() => startScriptedUpstream(goodScript)));
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.remove();
  await Promise.all(upstreams.map((u) => u.close()));
});
beforeEach(() => {
  for (const u of upstreams) {
    u.play(goodScript);
    u.requests.length = 0;
  }
});

interface Served {
  readonly model: string;
  readonly variants: readonly GatewayVariant[];
}

/** Variants a, b and c, each on a backend of its own; all traffic is a's, which falls back to b, then to c. */
async function serve(chain: readonly (readonly FallbackClass[])[], calls: CallSettings = {}): Promise<Served> {
  const model = `chat${generation}`;
  const servers = upstreams.map((u, i) => testBackend(u.url, { servedModel: `model-${i}` }));
  const others = servers.slice(1).map((s, i) => testVariant([s.id], { name: ["b", "c"][i] ?? "", weightBps: 0 }));
  const fallbacks = chain.map((on, i) => ({ variantId: others[i]?.id ?? "", on: [...on] }));
  const variants = [testVariant([servers[0]?.id ?? ""], { name: "a", fallbacks }), ...others];
  const endpoint = testEndpoint(model, [testRelease(generation, variants, { calls })]);
  await gateway.serve({ ...gateway.installation.config({ backends: servers, endpoints: [endpoint] }), generation: generation++ });
  return { model, variants };
}

async function ask({ model }: Served, stream: boolean) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], stream }),
  });
  const text = await response.text();
  const events = (await gateway.events()).filter((e) => e.requestId === response.headers.get("x-request-id"));
  expect(events).toHaveLength(1);
  return { status: response.status, text, variant: response.headers.get("x-switchyard-variant"), event: events[0] };
}

const fails =
  (status: number, message = "no"): Script =>
  (wire) =>
    wire.write(httpAnswer(status, JSON.stringify({ error: { message } })));

describe.each([false, true])("a variant that cannot answer (stream: %s)", (stream) => {
  it.each<[FallbackClass, Script, number]>([
    ["rate_limited", fails(429), 429],
    ["overloaded", fails(503), 503],
    ["context_too_long", fails(400, "maximum context length is 10 tokens"), 400],
    ["refused", fails(400), 400],
    ["unavailable", fails(500), 502],
    ["unavailable", (wire) => wire.reset(), 502],
    ["timeout", () => {}, 504],
  ])("gives its request to another one after %s, and only after that", async (failure, script, status) => {
    const calls = { firstByteTimeoutMs: 200, answerTimeoutMs: 200, maxAttempts: 1 };
    const served = await serve([[failure]], calls);
    upstreams[0]?.play(script);
    const answer = await ask(served, stream);
    const [a, b] = served.variants;
    expect(answer).toMatchObject({ status: 200, variant: "b" });
    expect(answer.event).toMatchObject({ outcome: "complete", variantId: a?.id, servedVariantId: b?.id });
    expect(answer.event?.attempts).toBeGreaterThanOrEqual(2);
    expect(answer.event?.backendId).toBe(b?.backendIds[0]);
    const every: FallbackClass[] = ["rate_limited", "overloaded", "context_too_long", "refused", "unavailable", "timeout"];
    const other = await serve([every.filter((c) => c !== failure)], calls);
    expect(await ask(other, stream)).toMatchObject({
      status,
      variant: "a",
      event: { outcome: "failed", servedVariantId: other.variants[0]?.id },
    });
  });

  it("goes on along the chain, and the last failure is told", async () => {
    const served = await serve([["overloaded"], ["unavailable"]]);
    upstreams[0]?.play(fails(503));
    upstreams[1]?.play(fails(500));
    expect(await ask(served, stream)).toMatchObject({ status: 200, variant: "c", event: { attempts: 3 } });
    upstreams[2]?.play(fails(400, "too hot"));
    expect(await ask(served, stream)).toMatchObject({ status: 400, variant: "c", event: { outcome: "failed" } });
    expect(upstreams.map((u) => u.requests.length)).toEqual([2, 2, 2]);
  });

  it("leaves each call in the event: what it was sent, when, and how it failed", async () => {
    const served = await serve([["overloaded"]], { maxAttempts: 1 });
    upstreams[0]?.play(fails(503));
    const { event } = await ask(served, stream);
    const [a, b] = served.variants;
    expect(event?.calls?.map(([, , , , status, failure, backend, variant]) => [status, failure, backend, variant])).toEqual([
      [503, "overloaded", a?.backendIds[0], a?.id],
      [200, null, null, null],
    ]);
    const totalUs = (event?.totalMs ?? 0) * 1_000;
    const times = [
      ...(event?.phases ?? []).filter((us) => us !== -1),
      ...(event?.calls ?? []).flatMap((call) => call.slice(0, 4).map(Number)),
    ];
    expect(times).toHaveLength(12);
    expect(times).toEqual([...times].sort((x, y) => x - y));
    expect(times[0]).toBeGreaterThan(0);
    expect(times.at(-1)).toBe(Math.round(totalUs));
    expect(b?.id).toBe(event?.servedVariantId);
  });

  it("keeps time for the others: one that never answers has its share, not all", async () => {
    const served = await serve([["timeout"]], { totalTimeoutMs: 2_000, firstByteTimeoutMs: 60_000 });
    upstreams[0]?.play(() => {});
    expect(await ask(served, stream)).toMatchObject({ status: 200, variant: "b" });
  });
});

describe("a stream that broke after its first byte", () => {
  it("is not begun again elsewhere", async () => {
    const served = await serve([["unavailable", "timeout"]]);
    upstreams[0]?.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("Hello"))).toString());
      await wire.sleep(100);
      wire.end();
    });
    const answer = await ask(served, true);
    expect(answer).toMatchObject({ status: 200, variant: "a", event: { outcome: "cut", servedVariantId: served.variants[0]?.id } });
    expect(upstreams[1]?.requests).toHaveLength(0);
  });
});
