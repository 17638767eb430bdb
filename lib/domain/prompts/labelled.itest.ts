import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import {
  addTestPromptVersion,
  asOwner,
  call,
  callRefused,
  createServingEndpoint,
  createTestProject,
  createTestPromptVersion,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createRelease } from "../endpoints";
import {
  createPrompt,
  createPromptVersion,
  listLabelledPrompts,
  listPromptFolders,
  listPrompts,
  listPromptVersionUses,
  movePromptLabel,
  removePromptLabel,
} from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const move = (name: string, label: string, version = 1) =>
  call(movePromptLabel, project.engineer, { params: { name, label }, body: { version, reason: "test" }, ifMatch: "*" });
const labelled = async () => (await listLabelledPrompts(db().prisma)).filter((p) => p.projectId === project.id);

describe("what gateways hold for applications", () => {
  it("is every version that a label names, with the prompts in it, and nothing else", async () => {
    await createTestPromptVersion(project, { name: "tone", text: "Brief about {{topic}}." });
    await move("tone", "live");
    await createTestPromptVersion(project, { name: "answer", text: "{{> tone@live}} Answer." });
    await addTestPromptVersion(project, "answer", "Unlabelled {{topic}}");
    await move("answer", "live");
    await move("answer", "stable");
    expect(await labelled()).toMatchObject([
      { name: "tone", number: 1, labels: ["live"], problem: null },
      {
        name: "answer",
        number: 1,
        labels: ["live", "stable"],
        problem: null,
        content: {
          messages: [{ content: "Brief about {{topic}}. Answer." }],
          variables: [{ name: "topic" }],
          parameters: { temperature: 0.2 },
          includes: [{ reference: "tone@live", name: "tone", version: 1 }],
        },
      },
    ]);
  });

  it("says why a version cannot be had there", async () => {
    await createTestPromptVersion(project, { name: "tone", text: "Brief." });
    await move("tone", "live");
    await createTestPromptVersion(project, { name: "answer", text: "{{> tone@live}} Answer." });
    await move("answer", "live");
    await call(removePromptLabel, project.engineer, {
      params: { name: "tone", label: "live" },
      query: { reason: "gone" },
      ifMatch: "*",
    });
    expect(await labelled()).toMatchObject([{ name: "answer", content: null, problem: expect.stringContaining("there is no tone@live") }]);
  });

  it("leaves out what is too large, unread, and keeps the rest", async () => {
    await createTestPromptVersion(project, { name: "large" });
    await createTestPromptVersion(project, { name: "small" });
    await move("large", "live");
    await move("small", "live");
    await asOwner(
      domain,
      "alter table prompt_version disable trigger prompt_version_immutable; update prompt_version set content_bytes = 1000000 where prompt_id = (select prompt_id from prompt_label l join prompt p on p.id = l.prompt_id where p.name = 'large' order by p.id desc limit 1); alter table prompt_version enable trigger prompt_version_immutable",
      [],
    );
    expect(await labelled()).toMatchObject([
      { name: "large", content: null, problem: expect.stringContaining("977 KiB") },
      { name: "small", problem: null },
    ]);
  });
});

describe("a prompt's kind", () => {
  const register = (name: string, body: object) => ({ params: { name }, body });
  it("is that of its first version: an application never finds another one behind a label", async () => {
    await createTestPromptVersion(project, { name: "chat" });
    expect(await callRefused(createPromptVersion, project.engineer, register("chat", { kind: "text", text: "x" }))).toMatchObject({
      code: "state_conflict",
      errors: [{ pointer: "/kind" }],
    });
    await call(createPrompt, project.engineer, { body: { name: "text" } });
    await call(createPromptVersion, project.engineer, register("text", { kind: "text", text: "x" }));
    const refused = await callRefused(
      createPromptVersion,
      project.engineer,
      register("text", { messages: [{ role: "user", content: "x" }] }),
    );
    expect(refused.code).toBe("state_conflict");
  });

  it.each([
    [{ kind: "text" }, "/text"],
    [{ kind: "text", text: "" }, "/text"],
    [{ kind: "text", text: "x", messages: [{ role: "user", content: "x" }] }, "/messages"],
    [{ kind: "chat" }, "/messages"],
    [{ kind: "poem", messages: [{ role: "user", content: "x" }] }, "/kind"],
  ])("and its parts belong together: %j", async (body, pointer) => {
    await call(createPrompt, project.engineer, { body: { name: "new" } });
    const refused = await callRefused(createPromptVersion, project.engineer, register("new", body));
    expect(refused.code).toBe("invalid_request");
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
  });
});

describe("finding prompts", () => {
  it("by folder with the number of prompts in it, and by label", async () => {
    for (const name of ["a/x/one", "a/x/two", "a/y/three", "a/four", "b_c/five", "bxc/six"])
      await createTestPromptVersion(project, { name });
    await move("a/x/one", "live");
    await move("b_c/five", "live");
    const folders = async (query: object) => (await call(listPromptFolders, project.viewer, { query })).result;
    expect(await folders({})).toEqual({
      items: [
        { folder: "a/", prompts: 4 },
        { folder: "b_c/", prompts: 1 },
        { folder: "bxc/", prompts: 1 },
      ],
      labels: [{ label: "live", prompts: 2 }],
      nextCursor: null,
    });
    expect((await folders({ folder: "a/" })).items).toEqual([
      { folder: "a/x/", prompts: 2 },
      { folder: "a/y/", prompts: 1 },
    ]);
    expect((await folders({ label: "live" })).items.map((f) => f.folder)).toEqual(["a/", "b_c/"]);
    expect(await folders({ q: "_c" })).toMatchObject({ items: [{ folder: "b_c/" }], labels: [{ label: "live", prompts: 1 }] });
    const named = async (query: object) => (await call(listPrompts, project.viewer, { query })).result.items.map((p) => p.name);
    expect(await named({ label: "live" })).toEqual(["a/x/one", "b_c/five"]);
    expect(await named({ label: "live", folder: "a/" })).toEqual(["a/x/one"]);
  });

  it("tells the releases that a version stands in, itself or inside another prompt", async () => {
    const { endpoint, body, prompt } = await createServingEndpoint(project);
    await createTestPromptVersion(project, { name: "tone", text: "Brief about {{topic}}." });
    await createTestPromptVersion(project, { name: "whole", text: "{{> tone#1}} Go." });
    const variants = body.variants.map((v) => ({ ...v, prompt: { name: "whole", version: 1 } }));
    await call(createRelease, project.engineer, { params: { name: endpoint.name }, body: { ...body, variants } });
    const uses = async (name: string) =>
      (await call(listPromptVersionUses, project.viewer, { params: { name, version: "1" } })).result.items;
    const use = { endpoint: endpoint.name, environment: "production", variant: "main" };
    expect(await uses(prompt.prompt)).toEqual([{ ...use, release: 1, isActive: true, inside: null }]);
    expect(await uses("whole")).toEqual([{ ...use, release: 2, isActive: false, inside: null }]);
    expect(await uses("tone")).toEqual([{ ...use, release: 2, isActive: false, inside: "whole" }]);
  });
});
