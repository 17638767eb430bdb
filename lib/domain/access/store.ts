import type { Prisma } from "@/generated/prisma/client";
import type { LimitColumns } from "@/lib/contracts/rate-limits";
import type { Role, Scope } from "@/lib/core/policy/actions";
import { ROLES, SCOPES } from "@/lib/core/policy/actions";
import { db, type Reader, type Tx } from "@/lib/infra/db";

export { inTransaction, lockName, uniqueViolation } from "@/lib/infra/db";

export function toRole(value: string): Role {
  const role = ROLES.find((r) => r === value);
  if (role === undefined) throw new Error(`unknown role ${value} in the database`);
  return role;
}

export function toScopes(values: readonly string[]): Scope[] {
  return SCOPES.filter((s) => values.includes(s));
}

// ── people ──
export function findUserByEmail(email: string, reader: Reader = db().prisma) {
  return reader.user.findUnique({ where: { email } });
}

export function findUserByAccount(provider: string, subject: string) {
  return db().prisma.account.findUnique({ where: { provider_subject: { provider, subject } }, include: { user: true } });
}

export async function isOperator(reader: Reader, userId: string): Promise<boolean> {
  return (await reader.user.findUnique({ where: { id: userId }, select: { isOperator: true } }))?.isOperator === true;
}

export function insertUser(tx: Tx, user: Prisma.UserUncheckedCreateInput) {
  return tx.user.create({ data: user });
}

export async function linkAccount(tx: Tx, account: { provider: string; subject: string; userId: string }): Promise<void> {
  await tx.account.create({ data: account });
}

export function countUsers(reader: Reader = db().prisma): Promise<number> {
  return reader.user.count();
}

// ── sessions ──
export function insertSession(session: Prisma.SessionUncheckedCreateInput) {
  return db().prisma.session.create({ data: session });
}

/** The live session with its person; null when ended, expired, or the person is disabled. */
export async function findLiveSession(id: string, now: Date) {
  const session = await db().prisma.session.findUnique({ where: { id }, include: { user: true } });
  if (session === null || session.revokedAt !== null || session.expiresAt <= now || session.user.disabledAt !== null) return null;
  return session;
}

export async function touchSession(id: string, now: Date): Promise<void> {
  await db().prisma.session.updateMany({ where: { id }, data: { lastSeenAt: now } });
}

export async function endSession(id: string, now: Date): Promise<void> {
  await db().prisma.session.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } });
}

// ── failed sign-ins ──
/** Counts one more attempt in the window and gives the count: of attempts that come at once, each gets its own. */
export async function takeAttempt(key: string, windowStart: Date): Promise<number> {
  const rows = await db().prisma.$queryRaw<{ failures: number }[]>`
    insert into sign_in_attempt (key, window_start, failures) values (${key}, ${windowStart}, 1)
    on conflict (key, window_start) do update set failures = sign_in_attempt.failures + 1 returning failures`;
  const [row] = rows;
  if (row === undefined) throw new Error("PostgreSQL counted no attempt");
  return row.failures;
}

/** An attempt that was none of an attacker's does not count. */
export async function giveBackAttempt(key: string, windowStart: Date): Promise<void> {
  await db().prisma.signInAttempt.updateMany({ where: { key, windowStart }, data: { failures: { decrement: 1 } } });
}

// ── projects and members ──
export function findProjectBySlug(slug: string) {
  return db().prisma.project.findUnique({ where: { slug }, include: { environments: { orderBy: { position: "asc" } } } });
}

export async function insertProject(
  tx: Tx,
  project: { id: string; slug: string; name: string; isDemo: boolean; subjectKeySealed: string; environments: readonly string[] },
) {
  const { environments, ...data } = project;
  return tx.project.create({
    data: { ...data, environments: { create: environments.map((name, position) => ({ name, position })) } },
    include: { environments: { orderBy: { position: "asc" } } },
  });
}

export async function hasEnvironment(reader: Reader, projectId: string, name: string): Promise<boolean> {
  return (await reader.environment.count({ where: { projectId, name } })) === 1;
}

export function findMember(reader: Reader, projectId: string, userId: string) {
  return reader.member.findUnique({ where: { projectId_userId: { projectId, userId } }, include: { user: true } });
}

/** Locks the project's members, so that two changes cannot both take the last admin away. */
export async function lockAdmins(tx: Tx, projectId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ user_id: string }[]>`
    select user_id from member where project_id = ${projectId} and role = 'admin' order by user_id for update`;
  return rows.map((r) => r.user_id);
}

export function insertMember(tx: Tx, member: { projectId: string; userId: string; role: Role }) {
  return tx.member.create({ data: member, include: { user: true } });
}

export function saveMemberRole(tx: Tx, member: { projectId: string; userId: string; role: Role }) {
  return tx.member.update({
    where: { projectId_userId: { projectId: member.projectId, userId: member.userId } },
    data: { role: member.role, version: { increment: 1 } },
    include: { user: true },
  });
}

export async function deleteMember(tx: Tx, projectId: string, userId: string): Promise<void> {
  await tx.member.delete({ where: { projectId_userId: { projectId, userId } } });
}

// ── tokens and keys ──
export function findTokenByHash(hash: string) {
  return db().prisma.apiToken.findUnique({ where: { hash } });
}

export async function touchToken(id: string, now: Date): Promise<void> {
  await db().prisma.apiToken.updateMany({ where: { id }, data: { lastUsedAt: now } });
}

export function insertToken(tx: Tx, token: Prisma.ApiTokenUncheckedCreateInput) {
  return tx.apiToken.create({ data: token });
}

export function findToken(tx: Tx, projectId: string, id: string) {
  return tx.apiToken.findFirst({ where: { id, projectId } });
}

export function saveTokenRevoked(tx: Tx, id: string, now: Date) {
  return tx.apiToken.update({ where: { id }, data: { revokedAt: now } });
}

/** Gives how many there were. */
export async function revokeTokensOf(tx: Tx, of: { projectId: string; userId: string; at: Date }): Promise<number> {
  const where = { projectId: of.projectId, createdById: of.userId, revokedAt: null };
  return (await tx.apiToken.updateMany({ where, data: { revokedAt: of.at } })).count;
}

export function insertGatewayKey(tx: Tx, key: Prisma.GatewayKeyUncheckedCreateInput) {
  return tx.gatewayKey.create({ data: key });
}

export function findGatewayKey(tx: Tx, projectId: string, id: string) {
  return tx.gatewayKey.findFirst({ where: { id, projectId } });
}

/** Locked: of two changes the second sees the first. */
export async function lockGatewayKey(tx: Tx, projectId: string, id: string) {
  await tx.$queryRaw`select id from gateway_key where id = ${id} and project_id = ${projectId} for update`;
  return findGatewayKey(tx, projectId, id);
}

export function saveGatewayKeyLimits(tx: Tx, id: string, limits: LimitColumns) {
  return tx.gatewayKey.update({ where: { id }, data: { ...limits, version: { increment: 1 } } });
}

export function saveGatewayKeyRevoked(tx: Tx, id: string, now: Date) {
  return tx.gatewayKey.update({ where: { id }, data: { revokedAt: now, version: { increment: 1 } } });
}

// ── first admin ──
export function insertSetupLink(tx: Tx, link: { tokenHash: string; expiresAt: Date }) {
  return tx.setupLink.create({ data: link });
}

export async function hasLiveSetupLink(tx: Tx, now: Date): Promise<boolean> {
  return (await tx.setupLink.count({ where: { usedAt: null, expiresAt: { gt: now } } })) > 0;
}

export async function isLiveSetupLink(tokenHash: string, now: Date): Promise<boolean> {
  return (await db().prisma.setupLink.count({ where: { tokenHash, usedAt: null, expiresAt: { gt: now } } })) === 1;
}

/** Marks the link used if it is live. */
export async function useSetupLink(tx: Tx, tokenHash: string, now: Date): Promise<boolean> {
  const { count } = await tx.setupLink.updateMany({ where: { tokenHash, usedAt: null, expiresAt: { gt: now } }, data: { usedAt: now } });
  return count === 1;
}

/** Outside any transaction. */
export function findMemberNow(projectId: string, userId: string) {
  return findMember(db().prisma, projectId, userId);
}
