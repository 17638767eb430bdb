import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { verifyPassword } from "@/lib/infra/password";
import { sha256Hex } from "@/lib/infra/secrets";
import { appendEvent } from "../audit";
import {
  endSession,
  findUserByAccount,
  findUserByEmail,
  giveBackAttempt,
  insertSession,
  insertUser,
  inTransaction,
  linkAccount,
  takeAttempt,
} from "./store";

const WINDOW_MS = 15 * 60_000;
const MAX_FAILURES_PER_EMAIL = 10;
const MAX_FAILURES_PER_ADDRESS = 25;
export const SESSION_MS = 12 * 3_600_000;
/** Chain of events that belong to no project. */
export const INSTALLATION_CHAIN = "installation";

export interface SignedIn {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
}

interface Visitor {
  /** Network address as far as it can be trusted. */
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly now: Date;
}

async function openSession(user: { id: string; email: string; name: string }, visitor: Visitor, how: string): Promise<SignedIn> {
  const session = await insertSession({
    id: newId("session"),
    userId: user.id,
    expiresAt: new Date(visitor.now.getTime() + SESSION_MS),
    userAgent: visitor.userAgent.slice(0, 300),
  });
  await inTransaction((tx) =>
    appendEvent(tx, {
      chain: INSTALLATION_CHAIN,
      actor: { kind: "user", id: user.id, name: user.name },
      requestId: visitor.requestId,
      draft: { action: "session.opened", objectKind: "session", objectId: session.id, objectName: user.email, details: { how } },
    }),
  );
  return { sessionId: session.id, userId: user.id, email: user.email, name: user.name };
}

/** @throws AppError invalid_credentials, or too_many_attempts once an address or an e-mail failed too often in 15 minutes */
export async function signInWithPassword(input: { email: string; password: string }, visitor: Visitor): Promise<SignedIn> {
  const email = input.email.trim().toLowerCase();
  const windowStart = new Date(Math.floor(visitor.now.getTime() / WINDOW_MS) * WINDOW_MS);
  // An attacker at one address must not lock the owner out elsewhere: the e-mail's count is kept per address.
  const keys = { email: `email/${sha256Hex(email).slice(0, 32)}/${visitor.address}`, address: `address/${visitor.address}` };
  // Counted before the password is looked at: guesses that come all at once would else all find the count at zero.
  const [ofEmail, ofAddress] = await Promise.all([takeAttempt(keys.email, windowStart), takeAttempt(keys.address, windowStart)]);
  if (ofEmail > MAX_FAILURES_PER_EMAIL || ofAddress > MAX_FAILURES_PER_ADDRESS)
    throw new AppError("too_many_attempts", "Too many failed sign-ins from here. Wait a quarter of an hour.", {
      retryAfterSeconds: Math.ceil((windowStart.getTime() + WINDOW_MS - visitor.now.getTime()) / 1_000),
    });
  const user = await findUserByEmail(email);
  const matches = await verifyPassword(input.password, user?.passwordHash ?? null);
  if (!matches || user === null || user.disabledAt !== null) throw new AppError("invalid_credentials", "E-mail or password is wrong.");
  await Promise.all([giveBackAttempt(keys.email, windowStart), giveBackAttempt(keys.address, windowStart)]);
  return openSession(user, visitor, "password");
}

/** A person who comes from the OIDC provider. A known e-mail is linked only when the provider says that it verified it. */
export async function signInWithOidc(
  profile: { provider: string; subject: string; email: string | null; emailVerified: boolean; name: string },
  visitor: Visitor,
): Promise<SignedIn> {
  const account = await findUserByAccount(profile.provider, profile.subject);
  if (account !== null) {
    if (account.user.disabledAt !== null) throw new AppError("invalid_credentials", "This account is disabled.");
    return openSession(account.user, visitor, profile.provider);
  }
  if (profile.email === null || !profile.emailVerified)
    throw new AppError("invalid_credentials", "The identity provider did not give a verified e-mail address.");
  const email = profile.email.toLowerCase();
  const user = await inTransaction(async (tx) => {
    const known = await findUserByEmail(email, tx);
    const person = known ?? (await insertUser(tx, { id: newId("user"), email, name: profile.name || email }));
    await linkAccount(tx, { provider: profile.provider, subject: profile.subject, userId: person.id });
    return person;
  });
  if (user.disabledAt !== null) throw new AppError("invalid_credentials", "This account is disabled.");
  return openSession(user, visitor, profile.provider);
}

export async function signOut(sessionId: string): Promise<void> {
  await endSession(sessionId, new Date());
}
