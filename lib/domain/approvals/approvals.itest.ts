import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCanonicalJson } from "@/lib/core/canonical";
import type { Actor } from "@/lib/core/policy/authorize";
import { db } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
import {
  addTestPromptVersion,
  asOwner,
  call,
  callRefused,
  countAllRows,
  createTestPerson,
  createTestProject,
  createTestPromptVersion,
  createTestToken,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { getPromptLabel, getPromptLabelHistory, movePromptLabel, removePromptLabel, restorePromptLabel } from "../prompts";
import {
  attachEvidence,
  breakGlass,
  cancelApproval,
  countToDecide,
  decideApproval,
  getApproval,
  listApprovals,
  listUnreviewed,
  putApprovalPolicy,
  putProtectedNames,
  reconcileApprovals,
  requestApproval,
  reviewBreakGlass,
} from ".";
import type { Approval } from "./api";

type Person = Extract<Actor, { kind: "user" }>;
const NAME = "support/answer";
const LABEL = { name: NAME, label: "production" };

let domain: TestDomain;
let project: TestProject;
let author: Person;
let maker: Person;
let approver: Person;
let second: Person;
let admin: Person;
beforeAll(async () => {
  domain = await openTestDomain();
});
afterAll(() => domain.close());
beforeEach(async () => {
  project = await createTestProject(domain, { protectedNames: ["production"] });
  [author, maker, approver, second, admin] = await Promise.all([
    createTestPerson(project, "engineer"),
    createTestPerson(project, "approver"),
    createTestPerson(project, "approver"),
    createTestPerson(project, "approver"),
    createTestPerson(project, "admin"),
  ]);
  // Every version is made by `maker`, who is an approver otherwise.
  const made = { ...project, engineer: maker } as TestProject;
  await createTestPromptVersion(made, { name: NAME });
  await addTestPromptVersion(made, NAME, "Second {{topic}}");
});

async function ask(version: number | null, more: { by?: Actor; execution?: string; name?: string } = {}): Promise<Approval> {
  const subject = { prompt: more.name ?? NAME, label: "production", version };
  const body = { kind: "prompt-label", subject, reason: "better answers", ...(more.execution ? { execution: more.execution } : {}) };
  return (await call(requestApproval, more.by ?? author, { body })).result;
}
const decide = async (approval: Approval, who: Person, verdict = "approve", reason = "looked at all of it") =>
  (await call(decideApproval, who, { params: { id: approval.id }, body: { verdict, digest: approval.digest, reason } })).result;
const decideRefused = (approval: Approval, who: Actor, digest = approval.digest) =>
  callRefused(decideApproval, who, { params: { id: approval.id }, body: { verdict: "approve", digest } });
const read = async (approval: Approval, who: Actor = approver) => (await call(getApproval, who, { params: { id: approval.id } })).result;
const setPolicy = (body: Record<string, unknown>) =>
  call(putApprovalPolicy, admin, { params: { environment: "production" }, body: { reason: "stricter", ...body }, ifMatch: "*" });
const where = async () => (await call(getPromptLabel, project.viewer, { params: LABEL })).result.version;
const putDirect = (version: number, who: Actor = author) =>
  call(movePromptLabel, who, { params: LABEL, body: { version, reason: "go on" }, ifMatch: "*" });
const putRefused = (version: number, who: Actor) =>
  callRefused(movePromptLabel, who, { params: LABEL, body: { version, reason: "go on" }, ifMatch: "*" });
const setUp = async (version: number) => decide(await ask(version), approver);

describe("a request", () => {
  it("is bound to the digest of exactly what it shows", async () => {
    const approval = await ask(1);
    expect(approval).toMatchObject({ state: "pending", number: 1, environment: "production", requiredApprovals: 1, givenApprovals: 0 });
    expect(approval.title).toBe(`${NAME} production → v1`);
    expect(sha256Hex(toCanonicalJson(approval.content))).toBe(approval.digest);
    expect(approval.content).toMatchObject({
      reason: "better answers",
      requestedBy: { kind: "user", id: author.userId },
      policy: { approvals: 1, leastRole: "approver", expiryHours: 72 },
      change: { owner: NAME, name: "production", revision: 0, from: null, to: { number: 1, messages: [{ role: "system" }] } },
      contributors: [
        { id: author.userId, as: "author" },
        { id: maker.userId, as: "maker" },
      ],
    });
    expect(new Date(approval.expiresAt).getTime() - new Date(approval.createdAt).getTime()).toBe(72 * 3_600_000);
    expect((await readTrail(project)).slice(-1)).toMatchObject([
      { action: "approval.requested", objectId: approval.id, reason: "better answers" },
    ]);
  });

  it("is refused for what cannot be asked for, in words and with a pointer", async () => {
    const refused = (subject: unknown, kind = "prompt-label") =>
      callRefused(requestApproval, author, { body: { kind, subject, reason: "why not" } });
    const rows = await countAllRows();
    expect(await refused({ prompt: NAME, label: "production", version: 9 })).toMatchObject({
      code: "invalid_reference",
      errors: [{ pointer: "/subject/version" }],
    });
    expect(await refused({ prompt: "nothing", label: "production", version: 1 })).toMatchObject({
      code: "invalid_reference",
      errors: [{ pointer: "/subject/prompt" }],
    });
    expect(await refused({ prompt: NAME, label: "Production!", version: 1 })).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/subject/label" }],
    });
    expect(await refused({ prompt: NAME, label: "staging", version: 1 })).toMatchObject({ code: "state_conflict" });
    expect(await refused({}, "coffee")).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/kind" }] });
    expect(await countAllRows()).toEqual(rows);
    await ask(1);
    expect(await refused({ prompt: NAME, label: "production", version: 1 })).toMatchObject({ code: "already_exists" });
  });

  it("can be made by a token, which counts as its maker and never decides", async () => {
    const token = await createTestToken(approver, ["approvals:request", "read"]);
    const own = await ask(2, { by: token });
    expect(own.content.contributors.map((c) => c.id)).toContain(approver.userId);
    expect((await decideRefused(own, approver)).code).toBe("forbidden");
    expect((await decideRefused(own, token)).code).toBe("forbidden");
    expect((await read(own, token)).you).toMatchObject({ decide: "token", breakGlass: false, review: false });
    expect((await decide(own, second)).state).toBe("executed");
  });

  it("is taken back by who asked or an admin, by nobody else", async () => {
    const approval = await ask(1);
    const cancel = { params: { id: approval.id }, body: { reason: "changed my mind" } };
    expect((await callRefused(cancelApproval, second, cancel)).code).toBe("forbidden");
    expect((await call(cancelApproval, author, cancel)).result).toMatchObject({ state: "cancelled", endReason: "changed my mind" });
    expect((await callRefused(cancelApproval, author, cancel)).code).toBe("state_conflict");
    const another = await ask(1);
    expect((await call(cancelApproval, admin, { ...cancel, params: { id: String(another.number) } })).result.state).toBe("cancelled");
  });
});

describe("a decision", () => {
  it("executes with the last approval, in one transaction, with its place in the history and the audit trail", async () => {
    const done = await setUp(1);
    expect(done).toMatchObject({
      state: "executed",
      givenApprovals: 1,
      decisions: [{ name: approver.name, verdict: "approve", counts: true }],
    });
    expect(await where()).toBe(1);
    const history = (await call(getPromptLabelHistory, project.viewer, { params: LABEL })).result.items;
    expect(history).toMatchObject([
      { revision: 1, from: null, to: 1, actor: author.name, reason: "better answers", approval: done.number },
    ]);
    expect((await readTrail(project)).slice(-1)).toMatchObject([
      { action: "approval.executed", actorName: approver.name, details: { digest: done.digest, done: { label: "production", to: 1 } } },
    ]);
  });

  it("is never the author's, a contributor's, a token's, or of too weak a role, admins included", async () => {
    await setPolicy({ leastRole: "admin" });
    const mine = await ask(1, { by: admin });
    expect((await decideRefused(mine, admin)).code).toBe("forbidden");
    await call(cancelApproval, admin, { params: { id: mine.id }, body: { reason: "again" } });
    const approval = await ask(1);
    for (const who of [author, maker, approver, await createTestToken(admin, ["approvals:request", "read"])])
      expect((await decideRefused(approval, who)).code).toBe("forbidden");
    expect((await read(approval, maker)).you.decide).toBe("own_work");
    expect((await read(approval, approver)).you.decide).toBe("role");
    expect((await decide(approval, admin)).state).toBe("executed");
  });

  it("is one a person; two are needed where the policy says two, from different people", async () => {
    await setPolicy({ approvals: 2 });
    const approval = await ask(1);
    expect(await decide(approval, approver)).toMatchObject({ state: "pending", givenApprovals: 1 });
    expect((await decideRefused(approval, approver)).code).toBe("state_conflict");
    await expect(where()).rejects.toMatchObject({ code: "not_found" });
    expect((await decide(approval, second)).state).toBe("executed");
    expect(await where()).toBe(1);
  });

  it("that rejects needs a reason and ends it", async () => {
    const approval = await ask(1);
    const short = { params: { id: approval.id }, body: { verdict: "reject", digest: approval.digest, reason: "no" } };
    expect(await callRefused(decideApproval, approver, short)).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/reason" }] });
    expect(await decide(approval, approver, "reject", "It promises refunds.")).toMatchObject({
      state: "rejected",
      endReason: "It promises refunds.",
    });
    expect((await decideRefused(approval, second)).code).toBe("state_conflict");
    await expect(where()).rejects.toMatchObject({ code: "not_found" });
  });

  it("on a digest that nobody shows is refused", async () => {
    const approval = await ask(1);
    expect((await decideRefused(approval, approver, "0".repeat(64))).code).toBe("precondition_failed");
  });

  it("of two at the same moment executes once", async () => {
    const approval = await ask(1);
    const settled = await Promise.allSettled([decide(approval, approver), decide(approval, second)]);
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    expect((await call(getPromptLabelHistory, project.viewer, { params: LABEL })).result.items).toHaveLength(1);
  });
});

describe("a change", () => {
  it("of the target makes every other request void, and says what changed", async () => {
    await setUp(1);
    const [stale] = [await ask(2)];
    const removal = await ask(null);
    expect((await decide(removal, approver)).state).toBe("executed");
    const now = await read(stale);
    expect(now).toMatchObject({ state: "void", you: { decide: "over" } });
    expect(now.differences).toEqual(["/change/from", "/change/revision"]);
    expect(now.endReason).toContain("/change/revision");
    expect((await decideRefused(stale, second)).code).toBe("state_conflict");
  });

  it("there and back again is a change, too", async () => {
    await setUp(1);
    const waiting = await ask(null, { execution: "on_call" });
    expect((await decide(waiting, approver)).state).toBe("approved");
    await decide(await ask(2), approver);
    await decide(await ask(1), approver);
    expect((await read(waiting)).state).toBe("void");
    const remove = { params: LABEL, query: { reason: "go on" }, ifMatch: "*" };
    expect((await callRefused(removePromptLabel, author, remove)).code).toBe("approval_required");
    expect(await where()).toBe(1);
  });

  it("of the policy makes what waits void", async () => {
    const approval = await ask(1);
    await setPolicy({ approvals: 2 });
    expect(await read(approval)).toMatchObject({ state: "void" });
  });

  it("by evidence keeps the request and takes away what was approved before", async () => {
    await setPolicy({ approvals: 2, requiredChecks: ["evaluation"] });
    const approval = await ask(1);
    expect(approval.content.checks).toEqual([{ name: "evaluation", source: "evidence", result: "missing" }]);
    expect(await decideRefused(approval, approver)).toMatchObject({
      code: "state_conflict",
      detail: expect.stringContaining("evaluation"),
    });
    const ci = await createTestToken(author, ["approvals:request"]);
    const attach = (result: string, by: Actor = ci) =>
      call(attachEvidence, by, { params: { id: approval.id }, body: { title: "Run 2041", check: "evaluation", result } });
    expect((await attach("fail")).result.content.checks).toMatchObject([{ result: "fail" }]);
    const passed = (await attach("pass")).result;
    expect(passed.digest).not.toBe(approval.digest);
    expect((await decideRefused(approval, approver)).code).toBe("precondition_failed");
    expect(await decide(passed, approver)).toMatchObject({ givenApprovals: 1 });
    const more = (await attach("pass", second)).result;
    expect(more).toMatchObject({ givenApprovals: 0, decisions: [{ counts: false }] });
    expect((await decideRefused(more, second)).code).toBe("forbidden");
    expect((await decide(more, approver)).givenApprovals).toBe(1);
    expect((await decide(more, admin)).state).toBe("executed");
  });
});

describe("time", () => {
  const age = async (approval: Approval) => {
    await asOwner(domain, "alter table approval disable trigger approval_move_legal");
    await asOwner(domain, "update approval set expires_at = now() - interval '1 second' where id = $1", [approval.id]);
    await asOwner(domain, "alter table approval enable trigger approval_move_legal");
  };

  it("ends what nobody decided on: by the controller, and before it by whoever comes", async () => {
    const approval = await ask(1);
    const late = await ask(2);
    await age(approval);
    await age(late);
    expect((await decide(late, approver)).state).toBe("expired");
    expect(await reconcileApprovals()).toBe(1);
    expect(await reconcileApprovals()).toBe(0);
    expect((await read(approval)).state).toBe("expired");
    await expect(where()).rejects.toMatchObject({ code: "not_found" });
    expect((await readTrail(project)).map((e) => e.action).filter((a) => a === "approval.expired")).toHaveLength(2);
  });

  it("takes an approval away that was not used", async () => {
    const approval = await decide(await ask(1, { execution: "on_call" }), approver);
    expect(approval.state).toBe("approved");
    await age(approval);
    expect(await putRefused(1, author)).toMatchObject({ code: "approval_required", detail: expect.stringContaining("expired") });
  });
});

describe("a protected pointer", () => {
  it("does not move without an approval on any path, for an admin and a token neither, and says how to ask", async () => {
    const token = project.token("registry:write");
    const rows = await countAllRows();
    for (const who of [author, admin, token]) {
      const refused = await putRefused(1, who);
      expect(refused.code).toBe("approval_required");
      expect(refused.detail).toContain(
        'POST /api/v1/approvals {"kind":"prompt-label","subject":{"prompt":"support/answer","label":"production","version":1}',
      );
    }
    expect(await countAllRows()).toEqual(rows);
    await setUp(1);
    await decide(await ask(2), approver);
    for (const who of [author, admin, token]) {
      expect((await callRefused(removePromptLabel, who, { params: LABEL, query: { reason: "go on" }, ifMatch: "*" })).code).toBe(
        "approval_required",
      );
      expect((await callRefused(restorePromptLabel, who, { params: LABEL, body: { reason: "back" }, ifMatch: "*" })).code).toBe(
        "approval_required",
      );
      const told = { version: 1, reason: "told", validFrom: "2026-01-01T00:00:00Z" };
      expect((await callRefused(movePromptLabel, who, { params: LABEL, body: told, ifMatch: "*" })).code).toBe("approval_required");
    }
    expect(await where()).toBe(2);
  });

  it("moves by call with an approval of exactly that target, once", async () => {
    const approval = await decide(await ask(1, { execution: "on_call" }), approver);
    expect(approval.state).toBe("approved");
    expect((await putRefused(2, author)).code).toBe("approval_required");
    expect((await putDirect(1)).result.version).toBe(1);
    expect((await read(approval)).state).toBe("executed");
    expect((await readTrail(project)).slice(-1)).toMatchObject([
      { action: "prompt-label.moved", details: { to: 1, approval: approval.number } },
    ]);
    await decide(await ask(2), approver);
    expect((await putRefused(1, author)).code).toBe("approval_required");
  });

  it("is held by the database, whoever writes", async () => {
    const { id } = await db().prisma.prompt.findFirstOrThrow({ where: { projectId: project.id } });
    const versions = await db().prisma.promptVersion.findMany({ where: { promptId: id }, orderBy: { number: "asc" } });
    const insert = db().pool.query("insert into prompt_label (prompt_id, label, version_id) values ($1, 'production', $2)", [
      id,
      versions[0]?.id,
    ]);
    await expect(insert).rejects.toThrow(/protected/);
    await setUp(1);
    const update = db().pool.query("update prompt_label set version_id = $2, revision = 2 where prompt_id = $1", [id, versions[1]?.id]);
    await expect(update).rejects.toThrow(/protected/);
    await expect(db().pool.query("delete from prompt_label where prompt_id = $1", [id])).rejects.toThrow(/protected/);
    await expect(db().pool.query("update prompt_label set label = 'free' where prompt_id = $1", [id])).rejects.toThrow(/keeps its name/);
    const unprotected = db().pool.query("insert into prompt_label (prompt_id, label, version_id) values ($1, 'staging', $2)", [
      id,
      versions[0]?.id,
    ]);
    await expect(unprotected).rejects.toThrow(/history/);
    expect(await where()).toBe(1);
  });

  it("is what the project says", async () => {
    await call(putProtectedNames, admin, { body: { names: ["stable"], reason: "our word for it" }, ifMatch: "*" });
    expect((await putDirect(1)).status).toBe(200);
    const stable = { params: { ...LABEL, label: "stable" }, body: { version: 1, reason: "go on" } };
    expect((await callRefused(movePromptLabel, admin, stable)).code).toBe("approval_required");
    expect((await callRefused(putProtectedNames, approver, { body: { names: [], reason: "open" }, ifMatch: "*" })).code).toBe("forbidden");
  });
});

describe("breaking the glass", () => {
  const body = (approval: Approval) => ({ params: { id: approval.id }, body: { digest: approval.digest, reason: "production is down" } });

  it("is an admin's, does it at once, and is flagged until another approver has looked", async () => {
    const approval = await ask(1, { by: admin });
    for (const who of [author, approver, await createTestToken(admin, ["approvals:request"])])
      expect((await callRefused(breakGlass, who, body(approval))).code).toBe("forbidden");
    expect((await call(breakGlass, admin, body(approval))).result).toMatchObject({
      state: "executed",
      breakGlass: { by: admin.name, reason: "production is down", reviewedAt: null },
    });
    expect(await where()).toBe(1);
    expect((await readTrail(project)).slice(-1)).toMatchObject([{ action: "approval.glass-broken", reason: "production is down" }]);
    expect(await listUnreviewed(author)).toMatchObject([{ number: approval.number, by: admin.name }]);
    expect(await countToDecide(approver)).toBe(1);
    const review = { params: { id: approval.id }, body: { reason: "It was right" } };
    expect((await callRefused(reviewBreakGlass, admin, review)).code).toBe("forbidden");
    expect((await call(reviewBreakGlass, approver, review)).result.breakGlass).toMatchObject({
      reviewedBy: approver.name,
      reviewNote: "It was right",
    });
    expect(await listUnreviewed(author)).toEqual([]);
    expect((await callRefused(reviewBreakGlass, second, review)).code).toBe("state_conflict");
  });
});

describe("lists", () => {
  it("show to each what waits for them, what they asked for and what they decided", async () => {
    const list = async (who: Actor, view: string) =>
      (await call(listApprovals, who, { query: { view } })).result.items.map((a) => a.number);
    const one = await ask(1);
    await ask(2, { by: approver });
    expect(await list(approver, "to_decide")).toEqual([one.number]);
    expect(await list(second, "to_decide")).toEqual([2, 1]);
    for (const who of [author, maker, project.token("read")]) expect(await list(who, "to_decide")).toEqual([]);
    expect(await countToDecide(second)).toBe(2);
    expect(await list(author, "requested")).toEqual([1]);
    await decide(one, second);
    expect(await list(second, "decided")).toEqual([1]);
    expect(await list(second, "to_decide")).toEqual([]);
    expect((await call(listApprovals, author, { query: { state: "void" } })).result.items.map((a) => a.number)).toEqual([2]);
    const other = await createTestProject(domain);
    expect(await list(other.admin, "open")).toEqual([]);
    expect((await callRefused(getApproval, other.admin, { params: { id: one.id } })).code).toBe("not_found");
  });
});

describe("the database", () => {
  it("lets no ended request live again, no content change after the approval, and no approval without its decisions", async () => {
    const approval = await ask(1, { execution: "on_call" });
    const set = (sql: string) => asOwner(domain, `update approval set epoch = epoch + 1, ${sql} where id = $1`, [approval.id]);
    await expect(set("state = 'approved'")).rejects.toThrow(/0 of 1 approvals/);
    await expect(set("state = 'executed', ended_at = now()")).rejects.toThrow(/cannot go from pending to executed/);
    await expect(set("content = '{}'")).rejects.toThrow(/digest_of_content/);
    await expect(set("target_id = null")).rejects.toThrow(/fixed/);
    const vote = (who: Person) =>
      asOwner(domain, "insert into approval_decision values ($1, $2, $3, 'approve', '', 'admin', 'x', now())", [
        approval.id,
        who.userId,
        approval.digest,
      ]);
    await expect(vote(author)).rejects.toThrow(/own work/);
    await decide(approval, approver);
    await expect(set(`content = '{}', digest = '${sha256Hex("{}")}'`)).rejects.toThrow(/content of approval .* is fixed/);
    await set("state = 'cancelled', ended_at = now()");
    await expect(set("state = 'pending', ended_at = null")).rejects.toThrow(/is over/);
  });
});
