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
  return { nextCursor, items: items.map(toAuditEvent) };
}

type EventRow = Awaited<ReturnType<Reader["auditEvent"]["findFirstOrThrow"]>>;

function toAuditEvent(r: EventRow): AuditEvent {
  return {
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
  };
}

/** Null when the chain has no such event. */
export async function findEvent(reader: Reader, chain: string, id: string): Promise<AuditEvent | null> {
  const row = await reader.auditEvent.findFirst({ where: { chain, id } });
  return row === null ? null : toAuditEvent(row);
}

const FACETS_OF_NEWEST = 5_000;

/** What the newest 5,000 events of a chain can be filtered by; actors with the name that they had last. */
export async function readFacets(chain: string) {
  const rows = await db().prisma.$queryRaw<{ facet: string; value: string; name: string }[]>`
    with newest as (
      select action, object_kind, actor_id, actor_name, sequence from audit_event where chain = ${chain} order by sequence desc limit ${FACETS_OF_NEWEST}
    )
    select distinct 'action' as facet, action as value, action as name from newest
    union all select distinct 'kind', object_kind, object_kind from newest
    union all select * from (select distinct on (actor_id) 'actor', actor_id, actor_name from newest order by actor_id, sequence desc) as actors`;
  const of = (facet: string) =>
    rows
      .filter((row) => row.facet === facet)
      .map(({ value, name }) => ({ value, name }))
      .sort((a, b) => a.name.localeCompare(b.name));
  return { actions: of("action"), kinds: of("kind"), actors: of("actor") };
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
