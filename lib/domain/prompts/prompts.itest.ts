import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCursor } from "@/lib/core/cursor";
import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import {
  addTestPromptVersion,
  asOwner,
  call,
  callRefused,
  countAllRows,
  createTestProject,
  createTestPromptVersion,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import {
  addPromptComment,
  createPrompt,
  createPromptVersion,
  getPrompt,
  getPromptLabel,
  getPromptVersion,
  listPromptComments,
  listPromptLabelMoves,
  listPrompts,
  listPromptVersions,
  movePromptLabel,
  removePromptComment,
  removePromptLabel,
} from ".";
import { toPromptText } from "./rules/content";

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  other = await createTestProject(domain);
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const FULL = {
  messages: [
    { role: "system", content: "당신은 {{company}}의 상담원입니다. \\{{그대로}} 😀" },
    { role: "user", content: "{{question}}" },
  ],
  variables: [
    { name: "company", type: "string", required: false, default: "하늘상사", description: "회사" },
    { name: "question", type: "string", required: true, default: null, description: "" },
    { name: "unused", type: "boolean", required: false, default: false, description: "" },
  ],
  parameters: {
    temperature: 0.2,
    top_p: 1e-7,
    max_tokens: 400,
    stop: ["\n\n"],
    seed: -7,
    response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object", required: [], n: 1.5e300, "": null } } },
    tools: [{ type: "function", function: { name: "look_up", parameters: {} } }],
  },
  note: "first",
};
const register = (name: string, body: unknown, actor = project.engineer) => call(createPromptVersion, actor, { params: { name }, body });

describe("registering", () => {
  it("keeps every field exactly, and the hash can be computed again from what is stored", async () => {
    const name = "support/answer.ko";
    const prompt = await call(createPrompt, project.engineer, { body: { name, description: "d" } });
    expect(prompt).toMatchObject({ status: 201, result: { name, versionCount: 0, latestVersion: null, labels: [] } });
    const { status, result } = await register(name, FULL);
    expect(status).toBe(201);
    expect(result).toMatchObject({ prompt: name, number: 1, labels: [], createdBy: "Test engineer", ...FULL });

    const read = (await call(getPromptVersion, project.viewer, { params: { name, version: "1" } })).result;
    expect(read).toEqual(result);
    expect(read.contentHash).toBe(sha256Hex(toPromptText(read)));
    expect(await readTrail(project)).toMatchObject([
      { action: "prompt.created", objectName: name },
      { action: "prompt-version.registered", objectName: `${name} v1`, details: { contentHash: read.contentHash } },
    ]);
  });

  it("answers 200 with what is there for the same content, in any order, with or without defaults, and writes nothing", async () => {
    const name = "same";
    await call(createPrompt, project.engineer, { body: { name } });
    const short = { messages: [{ role: "system", content: "Hi {{a}}" }], variables: [{ name: "a" }] };
    const first = await register(name, { ...short, note: "one" });
    const rows = await countAllRows();
    const long = {
      parameters: {},
      note: "two",
      variables: [{ description: "", default: null, required: true, type: "string", name: "a" }],
      messages: [{ content: "Hi {{a}}", role: "system" }],
    };
    const again = await register(name, long);
    expect(first.status).toBe(201);
    expect(again).toMatchObject({ status: 200, result: first.result });
    expect(again.result.note).toBe("one");
    expect(await countAllRows()).toEqual(rows);
    expect((await register(name, { ...short, parameters: { temperature: 0 } })).result.number).toBe(2);
    expect((await register(name, short)).result.number).toBe(1);
  });

  it("makes one version of content that 10 register at once, and consecutive numbers for 20 different ones", async () => {
    const { prompt: name } = await createTestPromptVersion(project);
    const same = await Promise.all(Array.from({ length: 10 }, () => addTestPromptVersion(project, name, "Same {{topic}}")));
    expect(new Set(same.map((v) => v.id)).size).toBe(1);
    const different = await Promise.all(Array.from({ length: 20 }, (_, i) => addTestPromptVersion(project, name, `Text ${i} {{topic}}`)));
    expect(different.map((v) => v.number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 3));
    expect((await readTrail(project)).filter((e) => e.action === "prompt-version.registered")).toHaveLength(22);
  });

  it("gives the first answer again for the same idempotency key", async () => {
    const { prompt: name } = await createTestPromptVersion(project);
    const raw = { params: { name }, body: FULL, idempotencyKey: "ci-1" };
    const first = await call(createPromptVersion, project.engineer, raw);
    const rows = await countAllRows();
    expect(await call(createPromptVersion, project.engineer, raw)).toMatchObject({ status: 201, replayed: true, result: first.result });
    expect(await countAllRows()).toEqual(rows);
  });

  it("cannot be changed afterwards", async () => {
    const { id } = await createTestPromptVersion(project);
    await expect(asOwner(domain, "update prompt_version set note = 'x' where id = $1", [id])).rejects.toThrow(/immutable/);
  });
});

describe("comments", () => {
  const say = (body: string, actor = project.engineer) =>
    call(addPromptComment, actor, { params: { name: "talked", version: "1" }, body: { body } });
  const someoneElse = (actor: typeof project.viewer) => (actor.kind === "user" ? { ...actor, userId: newId("user") } : actor);
  const read = async (query: unknown = {}, actor = someoneElse(project.viewer)) =>
    (await call(listPromptComments, actor, { params: { name: "talked", version: "1" }, query })).result;
  const remove = (comment: string, actor = project.engineer) => ({ actor, input: { params: { name: "talked", version: "1", comment } } });
  beforeEach(async () => {
    await createTestPromptVersion(project, { name: "talked" });
  });

  it("stand beside a version with their author, oldest first, page by page, and leave its hash as it is", async () => {
    const before = (await call(getPromptVersion, project.viewer, { params: { name: "talked", version: "1" } })).result;
    for (const body of ["one", "  two\nlines ", "<b>셋</b>"]) await say(body);
    const first = await read({ limit: 2 });
    expect(first.items).toMatchObject([
      { body: "one", author: "Test engineer", isOwn: false },
      { body: "two\nlines", isOwn: false },
    ]);
    expect((await read({ limit: 2, cursor: first.nextCursor })).items).toMatchObject([{ body: "<b>셋</b>" }]);
    expect((await read({}, project.engineer)).items.every((c) => c.isOwn)).toBe(true);
    expect((await call(getPromptVersion, project.viewer, { params: { name: "talked", version: "1" } })).result).toEqual(before);
    expect((await readTrail(project)).filter((e) => e.action === "prompt-comment.added")).toHaveLength(3);
  });

  it("are taken back by who wrote them and nobody else; the text goes, the place stays", async () => {
    const { id } = (await say("wrong")).result;
    const other = remove(id, someoneElse(project.admin));
    expect((await callRefused(removePromptComment, other.actor, other.input)).code).toBe("forbidden");
    const own = remove(id);
    expect((await call(removePromptComment, own.actor, own.input)).result).toMatchObject({ id, body: null });
    expect((await call(removePromptComment, own.actor, own.input)).result).toMatchObject({ id, body: null });
    expect((await read()).items).toMatchObject([{ id, body: null, author: "Test engineer" }]);
    expect((await readTrail(project)).filter((e) => e.action === "prompt-comment.removed")).toHaveLength(1);
    expect(JSON.stringify(await readTrail(project))).not.toContain("wrong");
  });

  it("need a text, a version that is there, and a right to write", async () => {
    const rows = await countAllRows();
    expect(
      (await callRefused(addPromptComment, project.engineer, { params: { name: "talked", version: "1" }, body: { body: "  " } })).code,
    ).toBe("invalid_request");
    expect(
      (await callRefused(addPromptComment, project.engineer, { params: { name: "talked", version: "2" }, body: { body: "x" } })).code,
    ).toBe("not_found");
    expect(
      (await callRefused(addPromptComment, project.viewer, { params: { name: "talked", version: "1" }, body: { body: "x" } })).code,
    ).toBe("forbidden");
    expect((await callRefused(listPromptComments, other.viewer, { params: { name: "talked", version: "1" } })).code).toBe("not_found");
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("labels", () => {
  const params = { name: "labelled", label: "production" };
  const move = (version: number, ifMatch?: string, reason = "because") =>
    call(movePromptLabel, project.engineer, { params, body: { version, reason }, ...(ifMatch === undefined ? {} : { ifMatch }) });
  const moveRefused = (version: number, ifMatch?: string) =>
    callRefused(movePromptLabel, project.engineer, {
      params,
      body: { version, reason: "because" },
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
  const history = async (query: unknown = {}) =>
    (await call(listPromptLabelMoves, project.viewer, { params: { name: params.name }, query })).result;
  beforeEach(async () => {
    await createTestPromptVersion(project, { name: params.name });
    await addTestPromptVersion(project, params.name, "Second {{topic}}");
  });

  it("move with history, audit and a growing revision that is their ETag", async () => {
    expect(await move(1)).toMatchObject({ status: 200, etag: "1", result: { label: "production", version: 1, revision: 1 } });
    expect(await move(2, "1", "better answers")).toMatchObject({ etag: "2", result: { version: 2, revision: 2 } });
    expect(await move(1, "*", "back")).toMatchObject({ etag: "3", result: { version: 1, revision: 3 } });
    expect((await history()).items).toMatchObject([
      { label: "production", revision: 3, from: 2, to: 1, actor: "Test engineer", reason: "back" },
      { revision: 2, from: 1, to: 2, reason: "better answers" },
      { revision: 1, from: null, to: 1 },
    ]);
    expect((await readTrail(project)).slice(-1)).toMatchObject([
      { action: "prompt-label.moved", reason: "back", details: { label: "production", from: 2, to: 1 } },
    ]);
    const read = await call(getPromptLabel, project.viewer, { params });
    expect(read).toMatchObject({ etag: "3", result: { version: 1, revision: 3, content: { number: 1, prompt: params.name } } });
    expect((await call(getPrompt, project.viewer, { params: { name: params.name } })).result.labels).toMatchObject([
      { version: 1, revision: 3 },
    ]);
    expect((await call(getPromptVersion, project.viewer, { params: { name: params.name, version: "1" } })).result.labels).toEqual([
      "production",
    ]);
  });

  it("do not move on an old reading: no If-Match is 428, another revision 412, and nothing is written", async () => {
    await move(1);
    await move(2, "1");
    const rows = await countAllRows();
    expect((await moveRefused(1)).code).toBe("precondition_required");
    expect((await moveRefused(1, "1")).code).toBe("precondition_failed");
    expect(await countAllRows()).toEqual(rows);
  });

  it("move once when 10 move them at the same moment from the same reading", async () => {
    await move(1);
    const settled = await Promise.allSettled(Array.from({ length: 10 }, () => move(2, "1")));
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    expect((await history()).items).toHaveLength(2);
  });

  it("that already point there stay as they are, without a move", async () => {
    await move(1);
    const rows = await countAllRows();
    expect(await move(1, "1")).toMatchObject({ etag: "1", result: { revision: 1 } });
    expect(await countAllRows()).toEqual(rows);
  });

  it("can be taken away with a reason; set again they go on with their revision, so an old ETag never fits", async () => {
    await move(1);
    const query = { reason: "retired" };
    expect((await callRefused(removePromptLabel, project.engineer, { params, query })).code).toBe("precondition_required");
    expect((await callRefused(removePromptLabel, project.engineer, { params, ifMatch: "1" })).code).toBe("invalid_request");
    expect((await call(removePromptLabel, project.engineer, { params, query, ifMatch: "1" })).result).toEqual({ removed: true });
    expect((await callRefused(getPromptLabel, project.viewer, { params })).code).toBe("not_found");
    expect((await callRefused(removePromptLabel, project.engineer, { params, query, ifMatch: "*" })).code).toBe("not_found");
    expect((await move(2)).result.revision).toBe(3);
    expect((await history()).items).toMatchObject([
      { revision: 3, from: null, to: 2 },
      { revision: 2, from: 1, to: null, reason: "retired" },
      { revision: 1, from: null, to: 1 },
    ]);
    expect((await readTrail(project)).map((e) => e.action)).toContain("prompt-label.removed");
  });

  it("have a history in pages, each move once, also across labels", async () => {
    await move(1);
    for (let i = 2; i <= 5; i++) await move(i % 2 === 0 ? 2 : 1, String(i - 1));
    await call(movePromptLabel, project.engineer, { params: { ...params, label: "staging" }, body: { version: 2, reason: "try" } });
    const all = (await history()).items;
    expect(all).toHaveLength(6);
    const paged: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: unknown[]; nextCursor: string | null } = await history({ limit: "2", ...(cursor === null ? {} : { cursor }) });
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(all);
    expect((await history({ label: "staging" })).items).toHaveLength(1);
    for (const bad of [
      toCursor(["x", "production", 1]),
      toCursor([1, "production", 1e12]),
      toCursor([9e15, "production", 1]),
      toCursor([1]),
    ])
      expect(
        (await callRefused(listPromptLabelMoves, project.viewer, { params: { name: params.name }, query: { cursor: bad } })).code,
      ).toBe("invalid_request");
  });

  it("refuse a version that is not there, a missing reason and a bad name", async () => {
    const rows = await countAllRows();
    expect(await moveRefused(3)).toMatchObject({ code: "invalid_reference", errors: [{ pointer: "/version" }] });
    expect(await callRefused(movePromptLabel, project.engineer, { params, body: { version: 1, reason: "  " } })).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/reason" }],
    });
    for (const label of ["Production", "1st", "a b", "x".repeat(61), ""])
      expect((await callRefused(getPromptLabel, project.viewer, { params: { ...params, label } })).code).toBe("not_found");
    expect(await countAllRows()).toEqual(rows);
  });

  it("are served by gateways: a move asks for a new snapshot, one that moves nothing does not", async () => {
    const jobs = (await readJobs()).length;
    await move(1);
    expect((await readJobs()).slice(jobs)).toEqual(["publish-snapshot"]);
    await move(1, "1");
    expect((await readJobs()).slice(jobs)).toHaveLength(1);
  });
});

describe("who may", () => {
  it("lets viewers and reading tokens read only", async () => {
    const { prompt: name } = await createTestPromptVersion(project);
    const rows = await countAllRows();
    for (const actor of [project.viewer, project.token("read")]) {
      expect((await call(getPrompt, actor, { params: { name } })).result.name).toBe(name);
      for (const refused of [
        await callRefused(createPrompt, actor, { body: { name: "x" } }),
        await callRefused(createPromptVersion, actor, { params: { name }, body: FULL }),
        await callRefused(movePromptLabel, actor, { params: { name, label: "a" }, body: { version: 1, reason: "because" } }),
        await callRefused(removePromptLabel, actor, { params: { name, label: "a" }, query: { reason: "because" } }),
      ])
        expect(refused.code).toBe("forbidden");
    }
    expect(await countAllRows()).toEqual(rows);
  });

  it("is as if it were not there for another project", async () => {
    const { prompt: name } = await createTestPromptVersion(project);
    const label = { name, label: "production" };
    await call(movePromptLabel, project.engineer, { params: label, body: { version: 1, reason: "first" } });
    const { admin } = other;
    for (const refused of [
      await callRefused(getPrompt, admin, { params: { name } }),
      await callRefused(listPromptVersions, admin, { params: { name } }),
      await callRefused(getPromptVersion, admin, { params: { name, version: "1" } }),
      await callRefused(createPromptVersion, admin, { params: { name }, body: FULL }),
      await callRefused(getPromptLabel, admin, { params: label }),
      await callRefused(movePromptLabel, admin, { params: label, body: { version: 1, reason: "because" }, ifMatch: "*" }),
      await callRefused(removePromptLabel, admin, { params: label, query: { reason: "because" }, ifMatch: "*" }),
      await callRefused(listPromptLabelMoves, admin, { params: { name } }),
    ])
      expect(refused.code).toBe("not_found");
    expect((await call(listPrompts, admin)).result.items).toEqual([]);
  });
});

describe("lists", () => {
  it("go by folder and text, taken literally", async () => {
    for (const name of ["a_b/one", "axb/two", "a_b/sub/three", "four"]) await call(createPrompt, project.engineer, { body: { name } });
    const named = async (query: unknown) => (await call(listPrompts, project.viewer, { query })).result.items.map((p) => p.name);
    expect(await named({ folder: "a_b/" })).toEqual(["a_b/one", "a_b/sub/three"]);
    expect(await named({ q: "o" })).toEqual(["a_b/one", "axb/two", "four"]);
    expect(await named({ q: "%" })).toEqual([]);
    const page = (await call(listPrompts, project.viewer, { query: { limit: "2" } })).result;
    const rest = (await call(listPrompts, project.viewer, { query: { limit: "2", cursor: page.nextCursor } })).result;
    expect([...page.items, ...rest.items].map((p) => p.name)).toEqual(await named({}));
    expect(rest.nextCursor).toBeNull();
  });
});

describe("bad input", () => {
  const message = { role: "system", content: "Hi" };
  const cases: [string, object, string, string][] = [
    [
      "a place that is not closed",
      { messages: [message, { role: "user", content: "one\ntwo {{x" }] },
      "invalid_template",
      "/messages/1/content",
    ],
    ["an undeclared variable", { messages: [{ ...message, content: "{{x}}" }] }, "invalid_template", "/messages/0/content"],
    [
      "a default of another type",
      { messages: [message], variables: [{ name: "n", type: "integer", required: false, default: 0.5 }] },
      "invalid_template",
      "/variables/0/default",
    ],
    ["no message", { messages: [] }, "invalid_request", "/messages"],
    ["an empty message", { messages: [{ ...message, content: "" }] }, "invalid_request", "/messages/0/content"],
    ["an unknown role", { messages: [{ ...message, role: "tool" }] }, "invalid_request", "/messages/0/role"],
    ["a variable name that is none", { messages: [message], variables: [{ name: "1st" }] }, "invalid_request", "/variables/0/name"],
    ["too hot", { messages: [message], parameters: { temperature: 2.1 } }, "invalid_request", "/parameters/temperature"],
    ["an unknown parameter", { messages: [message], parameters: { logit_bias: {} } }, "invalid_request", "/parameters/logit_bias"],
    ["five stops", { messages: [message], parameters: { stop: ["a", "b", "c", "d", "e"] } }, "invalid_request", "/parameters/stop"],
    ["NUL in a message", { messages: [{ ...message, content: "a\0" }] }, "invalid_request", "/messages/0/content"],
    [
      "half a surrogate pair deep in a schema",
      { messages: [message], parameters: { response_format: { a: ["\udc00"] } } },
      "invalid_request",
      "/parameters/response_format/a/0",
    ],
    [
      "NUL in a field's name",
      { messages: [message], parameters: { response_format: { "a\0": 1 } } },
      "invalid_request",
      "/parameters/response_format",
    ],
    ["over-long text", { messages: [{ ...message, content: "x".repeat(200_001) }] }, "invalid_request", "/messages/0/content"],
  ];
  it.each(cases)("%s is refused with its place, and nothing is written", async (_name, body, code, pointer) => {
    const { prompt: name } = await createTestPromptVersion(project);
    const rows = await countAllRows();
    const refused = await callRefused(createPromptVersion, project.engineer, { params: { name }, body });
    expect(refused.code).toBe(code);
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });

  it("a template's mistake is told with line and column", async () => {
    const { prompt: name } = await createTestPromptVersion(project);
    const refused = await callRefused(createPromptVersion, project.engineer, { params: { name }, body: cases[0]?.[1] });
    expect(refused.errors[0]?.detail).toMatch(/^line 2, column 5: /);
    expect(refused.detail).toContain("line 2, column 5");
  });

  it.each([["/a"], ["a/"], ["a//b"], ["A"], ["a b"], ["a/../b"], [""], ["x".repeat(201)]])("a prompt named %j is refused", async (name) => {
    expect((await callRefused(createPrompt, project.engineer, { body: { name } })).code).toBe("invalid_request");
  });

  it("a name that is taken names the field", async () => {
    const { prompt: name } = await createTestPromptVersion(project);
    expect(await callRefused(createPrompt, project.engineer, { body: { name } })).toMatchObject({
      code: "already_exists",
      errors: [{ pointer: "/name" }],
    });
  });
});
