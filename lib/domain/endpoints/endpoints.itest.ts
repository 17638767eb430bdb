import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCanonicalJson } from "@/lib/core/canonical";
import { db, inTransaction } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
import {
  addTestModelVersion,
  addTestPromptVersion,
  asOwner,
  buildTestRelease,
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestBackend,
  createTestEndpoint,
  createTestModelVersion,
  createTestProject,
  LISTED_HOST,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { changeBackend } from "../backends";
import { movePromptLabel } from "../prompts";
import { activateRelease, createEndpoint, createRelease, getEndpoint, getRelease, listEndpoints, listReleases, saveActiveRelease } from ".";

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

type Body = Awaited<ReturnType<typeof buildTestRelease>>["body"];
const release = async (name: string, body: unknown, actor = project.engineer) => call(createRelease, actor, { params: { name }, body });
const activate = (name: string, number: number) =>
  call(activateRelease, project.engineer, { params: { name, number }, body: { reason: "go live" } });
const variantOf = (body: Body) => {
  const [variant] = body.variants;
  if (variant === undefined) throw new Error("the factory makes one variant");
  return variant;
};

describe("endpoints", () => {
  it("are created with a salt of their own, an audit event and a snapshot asked for", async () => {
    const before = (await readJobs()).length;
    const raw = { body: { name: "chat", description: "d", team: "search" }, idempotencyKey: "e-1" };
    const { status, result } = await call(createEndpoint, project.engineer, raw);
    expect(status).toBe(201);
    expect(result).toMatchObject({ name: "chat", environment: "production", team: "search", activeRelease: null, releaseCount: 0 });
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    expect(await readTrail(project)).toMatchObject([{ action: "endpoint.created", objectName: "chat (production)" }]);
    const rows = await countAllRows();
    expect(await call(createEndpoint, project.engineer, raw)).toMatchObject({ replayed: true, result });
    expect(await countAllRows()).toEqual(rows);

    await createTestEndpoint(project, { name: "chat", environment: "staging" });
    const salts = await db().prisma.endpoint.findMany({ where: { projectId: project.id }, select: { salt: true } });
    expect(new Set(salts.map((s) => s.salt)).size).toBe(2);
    for (const { salt } of salts) expect(salt).toMatch(/^[\w-]{22}$/);
    expect(JSON.stringify(result)).not.toContain(salts[0]?.salt);
  });

  it("are listed by environment, text and page", async () => {
    for (const name of ["a_1", "a-2", "b-1"]) await createTestEndpoint(project, { name });
    await createTestEndpoint(project, { name: "a_1", environment: "staging" });
    const named = async (query: unknown) => (await call(listEndpoints, project.viewer, { query })).result.items.map((e) => e.name);
    expect((await named({})).sort()).toEqual(["a-2", "a_1", "b-1"]);
    expect(await named({ environment: "staging" })).toEqual(["a_1"]);
    expect(await named({ q: "_" })).toEqual(["a_1"]);
    const first = (await call(listEndpoints, project.viewer, { query: { limit: "2" } })).result;
    const rest = (await call(listEndpoints, project.viewer, { query: { limit: "2", cursor: first.nextCursor } })).result;
    expect([...first.items, ...rest.items].map((e) => e.name)).toEqual(await named({}));
  });

  it.each([
    ["a taken name", { name: "taken" }, "already_exists", "/name"],
    ["an unknown environment", { name: "x", environment: "nowhere" }, "environment_unknown", "/environment"],
    ["a bad name", { name: "My Endpoint" }, "invalid_request", "/name"],
    ["an unknown field", { name: "x", weight: 1 }, "invalid_request", "/weight"],
  ])("with %s are refused, and nothing is written", async (_name, body, code, pointer) => {
    await createTestEndpoint(project, { name: "taken" });
    const rows = await countAllRows();
    const refused = await callRefused(createEndpoint, project.engineer, { body });
    expect(refused.code).toBe(code);
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("releases", () => {
  it("hold what they were made of, with a digest that can be computed again from what is stored", async () => {
    const { name } = await createTestEndpoint(project);
    const { body, model, prompt, backend } = await buildTestRelease(project);
    const before = (await readJobs()).length;
    const { status, result } = await release(name, body);
    expect(status).toBe(201);
    expect(result).toMatchObject({
      endpoint: name,
      number: 1,
      isActive: false,
      maxOutputTokens: 256,
      variants: [
        {
          name: "main",
          weightBps: 10_000,
          model: { name: model.model, version: 1 },
          prompt: { name: prompt.prompt, version: 1, contentHash: prompt.contentHash },
          backends: [{ name: backend.name, revision: 1, kind: "vllm", baseUrl: backend.baseUrl, servedModel: "served" }],
        },
      ],
    });
    const stored = await db().prisma.release.findUniqueOrThrow({ where: { id: result.id } });
    expect(sha256Hex(toCanonicalJson(stored.content))).toBe(result.digest);
    expect((await call(getRelease, project.viewer, { params: { name, number: "1" } })).result).toEqual(result);
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "release.created", details: { digest: result.digest } });
    // It changes no traffic yet.
    expect(await readJobs()).toHaveLength(before);
  });

  it("keep what a label meant when they were made", async () => {
    const { name } = await createTestEndpoint(project);
    const { body, prompt } = await buildTestRelease(project);
    const label = { name: prompt.prompt, label: "production" };
    await call(movePromptLabel, project.engineer, { params: label, body: { version: 1, reason: "first" } });
    const byLabel = { ...body, variants: [{ ...variantOf(body), prompt: label }] };
    const first = (await release(name, byLabel)).result;
    expect(first.variants[0]?.prompt?.version).toBe(1);
    expect((await release(name, body)).result.id).toBe(first.id);

    await addTestPromptVersion(project, prompt.prompt, "Another {{topic}}");
    await call(movePromptLabel, project.engineer, { params: label, body: { version: 2, reason: "second" }, ifMatch: "1" });
    expect((await call(getRelease, project.viewer, { params: { name, number: "1" } })).result).toEqual(first);
    const second = (await release(name, byLabel)).result;
    expect(second).toMatchObject({ number: 2, variants: [{ prompt: { version: 2 } }] });
    expect(second.digest).not.toBe(first.digest);
  });

  it("keep the backend's address when it moves; the same call then is the next release", async () => {
    const { name } = await createTestEndpoint(project);
    const { body, backend } = await buildTestRelease(project);
    const first = (await release(name, body)).result;
    const change = { baseUrl: `http://${LISTED_HOST}/moved` };
    await call(changeBackend, project.engineer, { params: { name: backend.name }, body: change, ifMatch: "1" });
    const second = await release(name, body);
    expect(second).toMatchObject({ status: 201, result: { number: 2, variants: [{ backends: [{ revision: 2, ...change }] }] } });
    expect((await call(getRelease, project.viewer, { params: { name, number: "1" } })).result).toEqual(first);
  });

  it("are the newest one again for the same content, whatever the note; going back to older content is a new number", async () => {
    const { name } = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const first = await release(name, body);
    const rows = await countAllRows();
    expect(await release(name, { ...body, note: "other words" })).toMatchObject({ status: 200, result: first.result });
    expect(await countAllRows()).toEqual(rows);
    await release(name, { ...body, maxOutputTokens: 512 });
    const third = (await release(name, body)).result;
    expect(third).toMatchObject({ number: 3, digest: first.result.digest });
    expect(third.id).not.toBe(first.result.id);
  });

  it("get consecutive numbers when 20 are made at once, and one when the same is made 10 times at once", async () => {
    const { name } = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => release(name, { ...body, maxOutputTokens: i + 1 })));
    expect(made.map((m) => m.result.number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const same = await Promise.all(Array.from({ length: 10 }, () => release(name, { ...body, maxOutputTokens: 1_000 })));
    expect(new Set(same.map((m) => m.result.id)).size).toBe(1);
    expect((await readTrail(project)).filter((e) => e.action === "release.created")).toHaveLength(21);
    const listed = (await call(listReleases, project.viewer, { params: { name }, query: { limit: "4" } })).result;
    expect(listed.items.map((r) => r.number)).toEqual([21, 20, 19, 18]);
    const next = (await call(listReleases, project.viewer, { params: { name }, query: { cursor: listed.nextCursor } })).result;
    expect(next.items.map((r) => r.number)).toEqual(Array.from({ length: 17 }, (_, i) => 17 - i));
  });

  it("split between variants", async () => {
    const { name } = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const main = variantOf(body);
    const variants = [
      { ...main, name: "control", weightBps: 9_000 },
      { ...main, name: "treatment", weightBps: 1_000, prompt: null, parameters: { temperature: 0 } },
    ];
    const { result } = await release(name, { ...body, variants });
    expect(result.variants.map((v) => [v.name, v.weightBps, v.prompt === null])).toEqual([
      ["control", 9_000, false],
      ["treatment", 1_000, true],
    ]);
  });

  it("cannot be changed, and cannot be stored with weights that do not sum to 10,000, not even by the tables' owner", async () => {
    const { release: made, endpoint } = await createServingEndpoint(project);
    await expect(asOwner(domain, "update release set note = 'x' where id = $1", [made.id])).rejects.toThrow(/immutable/);
    await expect(asOwner(domain, "update release_variant set weight_bps = 1 where release_id = $1", [made.id])).rejects.toThrow(
      /immutable/,
    );
    const copy = `insert into release (id, project_id, endpoint_id, number, digest, content, max_output_tokens, created_by_id, created_by_name)
      select 'rel_x', project_id, endpoint_id, 99, digest, content, 1, 'x', 'x' from release where endpoint_id = $1`;
    await expect(asOwner(domain, copy, [endpoint.id])).rejects.toThrow(/sum to 0 basis points/);
  });
});

describe("what belongs together", () => {
  it("is held by the database: no endpoint, backend or label points to another's part, whoever writes", async () => {
    const [mine, theirs] = [await createServingEndpoint(project), await createServingEndpoint(project)];
    const crossings: [string, unknown[]][] = [
      ["update endpoint set active_release_id = $2 where id = $1", [mine.endpoint.id, theirs.release.id]],
      [
        "update backend set current_revision_id = (select id from backend_revision where backend_id = $2) where id = $1",
        [mine.backend.id, theirs.backend.id],
      ],
      [
        "insert into prompt_label (prompt_id, label, version_id) select p.prompt_id, 'x', $2 from prompt_version p where p.id = $1",
        [mine.prompt.id, theirs.prompt.id],
      ],
    ];
    for (const [sql, values] of crossings) await expect(asOwner(domain, sql, values)).rejects.toThrow(/is not of/);
  });
});

describe("bad releases", () => {
  async function refuse(change: (body: Body) => object) {
    const { name } = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const rows = await countAllRows();
    const refused = await callRefused(createRelease, project.engineer, { params: { name }, body: change(body) });
    expect(await countAllRows()).toEqual(rows);
    return refused;
  }
  const withVariant = (part: object) => (body: Body) => ({ ...body, variants: [{ ...variantOf(body), ...part }] });

  it.each([[[9_999]], [[5_000, 4_999]], [[5_000, 5_001]], [[0, 0]]])("weights %j are refused with their sum", async (weights) => {
    const refused = await refuse((body) => ({
      ...body,
      variants: weights.map((weightBps, i) => ({ ...variantOf(body), name: `v${i}`, weightBps })),
    }));
    expect(refused.code).toBe("invalid_weights");
    expect(refused.detail).toContain(` ${weights.reduce((a, b) => a + b, 0)} basis points`);
    expect(refused.errors).toMatchObject([{ pointer: "/variants" }]);
  });

  it.each<[string, (body: Body) => object, string, string]>([
    ["a model that is not there", withVariant({ model: "nothing" }), "invalid_reference", "/variants/0/modelVersion"],
    ["a version that is not there", withVariant({ modelVersion: 9 }), "invalid_reference", "/variants/0/modelVersion"],
    ["a backend that is not there", withVariant({ backends: ["nothing"] }), "invalid_reference", "/variants/0/backends/0"],
    ["a prompt that is not there", withVariant({ prompt: { name: "nothing", version: 1 } }), "invalid_reference", "/variants/0/prompt"],
    [
      "a label that is not there",
      (b) => withVariant({ prompt: { name: variantOf(b).prompt.name, label: "gone" } })(b),
      "invalid_reference",
      "/variants/0/prompt",
    ],
    [
      "a number and a label at once",
      (b) => withVariant({ prompt: { ...variantOf(b).prompt, label: "x" } })(b),
      "invalid_request",
      "/variants/0/prompt/label",
    ],
    [
      "a variant name that stands twice",
      (b) => ({ ...b, variants: [1, 2].map(() => ({ ...variantOf(b), weightBps: 5_000 })) }),
      "invalid_request",
      "/variants/1/name",
    ],
    [
      "a backend that stands twice",
      (b) => withVariant({ backends: [...variantOf(b).backends, ...variantOf(b).backends] })(b),
      "invalid_request",
      "/variants/0/backends",
    ],
    ["no backend", withVariant({ backends: [] }), "invalid_request", "/variants/0/backends"],
    ["no variant", (b) => ({ ...b, variants: [] }), "invalid_request", "/variants"],
    ["half a basis point", withVariant({ weightBps: 9_999.5 }), "invalid_request", "/variants/0/weightBps"],
    ["a weight below 0", withVariant({ weightBps: -1 }), "invalid_request", "/variants/0/weightBps"],
    ["a version beyond int4", withVariant({ modelVersion: 3_000_000_000 }), "invalid_request", "/variants/0/modelVersion"],
    ["no output tokens", (b) => ({ ...b, maxOutputTokens: 0 }), "invalid_request", "/maxOutputTokens"],
    ["an unknown field", (b) => ({ ...b, fallback: true }), "invalid_request", "/fallback"],
  ])("%s is refused with its place, and nothing is written", async (_name, change, code, pointer) => {
    const refused = await refuse(change);
    expect(refused.code).toBe(code);
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
  });

  it("tell every missing part at once", async () => {
    const refused = await refuse(withVariant({ model: "x", backends: ["y", "z"], prompt: { name: "w", version: 1 } }));
    expect(refused.errors.map((e) => e.pointer)).toEqual([
      "/variants/0/modelVersion",
      "/variants/0/prompt",
      "/variants/0/backends/0",
      "/variants/0/backends/1",
    ]);
  });

  it("name nothing of another environment or project", async () => {
    const staging = await createTestBackend(project, { environment: "staging" });
    const foreign = await createTestBackend(other);
    const model = await createTestModelVersion(other);
    expect((await refuse(withVariant({ backends: [staging.name] }))).code).toBe("invalid_reference");
    expect((await refuse(withVariant({ backends: [foreign.name] }))).code).toBe("invalid_reference");
    expect((await refuse(withVariant({ model: model.model }))).code).toBe("invalid_reference");
  });
});

describe("activating", () => {
  it("gives the first release all traffic, once, with its reason on record and a snapshot asked for", async () => {
    const { name } = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    const made = (await release(name, body)).result;
    const before = (await readJobs()).length;
    expect((await activate(name, 1)).result).toMatchObject({ number: 1, isActive: true });
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "release.activated",
      objectName: `${name} r1`,
      reason: "go live",
      details: { digest: made.digest },
    });
    const rows = await countAllRows();
    expect((await activate(name, 1)).result.isActive).toBe(true);
    expect(await countAllRows()).toEqual(rows);
    expect((await call(getEndpoint, project.viewer, { params: { name } })).result.activeRelease).toEqual({
      number: 1,
      digest: made.digest,
    });
  });

  it("is refused while another release serves, and says that a rollout moves traffic", async () => {
    const { endpoint, body } = await createServingEndpoint(project);
    await release(endpoint.name, { ...body, maxOutputTokens: 512 });
    const rows = await countAllRows();
    const params = { name: endpoint.name, number: 2 };
    const refused = await callRefused(activateRelease, project.admin, { params, body: { reason: "now" } });
    expect(refused.code).toBe("state_conflict");
    expect(refused.detail).toMatch(/r1.*rollout/);
    expect(
      await callRefused(activateRelease, project.engineer, { params: { ...params, number: 3 }, body: { reason: "now" } }),
    ).toMatchObject({
      code: "not_found",
    });
    expect(await callRefused(activateRelease, project.engineer, { params, body: { reason: "" } })).toMatchObject({
      code: "invalid_request",
    });
    expect(await countAllRows()).toEqual(rows);
  });

  it("lets one of 8 releases win that are activated at the same moment", async () => {
    const { name } = await createTestEndpoint(project);
    const { body } = await buildTestRelease(project);
    for (let i = 1; i <= 8; i++) await release(name, { ...body, maxOutputTokens: i });
    const settled = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map((number) => activate(name, number)));
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    for (const s of settled) if (s.status === "rejected") expect(s.reason).toMatchObject({ code: "state_conflict" });
    expect((await readTrail(project)).filter((e) => e.action === "release.activated")).toHaveLength(1);
  });

  it("by the rollouts' door happens only from the release that was expected, else the whole transaction is undone", async () => {
    const { endpoint, body, release: first } = await createServingEndpoint(project);
    const second = (await release(endpoint.name, { ...body, maxOutputTokens: 512 })).result;
    const moveFrom = (expected: string | null) =>
      inTransaction((tx) => saveActiveRelease(tx, { endpointId: endpoint.id, releaseId: second.id, expected }));
    await expect(moveFrom(null)).rejects.toThrow(/no longer serves/);
    await expect(moveFrom(second.id)).rejects.toThrow(/no longer serves/);
    expect((await call(getEndpoint, project.viewer, { params: { name: endpoint.name } })).result.activeRelease?.number).toBe(1);
    await moveFrom(first.id);
    expect((await call(getEndpoint, project.viewer, { params: { name: endpoint.name } })).result.activeRelease?.number).toBe(2);
  });
});

describe("who may", () => {
  it("lets viewers and reading tokens read only, and a token with releases:write release", async () => {
    const { endpoint, body } = await createServingEndpoint(project);
    const params = { name: endpoint.name };
    const rows = await countAllRows();
    for (const actor of [project.viewer, project.token("read"), project.token("registry:write")]) {
      expect((await callRefused(createEndpoint, actor, { body: { name: "x" } })).code).toBe("forbidden");
      expect((await callRefused(createRelease, actor, { params, body })).code).toBe("forbidden");
      expect((await callRefused(activateRelease, actor, { params: { ...params, number: 1 }, body: { reason: "now" } })).code).toBe(
        "forbidden",
      );
    }
    expect(await countAllRows()).toEqual(rows);
    const made = await release(endpoint.name, { ...body, maxOutputTokens: 99 }, project.token("releases:write"));
    expect(made.result).toMatchObject({ number: 2, createdBy: "Test token" });
  });

  it("is as if it were not there for another project", async () => {
    const { endpoint, body } = await createServingEndpoint(project);
    const params = { name: endpoint.name };
    const { admin } = other;
    for (const refused of [
      await callRefused(getEndpoint, admin, { params }),
      await callRefused(listReleases, admin, { params }),
      await callRefused(getRelease, admin, { params: { ...params, number: "1" } }),
      await callRefused(createRelease, admin, { params, body }),
      await callRefused(activateRelease, admin, { params: { ...params, number: 1 }, body: { reason: "mine now" } }),
    ])
      expect(refused.code).toBe("not_found");
    expect((await call(listEndpoints, admin)).result.items).toEqual([]);
    for (const number of ["0", "x", "99999999999"])
      expect((await callRefused(getRelease, project.viewer, { params: { ...params, number } })).code).toBe("not_found");
  });
});

describe("a new model version", () => {
  it("reaches no release by itself", async () => {
    const { endpoint, model, release: made } = await createServingEndpoint(project);
    await addTestModelVersion(project, model.model, "e".repeat(64));
    const read = (await call(getRelease, project.viewer, { params: { name: endpoint.name, number: "1" } })).result;
    expect(read).toEqual({ ...made, isActive: true });
  });
});
