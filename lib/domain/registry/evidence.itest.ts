import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/core/policy/authorize";
import { createRelease } from "@/lib/domain/endpoints";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import {
  addTestModelVersion,
  approveTestVersion,
  buildTestRelease,
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestEndpoint,
  createTestModelVersion,
  createTestProject,
  freshName,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import {
  addModelVersionScores,
  changeModelVersionState,
  compareModelVersions,
  createModel,
  createModelVersion,
  getModel,
  getModelVersion,
  getModelVersionLineage,
  listModels,
  listModelVersionScores,
  listModelVersions,
  listModelVersionTransitions,
} from ".";

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

const to = (state: string, reason = "because it is time") => ({ body: { to: state, reason } });
/** An approver who is somebody else than the one who registers in these tests. */
const second = (): Actor => ({ ...project.approver, userId: newId("user"), name: "Second" }) as Actor;

/** A version without artifacts, so that nothing has to be read before it can be approved. */
async function registerBare(parts: object = {}, name = freshName("model"), actor = project.engineer) {
  if ((await call(listModels, project.viewer, { query: { q: name } })).result.items.length === 0)
    await call(createModel, project.engineer, { body: { name } });
  const body = { engine: "vllm", precision: "bf16", ...parts };
  const { result } = await call(createModelVersion, actor, { params: { name }, body });
  return { name, params: { name, version: String(result.number) }, result };
}

describe("a version's state", () => {
  it("goes forward with a reason, a history and one audit event a move", async () => {
    const { params, result, name } = await registerBare();
    const done = await approveTestVersion(project, { model: name, version: 1 });
    const approved = (await call(getModelVersion, project.viewer, { params })).result;
    expect(approved).toMatchObject({ state: "approved", stateRevision: 3, digest: result.digest });
    await call(changeModelVersionState, project.engineer, { params, ...to("retired", "v2 is better") });
    const { items } = (await call(listModelVersionTransitions, project.viewer, { params })).result;
    expect(items.map((t) => [t.revision, t.from, t.to, t.by, t.reason, t.approval])).toEqual([
      [4, "approved", "retired", "Test engineer", "v2 is better", null],
      [3, "candidate", "approved", "Test engineer", "serves well", done.number],
      [2, "draft", "candidate", "Test engineer", "meant to serve", null],
      [1, null, "draft", "Test engineer", "registered", null],
    ]);
    const move = (from: string, target: string) => ({ from, to: target, digest: result.digest, approval: null, voided: [] });
    expect((await readTrail(project)).slice(-4).map((e) => [e.action, e.reason, e.details])).toEqual([
      ["model-version.candidate", "meant to serve", move("draft", "candidate")],
      ["approval.requested", "serves well", expect.anything()],
      [
        "approval.executed",
        null,
        expect.objectContaining({ done: { ...move("candidate", "approved"), model: name, version: 1, approval: done.number } }),
      ],
      ["model-version.retired", "v2 is better", move("approved", "retired")],
    ]);
  });

  it.each([
    ["draft", "approved"],
    ["draft", "draft"],
    ["candidate", "draft"],
    ["retired", "candidate"],
    ["retired", "approved"],
  ])("does not go from %s to %s, and nothing is written", async (from, target) => {
    const { params } = await registerBare();
    if (from !== "draft") await call(changeModelVersionState, project.engineer, { params, ...to(from) });
    const rows = await countAllRows();
    expect((await callRefused(changeModelVersionState, second(), { params, ...to(target) })).code).toBe("state_conflict");
    expect(await countAllRows()).toEqual(rows);
  });

  it("is moved by one of many at the same moment", async () => {
    const { params } = await registerBare();
    const settled = await Promise.allSettled(
      Array.from({ length: 6 }, () => call(changeModelVersionState, project.engineer, { params, ...to("candidate") })),
    );
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    expect((await call(listModelVersionTransitions, project.viewer, { params })).result.items).toHaveLength(2);
  });

  it("is not retired while it serves, and a retired version goes into no new release", async () => {
    const { model } = await createServingEndpoint(project);
    const serving = { name: model.model, version: "1" };
    expect(await callRefused(changeModelVersionState, project.engineer, { params: serving, ...to("retired") })).toMatchObject({
      code: "state_conflict",
      detail: expect.stringContaining("production"),
    });
    const endpoint = await createTestEndpoint(project);
    const { body, model: unused } = await buildTestRelease(project);
    await call(changeModelVersionState, project.engineer, { params: { name: unused.model, version: "1" }, ...to("retired") });
    const refused = await callRefused(createRelease, project.engineer, { params: { name: endpoint.name }, body });
    expect(refused).toMatchObject({ code: "invalid_reference", errors: [{ pointer: "/variants/0/modelVersion" }] });
  });

  it("cannot jump or begin elsewhere by hand, and its history cannot be rewritten", async () => {
    const { result } = await registerBare();
    const set = (sql: string) => db().pool.query(`update model_version_state set ${sql} where version_id = $1`, [result.id]);
    await expect(set("state = 'approved', revision = 2")).rejects.toThrow(/cannot go from draft to approved/);
    await expect(set("state = 'candidate'")).rejects.toThrow(/one step/);
    await expect(db().pool.query("update model_version_transition set reason = 'x' where version_id = $1", [result.id])).rejects.toThrow(
      /immutable/,
    );
  });

  it("needs a reason and is nobody's of another project", async () => {
    const { params } = await registerBare();
    const rows = await countAllRows();
    expect(
      (await callRefused(changeModelVersionState, project.engineer, { params, body: { to: "candidate", reason: " " } })).errors,
    ).toMatchObject([{ pointer: "/reason" }]);
    const refusals = [
      await callRefused(changeModelVersionState, other.admin, { params, ...to("candidate") }),
      await callRefused(addModelVersionScores, other.admin, { params, body: { scores: [score("a", "b", 1)] } }),
      await callRefused(listModelVersionTransitions, other.admin, { params }),
      await callRefused(listModelVersionScores, other.admin, { params }),
      await callRefused(getModelVersionLineage, other.admin, { params }),
      await callRefused(compareModelVersions, other.admin, { params }),
    ];
    for (const refused of refusals) expect(refused.code).toBe("not_found");
    const scores = { params, body: { scores: [score("a", "b", 1)] } };
    expect((await callRefused(addModelVersionScores, project.viewer, scores)).code).toBe("forbidden");
    expect((await callRefused(changeModelVersionState, project.viewer, { params, ...to("candidate") })).code).toBe("forbidden");
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("lists", () => {
  it("find models by the state of a version and say what the newest is and where each serves", async () => {
    const { params } = await registerBare({}, "alpha");
    await registerBare({}, "beta");
    await call(changeModelVersionState, project.engineer, { params, ...to("candidate") });
    await registerBare({}, "alpha");
    const { model, endpoint } = await createServingEndpoint(project);
    const named = async (query: object) => (await call(listModels, project.viewer, { query })).result.items.map((m) => m.name);
    expect(await named({ state: "candidate" })).toEqual(["alpha"]);
    expect(await named({ state: "approved" })).toEqual([]);
    expect(await named({ state: "draft" })).toEqual(["alpha", "beta", model.model].sort());
    expect((await callRefused(listModels, project.viewer, { query: { state: "fine" } })).code).toBe("invalid_request");
    expect((await call(getModel, project.viewer, { params: { name: "alpha" } })).result).toMatchObject({
      versionCount: 2,
      latestVersion: 2,
      latestState: "draft",
      serves: [],
    });
    expect((await call(getModel, project.viewer, { params: { name: model.model } })).result.serves).toEqual([
      { endpoint: endpoint.name, environment: "production", release: 1, version: 1 },
    ]);
    const versions = (await call(listModelVersions, project.viewer, { params: { name: "alpha" }, query: { state: "candidate" } })).result;
    expect(versions.items.map((v) => v.number)).toEqual([1]);
  });
});

const score = (set: string, metric: string, value: number, parts: object = {}) => ({
  set,
  metric,
  value,
  better: "higher",
  measuredAt: "2026-11-01T00:00:00Z",
  ...parts,
});

describe("scores", () => {
  it("are added with one audit event, listed newest first by page, and never change the version", async () => {
    const { params, result } = await registerBare();
    const scores = Array.from({ length: 5 }, (_, i) =>
      score("support v14", "accuracy", (90 + i) / 100, { measuredAt: `2026-11-0${i + 1}T00:00:00Z` }),
    );
    await call(addModelVersionScores, project.token("registry:write"), { params, body: { scores } });
    await call(addModelVersionScores, project.engineer, {
      params,
      body: { scores: [score("speed", "p95", 412, { better: "lower", unit: "ms", cases: 50 })] },
    });
    expect((await readTrail(project)).slice(-2).map((e) => e.action)).toEqual(["model-version.scored", "model-version.scored"]);
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: "2", set: "support v14", ...(cursor === null ? {} : { cursor }) };
      const page: { items: { value: number }[]; nextCursor: string | null } = (
        await call(listModelVersionScores, project.viewer, { params, query })
      ).result;
      seen.push(...page.items.map((s) => s.value));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([0.94, 0.93, 0.92, 0.91, 0.9]);
    expect((await call(getModelVersion, project.viewer, { params })).result.digest).toBe(result.digest);
    await expect(db().pool.query("update model_version_score set value = 1 where version_id = $1", [result.id])).rejects.toThrow(
      /immutable/,
    );
  });

  it.each([
    ["none", { scores: [] }, "/scores"],
    ["a number as text", { scores: [score("a", "b", "1" as unknown as number)] }, "/scores/0/value"],
    ["no set", { scores: [score(" ", "b", 1)] }, "/scores/0/set"],
    ["no sense", { scores: [score("a", "b", 1, { better: undefined })] }, "/scores/0/better"],
    ["a day that is none", { scores: [score("a", "b", 1, { measuredAt: "yesterday" })] }, "/scores/0/measuredAt"],
    ["no cases", { scores: [score("a", "b", 1, { cases: 0 })] }, "/scores/0/cases"],
    ["a source that is a script", { scores: [score("a", "b", 1, { sourceUrl: "javascript:alert(1)" })] }, "/scores/0/sourceUrl"],
  ])("with %s are refused at their place, and nothing is written", async (_name, body, pointer) => {
    const { params } = await registerBare();
    const rows = await countAllRows();
    expect((await callRefused(addModelVersionScores, project.engineer, { params, body })).errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("lineage and comparison", () => {
  it("name the parents, what was made of a version, and how; a parent's digest is in its child's", async () => {
    const base = await registerBare({ precision: "bf16" }, "base");
    const tuned = await registerBare({ derivedFrom: { model: "base", version: 1, method: "fine-tuned" } }, "tuned");
    const compiled = { model: "tuned", version: 1, method: "compiled", gpuArchitecture: "sm_90" };
    const engine = await registerBare({ precision: "fp8", derivedFrom: compiled }, "tuned");
    expect(engine.result.derivedFrom).toEqual({ ...compiled, digest: tuned.result.digest });
    const ofEngine = (await call(getModelVersionLineage, project.viewer, { params: engine.params })).result;
    expect(ofEngine.ancestors.map((a) => [a.model, a.version, a.method, a.gpuArchitecture])).toEqual([
      ["tuned", 1, "compiled", "sm_90"],
      ["base", 1, "fine-tuned", null],
    ]);
    const ofBase = (await call(getModelVersionLineage, project.viewer, { params: base.params })).result;
    expect([ofBase.ancestors, ofBase.derived.map((d) => [d.model, d.version, d.method])]).toEqual([[], [["tuned", 1, "fine-tuned"]]]);
    const again = await registerBare({ precision: "bf16", description: "another" }, "base");
    const sibling = await registerBare({ derivedFrom: { model: "base", version: again.result.number, method: "fine-tuned" } }, "tuned");
    expect(sibling.result.digest).not.toBe(tuned.result.digest);
  });

  it("compare with the parent, the version before, or the one that is named, by the newest score of each set", async () => {
    const one = await registerBare({ precision: "bf16" }, "compared");
    const two = await registerBare({ precision: "fp8", derivedFrom: { model: "compared", version: 1, method: "ptq" } }, "compared");
    const three = await registerBare({ precision: "int4" }, "compared");
    const add = (params: object, ...scores: object[]) => call(addModelVersionScores, project.engineer, { params, body: { scores } });
    await add(one.params, score("s", "accuracy", 0.94), score("s", "p95", 455, { better: "lower", unit: "ms" }));
    await add(two.params, score("s", "accuracy", 0.5), score("s", "accuracy", 0.95, { measuredAt: "2026-11-05T00:00:00Z" }));
    await add(two.params, score("s", "p95", 412, { better: "lower", unit: "ms" }), score("new", "accuracy", 1));
    const { result } = await call(compareModelVersions, project.viewer, { params: two.params });
    expect([result.base.version, result.other.version]).toEqual([1, 2]);
    expect(result.fields.filter((f) => f.isChanged).map((f) => f.field)).toEqual(["precision", "derivedFrom"]);
    expect(result.scores.map((s) => [s.set, s.metric, s.direction])).toEqual([
      ["new", "accuracy", null],
      ["s", "accuracy", "better"],
      ["s", "p95", "better"],
    ]);
    expect((await call(compareModelVersions, project.viewer, { params: three.params })).result.base.version).toBe(2);
    const named = await call(compareModelVersions, project.viewer, { params: three.params, query: { with: "1", withModel: "compared" } });
    expect(named.result.base.version).toBe(1);
    for (const query of [{ with: "9" }, { withModel: "none", with: "1" }])
      expect((await callRefused(compareModelVersions, project.viewer, { params: two.params, query })).code).toBe("invalid_reference");
  });
});

describe("the migration", () => {
  it("gave older versions the very digest that registering them gives today", async () => {
    const folder = path.join(import.meta.dirname, "../../../prisma/migrations");
    const name = readdirSync(folder).find((each) => each.endsWith("_registry")) ?? "";
    const sql = readFileSync(path.join(folder, name, "migration.sql"), "utf8");
    const canonical = /CREATE FUNCTION pg_temp\.to_canonical[\s\S]*?END \$\$;/.exec(sql)?.[0] ?? "";
    const digest = /SET "digest" = ([\s\S]*?);\n/.exec(sql)?.[1] ?? "";
    const { model } = await createTestModelVersion(project);
    await addTestModelVersion(project, model, "b".repeat(64));
    const rich = {
      description: 'Zeile 1\nline "2" \\ 하늘 \u2028 \u007f \u001f 😀',
      tags: ["ü", "a"],
      parameterCount: 70_553_706_496,
      licence: "mit",
    };
    const { result } = await registerBare(rich, model);
    const client = new pg.Client({ connectionString: domain.ownerUrl });
    await client.connect();
    try {
      await client.query(canonical);
      const { rows } = await client.query<{ id: string; digest: string; again: string }>(
        `select id, digest, ${digest} as again from model_version where project_id = $1 and parent_id is null`,
        [project.id],
      );
      expect(rows.map((r) => r.id)).toContain(result.id);
      expect(rows).toHaveLength(3);
      for (const row of rows) expect(row.again).toBe(row.digest);
    } finally {
      await client.end();
    }
  });
});
