import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FetchedPrompt } from "@/lib/contracts/prompt";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { createTestInstallation, TEST_PROJECT_ID } from "./testing/test-installation";

const installation = createTestInstallation();
const content = (text: string) => ({
  kind: "chat" as const,
  contentHash: "a".repeat(64),
  messages: [{ role: "system" as const, content: text }],
  variables: [{ name: "topic", type: "string" as const, required: true, default: null, description: "" }],
  parameters: { temperature: 0.2 },
  includes: [],
});
const prompt = (name: string, number: number, parts: object = {}) => ({
  projectId: TEST_PROJECT_ID,
  name,
  number,
  labels: ["production"],
  content: content(`${name} v${number}: {{topic}}`),
  problem: null,
  ...parts,
});
const other = { id: "prj_other", slug: "other" };

let gateway: TestGateway;
beforeAll(async () => {
  const base = installation.config({});
  const [project] = base.projects;
  gateway = await startTestGateway({
    installation,
    config: {
      ...base,
      projects: [...base.projects, { ...other, subjectKey: project?.subjectKey ?? "" }],
      labelledPrompts: [
        prompt("support/answer", 3, { labels: ["production", "stable"] }),
        prompt("support/answer", 4, { labels: ["staging"] }),
        prompt("foreign", 1, { projectId: other.id }),
        prompt("huge", 1, { content: null, problem: "it has 900 KiB" }),
      ],
    },
  });
});
afterAll(() => gateway.remove());

const ask = (path: string, init: { method?: string; headers?: Record<string, string> } = {}) =>
  fetch(`${gateway.url}${path}`, { ...init, headers: { authorization: `Bearer ${installation.keyText}`, ...init.headers } });
const errorOf = async (answer: Response) => {
  const { error } = (await answer.json()) as { error: { message: string; type: string; param: string | null; code: string } };
  return { status: answer.status, ...error };
};

describe("an application that fetches a prompt from a gateway", () => {
  it("gets what the label names, in the shape that the REST API has, with nothing but the gateway running", async () => {
    const answer = await ask("/v1/prompts/support%2Fanswer?label=staging");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    expect(answer.headers.get("x-switchyard-generation")).toBe("1");
    expect(FetchedPrompt.parse(await answer.json())).toMatchObject({
      name: "support/answer",
      version: 4,
      label: "staging",
      text: null,
      messages: [{ role: "system", content: "support/answer v4: {{topic}}" }],
      variablesSchema: { type: "object", required: ["topic"] },
      parameters: { temperature: 0.2 },
    });
  });

  it("gets production without a label, and may write the / of a name as it is", async () => {
    const plain = await ask("/v1/prompts/support/answer");
    expect(await plain.json()).toMatchObject({ version: 3, label: "production" });
  });

  it("keeps its answer: 304 while the label stays, the whole answer once it moved", async () => {
    const etag = (await ask("/v1/prompts/support%2Fanswer")).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    const again = await ask("/v1/prompts/support%2Fanswer", { headers: { "if-none-match": `"x", W/${etag}` } });
    expect({ status: again.status, body: await again.text(), etag: again.headers.get("etag") }).toEqual({ status: 304, body: "", etag });
    // Another label names the same version, and the answer says which.
    expect((await ask("/v1/prompts/support%2Fanswer?label=stable")).headers.get("etag")).not.toBe(etag);
    expect((await ask("/v1/prompts/support%2Fanswer?label=staging", { headers: { "if-none-match": etag } })).status).toBe(200);
  });

  it("may ask for the headers alone", async () => {
    const [head, get] = [await ask("/v1/prompts/support%2Fanswer", { method: "HEAD" }), await ask("/v1/prompts/support%2Fanswer")];
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    for (const name of ["etag", "content-length", "cache-control"]) expect(head.headers.get(name)).toBe(get.headers.get(name));
  });

  it.each([
    ["/v1/prompts/nothing", 404, "not_found", /no labelled prompt “nothing”/],
    ["/v1/prompts/support%2Fanswer?label=canary", 404, "not_found", /no label “canary”; it has production, stable, staging/],
    ["/v1/prompts/foreign", 404, "not_found", /no labelled prompt “foreign”/],
    ["/v1/prompts/huge", 404, "not_found", /not in the gateways' snapshot: it has 900 KiB\. The REST API has it/],
    ["/v1/prompts/support%2Fanswer?version=3", 400, "invalid_request", /“label” only, not “version”/],
    ["/v1/prompts/support%2Fanswer?label=a&label=b", 400, "invalid_request", /stands twice/],
    ["/v1/prompts/%E0%A4%A", 404, "not_found", /no labelled prompt/],
    ["/v1/prompts/", 404, "not_found", /no address/],
    ["/v1/prompts/__proto__", 404, "not_found", /no labelled prompt/],
  ])("is told in OpenAI's shape why there is none: %s", async (path, status, code, message) => {
    const answer = await ask(path);
    const error = await errorOf(answer);
    expect(error).toMatchObject({ status, code });
    expect(error.message).toMatch(message);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(answer.headers.get("etag")).toBeNull();
  });

  it("needs a key, and can only read", async () => {
    expect(
      await errorOf(await ask("/v1/prompts/support%2Fanswer", { headers: { authorization: "Bearer sk-sy-nobody-has-this" } })),
    ).toMatchObject({
      status: 401,
      code: "invalid_api_key",
    });
    const post = await ask("/v1/prompts/support%2Fanswer", { method: "POST" });
    expect(post.status).toBe(405);
    expect(post.headers.get("allow")).toBe("GET");
  });

  it("sees a moved label with the next snapshot, and its metering stays empty", async () => {
    const base = installation.config({ generation: 2 });
    await gateway.serve({ ...base, labelledPrompts: [prompt("support/answer", 4)] });
    const answer = await ask("/v1/prompts/support%2Fanswer");
    expect(await answer.json()).toMatchObject({ version: 4 });
    expect(answer.headers.get("x-switchyard-generation")).toBe("2");
    expect(await gateway.events()).toEqual([]);
  });

  it("is served from a snapshot that a gateway of the version before left on the disk, once there are prompts in it", async () => {
    const { labelledPrompts: _, directBackends: __, ...old } = installation.config({ generation: 3 });
    // Every field that has come since is left out.
    await gateway.serve({ ...old, schema: 2 } as unknown as Parameters<TestGateway["serve"]>[0]);
    expect((await ask("/v1/prompts/support%2Fanswer")).status).toBe(404);
    expect((await ask("/v1/models")).status).toBe(200);
  });
});
