import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { simpleConfig } from "./testing/test-installation";

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  gateway = await startTestGateway();
  await gateway.serve(simpleConfig(gateway.installation, upstream.url));
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.remove();
  await upstream.close();
});
beforeEach(() => upstream.play(goodScript));

describe("the official openai client, unchanged", () => {
  it("gets a whole answer, its id and the route in the headers", async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "chat", messages: [{ role: "user", content: "Hi" }] })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("Hello there");
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get("x-switchyard-request-id")).toBe(request_id);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-switchyard-endpoint": "chat",
      "x-switchyard-release": "1",
      "x-switchyard-variant": "main",
      "x-switchyard-model-version": "small@1",
      "x-switchyard-cache": "bypass",
      "x-switchyard-generation": "1",
      "x-switchyard-attempts": "1",
    });
  });

  it("streams without the usage chunk unless it asks", async () => {
    const stream = await client.chat.completions.create({ model: "chat", messages: [{ role: "user", content: "Hi" }], stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((c) => c.choices[0]?.delta.content ?? "").join("")).toBe("Hello there");
    expect(chunks.every((c) => c.choices.length === 1)).toBe(true);
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? "")).toMatchObject({
      model: "served-model",
      stream_options: { include_usage: true },
      max_tokens: 256,
    });
  });

  it("streams with the usage chunk when it asks", async () => {
    const stream = await client.chat.completions.create({
      model: "chat",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } });
  });

  it("lists the endpoints as models", async () => {
    const models = await client.models.list();
    expect(models.data.map((m) => m.id)).toEqual(["chat"]);
    expect(await client.models.retrieve("chat")).toMatchObject({ id: "chat", owned_by: "test" });
  });
});
