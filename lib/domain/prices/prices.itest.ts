import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  callRefused,
  countAllRows,
  createTestModelVersion,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createPrice, listPrices } from ".";

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
let model: string;
beforeAll(async () => {
  domain = await openTestDomain();
  other = await createTestProject(domain);
});
beforeEach(async () => {
  project = await createTestProject(domain);
  model = (await createTestModelVersion(project)).model;
});
afterAll(() => domain.close());

const price = (body: object, actor = project.admin) =>
  call(createPrice, actor, { body: { model, inputUsd: "1", outputUsd: "2", ...body } });
const listed = async (query: unknown = {}) => (await call(listPrices, project.viewer, { query })).result;

describe("prices", () => {
  it.each([
    ["0", "0"],
    ["0.000000000000000001", "0.000000000000000001"],
    ["999999999999.999999999999999999", "999999999999.999999999999999999"],
    ["0.1", "0.30000000000000004"],
    ["12.50", "12.5"],
  ])("keep %s exactly", async (inputUsd, outputUsd) => {
    const { status, result } = await price({ inputUsd, outputUsd, perTokens: 1_000 });
    expect(status).toBe(201);
    const shown = { inputUsd: inputUsd.replace(/(\.\d*?)0+$/, "$1"), outputUsd, perTokens: 1_000, model };
    expect(result).toMatchObject(shown);
    expect((await listed()).items).toMatchObject([shown]);
  });

  it("begin now when nothing is said, are audited and ask for a snapshot", async () => {
    const before = (await readJobs()).length;
    const startedAt = Date.now();
    const { result } = await price({});
    expect(Date.parse(result.validFrom)).toBeGreaterThanOrEqual(startedAt);
    expect(Date.parse(result.validFrom)).toBeLessThanOrEqual(Date.now());
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "price.set",
      objectName: model,
      details: { inputUsd: "1", outputUsd: "2" },
    });
  });

  it("stay in the book when later ones come, in pages, and are found by model", async () => {
    for (let day = 1; day <= 5; day++) await price({ inputUsd: String(day), validFrom: `2026-01-0${day}T00:00:00Z` });
    const second = (await createTestModelVersion(project)).model;
    await price({ model: second, inputUsd: "9" });
    expect((await listed()).items.map((p) => p.inputUsd)).toEqual(["9", "5", "4", "3", "2", "1"]);
    expect((await listed({ model: second })).items.map((p) => p.inputUsd)).toEqual(["9"]);
    const first = await listed({ limit: "4" });
    const rest = await listed({ limit: "4", cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map((p) => p.inputUsd)).toEqual(["9", "5", "4", "3", "2", "1"]);
  });

  it("are one for the same idempotency key, and two may not begin at the same instant", async () => {
    const raw = { body: { model, inputUsd: "1", outputUsd: "2", validFrom: "2026-01-01T00:00:00Z" }, idempotencyKey: "p-1" };
    const first = await call(createPrice, project.admin, raw);
    const rows = await countAllRows();
    expect(await call(createPrice, project.admin, raw)).toMatchObject({ replayed: true, result: first.result });
    expect((await callRefused(createPrice, project.admin, { body: raw.body })).code).toBe("already_exists");
    expect(await countAllRows()).toEqual(rows);
  });

  it.each([
    ["a number instead of text", { inputUsd: 0.5 }, "/inputUsd"],
    ["an exponent", { inputUsd: "1e-3" }, "/inputUsd"],
    ["19 places", { inputUsd: "0.0000000000000000001" }, "/inputUsd"],
    ["a price below 0", { outputUsd: "-1" }, "/outputUsd"],
    ["a leading zero", { outputUsd: "01" }, "/outputUsd"],
    ["a comma", { outputUsd: "0,5" }, "/outputUsd"],
    ["too much", { outputUsd: "1000000000000" }, "/outputUsd"],
    ["no tokens", { perTokens: 0 }, "/perTokens"],
    ["a day instead of an instant", { validFrom: "2026-01-01" }, "/validFrom"],
    ["another currency", { currency: "KRW" }, "/currency"],
  ])("%s is refused with its place, and nothing is written", async (_name, part, pointer) => {
    const rows = await countAllRows();
    const refused = await callRefused(createPrice, project.admin, { body: { model, inputUsd: "1", outputUsd: "2", ...part } });
    expect(refused.code).toBe("invalid_request");
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });

  it("are set by admins and tokens with budgets:write, for the project's own models", async () => {
    const rows = await countAllRows();
    for (const actor of [project.viewer, project.engineer, project.approver, project.token("read", "registry:write")])
      expect((await callRefused(createPrice, actor, { body: { model, inputUsd: "1", outputUsd: "2" } })).code).toBe("forbidden");
    for (const [actor, named] of [
      [other.admin, model],
      [project.admin, "nothing"],
    ] as const)
      expect(await callRefused(createPrice, actor, { body: { model: named, inputUsd: "1", outputUsd: "2" } })).toMatchObject({
        code: "invalid_reference",
        errors: [{ pointer: "/model" }],
      });
    expect(await countAllRows()).toEqual(rows);
    expect((await price({}, project.token("budgets:write"))).status).toBe(201);
    expect((await call(listPrices, other.viewer)).result.items).toEqual([]);
  });
});
