import type { Prisma } from "@/generated/prisma/client";
import { databaseNow, db, inTransaction, type Reader, type Tx } from "@/lib/infra/db";
import type { CheckState } from "../rules/version-state";

/** The controller's own transaction; a person's changes go through command(). */
export const inVerificationTransaction = inTransaction;

const WITH_CHECKS = {
  checks: { orderBy: { position: "asc" } },
  version: { select: { number: true, model: { select: { name: true } } } },
} satisfies Prisma.ArtifactVerificationInclude;
export type VerificationRow = Prisma.ArtifactVerificationGetPayload<{ include: typeof WITH_CHECKS }>;
export type CheckRow = VerificationRow["checks"][number];

export function findNewestVerification(reader: Reader, versionId: string): Promise<VerificationRow | null> {
  return reader.artifactVerification.findFirst({
    where: { versionId },
    include: WITH_CHECKS,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
  });
}

export function findVerification(id: string, reader: Reader = db().prisma): Promise<VerificationRow | null> {
  return reader.artifactVerification.findUnique({ where: { id }, include: WITH_CHECKS });
}

export function insertVerification(
  tx: Tx,
  row: Omit<Prisma.ArtifactVerificationUncheckedCreateInput, "checks" | "state">,
  artifacts: readonly { uri: string; sha256: string; sizeBytes: number }[],
): Promise<VerificationRow> {
  return tx.artifactVerification.create({
    data: {
      ...row,
      state: "queued",
      checks: {
        create: artifacts.map(({ uri, sha256, sizeBytes }, position) => ({
          position,
          uri,
          sha256,
          sizeBytes: BigInt(sizeBytes),
          state: "queued",
        })),
      },
    },
    include: WITH_CHECKS,
  });
}

/** Who works on a verification: the epoch that the claim gave. Every write names it, so that one who lost the lease writes nothing. */
export interface Hold {
  readonly id: string;
  readonly epoch: number;
}

/** Takes an open verification that nobody holds; null when somebody does, or when it is over. */
export async function claimVerification(id: string, leaseMs: number): Promise<Hold | null> {
  const rows = await db().prisma.$queryRaw<{ epoch: number }[]>`
    update artifact_verification
    set epoch = epoch + 1, state = 'running', started_at = coalesce(started_at, clock_timestamp()),
      lease_until = clock_timestamp() + ${leaseMs}::int * interval '1 millisecond'
    where id = ${id} and ended_at is null and (lease_until is null or lease_until < clock_timestamp()) and deadline_at > clock_timestamp()
    returning epoch`;
  const [row] = rows;
  return row === undefined ? null : { id, epoch: row.epoch };
}

/** Keeps the lease and writes how far the reading is. False when the lease is somebody else's, or the verification is over or overdue. */
export async function keepLease(hold: Hold, input: { leaseMs: number; position: number; bytesDone: number }): Promise<boolean> {
  const count = await db().prisma.$executeRaw`
    with held as (
      update artifact_verification set lease_until = clock_timestamp() + ${input.leaseMs}::int * interval '1 millisecond'
      where id = ${hold.id} and epoch = ${hold.epoch} and ended_at is null and deadline_at > clock_timestamp() returning id
    ) update artifact_check set bytes_done = ${input.bytesDone}::bigint
      from held where verification_id = held.id and position = ${input.position} and ended_at is null`;
  return count === 1;
}

async function isHeld(tx: Tx, { id, epoch }: Hold): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from artifact_verification where id = ${id} and epoch = ${epoch} and ended_at is null for update`;
  return rows.length === 1;
}

/** An artifact's reading begins, again or for the first time. */
export function startCheck(hold: Hold, position: number): Promise<boolean> {
  return inTransaction(async (tx) => {
    if (!(await isHeld(tx, hold))) return false;
    const where = { verificationId: hold.id, position, endedAt: null };
    const { count } = await tx.artifactCheck.updateMany({
      where,
      data: { state: "running", bytesDone: 0n, startedAt: await databaseNow(tx) },
    });
    return count === 1;
  });
}

export interface CheckEnd {
  readonly state: Exclude<CheckState, "queued" | "running">;
  readonly bytesDone: number;
  readonly actual: { readonly sha256: string; readonly bytes: number } | null;
  readonly problem: string | null;
  readonly detail: string;
}

export function endCheck(hold: Hold, position: number, end: CheckEnd): Promise<boolean> {
  return inTransaction(async (tx) => {
    if (!(await isHeld(tx, hold))) return false;
    const { count } = await tx.artifactCheck.updateMany({
      where: { verificationId: hold.id, position, endedAt: null },
      data: {
        state: end.state,
        bytesDone: BigInt(end.bytesDone),
        actualSha256: end.actual?.sha256 ?? null,
        actualBytes: end.actual === null ? null : BigInt(end.actual.bytes),
        problem: end.problem,
        detail: end.detail,
        endedAt: await databaseNow(tx),
      },
    });
    return count === 1;
  });
}

/** Ends the verification for good, in the caller's transaction. Null when it is not held any more, so that it ends once. */
export async function endVerification(tx: Tx, hold: Hold, state: CheckState): Promise<VerificationRow | null> {
  if (!(await isHeld(tx, hold))) return null;
  const row = await tx.artifactVerification.update({
    where: { id: hold.id },
    data: { state, leaseUntil: null, endedAt: await databaseNow(tx) },
    include: WITH_CHECKS,
  });
  return row;
}

/** Open ones past their deadline, whoever holds them. */
export async function listOverdue(): Promise<VerificationRow[]> {
  const { prisma } = db();
  const where = { endedAt: null, deadlineAt: { lte: await databaseNow(prisma) } };
  return prisma.artifactVerification.findMany({ where, include: WITH_CHECKS, take: 100 });
}

/** Ends what is open of an overdue verification. Null when it ended meanwhile. */
export async function endOverdue(tx: Tx, row: VerificationRow, end: { problem: string; detail: string }): Promise<Hold | null> {
  const { count } = await tx.artifactVerification.updateMany({
    where: { id: row.id, epoch: row.epoch, endedAt: null },
    data: { epoch: { increment: 1 }, leaseUntil: null },
  });
  if (count === 0) return null;
  await tx.artifactCheck.updateMany({
    where: { verificationId: row.id, endedAt: null },
    data: { state: "failed", endedAt: await databaseNow(tx), ...end },
  });
  return { id: row.id, epoch: row.epoch + 1 };
}

/** Marks the open ones that nobody works on and that were not asked for lately; they are to be asked for in the same transaction. */
export async function takeForgotten(tx: Tx, askAgainMs: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    update artifact_verification set asked_at = clock_timestamp()
    where id in (
      select id from artifact_verification
      where ended_at is null and deadline_at > clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
        and asked_at < clock_timestamp() - ${askAgainMs}::int * interval '1 millisecond'
      order by created_at limit 100 for update skip locked
    ) returning id`;
  return rows.map((r) => r.id);
}
