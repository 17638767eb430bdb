import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { httpAnswer, type Script, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

const OUTPUTS = '{"model_name":"iris-v3","outputs":[{"name":"label","datatype":"INT64","shape":[1],"data":[9007199254740993]}] }\n';
const goodInference: Script = (wire) => wire.write(httpAnswer(200, OUTPUTS));

let upstream: ScriptedUpstream;
let gateway: TestGateway;

let generation = 0;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodInference);
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.remove();
  await upstream.close();
});
/** Backends that the gateway has not heard of: what a test did to them is not held against the next one's. */
beforeEach(async () => {
  upstream.play(goodInference);
  const triton = testBackend(upstream.url, { kind: "triton", servedModel: "iris-v3" });
  const vllm = testBackend(upstream.url, { kind: "vllm" });
  const release = (number: number, backendId: string, variant: object = {}) =>
    testRelease(number, [testVariant([backendId], variant)], { calls: { maxAttempts: 1 } });
  const endpoints = [
    testEndpoint("iris", [release(1, triton.id)]),
    testEndpoint("chat", [release(2, vllm.id)]),
    testEndpoint("mixed", [release(3, triton.id, { parameters: { temperature: 0 } })]),
    testEndpoint("unreleased", []),
  ];
  await gateway.serve(gateway.installation.config({ generation: ++generation, backends: [triton, vllm], endpoints }));
});

const INPUTS = '{ "id":"7","inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[5.10,3.5,1.4,0.2]}] }';
const auth = () => ({ authorization: `Bearer ${gateway.installation.keyText}` });

const infer = (name: string, body: string | Uint8Array<ArrayBuffer> = INPUTS, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${gateway.url}/v2/models/${name}/infer`, {
    method: "POST",
    headers: { ...auth(), "content-type": "application/json", ...headers },
    body,
  });
const get = (path: string, headers: Readonly<Record<string, string>> = auth()) => fetch(`${gateway.url}${path}`, { headers });
const lastEvent = async () => (await gateway.events()).at(-1);

describe("an inference", () => {
  it("goes to the served model and back without a byte changed, and is metered by request and time", async () => {
    const response = await infer("iris", INPUTS, { "x-switchyard-subject": "kim", "x-request-id": "inf-1" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(OUTPUTS);
    expect(response.headers.get("x-switchyard-release")).toBe("1");
    expect(upstream.requests.at(-1)).toMatchObject({ path: "/v2/models/iris-v3/infer", body: INPUTS });
    const event = await lastEvent();
    expect(event).toMatchObject({
      api: "/v2/models/{endpoint}/infer",
      outcome: "complete",
      streamed: false,
      clientRequestId: "inf-1",
      subjectHash: expect.any(String),
      inputTokens: 0,
      outputTokens: 0,
      tokensEstimated: false,
      ttftMs: null,
      priceId: null,
      costUsd: null,
    });
    expect(event?.totalMs).toBeGreaterThan(0);
  });

  it("may carry binary tensors both ways", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (tensor) => {
        const json = Buffer.from('{"outputs":[{"name":"y","parameters":{"binary_data_size":8}}]}');
        const answer = Buffer.concat([json, Buffer.from(tensor).reverse()]);
        upstream.play((wire) => {
          const head = `content-type: application/octet-stream\r\ninference-header-content-length: ${json.length}`;
          wire.write(`HTTP/1.1 200 OK\r\n${head}\r\ncontent-length: ${answer.length}\r\n\r\n`);
          wire.write(answer);
        });
        const sent = Buffer.concat([Buffer.from(INPUTS), Buffer.from(tensor)]);
        const response = await infer("iris", new Uint8Array(sent), {
          "content-type": "application/octet-stream",
          "inference-header-content-length": String(INPUTS.length),
        });
        expect(Buffer.from(await response.arrayBuffer())).toEqual(answer);
        expect(response.headers.get("inference-header-content-length")).toBe(String(json.length));
        expect(response.headers.get("content-type")).toBe("application/octet-stream");
        const seen = upstream.requests.at(-1);
        expect(seen?.bytes).toEqual(sent);
        expect(seen?.headers).toMatchObject({
          "content-type": "application/octet-stream",
          "inference-header-content-length": String(INPUTS.length),
        });
      }),
      { numRuns: 30 },
    );
  });

  it("has its errors in the protocol's shape", async () => {
    const cases: readonly [Promise<Response>, number, RegExp][] = [
      [infer("nowhere"), 404, /nowhere/],
      [infer("unreleased"), 503, /no release/],
      [infer("chat"), 400, /\/v1\/chat\/completions/],
      [infer("mixed"), 400, /OpenAI's API/],
      [infer("iris/versions/2"), 400, /\/v2\/models\/iris\/infer/],
      [infer("iris", "[]"), 400, /JSON object/],
      [infer("iris", INPUTS, { "inference-header-content-length": "9999" }), 400, /Inference-Header-Content-Length/],
      [infer("iris", INPUTS, { "inference-header-content-length": "x" }), 400, /Inference-Header-Content-Length/],
      [infer("iris", INPUTS, { "content-type": "text/plain" }), 415, /application\/octet-stream/],
      [infer("iris", INPUTS, { authorization: "Bearer sk-sy-nobody-knows-this" }), 401, /key/],
      [get("/v2/models/iris/infer"), 405, /POST/],
      [get("/v2/nothing"), 404, /no address/],
    ];
    for (const [call, status, words] of cases) {
      const response = await call;
      expect(response.status).toBe(status);
      const body: unknown = await response.json();
      expect(body).toEqual({ error: expect.stringMatching(words) });
    }
  });

  it.each([
    [400, '{"error":"unexpected shape for input x"}', 400, "unexpected shape for input x"],
    [404, '{"error":"Request for unknown model: iris-v3"}', 502, null],
    [500, '{"error":"CUDA out of memory"}', 502, "CUDA out of memory"],
    [503, '{"error":"loading"}', 503, "loading"],
    [200, '{"error":"worker died"}', 502, "worker died"],
    [200, '{"outputs":[', 502, null],
  ])("that the backend answers with %i %s is %i", async (status, body, told, words) => {
    upstream.play((wire) => wire.write(httpAnswer(status, body)));
    const response = await infer("iris");
    expect(response.status).toBe(told);
    expect(await response.json()).toEqual({ error: words ?? expect.any(String) });
    expect(await lastEvent()).toMatchObject({ outcome: "failed", status: told });
  });
});

describe("beside inference", () => {
  it("health needs no key, and the server says what it is", async () => {
    expect(await (await get("/v2/health/live", {})).json()).toEqual({ live: true });
    expect(await (await get("/v2/health/ready", {})).json()).toEqual({ ready: true });
    expect(await (await get("/v2")).json()).toMatchObject({ name: "switchyard-gateway", extensions: ["binary_tensor_data"] });
    expect((await get("/v2", {})).status).toBe(401);
  });

  it("a gateway without a configuration is alive and not ready", async () => {
    const empty = await startTestGateway();
    expect((await fetch(`${empty.url}/v2/health/live`)).status).toBe(200);
    const ready = await fetch(`${empty.url}/v2/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false }]);
    await empty.remove();
  });

  it("a model is described by its backend, under the endpoint's name", async () => {
    const inputs = '[{"name":"x","datatype":"FP32","shape":[-1,4]}]';
    upstream.play((wire) =>
      wire.write(httpAnswer(200, `{"name":"iris-v3","versions":["1","2"],"platform":"onnxruntime_onnx","inputs":${inputs},"outputs":[]}`)),
    );
    const response = await get("/v2/models/iris");
    expect(await response.text()).toBe(`{"name":"iris","platform":"onnxruntime_onnx","inputs":${inputs},"outputs":[]}`);
    expect(upstream.requests.at(-1)).toMatchObject({ path: "/v2/models/iris-v3", body: "" });
    const refused = await Promise.all(["chat", "nowhere", "unreleased"].map(async (name) => (await get(`/v2/models/${name}`)).status));
    expect(refused).toEqual([400, 404, 503]);
  });

  it("a model is ready when a backend that speaks the protocol can be called", async () => {
    expect(await (await get("/v2/models/iris/ready")).json()).toEqual({ name: "iris", ready: true });
    for (const name of ["chat", "unreleased"]) {
      const response = await get(`/v2/models/${name}/ready`);
      expect([response.status, await response.json()]).toEqual([503, { name, ready: false }]);
    }
    upstream.play((wire) => wire.write(httpAnswer(500, '{"error":"CUDA out of memory"}')));
    for (let i = 0; i < 8; i++) await infer("iris");
    expect(await (await get("/v2/models/iris/ready")).json()).toEqual({ name: "iris", ready: false });
  });
});

describe("what a backend does not serve at all", () => {
  it.each([404, 405, 501])("is told as such, and is not held against it: %i", async (status) => {
    upstream.play((wire) => wire.write(httpAnswer(status, '{"detail":"Not Found"}')));
    // More often than a breaker would bear.
    for (let i = 0; i < 8; i++) {
      const response = await fetch(`${gateway.url}/v1/embeddings`, {
        method: "POST",
        headers: { ...auth(), "content-type": "application/json" },
        body: '{"model":"chat","input":"x"}',
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: "upstream_rejected", message: expect.stringContaining("does not serve /v1/embeddings") },
      });
    }
  });
});
