import { db } from "@/lib/infra/db";

export interface OutboxRow {
  readonly id: bigint;
  readonly job: string;
  readonly payload: unknown;
}

/**
 * Rows to hand to the queue, oldest first: never relayed, or relayed longer than `staleSeconds` ago and still not done, which is how
 * work comes back after Redis lost it.
 */
export async function listWaiting(input: { staleSeconds: number; limit: number }): Promise<OutboxRow[]> {
  return db().prisma.$queryRaw<OutboxRow[]>`
    select id, job, payload from outbox
    where done_at is null and failed_at is null
      and (relayed_at is null or relayed_at < now() - make_interval(secs => ${input.staleSeconds}))
    order by id limit ${input.limit}`;
}

export async function markRelayed(ids: readonly bigint[]): Promise<void> {
  await db().prisma.$executeRaw`update outbox set relayed_at = now() where id = any(${[...ids]}::bigint[])`;
}

export async function markDone(ids: readonly bigint[]): Promise<void> {
  await db().prisma.$executeRaw`update outbox set done_at = now() where id = any(${[...ids]}::bigint[]) and done_at is null`;
}

/** Keeps the row, with why: nothing that was asked for disappears. */
export async function markFailed(id: bigint, error: string): Promise<void> {
  await db().prisma.$executeRaw`update outbox set failed_at = now(), error = ${error.slice(0, 2_000)} where id = ${id} and done_at is null`;
}

export async function countOutbox(): Promise<{ waiting: number; failed: number; oldestSeconds: number }> {
  const rows = await db().prisma.$queryRaw<{ waiting: number; failed: number; oldest: number }[]>`
    select count(*) filter (where failed_at is null)::int as waiting, count(*) filter (where failed_at is not null)::int as failed,
      coalesce(extract(epoch from now() - min(created_at) filter (where failed_at is null)), 0)::float8 as oldest
    from outbox where done_at is null`;
  const row = rows[0];
  return { waiting: row?.waiting ?? 0, failed: row?.failed ?? 0, oldestSeconds: row?.oldest ?? 0 };
}
