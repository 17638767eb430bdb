import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GatewayBackend, GatewayConfig } from "@/lib/contracts/gateway-config";
import { INTERNAL_CHAT_PATH, INTERNAL_TOKEN_MAX_MS, SETTLED_EVENT } from "@/lib/contracts/internal-call";
import { SseReader } from "@/lib/core/sse";
import { type InternalCall, signInternalCall } from "@/lib/infra/internal-token";
import { eventually } from "@/test/eventually";
import {
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  goodScript,
  httpChunk,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
  usageEvent,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import {
  createTestInstallation,
  TEST_PROJECT_ID,
  testArm,
  testBackend,
  testEndpoint,
  testRelease,
  testVariant,
} from "./testing/test-installation";

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let backend: GatewayBackend;
let config: GatewayConfig;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
});
beforeEach(async () => {
  upstream.play(goodScript);
  const installation = createTestInstallation();
  backend = testBackend(upstream.url, { name: "one" });
  const prompt = {
    id: "prv_own",
    versionId: "prv_own",
    name: "support",
    number: 1,
    kind: "chat" as const,
    messages: [{ role: "system" as const, content: "The endpoint's own {{tone}} prompt." }],
    variables: [{ name: "tone", type: "string" as const, required: true, default: null, description: "" }],
    parameters: { temperature: 0.9, seed: 7 },
  };
  const variant = testVariant([backend.id], { promptId: "prv_own", parameters: { top_p: 0.5 } });
  const release = testRelease(3, [variant]);
  const canary = testArm(release.id, [[0, 10_000]], { kind: "canary", name: "canary", rolloutId: "rol_test" });
  config = installation.config({
    backends: [backend],
    prompts: [prompt],
    endpoints: [testEndpoint("chat", [release], { arms: [canary] })],
    directBackends: [
      {
        backendId: backend.backendId,
        projectId: TEST_PROJECT_ID,
        environment: "production",
        revisionId: backend.id,
        modelVersionId: "mdv_test",
        modelVersionNumber: 1,
        modelName: "small",
        price: variant.price,
      },
    ],
  });
  gateway = await startTestGateway({ installation, config });
});
afterEach(() => gateway.remove());
afterAll(() => upstream.close());

const BODY = {
  model: "chat",
  messages: [{ role: "user", content: "Drafted." }],
  temperature: 0.1,
  stream: true,
  stream_options: { include_usage: true },
};
const toEndpoint = (): InternalCall => ({
  source: "playground",
  projectId: TEST_PROJECT_ID,
  environment: "production",
  actorId: "usr_somebody",
  target: { kind: "endpoint", endpointId: config.endpoints[0]?.id ?? "" },
  promptVersionId: "prv_drafted",
});
const toBackend = (): InternalCall => ({
  ...toEndpoint(),
  target: { kind: "backend", backendId: backend.backendId },
  promptVersionId: null,
});

interface Sending {
  readonly call?: InternalCall;
  readonly body?: object;
  /** What is sent instead of what was signed. */
  readonly sent?: string;
  readonly path?: string;
  readonly token?: string;
  readonly nowMs?: number;
  readonly signal?: AbortSignal;
}

const tokenOf = ({ call = toEndpoint(), body = BODY, nowMs = Date.now() }: Sending = {}, key = gateway.installation.internalKey) =>
  signInternalCall(key, { call, body: Buffer.from(JSON.stringify(body)), nowMs });

function send(sending: Sending = {}): Promise<Response> {
  const { body = BODY, sent = JSON.stringify(body), path = INTERNAL_CHAT_PATH, token = tokenOf(sending), signal } = sending;
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return fetch(`${gateway.url}${path}`, { method: "POST", headers, body: sent, ...(signal === undefined ? {} : { signal }) });
}

const eventsOf = (text: string) => new SseReader(1_000_000).push(text);
const settledOf = (text: string) => JSON.parse(eventsOf(text).find((e) => e.event === SETTLED_EVENT)?.data ?? "null");
async function refusal(sending: Sending) {
  const response = await send(sending);
  const { error } = (await response.json()) as { error: { code: string; type: string; message: string } };
  return { status: response.status, code: error.code, type: error.type, message: error.message };
}
const REFUSED = { status: 401, code: "invalid_api_key", type: "authentication_error" };

describe("an internal call", () => {
  it("asks an endpoint as it routes, with the caller's prompt in place of its own, and tells at its end what the log will have", async () => {
    const response = await send();
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    const names = eventsOf(text).map((e) => (e.data === "[DONE]" ? "done" : e.event));
    expect(names.slice(-2)).toEqual([SETTLED_EVENT, "done"]);
    const sent = JSON.parse(upstream.requests.at(-1)?.body ?? "");
    expect(sent).toMatchObject({ model: "served-model", messages: BODY.messages, temperature: 0.1, top_p: 0.5, max_tokens: 256 });
    expect(sent).not.toHaveProperty("seed");
    const [event] = await gateway.events();
    expect(settledOf(text)).toEqual({
      requestId: response.headers.get("x-switchyard-request-id"),
      outcome: "complete",
      attempts: 1,
      queueMs: event?.queueMs,
      ttftMs: event?.ttftMs,
      tpotMs: event?.tpotMs,
      totalMs: event?.totalMs,
      inputTokens: 10,
      outputTokens: 5,
      cachedTokens: 0,
      tokensEstimated: false,
      costUsd: "0.000075",
      backend: "one",
      simulated: true,
      release: 3,
      variant: "main",
      modelName: "small",
      modelVersion: 1,
    });
  });

  it("is metered with its source and the prompt that it brought, and assigned to nothing", async () => {
    await (await send()).text();
    const [event] = await gateway.events();
    const endpoint = config.endpoints[0];
    expect(event).toMatchObject({
      source: "playground",
      endpointId: endpoint?.id,
      keyId: null,
      subjectHash: null,
      releaseId: null,
      variantId: null,
      rolloutId: null,
      experimentId: null,
      armName: null,
      servedReleaseId: endpoint?.releases[0]?.id,
      servedVariantId: endpoint?.releases[0]?.variants[0]?.id,
      promptVersionId: "prv_drafted",
      modelVersionId: "mdv_test",
      costUsd: "0.000075",
      outcome: "complete",
    });
  });

  it("asks a saved backend by itself: no endpoint, no release, the price of the model that is served there", async () => {
    const text = await (await send({ call: toBackend(), body: { ...BODY, model: "one" } })).text();
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? "")).toMatchObject({ model: "served-model", max_tokens: 4_096 });
    expect(settledOf(text)).toMatchObject({
      backend: "one",
      release: null,
      variant: null,
      modelName: "small",
      modelVersion: 1,
      costUsd: "0.000075",
    });
    const [event] = await gateway.events();
    expect(event).toMatchObject({
      endpointId: null,
      servedReleaseId: null,
      servedVariantId: null,
      backendId: backend.id,
      modelVersionId: "mdv_test",
      promptVersionId: null,
      priceId: "prc_test",
    });
  });

  it("ends whole for its caller also where the backend leaves the end marker away", async () => {
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      for (const event of [sse(deltaEvent("Hi")), sse(finishEvent()), sse(usageEvent())]) wire.write(httpChunk(event));
      wire.write("0\r\n\r\n");
    });
    const text = await (await send()).text();
    expect(text.endsWith(DONE_EVENT)).toBe(true);
    expect(settledOf(text)).toMatchObject({ outcome: "complete", outputTokens: 5 });
  });

  it("that breaks off ends with an error, without figures and without an end marker, and stands in the log as cut", async () => {
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      wire.write(httpChunk(sse(deltaEvent("Hel"))));
      wire.end();
    });
    const text = await (await send()).text();
    expect(settledOf(text)).toBeNull();
    expect(text).not.toContain("[DONE]");
    expect(JSON.parse(eventsOf(text).at(-1)?.data ?? "null")).toMatchObject({ error: { code: "upstream_truncated" } });
    expect((await gateway.events()).map((e) => [e.outcome, e.source])).toEqual([["cut", "playground"]]);
  });

  it("whose caller goes away ends at the backend, too, and is settled once", async () => {
    let closedAfterMs: Promise<number> = Promise.resolve(-1);
    upstream.play((wire) => {
      closedAfterMs = wire.closed();
      wire.write(SSE_HEAD);
      wire.write(httpChunk(sse(deltaEvent("Hel"))));
    });
    const gone = new AbortController();
    const response = await send({ signal: gone.signal });
    await response.body?.getReader().read();
    gone.abort();
    expect(await closedAfterMs).toBeGreaterThan(0);
    await eventually(async () =>
      expect((await gateway.events()).map((e) => [e.outcome, e.source])).toEqual([["client_gone", "playground"]]),
    );
  });
});

describe("an internal token", () => {
  it("is taken once", async () => {
    const token = tokenOf();
    expect((await send({ token })).status).toBe(200);
    expect(await refusal({ token })).toMatchObject({ ...REFUSED, message: "The internal token was used already." });
    expect(upstream.requests.at(-1)).toBeDefined();
  });

  it.each<[string, () => Sending]>([
    ["for another body", () => ({ sent: JSON.stringify({ ...BODY, max_tokens: 100_000 }) })],
    ["for the same body written otherwise", () => ({ sent: `${JSON.stringify(BODY)} ` })],
    ["of another key", () => ({ token: tokenOf({}, createTestInstallation().internalKey) })],
    ["with another end", () => ({ token: `${tokenOf().slice(0, -4)}AAAA` })],
    ["that is expired", () => ({ token: tokenOf({ nowMs: Date.now() - 2 * INTERNAL_TOKEN_MAX_MS }) })],
    ["from before this process", () => ({ token: tokenOf({ nowMs: Date.now() - 30_000 }) })],
    ["that is a gateway key", () => ({ token: gateway.installation.keyText })],
    ["that is none", () => ({ token: "x".repeat(40) })],
  ])("%s is refused before any backend is asked, and no event is written", async (_name, make) => {
    const before = upstream.requests.length;
    expect(await refusal(make())).toMatchObject(REFUSED);
    expect(upstream.requests.length).toBe(before);
    expect(await gateway.events()).toEqual([]);
  });

  it("is no gateway key: the applications' addresses refuse it", async () => {
    expect(await refusal({ path: "/v1/chat/completions" })).toMatchObject(REFUSED);
    const models = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${tokenOf()}` } });
    expect(models.status).toBe(401);
  });

  it.each<[string, () => InternalCall]>([
    ["another project's endpoint", () => ({ ...toEndpoint(), projectId: "prj_other" })],
    ["another environment's endpoint", () => ({ ...toEndpoint(), environment: "staging" })],
    ["another project's backend", () => ({ ...toBackend(), projectId: "prj_other" })],
    ["a backend as an endpoint", () => ({ ...toEndpoint(), target: { kind: "endpoint", endpointId: backend.backendId } })],
    ["an endpoint as a backend", () => ({ ...toEndpoint(), target: { kind: "backend", backendId: config.endpoints[0]?.id ?? "" } })],
    ["an address of its own", () => ({ ...toBackend(), target: { kind: "backend", backendId: "http://169.254.169.254/" } })],
  ])("for %s reaches nothing", async (_name, call) => {
    const before = upstream.requests.length;
    expect(await refusal({ call: call() })).toMatchObject({ status: 404, code: "model_not_found" });
    expect(upstream.requests.length).toBe(before);
  });

  it("is refused by a gateway that was given no key for it", async () => {
    const other = await startTestGateway({ installation: gateway.installation, config, internalPublicKeys: [] });
    const response = await fetch(`${other.url}${INTERNAL_CHAT_PATH}`, {
      method: "POST",
      headers: { authorization: `Bearer ${tokenOf()}` },
      body: JSON.stringify(BODY),
    });
    expect([response.status, await response.text()]).toEqual([401, expect.stringContaining("SWITCHYARD_INTERNAL_PUBLIC_KEYS")]);
    await other.remove();
  });
});
