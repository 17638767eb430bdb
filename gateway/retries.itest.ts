import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CallSettings } from "@/lib/contracts/gateway-config";
import { goodScript, httpAnswer, type Script, type ScriptedUpstream, SSE_HEAD, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

let gateway: TestGateway;
let upstreams: [ScriptedUpstream, ScriptedUpstream];
let generation = 1;

beforeAll(async () => {
  upstreams = [await startScriptedUpstream(goodScript), await startScriptedUpstream(goodScript)];
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

/** An endpoint that no other test has, so that its retry budget is full and its backends are healthy. */
async function serve({ backends, calls = { maxAttempts: 3 } }: { backends: number; calls?: CallSettings }): Promise<string> {
  const name = `chat${generation}`;
  const servers = upstreams.slice(0, backends).map((u, i) => testBackend(u.url, { servedModel: `model-${i}` }));
  const release = testRelease(generation, [testVariant(servers.map((s) => s.id))], { calls });
  const config = gateway.installation.config({ backends: servers, endpoints: [testEndpoint(name, [release])] });
  await gateway.serve({ ...config, generation: generation++ });
  return name;
}

async function ask(model: string, stream: boolean) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], stream }),
  });
  const text = await response.text();
  const events = (await gateway.events()).filter((e) => e.requestId === response.headers.get("x-request-id"));
  expect(events).toHaveLength(1);
  return {
    status: response.status,
    text,
    headers: response.headers,
    attempts: response.headers.get("x-switchyard-attempts"),
    event: events[0],
  };
}

const plain =
  (status: number, body: string, headers: Record<string, string> = {}): Script =>
  (wire) =>
    wire.write(httpAnswer(status, body, headers));
/** Fails its first `n` requests, then answers. */
function failing(n: number, script: Script): Script {
  let left = n;
  return (wire) => (left-- > 0 ? script(wire) : goodScript(wire));
}
const error = (message: string) => JSON.stringify({ error: { message } });

describe.each([false, true])("a call that failed before the first byte (stream: %s)", (stream) => {
  it.each<[string, Script]>([
    ["a reset", (wire) => wire.reset()],
    ["503", plain(503, error("loading"))],
    ["500", plain(500, error("out of memory"))],
    ["429", plain(429, error("slow down"))],
    [
      "an overload told with 200",
      (wire) =>
        stream ? wire.write(`${SSE_HEAD}${chunk(`data: ${error("full")}\n\n`)}0\r\n\r\n`) : wire.write(httpAnswer(200, error("full"))),
    ],
  ])("is made again after %s, and the client sees one good answer", async (_name, script) => {
    const model = await serve({ backends: 1 });
    upstreams[0].play(failing(2, script));
    const answer = await ask(model, stream);
    expect(answer).toMatchObject({ status: 200, attempts: "3", event: { outcome: "complete", attempts: 3 } });
    expect(upstreams[0].requests).toHaveLength(3);
  });

  it("goes to another backend at once, in that backend's words", async () => {
    const model = await serve({ backends: 2 });
    for (const u of upstreams) u.play(plain(503, error("loading"), { "retry-after": "30" }));
    upstreams[1].play(goodScript);
    for (let i = 0; i < 4; i++) expect(await ask(model, stream)).toMatchObject({ status: 200, event: { outcome: "complete" } });
    expect(upstreams[1].requests).toHaveLength(4);
    expect(upstreams[1].requests.every((r) => r.body.includes('"model":"model-1"'))).toBe(true);
    expect(upstreams[0].requests).toHaveLength(2);
  });

  it.each<[string, Script, number]>([
    ["bad input", plain(400, error("temperature is too hot")), 400],
    ["a context that is too long", plain(400, error("This model's maximum context length is 10 tokens.")), 400],
  ])("is never made again for %s", async (_name, script, status) => {
    const model = await serve({ backends: 2 });
    for (const u of upstreams) u.play(script);
    expect(await ask(model, stream)).toMatchObject({ status, attempts: "1" });
  });

  it("is not made again on a backend that refuses the gateway's key, but on another", async () => {
    const model = await serve({ backends: 1 });
    upstreams[0].play(plain(401, error("wrong key")));
    expect(await ask(model, stream)).toMatchObject({ status: 502, attempts: "1" });
    const both = await serve({ backends: 2 });
    for (let i = 0; i < 2; i++) expect(await ask(both, stream)).toMatchObject({ status: 200 });
  });

  it("ends after the release's number of attempts with the last error", async () => {
    const model = await serve({ backends: 2, calls: { maxAttempts: 2 } });
    for (const u of upstreams) u.play(plain(500, error("out of memory")));
    expect(await ask(model, stream)).toMatchObject({ status: 502, attempts: "2", event: { outcome: "failed", attempts: 2 } });
  });

  it("is left to the client when the backend asks for more time than a request is held", async () => {
    const model = await serve({ backends: 1 });
    upstreams[0].play(plain(429, error("slow down"), { "retry-after": "20" }));
    const answer = await ask(model, stream);
    expect(answer).toMatchObject({ status: 429, attempts: "1" });
    expect(answer.headers.get("retry-after")).toBe("20");
  });

  it("waits for as long as the backend asked", async () => {
    const model = await serve({ backends: 1 });
    const times: number[] = [];
    upstreams[0].play((wire) => {
      times.push(performance.now());
      return times.length === 1 ? plain(429, error("slow down"), { "retry-after": "0.3" })(wire) : goodScript(wire);
    });
    expect(await ask(model, stream)).toMatchObject({ status: 200, attempts: "2" });
    const [first = 0, second = 0] = times;
    // A timer may fire a little before its time.
    expect(second - first).toBeGreaterThanOrEqual(295);
  });

  it("that a backend took is not made again unless the release asks for it", async () => {
    const model = await serve({ backends: 2, calls: {} });
    for (const u of upstreams) u.play(plain(503, error("loading")));
    expect(await ask(model, stream)).toMatchObject({ status: 503, attempts: "1" });
  });

  it("never outlasts the request's deadline", async () => {
    const model = await serve({ backends: 1, calls: { totalTimeoutMs: 400, maxAttempts: 3 } });
    upstreams[0].play(plain(429, error("slow down"), { "retry-after": "1" }));
    expect(await ask(model, stream)).toMatchObject({ status: 429, attempts: "1" });
  });

  it("is not made twice on a backend that gives no answer", async () => {
    const model = await serve({ backends: 1, calls: { firstByteTimeoutMs: 100, answerTimeoutMs: 100, maxAttempts: 3 } });
    upstreams[0].play(() => {});
    expect(await ask(model, stream)).toMatchObject({ status: 504, attempts: "1", event: { errorCode: "upstream_timeout" } });
  });
});

describe("a whole answer that is written first", () => {
  it("may begin later than a stream: servers send its head when the last token is there", async () => {
    const model = await serve({ backends: 1, calls: { firstByteTimeoutMs: 100, answerTimeoutMs: 10_000, maxAttempts: 1 } });
    const slow: Script = async (wire) => {
      await wire.sleep(400);
      await goodScript(wire);
    };
    upstreams[0].play(slow);
    expect(await ask(model, false)).toMatchObject({ status: 200, attempts: "1" });
    expect(await ask(model, true)).toMatchObject({ status: 504, attempts: "1" });
  });
});

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe("retries of many requests", () => {
  it("stay within their share of the traffic while a backend fails everything", async () => {
    const model = await serve({ backends: 1 });
    upstreams[0].play(plain(503, error("loading")));
    const requests = 150;
    const answers = await Promise.all(Array.from({ length: requests }, () => ask(model, false)));
    expect(answers.every((a) => a.status === 503)).toBe(true);
    // A burst of 10, a tenth of the traffic, and the floor of the seconds that this took.
    expect(upstreams[0].requests.length).toBeLessThanOrEqual(requests + 10 + requests / 10 + 10);
  });
});
