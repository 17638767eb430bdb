import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/core/policy/authorize";
import { db } from "@/lib/infra/db";
import {
  approveTestVersion,
  call,
  callRefused,
  createTestPerson,
  createTestProject,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { decideApproval, getApproval, putProtectedNames, requestApproval } from "../approvals";
import { changeModelVersionState, createModel, createModelVersion } from "../registry";
import { getModelAlias, getModelAliasHistory, listModelAliases, moveModelAlias, removeModelAlias, restoreModelAlias } from ".";
import { findMoveAt } from "./rules/history";

type Person = Extract<Actor, { kind: "user" }>;
const NAME = "haneul";

let domain: TestDomain;
let project: TestProject;
let engineer: Person;
let approver: Person;
beforeAll(async () => {
  domain = await openTestDomain();
});
afterAll(() => domain.close());
beforeEach(async () => {
  project = await createTestProject(domain);
  engineer = await createTestPerson(project, "engineer");
  approver = await createTestPerson(project, "approver");
  await call(createModel, engineer, { body: { name: NAME } });
  for (let i = 0; i < 3; i++)
    await call(createModelVersion, engineer, { params: { name: NAME }, body: { engine: "vllm", precision: "bf16" } });
});

const params = { name: NAME, alias: "champion" };
const move = async (version: number, more: Record<string, unknown> = {}) =>
  (await call(moveModelAlias, engineer, { params, body: { version, reason: "because", ...more }, ifMatch: "*" })).result;
const at = async (query: Record<string, string>) => (await call(getModelAlias, project.viewer, { params, query })).result.version;
const history = async () => (await call(getModelAliasHistory, project.viewer, { params })).result.items;

describe("an alias", () => {
  it("moves with its history and audit event, is restored in one move, and taken away", async () => {
    expect(await move(1)).toMatchObject({ alias: "champion", version: 1, revision: 1 });
    await move(2);
    expect((await callRefused(moveModelAlias, engineer, { params, body: { version: 3, reason: "because" } })).code).toBe(
      "precondition_required",
    );
    expect((await callRefused(restoreModelAlias, engineer, { params, body: { reason: "back" }, ifMatch: "1" })).code).toBe(
      "precondition_failed",
    );
    expect((await call(restoreModelAlias, engineer, { params, body: { reason: "worse" }, ifMatch: "2" })).result.version).toBe(1);
    expect(
      (await call(restoreModelAlias, engineer, { params, body: { revision: 2, reason: "not so" }, ifMatch: "3" })).result.version,
    ).toBe(2);
    expect((await call(listModelAliases, project.viewer, { params: { name: NAME } })).result.items).toMatchObject([
      { alias: "champion", version: 2 },
    ]);
    await call(removeModelAlias, engineer, { params, query: { reason: "retired" }, ifMatch: "4" });
    expect((await callRefused(getModelAlias, project.viewer, { params })).code).toBe("not_found");
    expect((await history()).map((m) => [m.revision, m.from, m.to, m.reason])).toEqual([
      [5, 2, null, "retired"],
      [4, 1, 2, "not so"],
      [3, 2, 1, "worse"],
      [2, 1, 2, "because"],
      [1, null, 1, "because"],
    ]);
    expect((await readTrail(project)).slice(-3).map((e) => e.action)).toEqual([
      "model-alias.restored",
      "model-alias.restored",
      "model-alias.removed",
    ]);
    expect((await move(3)).revision).toBe(6);
  });

  it("is refused on a version that is not there, in the future, and another project's", async () => {
    expect((await callRefused(moveModelAlias, engineer, { params, body: { version: 9, reason: "because" } })).code).toBe(
      "invalid_reference",
    );
    const future = { version: 1, reason: "because", validFrom: "2999-01-01T00:00:00Z" };
    expect(await callRefused(moveModelAlias, engineer, { params, body: future })).toMatchObject({ errors: [{ pointer: "/validFrom" }] });
    const other = await createTestProject(domain);
    for (const operation of [getModelAlias, getModelAliasHistory])
      expect((await callRefused(operation as typeof getModelAlias, other.admin, { params })).code).toBe("not_found");
    expect(await history().catch((error: { code: string }) => error.code)).toBe("not_found");
  });

  it("says what it was at any instant, by what was known at any other", async () => {
    await move(1, { validFrom: "2026-11-20T10:00:00Z" });
    await move(2, { validFrom: "2026-11-20T12:00:00Z" });
    const knownBefore = (await history())[0]?.recordedAt ?? "";
    await move(3, { validFrom: "2026-11-20T11:00:00Z" });
    expect(await at({ at: "2026-11-20T10:30:00Z" })).toBe(1);
    expect(await at({ at: "2026-11-20T11:30:00Z" })).toBe(3);
    expect(await at({ at: "2026-11-20T12:30:00Z" })).toBe(3);
    expect(await at({ at: "2026-11-20T11:30:00Z", knownAt: knownBefore })).toBe(1);
    expect(await at({ at: "2026-11-20T12:30:00Z", knownAt: knownBefore })).toBe(2);
    expect((await callRefused(getModelAlias, project.viewer, { params, query: { at: "2026-11-20T09:00:00Z" } })).code).toBe("not_found");
    const moves = (await history()).map((m) => ({ ...m, validFromMs: Date.parse(m.validFrom), recordedAtMs: Date.parse(m.recordedAt) }));
    for (const hour of [9, 10, 11, 12, 13]) {
      const instant = `2026-11-20T${String(hour).padStart(2, "0")}:30:00.000Z`;
      const asked = await at({ at: instant }).catch(() => null);
      expect(findMoveAt(moves, { atMs: Date.parse(instant), knownAtMs: Number.MAX_SAFE_INTEGER })?.to ?? null).toBe(asked);
    }
  });

  it("moves once when ten move it at the same moment from the same reading", async () => {
    await move(1);
    const body = { version: 2, reason: "because" };
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, () => call(moveModelAlias, engineer, { params, body, ifMatch: "1" })),
    );
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    expect(await history()).toHaveLength(2);
  });

  it("that is protected names only a version that was approved, by an approval of exactly that", async () => {
    await call(putProtectedNames, project.admin, { body: { names: ["champion"], reason: "it serves customers" }, ifMatch: "*" });
    expect((await callRefused(moveModelAlias, engineer, { params, body: { version: 1, reason: "because" } })).code).toBe(
      "approval_required",
    );
    const wish = { kind: "model-alias", subject: { model: NAME, alias: "champion", version: 1 }, reason: "serves well" };
    expect(await callRefused(requestApproval, engineer, { body: wish })).toMatchObject({
      code: "state_conflict",
      detail: expect.stringContaining("version-approved"),
    });
    await approveTestVersion(project, { model: NAME, version: 1 }, engineer);
    const { result } = await call(requestApproval, engineer, { body: wish });
    expect(result.content).toMatchObject({
      checks: [{ name: "version-approved", result: "pass" }],
      change: { to: { number: 1, state: "approved" } },
    });
    const decision = { params: { id: result.id }, body: { verdict: "approve", digest: result.digest } };
    expect((await call(decideApproval, approver, decision)).result.state).toBe("executed");
    expect(await at({})).toBe(1);
    const { id } = await db().prisma.model.findFirstOrThrow({ where: { projectId: project.id } });
    await expect(db().pool.query("delete from model_alias where model_id = $1", [id])).rejects.toThrow(/protected/);
    const retire = { params: { name: NAME, version: "2" }, body: { to: "retired", reason: "not needed" } };
    await approveTestVersion(project, { model: NAME, version: 2 }, engineer);
    const next = (await call(requestApproval, engineer, { body: { ...wish, subject: { ...wish.subject, version: 2 } } })).result;
    await call(changeModelVersionState, engineer, retire);
    const after = (await call(getApproval, project.viewer, { params: { id: next.id } })).result;
    expect(after).toMatchObject({ state: "void", differences: expect.arrayContaining(["/change/to/state"]) });
  });
});
