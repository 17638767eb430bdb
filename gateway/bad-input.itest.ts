import { connect } from "node:net";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { eventually } from "@/test/eventually";
import { type SpoolFiles, systemSpoolFiles } from "./events/spool-files";
import {
  deltaEvent,
  goodScript,
  httpChunk,
  LAST_CHUNK,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
} from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { simpleConfig, testEndpoint } from "./testing/test-installation";

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let client: OpenAI;
const messages = [{ role: "user" as const, content: "Hi" }];

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  gateway = await startTestGateway({ bodyLimits: { maxBytes: 1_000_000, graceMs: 1_000, minBytesPerSecond: 1_000 }, writeIdleMs: 300 });
  const config = simpleConfig(gateway.installation, upstream.url);
  const [key] = config.keys;
  if (key === undefined) throw new Error("no key");
  await gateway.serve({
    ...config,
    keys: [key, { ...key, id: "gwk_expired", hash: "c".repeat(64), expiresAt: "2020-01-01T00:00:00.000Z" }],
    endpoints: [...config.endpoints, testEndpoint("unreleased", [])],
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.remove();
  await upstream.close();
});
beforeEach(() => upstream.play(goodScript));

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<{ status: number; error: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json", ...headers },
    body,
  });
  const parsed = await response.json();
  return { status: response.status, error: parsed.error, headers: response.headers };
}

/** The event of the request with this client id, as soon as it is settled. */
async function eventOf(clientRequestId: string): Promise<UsageEvent> {
  return eventually(async () => {
    const found = (await gateway.events()).filter((e) => e.clientRequestId === clientRequestId);
    expect(found).toHaveLength(1);
    const [event] = found;
    if (event === undefined) throw new Error("not yet");
    return event;
  });
}

describe("bad input", () => {
  const ok = JSON.stringify({ model: "chat", messages });
  it.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, [number, string]]>([
    ["no JSON", "{oops", {}, [400, "invalid_json"]],
    ["nothing", "", {}, [400, "invalid_json"]],
    ["a byte order mark", `\ufeff${ok}`, {}, [400, "invalid_json"]],
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), {}, [400, "invalid_json"]],
    ["an array", "[]", {}, [400, "invalid_request"]],
    ["no model", JSON.stringify({ messages }), {}, [400, "invalid_request"]],
    ["no messages", JSON.stringify({ model: "chat" }), {}, [400, "invalid_request"]],
    [
      "options of a stream that is none",
      JSON.stringify({ model: "chat", messages, stream_options: { include_usage: true } }),
      {},
      [400, "invalid_request"],
    ],
    ["an unknown variable", JSON.stringify({ model: "chat", messages, switchyard: { variables: { x: 1 } } }), {}, [400, "invalid_request"]],
    ["an unknown endpoint", JSON.stringify({ model: "nope", messages }), {}, [404, "model_not_found"]],
    ["an endpoint named like an object's own", JSON.stringify({ model: "__proto__", messages }), {}, [404, "model_not_found"]],
    ["an endpoint without a release", JSON.stringify({ model: "unreleased", messages }), {}, [503, "unavailable"]],
    ["too much", `"${"x".repeat(1_100_000)}"`, {}, [413, "body_too_large"]],
    ["a form", "model=chat", { "content-type": "application/x-www-form-urlencoded" }, [415, "unsupported_media_type"]],
    ["an unknown key", ok, { authorization: "Bearer sk-sy-unknown-unknown" }, [401, "invalid_api_key"]],
    ["no key", ok, { authorization: "" }, [401, "invalid_api_key"]],
    ["another scheme", ok, { authorization: "Basic abcdefgh" }, [401, "invalid_api_key"]],
    ["a subject that is not UTF-8", ok, { "x-switchyard-subject": "\u00ff\u00fe" }, [400, "invalid_request"]],
    ["an endless subject", ok, { "x-switchyard-subject": "x".repeat(2_000) }, [400, "invalid_request"]],
  ])("%s is refused clearly and reaches no backend", async (_name, body, headers, [status, code]) => {
    const before = upstream.requests.length;
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.error).toEqual({ message: expect.any(String), type: expect.any(String), param: answer.error.param, code });
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    expect(answer.headers.get("x-should-retry")).toBe(status === 503 ? null : "false");
    expect(upstream.requests.length).toBe(before);
  });

  it("a key past its expiry is refused", async () => {
    const expired = { ...simpleConfig(gateway.installation, upstream.url), generation: 2 };
    const [key] = expired.keys;
    if (key === undefined) throw new Error("no key");
    const second = await startTestGateway({
      installation: gateway.installation,
      config: { ...expired, keys: [{ ...key, expiresAt: "2026-11-20T00:00:01.000Z" }] },
      clock: { nowMs: () => Date.parse("2026-11-20T00:00:01.000Z"), monotonicMs: () => performance.now() },
    });
    const response = await fetch(`${second.url}/v1/models`, { headers: { authorization: `Bearer ${second.installation.keyText}` } });
    expect(response.status).toBe(401);
    await second.remove();
  });

  it("an address or method that does not exist is told as such", async () => {
    const status = async (path: string, method: string) => (await fetch(`${gateway.url}${path}`, { method })).status;
    expect(await status("/v1/nothing", "GET")).toBe(404);
    expect(await status("/v1/chat/completions", "GET")).toBe(405);
    expect(await status("/v1/models", "POST")).toBe(405);
    expect(await status("/v1/models", "GET")).toBe(401);
  });

  it("a refusal after the endpoint was found is in the log, as refused", async () => {
    await post(JSON.stringify({ model: "chat", messages, switchyard: { variables: { x: 1 } } }), { "x-request-id": "refused-1" });
    expect(await eventOf("refused-1")).toMatchObject({
      outcome: "refused",
      status: 400,
      errorCode: "invalid_request",
      releaseId: "rel_test1",
      attempts: 0,
    });
  });
});

describe("a disk that takes no usage", () => {
  it("makes the gateway refuse visibly, tell clients when to come again, and go on by itself", async () => {
    let full = false;
    const spoolFiles: SpoolFiles = {
      ...systemSpoolFiles,
      append(fd, bytes, position) {
        if (full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        systemSpoolFiles.append(fd, bytes, position);
      },
    };
    const second = await startTestGateway({
      installation: gateway.installation,
      spoolFiles,
      config: simpleConfig(gateway.installation, upstream.url),
    });
    const ask = (stream: boolean) =>
      fetch(`${second.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${second.installation.keyText}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat", messages, stream }),
      });
    expect((await ask(false)).status).toBe(200);
    // The disk fills while a stream runs: its [DONE] may not go out, because its event is not on the disk.
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
      full = true;
      await wire.sleep(20);
      wire.write(`${httpChunk("data: [DONE]\n\n").toString()}${LAST_CHUNK}`);
    });
    const text = await (await ask(true)).text();
    expect(text).not.toContain("[DONE]");
    expect(text).toContain("usage_spool_full");
    const refused = await ask(false);
    expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("retry-after-ms")]).toEqual([503, "5", "5000"]);
    expect((await refused.json()).error.code).toBe("usage_spool_full");
    const ready = await fetch(`${second.url}/readyz`);
    expect([ready.status, (await ready.json()).problems]).toEqual([503, [expect.stringContaining("ENOSPC")]]);
    expect(await (await fetch(`${second.url}/metrics`)).text()).toMatch(/spool_refusing 1\n/);
    full = false;
    upstream.play(goodScript);
    await eventually(async () => expect((await ask(false)).status).toBe(200));
    const events = (await second.events()).filter((e) => e.outcome !== "refused");
    expect(events.map((e) => [e.outcome, e.errorCode])).toEqual([
      ["complete", null],
      ["cut", "usage_spool_full"],
      ["complete", null],
    ]);
    await second.remove();
  });
});

describe("the official client's error classes", () => {
  const create = (model: string, apiKey = gateway.installation.keyText) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 }).chat.completions.create({ model, messages });

  it("are the ones it has for each refusal", async () => {
    await expect(create("chat", "sk-sy-wrong-wrong")).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(create("nope")).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: "model_not_found",
      param: "model",
      requestID: expect.stringMatching(/^req_/),
    });
    await expect(create("")).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    upstream.play((wire) => wire.end());
    await expect(create("chat")).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  });

  it("a stream that breaks raises an APIError instead of ending quietly", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
      await wire.sleep(50);
      wire.end();
    });
    const stream = await client.chat.completions.create({ model: "chat", messages, stream: true });
    const read = async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    };
    await expect(read()).rejects.toMatchObject({ constructor: OpenAI.APIError, code: "upstream_truncated" });
  });
});

describe("a body that nobody waits for", () => {
  const open = (head: string) => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.write(`${head}\r\nhost: gateway\r\n`);
    let answers = "";
    socket.on("data", (data) => {
      answers += data;
    });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    return { socket, closed, text: () => answers };
  };

  it.each([
    ["a wrong key", "POST /v1/chat/completions HTTP/1.1\r\nauthorization: Bearer sk-sy-not-a-key", "401"],
    ["no such address", "POST /nowhere HTTP/1.1", "404"],
    ["a wrong method", "PUT /v1/chat/completions HTTP/1.1", "405"],
    ["a question that has none", "GET /healthz HTTP/1.1", "200"],
  ])("after %s holds no connection, however slowly it goes on", async (_, head, status) => {
    const { socket, closed, text } = open(head);
    socket.write("content-length: 100000\r\n\r\n");
    const trickle = setInterval(() => socket.write(" "), 100);
    await closed;
    clearInterval(trickle);
    expect(text()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it("leaves the connection to the next request when it was whole", async () => {
    const { socket, text } = open("POST /v1/chat/completions HTTP/1.1");
    socket.write("content-length: 2\r\n\r\n{}");
    await eventually(() => expect(text()).toContain("HTTP/1.1 401"));
    // Past the time that a body which is not whole would be given.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    socket.write("GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n");
    await eventually(() => expect(text()).toContain("HTTP/1.1 200"));
    socket.destroy();
  });
});
