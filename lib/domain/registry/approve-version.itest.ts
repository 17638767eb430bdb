import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Role } from "@/lib/core/policy/actions";
import type { Actor } from "@/lib/core/policy/authorize";
import { db } from "@/lib/infra/db";
import {
  call,
  callRefused,
  countAllRows,
  createTestModelVersion,
  createTestPerson,
  createTestProject,
  createTestToken,
  freshName,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { breakGlass, decideApproval, getApproval, putApprovalPolicy, requestApproval } from "../approvals";
import { addModelVersionScores, changeModelVersionState, createModel, createModelVersion, getModelVersion } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const to = (state: string, reason = "because it is time") => ({ body: { to: state, reason } });
const person = (role: Role) => createTestPerson(project, role);
const score = (set: string, metric: string, value: number) => ({
  scores: [{ set, metric, value, better: "higher", measuredAt: "2026-11-20T09:00:00Z" }],
});

describe("a model version", () => {
  const ask = (model: string, more: object = {}) => ({
    body: { kind: "model-version-approval", subject: { model, version: 1 }, reason: "serves well", ...more },
  });
  const vote = ({ id, digest }: { id: string; digest: string }) => ({ params: { id }, body: { verdict: "approve", digest } });
  /** Without artifacts, so that nothing has to be read before it can be approved. */
  async function candidate(parts: object = {}, by: Actor = project.engineer) {
    const name = freshName("model");
    await call(createModel, project.engineer, { body: { name } });
    const body = { engine: "vllm", precision: "bf16", ...parts };
    const { result } = await call(createModelVersion, by, { params: { name }, body });
    const params = { name, version: String(result.number) };
    await call(changeModelVersionState, by, { params, ...to("candidate") });
    return { name, params, result };
  }

  it("becomes approved by nobody's call alone, which says how to ask", async () => {
    const { params, name } = await candidate();
    const everybody = [project.engineer, project.token("registry:write"), await person("approver"), await person("admin")];
    const rows = await countAllRows();
    for (const who of everybody) {
      const refused = await callRefused(changeModelVersionState, who, { params, ...to("approved") });
      expect(refused).toMatchObject({ code: "approval_required", detail: expect.stringContaining(`"model":"${name}","version":1`) });
    }
    expect(await countAllRows()).toEqual(rows);
    await expect(
      db().pool.query(
        "update model_version_state set state = 'approved', revision = 3 where version_id in (select id from model_version where model_id = (select id from model where name = $1))",
        [name],
      ),
    ).rejects.toThrow(/with an approval of exactly this version/);
  });

  it("is approved by another than who registered it, asked for it, or measured what is shown, in person or by token", async () => {
    const maker = await person("approver");
    const [asker, scorer, approver] = [await person("approver"), await person("approver"), await person("approver")];
    const { params, name, result } = await candidate({}, await createTestToken(maker, ["registry:write"]));
    const scoring = await createTestToken(scorer, ["registry:write"]);
    await call(addModelVersionScores, scoring, { params, body: score("support", "accuracy", 0.9) });
    const asked = (await call(requestApproval, asker, ask(name))).result;
    expect(asked.content).toMatchObject({
      environment: "production",
      contributors: [
        { id: asker.userId, as: "author" },
        { id: maker.userId, as: "maker" },
        { id: scorer.userId, as: "evidence" },
      ],
      change: {
        model: name,
        from: "candidate",
        to: "approved",
        revision: 2,
        parent: null,
        version: { digest: result.digest, engine: "vllm", artifacts: [], signature: null },
        scores: [{ set: "support", metric: "accuracy", other: { value: 0.9 } }],
      },
    });
    for (const who of [maker, asker, scorer, project.token("approvals:request")])
      expect((await callRefused(decideApproval, who, vote(asked))).code).toBe("forbidden");
    expect((await call(decideApproval, approver, vote(asked))).result.state).toBe("executed");
    expect((await call(getModelVersion, project.viewer, { params })).result.state).toBe("approved");
  });

  it("is approved as it was shown: a score, a move and a retirement make the request void", async () => {
    const parent = await candidate();
    const derivedFrom = { model: parent.name, version: 1, method: "ptq" };
    const approver = await person("approver");
    const changes: ((made: { params: object }) => Promise<unknown>)[] = [
      ({ params }) => call(addModelVersionScores, project.engineer, { params, body: score("a", "b", 1) }),
      ({ params }) => call(changeModelVersionState, project.engineer, { params, ...to("retired") }),
      () => call(changeModelVersionState, project.engineer, { params: parent.params, ...to("retired") }),
    ];
    for (const change of changes) {
      const made = await candidate({ derivedFrom });
      const asked = (await call(requestApproval, project.engineer, ask(made.name))).result;
      await change(made);
      const late = await call(decideApproval, approver, vote(asked)).catch(() => null);
      expect(late?.result.state ?? "void").toBe("void");
      expect((await call(getApproval, project.viewer, { params: { id: asked.id } })).result.state).toBe("void");
      expect((await call(getModelVersion, project.viewer, { params: made.params })).result.state).not.toBe("approved");
    }
  });

  it("uses up an approval that waits for the call, once, and by breaking the glass is flagged", async () => {
    const approver = await person("approver");
    const { params, name } = await candidate();
    const waiting = (await call(requestApproval, project.engineer, ask(name, { execution: "on_call" }))).result;
    expect((await callRefused(changeModelVersionState, project.engineer, { params, ...to("approved") })).detail).toContain("still waits");
    expect((await call(decideApproval, approver, vote(waiting))).result.state).toBe("approved");
    const { result } = await call(changeModelVersionState, project.token("registry:write"), { params, ...to("approved", "goes live") });
    expect(result.state).toBe("approved");
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "model-version.approved",
      reason: "goes live",
      details: { approval: waiting.number },
    });
    expect((await call(getApproval, project.viewer, { params: { id: waiting.id } })).result.state).toBe("executed");

    const urgent = await candidate();
    const asked = (await call(requestApproval, project.engineer, ask(urgent.name))).result;
    const admin = await person("admin");
    const glass = { params: { id: asked.id }, body: { digest: asked.digest, reason: "the old one leaks" } };
    expect((await call(breakGlass, admin, glass)).result).toMatchObject({
      state: "executed",
      breakGlass: { by: admin.name, reviewedAt: null },
    });
    expect((await call(getModelVersion, project.viewer, { params: urgent.params })).result.state).toBe("approved");
  });

  it("is asked for by the policy of production, only as a candidate, and with artifacts that were read", async () => {
    const { model } = await createTestModelVersion(project);
    const asking = () => callRefused(requestApproval, project.engineer, ask(model));
    expect(await asking()).toMatchObject({ code: "state_conflict", detail: expect.stringContaining("candidate") });
    await call(changeModelVersionState, project.engineer, { params: { name: model, version: "1" }, ...to("candidate") });
    expect(await asking()).toMatchObject({ code: "state_conflict", detail: expect.stringContaining("never verified") });
    const refused = (subject: object) => callRefused(requestApproval, project.engineer, ask(model, { subject }));
    expect(await refused({ model, version: 9 })).toMatchObject({ code: "invalid_reference", errors: [{ pointer: "/subject/version" }] });
    expect(await refused({ model })).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/subject/version" }] });
    const policy = { approvals: 2, leastRole: "admin", expiryHours: 1, requiredChecks: ["safety"], reason: "stricter" };
    await call(putApprovalPolicy, project.admin, { params: { environment: "production" }, body: policy, ifMatch: "*" });
    const { name } = await candidate();
    expect((await call(requestApproval, project.engineer, ask(name))).result.content).toMatchObject({
      policy: { approvals: 2, leastRole: "admin", expiryHours: 1 },
      checks: [{ name: "safety", result: "missing" }],
    });
  });
});
