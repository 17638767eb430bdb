import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/infra/db";
import {
  call,
  callRefused,
  countAllRows,
  createTestEndpoint,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { archiveBudget, changeBudget, createBudget, getBudget, getBudgetSpend, listBlocking, listBudgets } from ".";

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

const create = (parts: object = {}, actor = project.approver) =>
  call(createBudget, actor, { body: { name: "support", limitUsd: "250.5", ...parts } });

describe("a budget", () => {
  it("is made with its month, audited, and asks for a snapshot", async () => {
    const before = (await readJobs()).length;
    const { status, result, etag } = await create({ zone: "Asia/Seoul", action: "block" });
    expect([status, etag]).toEqual([201, "1"]);
    expect(result).toMatchObject({
      name: "support",
      environment: "production",
      endpoint: null,
      limitUsd: "250.5",
      zone: "Asia/Seoul",
      thresholdsBps: [5_000, 8_000, 10_000],
      action: "block",
      whenUnknown: "refuse",
      state: "under_limit",
      window: { limitUsd: "250.5", settledUsd: "0", heldUsd: "0", leftUsd: "250.5", settledRatio: 0, forecastUsd: null, crossings: [] },
      createdBy: "Test approver",
    });
    expect(result.window.startsAt).toMatch(/T15:00:00\.000Z$/);
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "budget.created",
      objectId: result.id,
      objectName: "support (production)",
      details: { limitNanoUsd: "250500000000", zone: "Asia/Seoul", action: "block" },
    });
  });

  it("changes what it may with the version that was read, in the present month too, and keeps its scope", async () => {
    const { result } = await create();
    const params = { id: result.id };
    expect((await callRefused(changeBudget, project.approver, { params, body: { limitUsd: "1" } })).code).toBe("precondition_required");
    const changed = await call(changeBudget, project.approver, {
      params,
      body: { limitUsd: "0.000000001", action: "block", thresholdsBps: [9_000], whenUnknown: "allow", name: "renamed" },
      ifMatch: "1",
    });
    expect(changed).toMatchObject({
      etag: "2",
      result: { name: "renamed", limitUsd: "0.000000001", action: "block", thresholdsBps: [9_000], whenUnknown: "allow" },
    });
    expect(changed.result.window.limitUsd).toBe("0.000000001");
    expect((await callRefused(changeBudget, project.approver, { params, body: { limitUsd: "1" }, ifMatch: "1" })).code).toBe(
      "precondition_failed",
    );
    const frozen = await callRefused(changeBudget, project.approver, { params, body: { zone: "Asia/Seoul", endpoint: "x" }, ifMatch: "2" });
    expect(frozen.code).toBe("invalid_request");
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "budget.changed",
      details: { from: { limitNanoUsd: "250500000000" }, to: { limitNanoUsd: "1" } },
    });
  });

  it("is archived once, is read on, changes no more, and gives its name free", async () => {
    const { result } = await create();
    const params = { id: result.id };
    const first = await call(archiveBudget, project.approver, { params });
    expect(first.result.archivedAt).not.toBeNull();
    const rows = await countAllRows();
    expect((await call(archiveBudget, project.approver, { params })).result.archivedAt).toBe(first.result.archivedAt);
    expect(await countAllRows()).toEqual(rows);
    expect((await callRefused(changeBudget, project.approver, { params, body: { limitUsd: "1" }, ifMatch: "*" })).code).toBe(
      "state_conflict",
    );
    expect((await call(listBudgets, project.viewer)).result.items).toEqual([]);
    expect((await call(getBudget, project.viewer, { params })).result.name).toBe("support");
    await create();
  });

  it("has one name in its environment, and one idempotency key makes one", async () => {
    const raw = { body: { name: "support", limitUsd: "1" }, idempotencyKey: "b-1" };
    const first = await call(createBudget, project.approver, raw);
    expect(await call(createBudget, project.approver, raw)).toMatchObject({ replayed: true, result: { id: first.result.id } });
    expect(await callRefused(createBudget, project.approver, { body: raw.body })).toMatchObject({
      code: "already_exists",
      errors: [{ pointer: "/name" }],
    });
    await create({ environment: "staging" });
    expect((await call(listBudgets, project.viewer, { query: { environment: "staging" } })).result.items).toHaveLength(1);
  });

  it("stands in pages by name", async () => {
    for (const name of ["e", "a", "c", "b", "d"]) await create({ name });
    const first = (await call(listBudgets, project.viewer, { query: { limit: "3" } })).result;
    const rest = (await call(listBudgets, project.viewer, { query: { limit: "3", cursor: first.nextCursor } })).result;
    expect([...first.items, ...rest.items].map((b) => b.name)).toEqual(["a", "b", "c", "d", "e"]);
    expect(rest.nextCursor).toBeNull();
  });

  it("reaches gateways when it blocks, and only then", async () => {
    const endpoint = await createTestEndpoint(project);
    await create({ name: "soft" });
    const hard = (await create({ name: "hard", action: "block", endpoint: endpoint.name, whenUnknown: "allow" })).result;
    const mine = (await inTransaction(listBlocking)).filter((b) => b.projectId === project.id);
    expect(mine).toEqual([
      { id: hard.id, name: "hard", projectId: project.id, environment: "production", endpointId: endpoint.id, allowsUnknown: true },
    ]);
  });

  it.each([
    ["a number instead of text", { limitUsd: 5 }, "/limitUsd"],
    ["nothing as its limit", { limitUsd: "0.000" }, "/limitUsd"],
    ["less than nothing", { limitUsd: "-1" }, "/limitUsd"],
    ["ten places", { limitUsd: "1.0000000001" }, "/limitUsd"],
    ["a thousand million dollars", { limitUsd: "1000000000" }, "/limitUsd"],
    ["an exponent", { limitUsd: "1e3" }, "/limitUsd"],
    ["a zone that is none", { zone: "Mars/Olympus" }, "/zone"],
    ["an offset as its zone", { zone: "+09:00" }, "/zone"],
    ["thresholds that fall", { thresholdsBps: [8_000, 5_000] }, "/thresholdsBps"],
    ["a threshold twice", { thresholdsBps: [5_000, 5_000] }, "/thresholdsBps"],
    ["a threshold of nothing", { thresholdsBps: [0] }, "/thresholdsBps/0"],
    ["a threshold as a ratio", { thresholdsBps: [0.5] }, "/thresholdsBps/0"],
    ["eleven thresholds", { thresholdsBps: Array.from({ length: 11 }, (_, i) => i + 1) }, "/thresholdsBps"],
    ["another action", { action: "degrade" }, "/action"],
    ["another way when unknown", { whenUnknown: "ask" }, "/whenUnknown"],
    ["a name with spaces", { name: "my budget" }, "/name"],
    ["a field that is none", { currency: "KRW" }, "/currency"],
  ])("with %s is refused with its place, and nothing is written", async (_name, part, pointer) => {
    const rows = await countAllRows();
    const refused = await callRefused(createBudget, project.approver, { body: { name: "x", limitUsd: "1", ...part } });
    expect(refused.code).toBe("invalid_request");
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });

  it("of an endpoint or environment that the project does not have is refused", async () => {
    const rows = await countAllRows();
    expect(await callRefused(createBudget, project.approver, { body: { name: "x", limitUsd: "1", endpoint: "nothing" } })).toMatchObject({
      code: "invalid_reference",
      errors: [{ pointer: "/endpoint" }],
    });
    const body = { name: "x", limitUsd: "1", environment: "nowhere" };
    expect((await callRefused(createBudget, project.approver, { body })).code).toBe("environment_unknown");
    expect(await countAllRows()).toEqual(rows);
  });

  it("is set by approvers, admins and tokens with budgets:write, and read by all of the project and nobody else", async () => {
    const body = { name: "x", limitUsd: "1" };
    for (const actor of [project.viewer, project.engineer, project.token("read", "releases:write")])
      expect((await callRefused(createBudget, actor, { body })).code).toBe("forbidden");
    const { id } = (await create({}, project.token("budgets:write"))).result;
    expect((await call(getBudget, project.viewer, { params: { id } })).result.id).toBe(id);
    for (const [operation, raw] of [
      [getBudget, {}],
      [getBudgetSpend, {}],
      [archiveBudget, {}],
      [changeBudget, { body: { limitUsd: "1" }, ifMatch: "*" }],
    ] as const)
      expect((await callRefused(operation as typeof getBudget, other.admin, { params: { id }, ...raw })).code).toBe("not_found");
  });

  it("shows a month without any traffic as one without any, not as an error", async () => {
    const { id } = (await create()).result;
    const { result } = await call(getBudgetSpend, project.viewer, { params: { id } });
    expect(result).toMatchObject({ hours: [], byEndpoint: [], byModel: [], leases: [], refusedLastHour: 0 });
    expect(result.months).toHaveLength(1);
    const before = await call(getBudgetSpend, project.viewer, { params: { id }, query: { at: "2020-02-10T00:00:00Z" } });
    expect(before.result.window).toMatchObject({
      startsAt: "2020-02-01T00:00:00.000Z",
      endsAt: "2020-03-01T00:00:00.000Z",
      settledUsd: "0",
    });
  });
});
