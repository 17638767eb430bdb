import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SseReader } from "@/lib/core/sse";
import { toPublicKeyText } from "@/lib/infra/signing";
import { eventually } from "@/test/eventually";
import {
  call,
  countAllRows,
  createServingEndpoint,
  createTestBackend,
  createTestEndpoint,
  createTestProject,
  createTestPromptVersion,
  type TestProject,
} from "@/test/factories";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs, visitWithToken } from "@/test/web";
import {
  deltaEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
  streamEvents,
} from "../../../gateway/testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "../../../gateway/testing/test-gateway";
import { createTestInstallation } from "../../../gateway/testing/test-installation";
import { createPrice } from "../prices";
import { createPrompt, createPromptVersion } from "../prompts";
import { publishSnapshot } from "../snapshots";
import { getRequest, ingestBatch, listRequests, maintainUsageLog } from "../usage";
import type { RunEvent } from "./api";

const { privateKey } = generateKeyPairSync("ed25519");
const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
let upstream: ScriptedUpstream;
let gateway: TestGateway;
let web: TestWeb;
let project: TestProject;
let other: TestProject;
let engineer: Visitor & { userId: string };
let made: Awaited<ReturnType<typeof createServingEndpoint>>;
let foreign: Awaited<ReturnType<typeof createServingEndpoint>>;

async function publish(): Promise<void> {
  const { snapshot } = await publishSnapshot({
    signingKey,
    readMoves: async () => [],
    readBudgets: async () => [],
    deadmanAfterMs: 60_000,
  });
  await gateway.config.offer(JSON.stringify(snapshot), "redis");
}

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  const installation = createTestInstallation();
  gateway = await startTestGateway({ installation, publicKeys: [toPublicKeyText(signingKey)] });
  web = await openTestWeb({
    SWITCHYARD_KEK: installation.kekBase64,
    SWITCHYARD_INTERNAL_KEY: installation.internalKey,
    GATEWAY_INTERNAL_URL: gateway.url,
    SWITCHYARD_PRIVATE_HOSTS: new URL(upstream.url).host,
  });
  project = await createTestProject(web);
  other = await createTestProject(web);
  engineer = await visitAs(project, "engineer");
  made = await createServingEndpoint(project, { baseUrl: upstream.url });
  foreign = await createServingEndpoint(other, { baseUrl: upstream.url });
  await call(createPrice, project.admin, { body: { model: made.model.model, inputUsd: "2.5", outputUsd: "10" } });
  await maintainUsageLog();
  await publish();
}, 60_000);
beforeEach(() => upstream.play(goodScript));
afterAll(async () => {
  await web.close();
  await gateway.remove();
  await upstream.close();
});

const bodyOf = (parts: object = {}) => ({
  target: { kind: "endpoint", name: made.endpoint.name },
  content: { kind: "version", prompt: made.prompt.prompt, version: 1 },
  variables: { topic: "tides" },
  ...parts,
});
const run = (parts: object = {}, visitor: Visitor = engineer, headers: Record<string, string> = {}) =>
  send(web, visitor, "POST /api/v1/playground/runs", { body: bodyOf(parts), headers });

async function eventsOf(response: Response): Promise<RunEvent[]> {
  expect(response.headers.get("content-type"), await response.clone().text()).toBe("text/event-stream; charset=utf-8");
  return new SseReader(1_000_000).push(await response.text()).map((e) => {
    const event = JSON.parse(e.data) as RunEvent;
    expect(e.event).toBe(event.event);
    return event;
  });
}
async function refusal(response: Response) {
  const { code, detail, errors } = (await response.json()) as {
    code: string;
    detail: string;
    errors: { pointer: string; detail: string }[];
  };
  return { status: response.status, code, detail, pointers: errors.map((e) => e.pointer) };
}
const lastSent = () => JSON.parse(upstream.requests.at(-1)?.body ?? "null");
const newestUsage = async () => (await gateway.events()).at(-1);

describe("a run", () => {
  it("of a saved version on an endpoint streams its answer, and ends with time, tokens and exact cost", async () => {
    const events = await eventsOf(await run());
    expect(events.map((e) => e.event)).toEqual(["start", "delta", "delta", "delta", "done"]);
    const usage = await newestUsage();
    expect(events[0]).toEqual({
      event: "start",
      requestId: usage?.requestId,
      messages: [{ role: "system", content: "Answer tides in one sentence." }],
    });
    expect(events.map((e) => (e.event === "delta" ? e.text : "")).join("")).toBe("Hello there");
    expect(events.at(-1)).toMatchObject({
      requestId: usage?.requestId,
      outcome: "complete",
      finishReason: "stop",
      inputTokens: 10,
      outputTokens: 5,
      costUsd: "0.000075",
      totalMs: usage?.totalMs,
      ttftMs: usage?.ttftMs,
      backend: made.backend.name,
      release: 1,
      variant: "main",
      model: made.model.model,
      modelVersion: 1,
    });
    expect(lastSent()).toMatchObject({ messages: [{ role: "system", content: "Answer tides in one sentence." }], temperature: 0.2 });
    expect(usage).toMatchObject({ source: "playground", promptVersionId: made.prompt.id, endpointId: made.endpoint.id, releaseId: null });
  });

  it("of a draft on a saved backend sends what was drafted, with the caller's messages behind it", async () => {
    const draft = {
      kind: "draft",
      messages: [{ role: "system", content: "Be {{mood}}." }],
      variables: [{ name: "mood" }],
      parameters: { seed: 4, max_tokens: 9 },
    };
    const target = { kind: "backend", name: made.backend.name };
    const events = await eventsOf(
      await run({ content: draft, target, variables: { mood: "brief" }, messages: [{ role: "user", content: "{{kept}}" }] }),
    );
    expect(lastSent()).toMatchObject({
      model: "served",
      seed: 4,
      max_tokens: 9,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "{{kept}}" },
      ],
    });
    expect(events.at(-1)).toMatchObject({ event: "done", release: null, variant: null, backend: made.backend.name, costUsd: "0.000075" });
    expect(await newestUsage()).toMatchObject({ endpointId: null, promptVersionId: null, modelVersionId: made.model.id });
  });

  it("takes in other prompts as they stand now", async () => {
    await createTestPromptVersion(project, { name: "voice", text: "Calm about {{topic}}." });
    await call(createPrompt, project.engineer, { body: { name: "taking-in" } });
    const body = { messages: [{ role: "system", content: "{{> voice#1}} Go." }], variables: [] };
    await call(createPromptVersion, project.engineer, { params: { name: "taking-in" }, body });
    await eventsOf(await run({ content: { kind: "version", prompt: "taking-in", version: 1 } }));
    expect(lastSent().messages[0].content).toBe("Calm about tides. Go.");
  });

  it("stands in the usage log as playground, found by its source, and in no rollup of the endpoint's traffic", async () => {
    await eventsOf(await run());
    const event = await newestUsage();
    await ingestBatch("gw-play", JSON.stringify([{ sequence: 1, event }]));
    const id = event?.requestId ?? "";
    expect((await call(getRequest, project.viewer, { params: { id } })).result).toMatchObject({
      source: "playground",
      prompt: made.prompt.prompt,
      release: null,
      servedRelease: 1,
    });
    const listed = async (source: string) =>
      (await call(listRequests, project.viewer, { query: { source } })).result.items.map((r) => r.id);
    expect(await listed("playground")).toEqual([id]);
    expect(await listed("application")).toEqual([]);
  });

  it("ends with the problem when the backend fails in the middle, and never as done", async () => {
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      wire.write(httpChunk(sse(deltaEvent("Hel"))));
      wire.end();
    });
    const events = await eventsOf(await run());
    expect(events.map((e) => e.event)).toEqual(["start", "delta", "error"]);
    expect(events.at(-1)).toMatchObject({ problem: { code: "upstream_truncated", status: 502 } });
    expect(await newestUsage()).toMatchObject({ outcome: "cut" });
  });

  it("that a backend refuses is a problem before any event", async () => {
    upstream.play((wire) =>
      wire.write(
        httpAnswer(400, JSON.stringify({ error: { message: "maximum context length exceeded", code: "context_length_exceeded" } })),
      ),
    );
    expect(await refusal(await run())).toMatchObject({ status: 400, code: "context_length_exceeded" });
  });

  it("ends at the backend when its reader goes away, and is settled once", async () => {
    let closed: Promise<number> = Promise.resolve(-1);
    upstream.play((wire) => {
      closed = wire.closed();
      wire.write(SSE_HEAD);
      wire.write(httpChunk(sse(deltaEvent("Hel"))));
    });
    const before = (await gateway.events()).length;
    const reader = (await run()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(await closed).toBeGreaterThan(0);
    await eventually(async () => expect((await gateway.events()).slice(before).map((e) => e.outcome)).toEqual(["client_gone"]));
  });
});

describe("a run is refused with its reason", () => {
  afterEach(() => upstream.play(goodScript));

  it.each<[string, () => object, object]>([
    ["a value that is missing", () => ({ variables: {} }), { status: 400, code: "invalid_request", pointers: ["/variables/topic"] }],
    ["a value of another type", () => ({ variables: { topic: 7 } }), { code: "invalid_request", pointers: ["/variables/topic"] }],
    [
      "a value that nobody asked for",
      () => ({ variables: { topic: "x", mood: "y" } }),
      { code: "invalid_request", pointers: ["/variables/mood"] },
    ],
    [
      "a template that cannot be read",
      () => ({ content: { kind: "draft", messages: [{ role: "user", content: "a\n {{b" }] }, variables: {} }),
      {
        status: 400,
        code: "invalid_template",
        pointers: ["/content/messages/0/content"],
        detail: expect.stringContaining("line 2, column 2"),
      },
    ],
    [
      "a variable that was not declared",
      () => ({ content: { kind: "draft", messages: [{ role: "user", content: "{{b}}" }] }, variables: {} }),
      { code: "invalid_template", pointers: ["/content/messages/0/content"] },
    ],
    [
      "a version that is not there",
      () => ({ content: { kind: "version", prompt: made.prompt.prompt, version: 99 } }),
      { code: "invalid_reference", pointers: ["/content/version"] },
    ],
    [
      "another project's prompt",
      () => ({ content: { kind: "version", prompt: `${foreign.prompt.prompt}`, version: 1 } }),
      { code: "invalid_reference" },
    ],
    [
      "another project's endpoint",
      () => ({ target: { kind: "endpoint", name: foreign.endpoint.name } }),
      { code: "invalid_reference", pointers: ["/target/name"] },
    ],
    [
      "another project's backend",
      () => ({ target: { kind: "backend", name: foreign.backend.name } }),
      { code: "invalid_reference", pointers: ["/target/name"] },
    ],
    ["another environment's endpoint", () => ({ environment: "staging" }), { code: "invalid_reference", pointers: ["/target/name"] }],
    [
      "an address instead of a name",
      () => ({ target: { kind: "backend", name: "http://127.0.0.1" } }),
      { code: "invalid_request", pointers: ["/target/name"] },
    ],
  ])("%s", async (_name, parts, expected) => {
    const before = upstream.requests.length;
    expect(await refusal(await run(parts()))).toMatchObject(expected);
    expect(upstream.requests.length).toBe(before);
  });

  it("a backend that no gateway knows yet, and an endpoint without a release", async () => {
    const fresh = await createTestBackend(project, { baseUrl: upstream.url });
    expect(await refusal(await run({ target: { kind: "backend", name: fresh.name } }))).toMatchObject({ status: 503, code: "unavailable" });
    const empty = await createTestEndpoint(project);
    await publish();
    expect(await refusal(await run({ target: { kind: "endpoint", name: empty.name } }))).toMatchObject({
      status: 503,
      code: "unavailable",
    });
    expect((await eventsOf(await run({ target: { kind: "backend", name: fresh.name } }))).at(-1)).toMatchObject({
      event: "done",
      costUsd: null,
    });
  });

  it("a key to repeat it by; somebody who may only look; a token without the scope", async () => {
    expect(await refusal(await run({}, engineer, { "idempotency-key": "once" }))).toMatchObject({ status: 400, code: "invalid_request" });
    expect(await refusal(await run({}, await visitAs(project, "viewer")))).toMatchObject({ status: 403, code: "forbidden" });
    expect(await refusal(await run({}, await visitWithToken(project, engineer.userId, { scopes: ["read"] })))).toMatchObject({
      status: 403,
    });
    const token = await visitWithToken(project, engineer.userId, { scopes: ["playground:run"] });
    expect((await eventsOf(await run({}, token))).at(-1)).toMatchObject({ event: "done" });
  });

  it("more of them at once than two pages have columns; and a place that was given back is free", async () => {
    const waiting: (() => void)[] = [];
    upstream.play((wire) => {
      wire.write(SSE_HEAD);
      wire.write(httpChunk(sse(deltaEvent("Hel"))));
      waiting.push(() => {
        for (const event of streamEvents(["lo"])) wire.write(httpChunk(event));
        wire.write(LAST_CHUNK);
      });
    });
    const running = await Promise.all(Array.from({ length: 8 }, () => run()));
    expect(await refusal(await run())).toMatchObject({ status: 429, code: "rate_limited" });
    for (const end of waiting) end();
    for (const response of running) expect((await eventsOf(response)).at(-1)?.event).toBe("done");
    upstream.play(goodScript);
    expect((await eventsOf(await run())).at(-1)?.event).toBe("done");
  });

  it("and nothing of all this is a change: no row of the control plane is written", async () => {
    const before = await countAllRows();
    await eventsOf(await run());
    expect(await countAllRows()).toEqual(before);
  });
});

describe("what can be asked", () => {
  it("is what the gateways know: endpoints and saved backends of the environment, with model and price", async () => {
    const response = await send(web, await visitAs(project, "viewer"), "GET /api/v1/playground/targets");
    const { endpoints, backends } = (await response.json()) as { endpoints: { name: string }[]; backends: { name: string }[] };
    const price = { inputUsd: "2.5", outputUsd: "10", perTokens: 1_000_000 };
    expect(endpoints.find((e) => e.name === made.endpoint.name)).toEqual({
      name: made.endpoint.name,
      release: 1,
      models: [`${made.model.model}@1`],
      backends: [made.backend.name],
      price,
      isSimulated: false,
    });
    expect(backends.find((b) => b.name === made.backend.name)).toEqual({
      name: made.backend.name,
      kind: "vllm",
      servedModel: "served",
      model: made.model.model,
      modelVersion: 1,
      price,
      isSimulated: false,
    });
    for (const name of [foreign.endpoint.name, foreign.backend.name])
      expect([...endpoints, ...backends].map((t) => t.name)).not.toContain(name);
  });
});
