import { Prisma } from "@/generated/prisma/client";
import { databaseNow, type Reader, type Tx } from "@/lib/infra/db";
import type { PointerKind } from "./api";

export { databaseNow, type Reader, type Tx };

/** Which pointer: a name on the versions of one model or prompt. */
export interface PointerRef {
  readonly kind: PointerKind;
  readonly projectId: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly name: string;
}

interface Tables {
  readonly pointer: Prisma.Sql;
  readonly moves: Prisma.Sql;
  readonly owner: Prisma.Sql;
  readonly versions: Prisma.Sql;
  readonly ownerId: Prisma.Sql;
  readonly name: Prisma.Sql;
}

/** The same shape twice, so that a label's target is a prompt's version and an alias's a model's, held by foreign keys. */
const TABLES: Record<PointerKind, Tables> = {
  "prompt-label": {
    pointer: Prisma.raw("prompt_label"),
    moves: Prisma.raw("prompt_label_move"),
    owner: Prisma.raw("prompt"),
    versions: Prisma.raw("prompt_version"),
    ownerId: Prisma.raw("prompt_id"),
    name: Prisma.raw("label"),
  },
  "model-alias": {
    pointer: Prisma.raw("model_alias"),
    moves: Prisma.raw("model_alias_move"),
    owner: Prisma.raw("model"),
    versions: Prisma.raw("model_version"),
    ownerId: Prisma.raw("model_id"),
    name: Prisma.raw("alias"),
  },
};

export interface PointerRow {
  readonly versionId: string;
  readonly number: number;
  readonly revision: number;
  readonly movedAt: Date;
}

export interface MoveRow {
  readonly name: string;
  readonly revision: number;
  readonly fromVersionId: string | null;
  readonly toVersionId: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly validFrom: Date;
  readonly recordedAt: Date;
  readonly actorName: string;
  readonly reason: string;
  readonly approval: number | null;
}

/** Locks the model or prompt, so that two registrations or moves come one after the other. */
export async function lockOwner(tx: Tx, { kind, ownerId }: PointerRef): Promise<void> {
  await tx.$queryRaw`select id from ${TABLES[kind].owner} where id = ${ownerId} for update`;
}

export async function findOwnerId(reader: Reader, kind: PointerKind, at: { projectId: string; name: string }): Promise<string | null> {
  const rows = await reader.$queryRaw<{ id: string }[]>`
    select id from ${TABLES[kind].owner} where project_id = ${at.projectId} and name = ${at.name}`;
  return rows[0]?.id ?? null;
}

export async function findPointer(reader: Reader, ref: PointerRef): Promise<PointerRow | null> {
  const t = TABLES[ref.kind];
  const rows = await reader.$queryRaw<PointerRow[]>`
    select p.version_id as "versionId", v.number, p.revision, p.moved_at as "movedAt"
    from ${t.pointer} p join ${t.versions} v on v.id = p.version_id
    where p.${t.ownerId} = ${ref.ownerId} and p.${t.name} = ${ref.name}`;
  return rows[0] ?? null;
}

/** Every pointer of one model or prompt, by name. */
export async function listPointers(reader: Reader, ref: Omit<PointerRef, "name">): Promise<(PointerRow & { name: string })[]> {
  const t = TABLES[ref.kind];
  return reader.$queryRaw`
    select p.${t.name} as name, p.version_id as "versionId", v.number, p.revision, p.moved_at as "movedAt"
    from ${t.pointer} p join ${t.versions} v on v.id = p.version_id where p.${t.ownerId} = ${ref.ownerId} order by 1`;
}

export async function findVersionId(reader: Reader, ref: PointerRef, number: number): Promise<string | null> {
  const t = TABLES[ref.kind];
  const rows = await reader.$queryRaw<{ id: string }[]>`
    select id from ${t.versions} where ${t.ownerId} = ${ref.ownerId} and number = ${number}`;
  return rows[0]?.id ?? null;
}

const moveColumns = (t: Tables) => Prisma.sql`
  m.${t.name} as name, m.revision, m.from_version_id as "fromVersionId", m.to_version_id as "toVersionId", f.number as "from", g.number as "to",
  m.valid_from as "validFrom", m.at as "recordedAt", m.actor_name as "actorName", m.reason, a.number as approval
  from ${t.moves} m left join ${t.versions} f on f.id = m.from_version_id left join ${t.versions} g on g.id = m.to_version_id
  left join approval a on a.id = m.approval_id`;

/** The last move: its revision counts on also after the pointer was taken away. */
export async function findLastMove(reader: Reader, ref: PointerRef): Promise<MoveRow | null> {
  return findMove(reader, ref, null);
}

export async function findMove(reader: Reader, ref: PointerRef, revision: number | null): Promise<MoveRow | null> {
  const t = TABLES[ref.kind];
  const rows = await reader.$queryRaw<MoveRow[]>`
    select ${moveColumns(t)} where m.${t.ownerId} = ${ref.ownerId} and m.${t.name} = ${ref.name}
    ${revision === null ? Prisma.empty : Prisma.sql`and m.revision = ${revision}`} order by m.revision desc limit 1`;
  return rows[0] ?? null;
}

/** The move that says where it was at `at` by what was known at `knownAt`: findMoveAt of rules/history.ts as a query. */
export async function findMoveAt(reader: Reader, ref: PointerRef, when: { at: Date; knownAt: Date }): Promise<MoveRow | null> {
  const t = TABLES[ref.kind];
  const rows = await reader.$queryRaw<MoveRow[]>`
    select ${moveColumns(t)} where m.${t.ownerId} = ${ref.ownerId} and m.${t.name} = ${ref.name}
      and m.valid_from <= ${when.at} and m.at <= ${when.knownAt} order by m.revision desc limit 1`;
  return rows[0] ?? null;
}

export interface MovePage {
  readonly name?: string | undefined;
  /** The last move of the page before. */
  readonly after: { readonly at: Date; readonly name: string; readonly revision: number } | null;
  readonly take: number;
}

/** Moves of one pointer, or of all of one model or prompt, newest first. */
export async function listMoveRows(reader: Reader, ref: Omit<PointerRef, "name">, page: MovePage): Promise<MoveRow[]> {
  const t = TABLES[ref.kind];
  const { after } = page;
  const older =
    after === null
      ? Prisma.sql`true`
      : Prisma.sql`(m.at < ${after.at} or (m.at = ${after.at} and (m.${t.name} > ${after.name} or (m.${t.name} = ${after.name} and m.revision < ${after.revision}))))`;
  return reader.$queryRaw`
    select ${moveColumns(t)} where m.${t.ownerId} = ${ref.ownerId} and ${page.name === undefined ? Prisma.sql`true` : Prisma.sql`m.${t.name} = ${page.name}`}
      and ${older} order by m.at desc, m.${t.name} asc, m.revision desc limit ${page.take}`;
}

export interface NewMove {
  readonly fromVersionId: string | null;
  /** null takes the pointer away. */
  readonly toVersionId: string | null;
  readonly revision: number;
  readonly recordedAt: Date;
  readonly validFrom: Date;
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string };
  readonly reason: string;
  readonly approvalId: string | null;
}

/** Points it, or takes it away, and writes the move. */
export async function savePointer(tx: Tx, ref: PointerRef, move: NewMove): Promise<void> {
  const t = TABLES[ref.kind];
  const { toVersionId, revision, recordedAt, actor } = move;
  if (toVersionId === null) await tx.$executeRaw`delete from ${t.pointer} where ${t.ownerId} = ${ref.ownerId} and ${t.name} = ${ref.name}`;
  else
    await tx.$executeRaw`
      insert into ${t.pointer} (${t.ownerId}, ${t.name}, version_id, revision, moved_at)
      values (${ref.ownerId}, ${ref.name}, ${toVersionId}, ${revision}, ${recordedAt})
      on conflict (${t.ownerId}, ${t.name}) do update set version_id = excluded.version_id, revision = excluded.revision, moved_at = excluded.moved_at`;
  await tx.$executeRaw`
    insert into ${t.moves} (${t.ownerId}, ${t.name}, revision, from_version_id, to_version_id, at, valid_from, actor_kind, actor_id, actor_name, reason, approval_id)
    values (${ref.ownerId}, ${ref.name}, ${revision}, ${move.fromVersionId}, ${toVersionId}, ${recordedAt}, ${move.validFrom},
      ${actor.kind}, ${actor.id}, ${actor.name}, ${move.reason}, ${move.approvalId})`;
}

export async function isProtectedName(reader: Reader, projectId: string, name: string): Promise<boolean> {
  const row = await reader.protectedNames.findUnique({ where: { projectId }, select: { names: true } });
  return (row?.names ?? ["production"]).includes(name);
}

export function findModelVersion(reader: Reader, id: string) {
  return reader.modelVersion.findUnique({ where: { id }, include: { state: { select: { state: true } } } });
}
