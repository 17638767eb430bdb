import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCanonicalJson } from "@/lib/core/canonical";
import { db } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
import { call, callRefused, createTestProject, openTestDomain, readTrail, type TestDomain, type TestProject } from "@/test/factories";
import { addMember, authenticateToken, createToken, removeMember } from ".";

const PASSWORD = "correct horse battery staple";
let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const adminId = () => (project.admin.kind === "user" ? project.admin.userId : "");
const makeOperator = () => db().prisma.user.update({ where: { id: adminId() }, data: { isOperator: true } });
const findUser = (email: string) => db().prisma.user.findUnique({ where: { email } });
const person = (parts: object = {}) => ({ email: `p-${project.slug}@test.example`, name: "Person", role: "viewer", ...parts });

describe("a password for a new person", () => {
  it("is not for a project's admin to give: who knows it could follow that person into other projects", async () => {
    const refused = await callRefused(addMember, project.admin, { body: person({ password: PASSWORD }) });
    expect(refused.code).toBe("forbidden");
    expect(await findUser(person().email)).toBeNull();
    await call(addMember, project.admin, { body: person() });
    expect(await findUser(person().email)).toMatchObject({ passwordHash: null });
  });

  it("is given by an operator, and never replaces what an account has", async () => {
    await makeOperator();
    await call(addMember, project.admin, { body: person({ password: PASSWORD }) });
    const before = await findUser(person().email);
    expect(before?.passwordHash).toMatch(/^scrypt\$/);
    const other = await createTestProject(domain);
    await db().prisma.user.updateMany({ data: { isOperator: true } });
    const refused = await callRefused(addMember, other.admin, { body: person({ password: "another long password" }) });
    expect(refused).toMatchObject({ code: "already_exists", errors: [{ pointer: "/password" }] });
    expect(await findUser(person().email)).toEqual({ ...before, isOperator: true });
  });

  it("leaves no plain hash of itself behind with an idempotency key", async () => {
    const body = person();
    const idempotencyKey = `once-${project.slug}`;
    await call(addMember, project.admin, { body, idempotencyKey });
    expect((await call(addMember, project.admin, { body, idempotencyKey })).replayed).toBe(true);
    const { requestHash } = await db().prisma.idempotencyKey.findFirstOrThrow({ where: { key: idempotencyKey } });
    // Whoever reads the table could try passwords against this one, at millions a second.
    expect(requestHash).not.toBe(sha256Hex(toCanonicalJson({ params: {}, query: {}, body })));
  });
});

describe("a member who is removed", () => {
  it("leaves no token that works, also when added again", async () => {
    const { result: member } = await call(addMember, project.admin, { body: person({ role: "admin" }) });
    const theirs = { ...project.admin, kind: "user", userId: member.userId, sessionId: "s", name: "Person", role: "admin" } as const;
    const { result: made } = await call(createToken, theirs, { body: { name: "ci", scopes: ["read"] } });
    expect(await authenticateToken(made.token ?? "")).toMatchObject({ kind: "token" });
    await call(removeMember, project.admin, { params: { userId: member.userId } });
    await call(addMember, project.admin, { body: person({ role: "admin" }) });
    await expect(authenticateToken(made.token ?? "")).rejects.toMatchObject({ code: "token_expired" });
    expect((await readTrail(project)).find((e) => e.action === "member.removed")?.details).toMatchObject({ tokensRevoked: 1 });
  });
});
