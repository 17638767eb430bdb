import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "@/lib/infra/secrets";
import {
  addTestPromptVersion,
  call,
  callRefused,
  createTestPerson,
  createTestProject,
  createTestPromptVersion,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { decideApproval, getApproval, putProtectedNames, reconcileApprovals, requestApproval } from "../approvals";
import { getPromptLabel, movePromptLabel, removePromptLabel } from ".";
import { toPromptText } from "./rules/content";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain, { protectedNames: ["production"] });
  await createTestPromptVersion(project, { name: "shared/tone", text: "Be brief about {{topic}}." });
  await addTestPromptVersion(project, "shared/tone", "Be kind about {{topic}}.");
  await move("shared/tone", 1);
  await createTestPromptVersion(project, { name: "answer", text: "{{> shared/tone@stable}} Then answer. {{> shared/tone#2}}" });
});
afterAll(() => domain.close());

const move = (name: string, version: number) =>
  call(movePromptLabel, project.engineer, { params: { name, label: "stable" }, body: { version, reason: "test" }, ifMatch: "*" });
const wish = (version = 1) => ({
  body: { kind: "prompt-label", subject: { prompt: "answer", label: "production", version }, reason: "goes live" },
});
const ask = async () => (await call(requestApproval, project.engineer, wish())).result;
const decide = async ({ id, digest }: { id: string; digest: string }) =>
  (await call(decideApproval, await createTestPerson(project, "approver"), { params: { id }, body: { verdict: "approve", digest } }))
    .result;
const read = async ({ id }: { id: string }) => (await call(getApproval, project.viewer, { params: { id } })).result;

describe("an approval of a label", () => {
  it("shows and binds what applications get, and what holds each place that it takes in", async () => {
    const asked = await ask();
    const composed = {
      messages: [{ role: "system" as const, content: "Be brief about {{topic}}. Then answer. Be kind about {{topic}}." }],
    };
    expect(asked.content.change.to).toMatchObject({
      messages: [{ content: "{{> shared/tone@stable}} Then answer. {{> shared/tone#2}}" }],
      composed: {
        ...composed,
        includes: [
          { reference: "shared/tone#2", version: 2, held: "version" },
          { reference: "shared/tone@stable", version: 1, held: "free" },
        ],
      },
    });
    const { to } = asked.content.change as {
      to: { composed: { contentHash: string; variables: never[] }; parameters: Record<string, never> };
    };
    const { contentHash, variables } = to.composed;
    expect(contentHash).toBe(sha256Hex(toPromptText({ kind: "chat", ...composed, variables, parameters: to.parameters })));
    expect((await decide(asked)).state).toBe("executed");
  });

  it("is void once a label that it takes in moves and stands elsewhere", async () => {
    const asked = await ask();
    await move("shared/tone", 2);
    expect(await read(asked)).toMatchObject({ state: "pending", you: { decide: "changed" } });
    await move("shared/tone", 1);
    expect((await read(asked)).differences).toEqual([]);
    await move("shared/tone", 2);
    const late = await decide(asked);
    expect(late).toMatchObject({ state: "void", differences: expect.arrayContaining(["/change/to/composed/messages/0/content"]) });
    expect((await callRefused(getPromptLabel, project.viewer, { params: { name: "answer", label: "production" } })).code).toBe("not_found");
    const again = await ask();
    await move("shared/tone", 1);
    await reconcileApprovals();
    expect((await read(again)).state).toBe("void");
  });

  it("is void once such a label is protected or no longer, since that was shown", async () => {
    const asked = await ask();
    const names = { body: { names: ["production", "stable"], reason: "held as well" }, ifMatch: "*" };
    await call(putProtectedNames, await createTestPerson(project, "admin"), names);
    expect((await read(asked)).differences).toEqual(["/change/to/composed/includes/1/held"]);
  });

  it("is not asked for while something that it takes in is not there, and void when it goes", async () => {
    const asked = await ask();
    await call(removePromptLabel, project.engineer, {
      params: { name: "shared/tone", label: "stable" },
      query: { reason: "cleaning up" },
      ifMatch: "*",
    });
    expect((await decide(asked)).state).toBe("void");
    expect(await callRefused(requestApproval, project.engineer, wish())).toMatchObject({
      code: "state_conflict",
      detail: expect.stringContaining("there is no shared/tone@stable"),
    });
  });
});
