import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  addTestPromptVersion,
  buildTestRelease,
  call,
  callRefused,
  countAllRows,
  createTestEndpoint,
  createTestProject,
  createTestPromptVersion,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createRelease, getRelease } from "../endpoints";
import { createPrompt, createPromptVersion, getComposedPrompt, movePromptLabel } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const move = (name: string, version: number) =>
  call(movePromptLabel, project.engineer, { params: { name, label: "stable" }, body: { version, reason: "test" }, ifMatch: "*" });
const composed = async (name: string, version: number) =>
  (await call(getComposedPrompt, project.viewer, { params: { name, version: String(version) } })).result;
const refused = (name: string, content: string) =>
  callRefused(createPromptVersion, project.engineer, {
    params: { name },
    body: {
      messages: [
        { role: "system", content: "fine" },
        { role: "user", content },
      ],
    },
  });

describe("a prompt that takes in another", () => {
  beforeEach(async () => {
    await createTestPromptVersion(project, { name: "shared/tone", text: "Be brief about {{topic}}." });
    await addTestPromptVersion(project, "shared/tone", "Be kind about {{topic}}.");
    await move("shared/tone", 1);
    await createTestPromptVersion(project, { name: "answer", text: "{{> shared/tone@stable}} Then answer." });
  });

  it("has its text where the label points at the moment, and names the version", async () => {
    expect(await composed("answer", 1)).toMatchObject({
      messages: [{ role: "system", content: "Be brief about {{topic}}. Then answer." }],
      variables: [{ name: "topic" }],
      includes: [{ reference: "shared/tone@stable", name: "shared/tone", version: 1 }],
    });
    await move("shared/tone", 2);
    expect((await composed("answer", 1)).messages[0]?.content).toBe("Be kind about {{topic}}. Then answer.");
  });

  it.each([
    ["x\n{{> nowhere@stable}}", "line 2, column 1: there is no nowhere@stable"],
    ["{{> shared/tone@nowhere}}", "there is no shared/tone@nowhere"],
    ["{{> shared/tone#9}}", "there is no shared/tone#9"],
    ["{{> answer#1}}", "answer → answer goes in a circle"],
    ["{{> Tone}}", "names no prompt"],
  ])("is refused with its place: %j", async (content, detail) => {
    const rows = await countAllRows();
    const error = await refused("answer", content);
    expect(error).toMatchObject({ code: "invalid_template", errors: [{ pointer: "/messages/1/content" }] });
    expect(error.errors[0]?.detail).toContain(detail);
    expect(await countAllRows()).toEqual(rows);
  });

  it("cannot close a circle through others, nor reach into another project", async () => {
    await move("answer", 1);
    const circle = await refused("shared/tone", "{{> answer@stable}}");
    expect(circle.errors[0]?.detail).toContain("shared/tone → answer → shared/tone goes in a circle");
    const foreign = await createTestProject(domain);
    await createTestPromptVersion(foreign, { name: "foreign" });
    expect((await refused("answer", "{{> foreign#1}}")).errors[0]?.detail).toContain("there is no foreign#1");
  });

  it("is kept by a release as it was when the release was saved, inside its digest", async () => {
    const endpoint = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const variants = body.variants.map((v) => ({ ...v, prompt: { name: "answer", version: 1 } }));
    const save = () => call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, variants } });
    const first = (await save()).result;
    expect(first.variants[0]?.prompt).toMatchObject({ name: "answer", includes: [{ reference: "shared/tone@stable", version: 1 }] });
    await move("shared/tone", 2);
    const read = await call(getRelease, project.viewer, { params: { name: endpoint.name, number: "1" } });
    expect(read.result).toEqual(first);
    const second = await save();
    expect(second).toMatchObject({ status: 201, result: { number: 2 } });
    expect(second.result.digest).not.toBe(first.digest);
    expect(await save()).toMatchObject({ status: 200, result: { number: 2 } });
  });

  it("keeps a release from being saved while it cannot be composed", async () => {
    await call(createPrompt, project.engineer, { body: { name: "loose" } });
    await addTestPromptVersion(project, "loose", "A");
    await move("loose", 1);
    await addTestPromptVersion(project, "answer", "{{> loose@stable}}");
    await addTestPromptVersion(project, "loose", "{{> shared/tone#1}} {{> shared/tone#2}}");
    const two = {
      messages: [
        { role: "system", content: "1" },
        { role: "user", content: "2" },
      ],
    };
    const chat = await call(createPromptVersion, project.engineer, { params: { name: "loose" }, body: two });
    await move("loose", chat.result.number);
    const endpoint = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const variants = body.variants.map((v) => ({ ...v, prompt: { name: "answer", version: 2 } }));
    const error = await callRefused(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, variants } });
    expect(error).toMatchObject({ code: "invalid_reference", errors: [{ pointer: "/variants/0/prompt" }] });
    expect(error.errors[0]?.detail).toContain("loose@stable has 2 messages");
  });
});
