import { uuidOfId } from "@/lib/core/ids";
import { Sketch } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";

export interface GateScope {
  readonly endpointId: string;
  readonly releaseId: string;
  /** Arrival, Unix milliseconds, [from, to). */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface GateSamples {
  readonly complete: number;
  readonly failed: number;
  readonly cut: number;
  readonly clientGone: number;
  readonly refused: number;
  /** Total time of complete answers. */
  readonly latency: Sketch;
  /** Age of the newest of them by arrival; null when there is none. */
  readonly newestAgeMs: number | null;
}

interface Row {
  readonly outcome: string;
  readonly total_ms: number;
  readonly n: number;
  readonly newest: Date;
}

/**
 * What was assigned to a release in a window, from the raw log: exact at its edges, where rollups are not. A fallback is part of its release:
 * its answer counts as a failure of the variant that was assigned, so `complete` asks that this variant also served. What another release
 * served, the dead-man switch had taken back: it says nothing about either release, and is in no sample; nor does what the control plane asked itself.
 * A stored answer says nothing about a release's backends either: the running release has many, a new one has none yet, so its errors would
 * look more frequent than they are. Only one that stood in after a failure counts, as that failure.
 */
export async function gateSamples(scope: GateScope): Promise<GateSamples> {
  const { rows } = await db().pool.query<Row>(
    `select case when outcome = 'complete' and served_variant_id is distinct from variant_id then 'failed' else outcome end as outcome,
       total_ms, count(*)::int as n, max(at) as newest
     from usage.event
     where endpoint_id = $1 and source = 'application' and release_id = $2 and served_release_id = release_id and at >= $3 and at < $4 and event_day between $5::date and $6::date
       and not (cache = 'hit' and served_variant_id is not distinct from variant_id)
     group by 1, 2`,
    [
      uuidOfId(scope.endpointId),
      uuidOfId(scope.releaseId),
      new Date(scope.fromMs),
      new Date(scope.toMs),
      new Date(scope.fromMs).toISOString().slice(0, 10),
      new Date(scope.toMs).toISOString().slice(0, 10),
    ],
  );
  const counts = new Map<string, number>();
  const latency = new Sketch();
  let newestMs: number | null = null;
  for (const row of rows) {
    counts.set(row.outcome, (counts.get(row.outcome) ?? 0) + row.n);
    if (row.outcome === "complete") latency.add(row.total_ms, row.n);
    if (["complete", "failed", "cut"].includes(row.outcome)) newestMs = Math.max(newestMs ?? 0, row.newest.getTime());
  }
  const count = (outcome: string) => counts.get(outcome) ?? 0;
  return {
    complete: count("complete"),
    failed: count("failed"),
    cut: count("cut"),
    clientGone: count("client_gone"),
    refused: count("refused"),
    latency,
    newestAgeMs: newestMs === null ? null : Math.max(0, scope.toMs - newestMs),
  };
}
