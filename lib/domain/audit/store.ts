import type { Prisma } from "@/generated/prisma/client";
import type { Tx } from "@/lib/infra/db";
import { GENESIS_HASH, type StoredEvent } from "./rules/chain";

/** Locks the chain's head (made on first use) and gives its last link with PostgreSQL's time. */
export async function lockHead(tx: Tx, chain: string): Promise<{ sequence: number; hash: string; now: Date }> {
  await tx.$executeRaw`insert into audit_head (chain, sequence, hash) values (${chain}, 0, ${GENESIS_HASH}) on conflict do nothing`;
  const rows = await tx.$queryRaw<{ sequence: bigint; hash: string; now: Date }[]>`
    select sequence, hash, date_trunc('milliseconds', clock_timestamp()) as now from audit_head where chain = ${chain} for update`;
  const head = rows[0];
  if (head === undefined) throw new Error(`audit chain ${chain} has no head`);
  return { sequence: Number(head.sequence), hash: head.hash, now: head.now };
}

export async function insertEvent(tx: Tx, event: StoredEvent): Promise<void> {
  await tx.auditEvent.create({
    data: { ...event, sequence: BigInt(event.sequence), at: new Date(event.at), details: event.details as Prisma.InputJsonValue },
  });
  await tx.auditHead.update({ where: { chain: event.chain }, data: { sequence: BigInt(event.sequence), hash: event.hash } });
}
