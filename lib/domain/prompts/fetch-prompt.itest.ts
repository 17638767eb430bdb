import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FetchedPrompt } from "@/lib/contracts/prompt";
import { addTestPromptVersion, asOwner, call, createTestProject, createTestPromptVersion, type TestProject } from "@/test/factories";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs } from "@/test/web";
import { createPrompt, createPromptVersion, movePromptLabel } from ".";

let web: TestWeb;
let project: TestProject;
let application: Visitor;
beforeAll(async () => {
  web = await openTestWeb();
});
beforeEach(async () => {
  project = await createTestProject(web);
  application = await visitAs(project, "viewer");
});
afterAll(() => web.close());

const NAME = "support/answer.ko";
const fetchIt = (query: string, headers: Record<string, string> = {}, name = NAME) =>
  send(web, application, `GET /api/v1/prompts/${encodeURIComponent(name)}${query}`, { headers });
const move = (name: string, label: string, version: number) =>
  call(movePromptLabel, project.engineer, { params: { name, label }, body: { version, reason: "test" }, ifMatch: "*" });
const read = async (query: string, name = NAME) => {
  const answer = await fetchIt(query, {}, name);
  expect(answer.status).toBe(200);
  return FetchedPrompt.parse(await answer.json());
};

describe("one address for an application", () => {
  it("gives the record without a label, and what the label names with one", async () => {
    const first = await createTestPromptVersion(project, { name: NAME, text: "One {{topic}}" });
    await addTestPromptVersion(project, NAME, "Two {{topic}}");
    await move(NAME, "live", 1);
    const record = await fetchIt("");
    expect(await record.json()).toMatchObject({ name: NAME, latestVersion: 2, labels: [{ label: "live", version: 1 }] });
    expect(record.headers.get("etag")).toBeNull();
    expect(await read("?label=live")).toEqual({
      name: NAME,
      version: 1,
      label: "live",
      kind: "chat",
      contentHash: first.contentHash,
      text: null,
      messages: first.messages,
      variables: first.variables,
      variablesSchema: first.variablesSchema,
      parameters: { temperature: 0.2 },
      includes: [],
    });
    expect(await read("?version=2")).toMatchObject({ version: 2, label: null, messages: [{ content: "Two {{topic}}" }] });
  });

  it("answers 304 until the label moves, and nothing is kept without asking", async () => {
    await createTestPromptVersion(project, { name: NAME });
    await addTestPromptVersion(project, NAME, "Two {{topic}}");
    await move(NAME, "live", 1);
    const fresh = await fetchIt("?label=live");
    expect(fresh.headers.get("cache-control")).toBe("private, no-cache");
    const etag = fresh.headers.get("etag") ?? "";
    const again = await fetchIt("?label=live", { "if-none-match": `"other", ${etag}` });
    expect({ status: again.status, body: await again.text() }).toEqual({ status: 304, body: "" });
    await move(NAME, "live", 2);
    expect((await fetchIt("?label=live", { "if-none-match": etag })).status).toBe(200);
    await move(NAME, "live", 1);
    expect((await fetchIt("?label=live", { "if-none-match": etag })).status).toBe(304);
  });

  it("has other prompts in their places, and another ETag when one of their labels moves", async () => {
    await createTestPromptVersion(project, { name: "tone", text: "Be brief about {{topic}}." });
    await addTestPromptVersion(project, "tone", "Be kind about {{topic}}.");
    await move("tone", "live", 1);
    await createTestPromptVersion(project, { name: NAME, text: "{{> tone@live}} Answer." });
    await move(NAME, "live", 1);
    const before = await fetchIt("?label=live");
    expect(await before.json()).toMatchObject({
      messages: [{ content: "Be brief about {{topic}}. Answer." }],
      includes: [{ reference: "tone@live", name: "tone", version: 1 }],
    });
    await move("tone", "live", 2);
    const after = await fetchIt("?label=live", { "if-none-match": before.headers.get("etag") ?? "" });
    expect(after.status).toBe(200);
    expect(await after.json()).toMatchObject({ version: 1, messages: [{ content: "Be kind about {{topic}}. Answer." }] });
  });

  it("tells what it was at an instant, with the prompts in it as they were then", async () => {
    await createTestPromptVersion(project, { name: "tone", text: "Brief." });
    await addTestPromptVersion(project, "tone", "Kind.");
    await move("tone", "live", 1);
    await createTestPromptVersion(project, { name: NAME, text: "{{> tone@live}} One." });
    await addTestPromptVersion(project, NAME, "{{> tone@live}} Two.");
    await move(NAME, "live", 1);
    // Both stood there an hour ago already.
    await asOwner(
      web,
      "alter table prompt_label_move disable trigger prompt_label_move_immutable; update prompt_label_move set at = at - interval '1 hour', valid_from = valid_from - interval '1 hour'; alter table prompt_label_move enable trigger prompt_label_move_immutable",
      [],
    );
    await move(NAME, "live", 2);
    await move("tone", "live", 2);
    const at = new Date(Date.now() - 30 * 60_000).toISOString();
    expect(await read("?label=live")).toMatchObject({ version: 2, messages: [{ content: "Kind. Two." }] });
    expect(await read(`?label=live&at=${at}`)).toMatchObject({ version: 1, messages: [{ content: "Brief. One." }] });
    const tooEarly = new Date(Date.now() - 120 * 60_000).toISOString();
    expect((await fetchIt(`?label=live&at=${tooEarly}`)).status).toBe(404);
  });

  it("gives a text prompt as text and as the one user message that it is in a chat", async () => {
    const params = { name: "summary" };
    await call(createPrompt, project.engineer, { body: params });
    const body = { kind: "text", text: "Summarise: {{it}}", variables: [{ name: "it" }] };
    const { result } = await call(createPromptVersion, project.engineer, { params, body });
    expect(result).toMatchObject({ kind: "text", text: body.text, messages: [{ role: "user", content: body.text }] });
    expect(await read("?version=1", "summary")).toMatchObject({ kind: "text", text: body.text, messages: [{ role: "user" }] });
  });

  it.each([
    ["?label=live&version=1", 400, "invalid_request", "?version"],
    ["?at=2026-11-20T00:00:00Z", 400, "invalid_request", "?label"],
    ["?label=Live", 400, "invalid_request", "?label"],
    ["?version=0", 400, "invalid_request", "?version"],
    ["?label=live&label=x", 400, "invalid_request", "?label"],
    ["?labels=live", 400, "invalid_request", "?labels"],
    ["?label=nowhere", 404, "not_found", undefined],
    ["?version=7", 404, "not_found", undefined],
  ])("refuses %s", async (query, status, code, pointer) => {
    await createTestPromptVersion(project, { name: NAME });
    const answer = await fetchIt(query);
    const problem = (await answer.json()) as { code: string; errors: { pointer: string }[] };
    expect({ status: answer.status, code: problem.code, pointer: problem.errors[0]?.pointer }).toEqual({ status, code, pointer });
  });
});
