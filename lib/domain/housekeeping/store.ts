import { db } from "@/lib/infra/db";

/** Ages are measured with PostgreSQL's clock. */
export async function deleteOldAnswers(): Promise<void> {
  await db().prisma.$executeRaw`delete from idempotency_key where created_at < now() - interval '24 hours'`;
}

export async function deleteDoneOutbox(): Promise<void> {
  await db().prisma.$executeRaw`delete from outbox where done_at < now() - interval '1 day'`;
}

export async function deleteOldAttempts(): Promise<void> {
  await db().prisma.$executeRaw`delete from sign_in_attempt where window_start < now() - interval '1 day'`;
}

export async function deleteOldSessions(): Promise<void> {
  await db().prisma.$executeRaw`delete from session where expires_at < now() - interval '30 days'`;
}
