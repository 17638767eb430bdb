import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCursor } from "@/lib/core/cursor";
import { sha256Hex } from "@/lib/infra/secrets";
import {
  addTestModelVersion,
  asOwner,
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestModelVersion,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createModel, createModelVersion, getModel, getModelVersion, listModels, listModelVersions } from ".";
import { toVersionText } from "./rules/version-digest";
import { NewVersion } from "./rules/version-shape";

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

const SHA = "0123456789abcdef".repeat(4);
const FULL = {
  engine: "vllm",
  precision: "fp8",
  parameterCount: 70_553_706_496,
  contextLength: 131_072,
  licence: "apache-2.0",
  description: "요약용 모델",
  artifacts: [
    { uri: "s3://models/haneul/weights.safetensors", sha256: SHA, sizeBytes: 141_107_412_992, role: "weights" },
    { uri: "https://models.example.com/haneul/tokenizer.json", sha256: "f".repeat(64), sizeBytes: 17_209_920, role: "tokenizer" },
  ],
  lineage: {
    repository: "https://git.example.com/haneul",
    gitCommit: "0a1b2c3d4e5f",
    datasetVersion: "corpus-2026-10",
    trainingRunUrl: "https://runs.example.com/42",
    imageDigest: `sha256:${SHA}`,
  },
  tags: ["korean", "chat"],
  architecture: { layers: 80, hiddenSize: 8_192, attentionHeads: 64, kvHeads: 8, headDimension: 128, vocabularySize: 128_256 },
  notes: "## 주의\n**존댓말** 점수는 낮습니다. <script>alert(1)</script>",
  signature: { input: { type: "object", required: ["messages"] }, output: { type: "string" } },
};

describe("registering", () => {
  it("keeps every field of a version exactly, in the first number, with its audit event", async () => {
    const model = await call(createModel, project.engineer, { body: { name: "haneul-70b", description: "d", tags: ["chat"] } });
    expect(model).toMatchObject({ status: 201, result: { name: "haneul-70b", versionCount: 0, latestVersion: null } });
    const version = await call(createModelVersion, project.engineer, { params: { name: "haneul-70b" }, body: FULL });
    expect(version.status).toBe(201);
    const begins = { state: "draft", stateRevision: 1, derivedFrom: null, verification: { state: "not_verified", endedAt: null } };
    expect(version.result).toMatchObject({ model: "haneul-70b", number: 1, createdBy: "Test engineer", usedBy: [], ...FULL, ...begins });
    expect(version.result.digest).toBe(sha256Hex(toVersionText({ ...NewVersion.parse(FULL), derivedFrom: null })));

    const read = await call(getModelVersion, project.viewer, { params: { name: "haneul-70b", version: "1" } });
    expect(read.result).toEqual(version.result);
    expect((await call(getModel, project.viewer, { params: { name: "haneul-70b" } })).result).toMatchObject({
      versionCount: 1,
      latestVersion: 1,
    });
    expect(await readTrail(project)).toMatchObject([
      { action: "model.created", objectId: model.result.id, objectName: "haneul-70b", actorName: "Test engineer" },
      {
        action: "model-version.registered",
        objectId: version.result.id,
        objectName: "haneul-70b v1",
        details: {
          digest: version.result.digest,
          engine: "vllm",
          precision: "fp8",
          artifacts: [SHA, "f".repeat(64)],
          lineage: FULL.lineage,
          derivedFrom: null,
        },
      },
    ]);
  });

  it("asks for no job: gateways serve releases, not versions", async () => {
    const before = await readJobs();
    await createTestModelVersion(project);
    expect(await readJobs()).toEqual(before);
  });

  it("gives 20 parallel registrations 20 consecutive numbers, and a chain without a gap", async () => {
    const { model } = await createTestModelVersion(project);
    const versions = await Promise.all(Array.from({ length: 20 }, () => addTestModelVersion(project, model)));
    expect(versions.map((v) => v.number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    expect(await readTrail(project)).toHaveLength(22);
  });

  it("lets one of two take a name at the same moment", async () => {
    const settled = await Promise.allSettled([1, 2, 3].map(() => call(createModel, project.engineer, { body: { name: "same" } })));
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    for (const s of settled) if (s.status === "rejected") expect(s.reason).toMatchObject({ code: "already_exists" });
  });

  it("gives the first answer again for the same idempotency key and writes nothing more", async () => {
    await call(createModel, project.engineer, { body: { name: "once" } });
    const raw = { params: { name: "once" }, body: FULL, idempotencyKey: "build-77" };
    const first = await call(createModelVersion, project.engineer, raw);
    const rows = await countAllRows();
    const again = await call(createModelVersion, project.engineer, raw);
    expect(again).toMatchObject({ status: 201, replayed: true, result: first.result });
    expect(await countAllRows()).toEqual(rows);
    expect(await callRefused(createModelVersion, project.engineer, { ...raw, body: { ...FULL, precision: "int4" } })).toMatchObject({
      code: "idempotency_key_reused",
    });
  });

  it("cannot be changed afterwards, not even by the tables' owner", async () => {
    const { id } = await createTestModelVersion(project);
    await expect(asOwner(domain, "update model_version set licence = 'mit' where id = $1", [id])).rejects.toThrow(/immutable/);
  });
});

describe("who may", () => {
  it("lets viewers and reading tokens read only, and a token with registry:write register", async () => {
    const { model: name } = await createTestModelVersion(project);
    const rows = await countAllRows();
    for (const actor of [project.viewer, project.token("read")]) {
      expect((await call(getModel, actor, { params: { name } })).result.name).toBe(name);
      expect((await callRefused(createModel, actor, { body: { name: "x1" } })).code).toBe("forbidden");
      expect((await callRefused(createModelVersion, actor, { params: { name }, body: FULL })).code).toBe("forbidden");
    }
    expect(await countAllRows()).toEqual(rows);
    const ci = await call(createModelVersion, project.token("registry:write"), { params: { name }, body: FULL });
    expect(ci.result).toMatchObject({ number: 2, createdBy: "Test token" });
  });

  it("is as if it were not there for another project", async () => {
    const { model: name } = await createTestModelVersion(project, { name: "only-here" });
    const params = { name };
    for (const refused of [
      await callRefused(getModel, other.admin, { params }),
      await callRefused(listModelVersions, other.admin, { params }),
      await callRefused(getModelVersion, other.admin, { params: { name, version: "1" } }),
      await callRefused(createModelVersion, other.admin, { params, body: FULL }),
    ])
      expect(refused.code).toBe("not_found");
    expect((await call(listModels, other.admin)).result.items.map((m) => m.name)).not.toContain(name);
    expect((await call(createModel, other.engineer, { body: { name } })).status).toBe(201);
  });
});

describe("lists", () => {
  it("pages through all, each once, in order, and filters by text and tag", async () => {
    const names = Array.from({ length: 7 }, (_, i) => `list-${i}`);
    for (const [i, name] of names.entries())
      await call(createModel, project.engineer, {
        body: { name, description: `Number ${i} of 7`, tags: i % 2 === 0 ? ["even"] : ["odd"] },
      });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = cursor === null ? { limit: "3" } : { limit: "3", cursor };
      const page: { items: { name: string }[]; nextCursor: string | null } = (await call(listModels, project.viewer, { query })).result;
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((m) => m.name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(names);

    const named = async (query: unknown) => (await call(listModels, project.viewer, { query })).result.items.map((m) => m.name);
    expect(await named({ tag: "odd" })).toEqual(["list-1", "list-3", "list-5"]);
    expect(await named({ q: "st-4" })).toEqual(["list-4"]);
    expect(await named({ q: "NUMBER 6" })).toEqual(["list-6"]);
    expect(await named({ q: "_" })).toEqual([]);
    expect(await named({ q: "%" })).toEqual([]);
  });

  it("shows versions newest first", async () => {
    const { model: name } = await createTestModelVersion(project);
    for (let i = 0; i < 4; i++) await addTestModelVersion(project, name);
    const first = (await call(listModelVersions, project.viewer, { params: { name }, query: { limit: "3" } })).result;
    expect(first.items.map((v) => v.number)).toEqual([5, 4, 3]);
    const rest = (await call(listModelVersions, project.viewer, { params: { name }, query: { limit: "3", cursor: first.nextCursor } }))
      .result;
    expect(rest.items.map((v) => v.number)).toEqual([2, 1]);
    expect(rest.nextCursor).toBeNull();
  });

  it("says where a version serves", async () => {
    const { model, endpoint } = await createServingEndpoint(project);
    const { result } = await call(getModelVersion, project.viewer, { params: { name: model.model, version: "1" } });
    expect(result.usedBy).toEqual([{ endpoint: endpoint.name, environment: "production", release: 1, isActive: true, shareBps: 10_000 }]);
  });
});

describe("bad input", () => {
  const artifact = FULL.artifacts[0];
  const signed = (input: object) => ({ ...FULL, signature: { input, output: {} } });
  const derived = (parts: object) => ({ ...FULL, derivedFrom: { model: "none", version: 1, method: "ptq", ...parts } });
  const cases: [string, object, string, string][] = [
    ["no engine", { ...FULL, engine: undefined }, "invalid_request", "/engine"],
    ["an unknown engine", { ...FULL, engine: "abacus" }, "invalid_request", "/engine"],
    ["an unknown precision", { ...FULL, precision: "fp7" }, "invalid_request", "/precision"],
    ["an unknown field", { ...FULL, approved: true }, "invalid_request", "/approved"],
    ["a short digest", { ...FULL, artifacts: [{ ...artifact, sha256: "abc" }] }, "invalid_request", "/artifacts/0/sha256"],
    ["an upper-case digest", { ...FULL, artifacts: [{ ...artifact, sha256: "A".repeat(64) }] }, "invalid_request", "/artifacts/0/sha256"],
    ["an address without a scheme", { ...FULL, artifacts: [{ ...artifact, uri: "/mnt/weights" }] }, "invalid_request", "/artifacts/0/uri"],
    ["a size of 0", { ...FULL, artifacts: [{ ...artifact, sizeBytes: 0 }] }, "invalid_request", "/artifacts/0/sizeBytes"],
    ["half a byte", { ...FULL, artifacts: [{ ...artifact, sizeBytes: 1.5 }] }, "invalid_request", "/artifacts/0/sizeBytes"],
    ["a size beyond float64", { ...FULL, artifacts: [{ ...artifact, sizeBytes: 2 ** 60 }] }, "invalid_request", "/artifacts/0/sizeBytes"],
    ["a number as text", { ...FULL, parameterCount: "7" }, "invalid_request", "/parameterCount"],
    ["parameters below 1", { ...FULL, parameterCount: -1 }, "invalid_request", "/parameterCount"],
    ["a context beyond int4", { ...FULL, contextLength: 3_000_000_000 }, "invalid_request", "/contextLength"],
    ["a negative number of heads", { ...FULL, architecture: { kvHeads: -8 } }, "invalid_request", "/architecture/kvHeads"],
    ["an unknown part of an architecture", { ...FULL, architecture: { experts: 8 } }, "invalid_request", "/architecture/experts"],
    ["a signature that is no schema", signed({ type: "text" }), "invalid_request", "/signature/input/type"],
    ["a signature that points to the web", signed({ $ref: "https://example.com" }), "invalid_request", "/signature/input/$ref"],
    ["a signature that is a list", { ...FULL, signature: { input: [], output: {} } }, "invalid_request", "/signature/input"],
    ["half a signature", { ...FULL, signature: { input: {} } }, "invalid_request", "/signature/output"],
    ["over-long notes", { ...FULL, notes: "x".repeat(50_001) }, "invalid_request", "/notes"],
    ["a parent that is not there", derived({ version: 9 }), "invalid_reference", "/derivedFrom/version"],
    ["a parent without a way", derived({ method: undefined }), "invalid_request", "/derivedFrom/method"],
    ["an engine compiled for nothing", derived({ method: "compiled" }), "invalid_request", "/derivedFrom/gpuArchitecture"],
    [
      "a run that is a script",
      { ...FULL, lineage: { trainingRunUrl: "javascript:alert(1)" } },
      "invalid_request",
      "/lineage/trainingRunUrl",
    ],
    ["an unknown scheme", { ...FULL, artifacts: [{ ...artifact, uri: "ftp://a/b" }] }, "invalid_request", "/artifacts/0/uri"],
    ["a commit that is none", { ...FULL, lineage: { gitCommit: "main" } }, "invalid_request", "/lineage/gitCommit"],
    ["an image by tag", { ...FULL, lineage: { imageDigest: "vllm:latest" } }, "invalid_request", "/lineage/imageDigest"],
    [
      "a script as a link",
      { ...FULL, lineage: { trainingRunUrl: "javascript:alert(document.cookie)" } },
      "invalid_request",
      "/lineage/trainingRunUrl",
    ],
    ["an empty tag", { ...FULL, tags: [" "] }, "invalid_request", "/tags/0"],
    ["over-long text", { ...FULL, description: "x".repeat(10_001) }, "invalid_request", "/description"],
    ["a NUL character", { ...FULL, description: "a\0b" }, "invalid_request", "/description"],
    ["half of a surrogate pair", { ...FULL, tags: ["ok", "\ud83d"] }, "invalid_request", "/tags/1"],
    ["too many artifacts", { ...FULL, artifacts: Array.from({ length: 201 }, () => artifact) }, "invalid_request", "/artifacts"],
  ];
  it.each(cases)("%s is refused with its place, and nothing is written", async (_name, body, code, pointer) => {
    const { model: name } = await createTestModelVersion(project);
    const rows = await countAllRows();
    const refused = await callRefused(createModelVersion, project.engineer, { params: { name }, body });
    expect(refused.code).toBe(code);
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });

  it.each([["", "Has Space", "UPPER", "-x", "x-", "a/b", "ünïcode", "x".repeat(101), 7, null]].flat().map((name) => [name]))(
    "a model named %j is refused",
    async (name) => {
      const rows = await countAllRows();
      expect((await callRefused(createModel, project.engineer, { body: { name } })).code).toBe("invalid_request");
      expect(await countAllRows()).toEqual(rows);
    },
  );

  it("a name that is taken names the field; a version that is not there is 404; a bad cursor is told", async () => {
    const { model: name } = await createTestModelVersion(project);
    expect(await callRefused(createModel, project.engineer, { body: { name } })).toMatchObject({
      code: "already_exists",
      errors: [{ pointer: "/name" }],
    });
    for (const version of ["2", "0", "-1", "x", "1e3", "99999999999"])
      expect((await callRefused(getModelVersion, project.viewer, { params: { name, version } })).code).toBe("not_found");
    const cursors = ["???", toCursor([1]), toCursor(["a\0b"]), toCursor(["a", "b"])];
    for (const cursor of cursors)
      expect((await callRefused(listModels, project.viewer, { query: { cursor } })).code).toBe("invalid_request");
    for (const cursor of [toCursor(["a"]), toCursor([1e12]), toCursor([0.5]), toCursor([-1])])
      expect((await callRefused(listModelVersions, project.viewer, { params: { name }, query: { cursor } })).code).toBe("invalid_request");
    expect((await callRefused(listModels, project.viewer, { query: { limit: "0" } })).code).toBe("invalid_request");
    expect((await callRefused(listModels, project.viewer, { query: { color: "red" } })).code).toBe("invalid_request");
  });
});
