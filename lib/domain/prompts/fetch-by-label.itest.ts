import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addTestPromptVersion, call, createTestProject, createTestPromptVersion, type TestProject } from "@/test/factories";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs } from "@/test/web";
import { movePromptLabel } from ".";

let web: TestWeb;
let project: TestProject;
let application: Visitor;
beforeAll(async () => {
  web = await openTestWeb();
  project = await createTestProject(web);
  application = await visitAs(project, "viewer");
});
afterAll(() => web.close());

describe("an application that fetches a prompt by its label", () => {
  it("finds a name with a folder, keeps the answer, and is told when the label moved", async () => {
    const name = "support/answer.ko";
    const first = await createTestPromptVersion(project, { name, text: "One {{topic}}" });
    const second = await addTestPromptVersion(project, name, "Two {{topic}}");
    const params = { name, label: "production" };
    await call(movePromptLabel, project.engineer, { params, body: { version: 1, reason: "first" } });
    const fetchIt = (headers: Record<string, string> = {}) =>
      send(web, application, "GET /api/v1/prompts/support%2Fanswer.ko/labels/production", { headers });

    const fresh = await fetchIt();
    expect(fresh.status).toBe(200);
    expect(await fresh.json()).toMatchObject({ version: 1, content: { contentHash: first.contentHash, messages: first.messages } });
    expect(fresh.headers.get("cache-control")).toBe("private, no-cache");
    const etag = fresh.headers.get("etag") ?? "";
    expect((await fetchIt({ "if-none-match": etag })).status).toBe(304);

    await call(movePromptLabel, project.engineer, { params, body: { version: 2, reason: "better" }, ifMatch: "1" });
    const moved = await fetchIt({ "if-none-match": etag });
    expect(moved.status).toBe(200);
    expect(await moved.json()).toMatchObject({ version: 2, content: { contentHash: second.contentHash } });
  });
});
