import { db, type Tx } from "@/lib/infra/db";
import { secretPlace } from "@/lib/infra/secrets";

export { inTransaction } from "@/lib/infra/db";

/** A row that holds something sealed. */
export interface SealedRow {
  readonly id: string;
  /** For people: never what is sealed. */
  readonly name: string;
  readonly sealed: string;
  /** Where it lives, as its additional authenticated data. */
  readonly place: string;
}

/** Every kind of row that holds something sealed; what is not here would be left behind by a rotation. */
export const SEALED_KINDS = ["project", "backend"] as const;
export type SealedKind = (typeof SEALED_KINDS)[number];

interface Batch {
  readonly kind: SealedKind;
  /** Key whose rows are left out. */
  readonly exceptKekId: string;
  readonly afterId: string;
  readonly take: number;
}

/** The next rows in order of their ids that are sealed with another key, locked until the transaction ends. */
export async function lockSealedRows(tx: Tx, { kind, exceptKekId, afterId, take }: Batch): Promise<SealedRow[]> {
  if (kind === "project") {
    const rows = await tx.$queryRaw<{ id: string; name: string; sealed: string }[]>`
      select id, slug as name, subject_key_sealed as sealed from project
      where id > ${afterId} and split_part(subject_key_sealed, '.', 2) <> ${exceptKekId} order by id limit ${take} for update`;
    return rows.map((row) => ({ ...row, name: `subject key of project ${row.name}`, place: secretPlace.subjectKey(row.id) }));
  }
  const rows = await tx.$queryRaw<{ id: string; name: string; sealed: string; project_id: string }[]>`
    select id, name || ' (' || environment_name || ')' as name, api_key_sealed as sealed, project_id from backend
    where id > ${afterId} and split_part(api_key_sealed, '.', 2) <> ${exceptKekId} order by id limit ${take} for update`;
  return rows.map(({ project_id, ...row }) => ({
    ...row,
    name: `key of backend ${row.name}`,
    place: secretPlace.backendKey(project_id, row.id),
  }));
}

/** Only what is sealed changes: no version, since nobody's change may be refused for it. */
export async function saveSealed(tx: Tx, kind: SealedKind, row: { id: string; sealed: string }): Promise<void> {
  if (kind === "project") await tx.project.update({ where: { id: row.id }, data: { subjectKeySealed: row.sealed } });
  else await tx.backend.update({ where: { id: row.id }, data: { apiKeySealed: row.sealed } });
}

/** How many rows are sealed with each key. */
export async function countByKek(): Promise<{ kekId: string; rows: number }[]> {
  const { rows } = await db().pool.query<{ kek_id: string; n: number }>(
    `select kek_id, count(*)::int as n from (
       select split_part(subject_key_sealed, '.', 2) as kek_id from project
       union all select split_part(api_key_sealed, '.', 2) from backend where api_key_sealed is not null
     ) sealed group by kek_id order by kek_id`,
  );
  return rows.map((row) => ({ kekId: row.kek_id, rows: row.n }));
}
