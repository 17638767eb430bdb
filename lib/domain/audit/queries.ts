import { parseNumberCursor, toPage } from "@/lib/core/cursor";
import { db, type Reader } from "@/lib/infra/db";
import type { AuditEvent } from "./api";
import type { StoredEvent } from "./rules/chain";

export interface AuditFilter {
  readonly objectKind?: string | undefined;
  readonly objectId?: string | undefined;
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
}

const keep = <K extends string>(name: K, value: string | undefined) => (value === undefined ? {} : { [name]: value });

export async function pageEvents(reader: Reader, chain: string, page: { limit: number; cursor?: string | undefined } & AuditFilter) {
  const below = parseNumberCursor(page.cursor);
  const before = below === null ? {} : { sequence: { lt: BigInt(below) } };
  const rows = await reader.auditEvent.findMany({
    where: {
      chain,
      ...before,
      ...keep("objectKind", page.objectKind),
      ...keep("objectId", page.objectId),
      ...keep("action", page.action),
      ...keep("actorId", page.actorId),
    },
    orderBy: { sequence: "desc" },
    take: page.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [Number(r.sequence)]);
  return {
    nextCursor,
    items: items.map((r) => ({
      id: r.id,
      sequence: Number(r.sequence),
      at: r.at.toISOString(),
      actor: { kind: r.actorKind, id: r.actorId, name: r.actorName },
      action: r.action,
      object: { kind: r.objectKind, id: r.objectId, name: r.objectName },
      reason: r.reason,
      details: r.details as AuditEvent["details"],
      requestId: r.requestId,
      prevHash: r.prevHash,
      hash: r.hash,
    })),
  };
}

/** The next events of a chain after `sequence`, ascending. */
export async function eventsAfter(chain: string, sequence: number, take: number): Promise<StoredEvent[]> {
  const rows = await db().prisma.auditEvent.findMany({
    where: { chain, sequence: { gt: BigInt(sequence) } },
    orderBy: { sequence: "asc" },
    take,
  });
  return rows.map((r) => ({ ...r, sequence: Number(r.sequence), at: r.at.toISOString() }));
}

export async function findHead(chain: string): Promise<{ sequence: number; hash: string } | null> {
  const row = await db().prisma.auditHead.findUnique({ where: { chain } });
  return row === null ? null : { sequence: Number(row.sequence), hash: row.hash };
}

export async function listHeads(): Promise<{ chain: string; sequence: number; hash: string }[]> {
  const rows = await db().prisma.auditHead.findMany({ orderBy: { chain: "asc" } });
  return rows.map((r) => ({ chain: r.chain, sequence: Number(r.sequence), hash: r.hash }));
}
