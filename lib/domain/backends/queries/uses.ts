import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import type { Reader } from "@/lib/infra/db";
import type { BackendUse } from "../api";

interface UseRow {
  readonly id: string;
  readonly endpoint: string;
  readonly number: number;
  readonly created_at: Date;
  readonly live: BackendUse["live"];
  readonly revision: number;
  readonly variants: BackendUse["variants"];
}

const readCursor = (cursor: string | undefined): { rank: number; id: string } | null => {
  if (cursor === undefined) return null;
  const [rank, id] = parseCursor(cursor, 2);
  if ((rank !== 0 && rank !== 1) || typeof id !== "string" || id.includes("\0")) throw toCursorError();
  return { rank, id };
};

/** The releases that name the backend, whatever its revision: those with traffic first, then the newest. */
export async function pageUses(reader: Reader, input: { backendId: string; limit: number; cursor?: string | undefined }) {
  const after = readCursor(input.cursor);
  const rows = await reader.$queryRaw<UseRow[]>`
    with used as (
      select v.release_id, max(br.number)::int as revision, jsonb_agg(jsonb_build_object('name', v.name, 'weightBps', v.weight_bps,
        'model', jsonb_build_object('name', m.name, 'version', mv.number)) order by v.position) as variants
      from backend_revision br
        join release_variant_backend vb on vb.backend_revision_id = br.id
        join release_variant v on v.id = vb.variant_id
        join model_version mv on mv.id = v.model_version_id
        join model m on m.id = mv.model_id
      where br.backend_id = ${input.backendId} group by v.release_id
    ), told as (
      select r.id, ep.name as endpoint, r.number, r.created_at, u.revision, u.variants,
        case when r.id in (ro.from_release_id, ro.to_release_id) then 'rollout'
          when exists (select 1 from experiment_arm a where a.experiment_id = c.experiment_id and a.release_id = r.id) then 'experiment'
          when r.id = ep.active_release_id then 'active' end as live
      from used u
        join release r on r.id = u.release_id
        join endpoint ep on ep.id = r.endpoint_id
        left join traffic_claim c on c.endpoint_id = ep.id
        left join rollout ro on ro.id = c.rollout_id
    )
    select * from told
    where ${after === null} or (live is null)::int > ${after?.rank ?? 0} or ((live is null)::int = ${after?.rank ?? 0} and id < ${after?.id ?? ""})
    order by (live is null), id desc limit ${input.limit + 1}`;
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.live === null ? 1 : 0, row.id]);
  return {
    items: items.map(
      (row): BackendUse => ({
        endpoint: row.endpoint,
        release: row.number,
        live: row.live,
        revision: row.revision,
        variants: row.variants,
        createdAt: row.created_at.toISOString(),
      }),
    ),
    nextCursor,
  };
}
