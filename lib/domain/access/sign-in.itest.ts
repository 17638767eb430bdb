import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { hashPassword } from "@/lib/infra/password";
import { openTestDomain, type TestDomain } from "@/test/factories";
import { findPerson, signInWithOidc, signInWithPassword, signOut } from ".";

const PASSWORD = "correct horse battery staple";
let domain: TestDomain;
let passwordHash: string;
let email: string;
let userId: string;

beforeAll(async () => {
  domain = await openTestDomain();
  passwordHash = await hashPassword(PASSWORD);
});
afterAll(() => domain.close());
beforeEach(async () => {
  userId = newId("user");
  email = `${userId}@test.example`;
  await db().prisma.user.create({ data: { id: userId, email, name: "Person", passwordHash } });
});

/** One instant for all: no test runs into the next window. */
const now = new Date();
const from = (address: string) => ({ address, userAgent: "test", requestId: "sign-in-test", now });

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return "signed in";
}

describe("signing in with a password", () => {
  it("opens a session that is looked up, and ends when it is signed out", async () => {
    const { sessionId } = await signInWithPassword({ email: ` ${email.toUpperCase()} `, password: PASSWORD }, from("a"));
    expect(await findPerson(sessionId)).toMatchObject({ userId, email });
    await signOut(sessionId);
    expect(await findPerson(sessionId)).toBeNull();
  });

  it("ends every session of a person who is disabled", async () => {
    const { sessionId } = await signInWithPassword({ email, password: PASSWORD }, from("a"));
    await db().prisma.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
    expect(await findPerson(sessionId)).toBeNull();
    expect(await codeOf(signInWithPassword({ email, password: PASSWORD }, from("a")))).toBe("invalid_credentials");
  });

  it("does not tell an unknown e-mail from a wrong password, nor from an account without one", async () => {
    await db().prisma.user.create({ data: { id: newId("user"), email: `sso-${email}`, name: "Only single sign-on" } });
    for (const given of [email, `nobody-${email}`, `sso-${email}`])
      expect(await codeOf(signInWithPassword({ email: given, password: "wrong password" }, from("b")))).toBe("invalid_credentials");
  });

  it("stops guessing after ten failures from one address, and leaves the owner elsewhere alone", async () => {
    const guess = () => codeOf(signInWithPassword({ email, password: "wrong password" }, from("guesser")));
    for (let i = 0; i < 10; i++) expect(await guess()).toBe("invalid_credentials");
    expect(await guess()).toBe("too_many_attempts");
    expect(await codeOf(signInWithPassword({ email, password: PASSWORD }, from("guesser")))).toBe("too_many_attempts");
    expect(await codeOf(signInWithPassword({ email, password: PASSWORD }, from("home")))).toBe("signed in");
    const later = new Date(now.getTime() + 15 * 60_000);
    expect(await codeOf(signInWithPassword({ email, password: PASSWORD }, { ...from("guesser"), now: later }))).toBe("signed in");
  });

  it("lets no more guesses through when they come all at once", async () => {
    // Fewer than the address's own limit, which would else refuse some of the ten.
    const guesses = Array.from({ length: 24 }, (_, i) =>
      codeOf(signInWithPassword({ email, password: `guess number ${i}` }, from("flood"))),
    );
    const codes = await Promise.all(guesses);
    expect(codes.filter((code) => code === "invalid_credentials")).toHaveLength(10);
    expect(codes.filter((code) => code === "too_many_attempts")).toHaveLength(14);
  });

  it("does not count those who got in", async () => {
    expect(await codeOf(signInWithPassword({ email, password: PASSWORD }, from("office")))).toBe("signed in");
    const counts = await db().prisma.signInAttempt.findMany({ where: { key: { endsWith: "/office" } } });
    expect(counts.map((c) => c.failures)).toEqual([0, 0]);
  });

  it("keeps no password as it is", async () => {
    const { passwordHash: stored } = await db().prisma.user.findUniqueOrThrow({ where: { id: userId } });
    expect(stored).toMatch(/^scrypt\$65536\$8\$1\$/);
    expect(stored).not.toContain(PASSWORD);
    expect(await hashPassword(PASSWORD)).not.toBe(stored);
  });
});

describe("signing in through an identity provider", () => {
  const profile = (parts: { email?: string | null; emailVerified?: boolean; subject?: string }) => ({
    provider: "https://id.example",
    subject: `sub-${email}`,
    email,
    emailVerified: true,
    name: "From the provider",
    ...parts,
  });

  it("takes over a known e-mail only when the provider says that it verified it", async () => {
    expect(await codeOf(signInWithOidc(profile({ emailVerified: false }), from("oidc")))).toBe("invalid_credentials");
    expect(await codeOf(signInWithOidc(profile({ email: null }), from("oidc")))).toBe("invalid_credentials");
    expect(await db().prisma.account.count({ where: { userId } })).toBe(0);
    expect((await signInWithOidc(profile({}), from("oidc"))).userId).toBe(userId);
  });

  it("goes by the provider's subject afterwards, also when the e-mail there changes", async () => {
    await signInWithOidc(profile({}), from("oidc"));
    const moved = await signInWithOidc(profile({ email: `moved-${email}`, emailVerified: false }), from("oidc"));
    expect(moved.userId).toBe(userId);
  });

  it("makes an account for a new person, who is a member of nothing", async () => {
    const { userId: made } = await signInWithOidc(profile({ email: `new-${email}`, subject: `new-${email}` }), from("oidc"));
    expect(await db().prisma.member.count({ where: { userId: made } })).toBe(0);
    expect(await db().prisma.user.findUniqueOrThrow({ where: { id: made } })).toMatchObject({ isOperator: false, passwordHash: null });
  });
});
