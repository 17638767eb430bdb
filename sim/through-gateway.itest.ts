import OpenAI from "openai";
import { expect, it } from "vitest";
import { startTestGateway } from "@/gateway/testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "@/gateway/testing/test-installation";
import { startSimBackend } from "./backend";

it("every operation of the gateway is served by the simulator, and metered as what it is", async () => {
  const profiles = {
    models: { small: { ttftMs: { median: 0, p95: 0 }, tokenMs: 0 } },
    classifiers: { risk: { weights: [1, 1], latencyMs: { median: 0, p95: 0 } } },
  };
  const sim = await startSimBackend({ profiles, apiKey: "sim-key" });
  const gateway = await startTestGateway();
  const apiKey = (id: string) => gateway.installation.sealBackendKey(id, "sim-key");
  const backend = (servedModel: string) =>
    testBackend(`${sim.url}/v1`, { servedModel, backendId: `bck_${servedModel}`, apiKey: apiKey(`bck_${servedModel}`) });
  const backends = [backend("small"), backend("risk")];
  const endpoints = ["chat", "churn"].map((name, i) => testEndpoint(name, [testRelease(i + 1, [testVariant([backends[i]?.id ?? ""])])]));
  await gateway.serve(gateway.installation.config({ backends, endpoints }));

  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.installation.keyText, maxRetries: 0 });
  const chat = await client.chat.completions.create({ model: "chat", messages: [{ role: "user", content: "Where is my order?" }] });
  expect(chat.choices[0]?.message.content).not.toBe("");
  const completion = await client.completions.create({ model: "chat", prompt: "Where is", max_tokens: 5 });
  expect(completion.usage?.completion_tokens).toBeLessThanOrEqual(5);
  const { data } = await client.embeddings.create({ model: "chat", input: ["one", "two"], dimensions: 8 });
  expect(data.map((d) => d.embedding.length)).toEqual([8, 8]);
  const inferred = await fetch(`${gateway.url}/v2/models/churn/infer`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ inputs: [{ name: "features", shape: [2, 2], datatype: "FP64", data: [1, -1, 3, 1] }] }),
  });
  expect(await inferred.json()).toMatchObject({ outputs: [{ data: [0.5, 1 / (1 + Math.exp(-4))] }, { data: [1, 1] }] });

  expect(await gateway.events()).toMatchObject([
    { api: "/v1/chat/completions", outcome: "complete", tokensEstimated: false },
    { api: "/v1/completions", outcome: "complete", outputTokens: completion.usage?.completion_tokens },
    { api: "/v1/embeddings", outcome: "complete", inputTokens: 2, outputTokens: 0 },
    { api: "/v2/models/{endpoint}/infer", outcome: "complete", inputTokens: 0, outputTokens: 0, costUsd: null },
  ]);
  expect(sim.ledger().map((entry) => entry.outcome)).toEqual(["complete", "complete", "complete", "complete"]);
  await gateway.remove();
  await sim.close();
});
