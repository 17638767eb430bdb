import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  asOwner,
  call,
  callRefused,
  countAllRows,
  createTestModelVersion,
  createTestProject,
  createTestPromptVersion,
  freshName,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { addEvaluationCase, createEvaluationSet, getEvaluationSet, listEvaluationCases, listEvaluationSets, removeEvaluationCase } from ".";

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
let name: string;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
  other = await createTestProject(domain);
});
beforeEach(async () => {
  name = freshName("set");
  await call(createEvaluationSet, project.engineer, { body: { name, description: "What support must answer" } });
});
afterAll(() => domain.close());

const messages = [{ role: "user", content: "Where is my order?" }];
const add = (body: object = {}, actor = project.engineer) =>
  call(addEvaluationCase, actor, { params: { name }, body: { messages, ...body } });
const cases = async (query: object = {}) => (await call(listEvaluationCases, project.viewer, { params: { name }, query })).result;

describe("an evaluation set", () => {
  it("is made once by its name, audited, and counts its cases", async () => {
    expect(await callRefused(createEvaluationSet, project.engineer, { body: { name } })).toMatchObject({
      code: "already_exists",
      errors: [{ pointer: "/name" }],
    });
    await add();
    expect((await call(getEvaluationSet, project.viewer, { params: { name } })).result).toMatchObject({
      name,
      caseCount: 1,
      createdBy: "Test engineer",
    });
    expect((await readTrail(project)).slice(-2)).toMatchObject([
      { action: "evaluation-set.created", objectName: name },
      { action: "evaluation-case.added", objectName: name, details: { number: 1 } },
    ]);
  });

  it("keeps a case as it was saved: what was asked, the good answer, and where it comes from", async () => {
    const prompt = await createTestPromptVersion(project);
    const model = await createTestModelVersion(project);
    const requestId = `req_${"0".repeat(12)}7${"0".repeat(3)}8${"0".repeat(15)}`;
    const body = { variables: { topic: "tides", n: 3 }, expected: "Twice a day.", tags: ["shop"], note: "from the playground", requestId };
    const { status, result } = await add({
      ...body,
      prompt: { name: prompt.prompt, version: 1 },
      model: { name: model.model, version: 1 },
    });
    expect(status).toBe(201);
    const saved = { ...body, messages, number: 1, set: name, prompt: prompt.prompt, promptVersion: 1, model: model.model, modelVersion: 1 };
    expect(result).toMatchObject(saved);
    expect((await cases()).items).toEqual([result]);
  });

  it("gives each case a number of its own, also after one was taken out, and lists them newest first in pages", async () => {
    for (let i = 0; i < 4; i++) await add({ note: String(i) });
    const place = { params: { name, number: "4" } };
    expect((await call(removeEvaluationCase, project.engineer, place)).result.number).toBe(4);
    const events = (await readTrail(project)).length;
    await call(removeEvaluationCase, project.engineer, place);
    expect((await readTrail(project)).length).toBe(events);
    expect((await add()).result.number).toBe(5);
    const first = await cases({ limit: "2" });
    const rest = await cases({ limit: "2", cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map((c) => c.number)).toEqual([5, 3, 2, 1]);
    expect(rest.nextCursor).toBeNull();
  });

  it("holds cases that nobody changes or brings back, whoever writes", async () => {
    const { id } = (await add({ expected: "yes" })).result;
    await expect(asOwner(domain, "update evaluation_case set expected = 'no' where id = $1", [id])).rejects.toThrow("does not change");
    await call(removeEvaluationCase, project.engineer, { params: { name, number: "1" } });
    await expect(asOwner(domain, "update evaluation_case set removed_at = null where id = $1", [id])).rejects.toThrow("stays out");
  });

  it("is the same for the same idempotency key, numbered without a gap", async () => {
    const raw = { params: { name }, body: { messages }, idempotencyKey: "case-1" };
    const first = await call(addEvaluationCase, project.engineer, raw);
    expect(await call(addEvaluationCase, project.engineer, raw)).toMatchObject({ replayed: true, result: first.result });
    expect((await add()).result.number).toBe(2);
  });

  it("is refused what it names and is not there, and other projects and viewers everything", async () => {
    const foreign = await createTestPromptVersion(other);
    const rows = await countAllRows();
    for (const [body, pointer] of [
      [{ prompt: { name: foreign.prompt, version: 1 } }, "/prompt"],
      [{ model: { name: "nothing", version: 1 } }, "/model"],
    ] as const)
      expect(await callRefused(addEvaluationCase, project.engineer, { params: { name }, body: { messages, ...body } })).toMatchObject({
        code: "invalid_reference",
        errors: [{ pointer }],
      });
    expect((await callRefused(addEvaluationCase, project.viewer, { params: { name }, body: { messages } })).code).toBe("forbidden");
    expect((await callRefused(addEvaluationCase, project.token("read"), { params: { name }, body: { messages } })).code).toBe("forbidden");
    expect((await callRefused(addEvaluationCase, other.engineer, { params: { name }, body: { messages } })).code).toBe("not_found");
    expect((await callRefused(listEvaluationCases, other.viewer, { params: { name } })).code).toBe("not_found");
    expect((await callRefused(removeEvaluationCase, project.engineer, { params: { name, number: "9" } })).code).toBe("not_found");
    expect(await countAllRows()).toEqual(rows);
    expect((await call(listEvaluationSets, other.viewer)).result.items).toEqual([]);
    expect((await call(addEvaluationCase, project.token("evaluations:write"), { params: { name }, body: { messages } })).status).toBe(201);
  });
});
