import { Prisma } from "@/generated/prisma/client";
import type { Role } from "@/lib/core/policy/actions";
import { ROLES } from "@/lib/core/policy/actions";
import { databaseNow, db, inTransaction, lockName, type Reader, type Tx } from "@/lib/infra/db";
import type { ApprovalContent } from "./api";
import type { RequestFacts, Verdict } from "./rules/decide";
import {
  chooseEnvironment,
  DEFAULT_POLICY,
  DEFAULT_PROTECTED_NAMES,
  defaultGuarded,
  GUARDED,
  type Guarded,
  type Policy,
} from "./rules/policy";
import { APPROVAL_STATES, type ApprovalState, OPEN_STATES } from "./rules/states";

export { databaseNow, db, inTransaction, type Reader, type Tx };

const WITH_DECISIONS = { decisions: { orderBy: { at: "asc" } } } satisfies Prisma.ApprovalInclude;
export type ApprovalRow = Prisma.ApprovalGetPayload<{ include: typeof WITH_DECISIONS }>;

export function toState(value: string): ApprovalState {
  const state = APPROVAL_STATES.find((s) => s === value);
  if (state === undefined) throw new Error(`unknown approval state ${value} in the database`);
  return state;
}

function toRole(value: string): Role {
  const role = ROLES.find((r) => r === value);
  if (role === undefined) throw new Error(`unknown role ${value} in the database`);
  return role;
}

const toVerdict = (value: string): Verdict => (value === "approve" ? "approve" : "reject");

export function toContent(row: Pick<ApprovalRow, "content">): ApprovalContent {
  // Written by this domain only, through the schema that the answer is checked with.
  return JSON.parse(row.content) as ApprovalContent;
}

export function toFacts(row: ApprovalRow): RequestFacts {
  return {
    state: toState(row.state),
    digest: row.digest,
    expiresAtMs: row.expiresAt.getTime(),
    requiredApprovals: row.requiredApprovals,
    leastRole: toRole(row.leastRole),
    contributorIds: row.contributorIds,
    decisions: row.decisions.map((d) => ({ userId: d.userId, digest: d.digest, verdict: toVerdict(d.verdict) })),
  };
}

/** One after the other for everything that would change the same subject. Taken before any row. */
export function lockSubject(tx: Tx, subjectId: string): Promise<void> {
  return lockName(tx, `approval-subject/${subjectId}`);
}

/** Several subjects at once are locked in the order of their ids everywhere, so that nobody waits in a circle. */
export function toLockOrder(subjectIds: readonly string[]): string[] {
  return [...new Set(subjectIds)].sort();
}

/** Locks a subject together with those of the open requests that would use the same target. */
export async function lockSubjectsOf(tx: Tx, at: { projectId: string; subjectId: string; targetId: string }): Promise<void> {
  const rows = await listOpen(tx, { projectId: at.projectId, targetId: at.targetId });
  for (const subjectId of toLockOrder([at.subjectId, ...rows.map((r) => r.subjectId)])) await lockSubject(tx, subjectId);
}

export function findApproval(reader: Reader, projectId: string, id: string): Promise<ApprovalRow | null> {
  const key = id.startsWith("apv_") ? { id } : { number: Number(id) };
  return reader.approval.findFirst({ where: { projectId, ...key }, include: WITH_DECISIONS });
}

/** The row as it is outside of any transaction. */
export function findApprovalNow(projectId: string, id: string): Promise<ApprovalRow | null> {
  return findApproval(db().prisma, projectId, id);
}

/** The row, locked with its subject until the transaction ends. */
export async function lockApproval(tx: Tx, projectId: string, id: string): Promise<ApprovalRow | null> {
  const row = await findApproval(tx, projectId, id);
  if (row === null) return null;
  await lockSubject(tx, row.subjectId);
  await tx.$queryRaw`select id from approval where id = ${row.id} for update`;
  return findApproval(tx, projectId, row.id);
}

export function insertApproval(tx: Tx, row: Prisma.ApprovalUncheckedCreateInput): Promise<ApprovalRow> {
  return tx.approval.create({ data: row, include: WITH_DECISIONS });
}

/**
 * Compare-and-set on the epoch that was read. @throws when somebody else moved it, which the locks of lockApproval make impossible
 */
export async function saveApproval(tx: Tx, row: Pick<ApprovalRow, "id" | "epoch">, data: Prisma.ApprovalUncheckedUpdateInput) {
  const [saved] = await tx.approval.updateManyAndReturn({
    where: { id: row.id, epoch: row.epoch },
    data: { ...data, epoch: row.epoch + 1 },
    select: { projectId: true },
  });
  const fresh = saved === undefined ? null : await findApproval(tx, saved.projectId, row.id);
  if (fresh === null) throw new Error(`approval ${row.id} moved under its lock`);
  return fresh;
}

export async function insertDecision(tx: Tx, decision: Prisma.ApprovalDecisionUncheckedCreateInput): Promise<void> {
  await tx.approvalDecision.create({ data: decision });
}

export interface OpenFilter {
  readonly projectId?: string;
  readonly subjectId?: string;
  readonly targetId?: string;
  readonly environmentName?: string;
}

/** Open requests, oldest first. */
export function listOpen(reader: Reader, where: OpenFilter) {
  return reader.approval.findMany({
    where: { state: { in: [...OPEN_STATES] }, ...where },
    include: WITH_DECISIONS,
    orderBy: { createdAt: "asc" },
  });
}

export function listOpenIds(limit: number): Promise<{ id: string; projectId: string }[]> {
  return db().prisma.approval.findMany({
    where: { state: { in: [...OPEN_STATES] } },
    orderBy: { expiresAt: "asc" },
    select: { id: true, projectId: true },
    take: limit,
  });
}

/** The project's next number, given under its row lock. */
export async function takeNumber(tx: Tx, projectId: string): Promise<number> {
  const row = await tx.project.update({ where: { id: projectId }, data: { lastNumber: { increment: 1 } }, select: { lastNumber: true } });
  return row.lastNumber;
}

/** The people behind: a token's maker, a person themself. */
export async function findPeople(reader: Reader, projectId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const tokens = await reader.apiToken.findMany({ where: { projectId, id: { in: [...ids] } }, select: { id: true, createdById: true } });
  const makers = new Map(tokens.map((t) => [t.id, t.createdById]));
  return new Map(ids.map((id) => [id, makers.get(id) ?? id]));
}

export async function listEnvironments(reader: Reader, projectId: string): Promise<string[]> {
  const rows = await reader.environment.findMany({ where: { projectId }, orderBy: { position: "asc" }, select: { name: true } });
  return rows.map((r) => r.name);
}

/** The environment whose policy holds for a name that belongs to none. */
export async function findPolicyEnvironment(reader: Reader, projectId: string, name: string): Promise<string> {
  return chooseEnvironment(name, await listEnvironments(reader, projectId));
}

export async function readPolicy(reader: Reader, projectId: string, environmentName: string): Promise<Policy> {
  const row = await reader.approvalPolicy.findUnique({ where: { projectId_environmentName: { projectId, environmentName } } });
  if (row === null) return DEFAULT_POLICY;
  const { approvals, expiryHours, requiredChecks, revision } = row;
  return { approvals, expiryHours, requiredChecks, revision, leastRole: toRole(row.leastRole) };
}

interface PolicyPlace {
  readonly projectId: string;
  readonly environmentName: string;
  readonly now: Date;
  /** undefined: stays as it was said. */
  readonly guarded: readonly Guarded[] | undefined;
}

export async function savePolicy(tx: Tx, at: PolicyPlace, policy: Policy): Promise<void> {
  const { now: updatedAt, guarded, ...key } = at;
  const said = guarded === undefined ? {} : { guarded: [...guarded] };
  const data = { ...policy, requiredChecks: [...policy.requiredChecks], updatedAt, ...said };
  await tx.approvalPolicy.upsert({ where: { projectId_environmentName: key }, create: { ...key, ...data }, update: data });
}

export async function readProtectedNames(reader: Reader, projectId: string): Promise<{ names: readonly string[]; revision: number }> {
  const row = await reader.protectedNames.findUnique({ where: { projectId } });
  return row === null ? { names: DEFAULT_PROTECTED_NAMES, revision: 0 } : { names: row.names, revision: row.revision };
}

/** What needs an approval in an environment, beside the moves of protected names. */
export async function readGuarded(reader: Reader, projectId: string, environmentName: string): Promise<readonly Guarded[]> {
  const row = await reader.approvalPolicy.findUnique({ where: { projectId_environmentName: { projectId, environmentName } } });
  const said = row?.guarded ?? null;
  if (Array.isArray(said)) return GUARDED.filter((each) => said.includes(each));
  return defaultGuarded(environmentName, (await readProtectedNames(reader, projectId)).names);
}

export async function isGuarded(
  reader: Reader,
  at: { readonly projectId: string; readonly environment: string },
  what: Guarded,
): Promise<boolean> {
  return (await readGuarded(reader, at.projectId, at.environment)).includes(what);
}

/** The newest request on a subject; null where nobody has asked. */
export async function findNewestRequest(reader: Reader, projectId: string, subjectId: string) {
  const row = await reader.approval.findFirst({ where: { projectId, subjectId }, orderBy: { number: "desc" } });
  return row === null ? null : { number: row.number, state: toState(row.state) };
}

export async function saveProtectedNames(tx: Tx, projectId: string, data: { names: string[]; revision: number; updatedAt: Date }) {
  await tx.protectedNames.upsert({ where: { projectId }, create: { projectId, ...data }, update: data });
}

/** Locks a project's settings of one sort for a change. */
export function lockSetting(tx: Tx, projectId: string, setting: string): Promise<void> {
  return lockName(tx, `${setting}/${projectId}`);
}

export interface ApprovalFilter {
  readonly projectId: string;
  readonly view?: "to_decide" | "requested" | "decided" | "open" | "unreviewed" | undefined;
  readonly state?: string | undefined;
  readonly kind?: string | undefined;
  readonly target?: string | undefined;
  /** The person who looks. */
  readonly userId: string;
  readonly roles: readonly Role[];
}

const ANY = Prisma.sql`true`;

function viewOf({ view, userId, roles }: ApprovalFilter): Prisma.Sql {
  const waits = Prisma.sql`a.state = 'pending' and a.expires_at > now() and not (${userId} = any (a.contributor_ids))
    and a.least_role = any (${[...roles]}) and not exists (
      select 1 from approval_decision d where d.approval_id = a.id and d.user_id = ${userId} and d.digest = a.digest)`;
  const unreviewed = Prisma.sql`a.break_glass_by_id is not null and a.reviewed_at is null`;
  switch (view) {
    case "to_decide":
      return roles.includes("approver")
        ? Prisma.sql`((${waits}) or (${unreviewed} and a.break_glass_by_id <> ${userId} and a.requester_id <> ${userId}))`
        : Prisma.sql`false`;
    case "requested":
      return Prisma.sql`a.requester_id = ${userId}`;
    case "decided":
      return Prisma.sql`(exists (select 1 from approval_decision d where d.approval_id = a.id and d.user_id = ${userId})
        or a.break_glass_by_id = ${userId} or a.reviewed_by_id = ${userId})`;
    case "open":
      return Prisma.sql`a.state in ('pending', 'approved')`;
    case "unreviewed":
      return unreviewed;
    case undefined:
      return ANY;
  }
}

function whereOf(filter: ApprovalFilter): Prisma.Sql {
  return Prisma.join(
    [
      Prisma.sql`a.project_id = ${filter.projectId}`,
      viewOf(filter),
      filter.state === undefined ? ANY : Prisma.sql`a.state = ${filter.state}`,
      filter.kind === undefined ? ANY : Prisma.sql`a.kind = ${filter.kind}`,
      filter.target === undefined ? ANY : Prisma.sql`a.target_id = ${filter.target}`,
    ],
    " and ",
  );
}

/** Newest number first, `take` of those below `below`. */
export async function listApprovalRows(reader: Reader, filter: ApprovalFilter, page: { below: number | null; take: number }) {
  const rows = await reader.$queryRaw<{ id: string }[]>`
    select a.id from approval a where ${whereOf(filter)} and ${page.below === null ? ANY : Prisma.sql`a.number < ${page.below}`}
    order by a.number desc limit ${page.take}`;
  return reader.approval.findMany({
    where: { id: { in: rows.map((r) => r.id) } },
    include: WITH_DECISIONS,
    orderBy: { number: "desc" },
  });
}

export async function countApprovalRows(reader: Reader, filter: ApprovalFilter): Promise<number> {
  const rows = await reader.$queryRaw<{ count: number }[]>`select count(*)::int as count from approval a where ${whereOf(filter)}`;
  return rows[0]?.count ?? 0;
}
