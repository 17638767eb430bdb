import type { Prisma } from "@/generated/prisma/client";
import type { Tx } from "@/lib/infra/db";

export interface KeptAnswer {
  readonly requestHash: string;
  readonly status: number;
  readonly result: unknown;
  readonly etag: string | null;
}

/** Answers are kept for a day; an older one no longer counts. */
export const IDEMPOTENCY_HOURS = 24;

export async function findAnswer(tx: Tx, scope: string, key: string): Promise<KeptAnswer | null> {
  const row = await tx.idempotencyKey.findUnique({ where: { scope_key: { scope, key } } });
  if (row === null) return null;
  if (row.createdAt.getTime() < Date.now() - IDEMPOTENCY_HOURS * 3_600_000) {
    await tx.idempotencyKey.delete({ where: { scope_key: { scope, key } } });
    return null;
  }
  const kept = row.response as { result: unknown; etag: string | null };
  return { requestHash: row.requestHash, status: row.status, result: kept.result, etag: kept.etag };
}

export async function saveAnswer(tx: Tx, answer: KeptAnswer & { scope: string; key: string }): Promise<void> {
  const response = { result: answer.result ?? null, etag: answer.etag } as Prisma.InputJsonValue;
  await tx.idempotencyKey.create({
    data: { scope: answer.scope, key: answer.key, requestHash: answer.requestHash, status: answer.status, response },
  });
}
