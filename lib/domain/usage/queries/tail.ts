import { db } from "@/lib/infra/db";
import { addCondition, type Filter, toConditions } from "./request-filter";
import { type EventRow, toLine, withNames } from "./request-rows";

/** An ingest's rows bear the time at which its transaction began, and are seen when it ends: what may still come is looked for this long. */
const OVERLAP_MS = 10_000;
/** Ids looked at in one look; more are counted as this many. */
const MOST_AT_ONCE = 5_000;
const LONGEST_GAP_MS = 300_000;

/** What one reader of the tail has been shown or told of. */
export interface TailPlace {
  sinceMs: number;
  /** Ids (uuid text) taken at or after `sinceMs` − overlap, with the time at which they were taken. */
  readonly seen: Map<string, number>;
}

interface Fresh {
  readonly request_id: string;
  readonly at: Date;
  readonly ingested_at: Date;
}

async function findFresh(projectId: string, filter: Filter, { sinceMs, seen }: TailPlace): Promise<Fresh[]> {
  const conditions = await toConditions(projectId, filter);
  addCondition(conditions, "e.ingested_at > ?", new Date(sinceMs - OVERLAP_MS));
  // A request is taken a moment after it ended; one that runs for two days is not waited for.
  conditions.texts.push("e.event_day >= (now() at time zone 'UTC')::date - 2");
  const { rows } = await db().pool.query<Fresh>(
    `select e.request_id, e.at, e.ingested_at from usage.event e where ${conditions.texts.join(" and ")}
     order by e.ingested_at desc limit ${MOST_AT_ONCE}`,
    conditions.values,
  );
  return rows.filter((row) => !seen.has(row.request_id));
}

/**
 * The end of the log as it is now, or the place at which an earlier tail ended (Unix ms, at most five minutes ago): what was taken until then
 * counts as shown.
 */
export async function openTail(projectId: string, filter: Filter, endedMs: number | null): Promise<TailPlace> {
  const { rows } = await db().pool.query<{ now: Date }>("select clock_timestamp() as now");
  const nowMs = rows[0]?.now.getTime() ?? Date.now();
  const sinceMs = endedMs === null ? nowMs : Math.min(nowMs, Math.max(nowMs - LONGEST_GAP_MS, endedMs));
  const place: TailPlace = { sinceMs, seen: new Map() };
  for (const row of await findFresh(projectId, filter, place))
    if (row.ingested_at.getTime() <= sinceMs) place.seen.set(row.request_id, row.ingested_at.getTime());
  return place;
}

/** What the log took since the last look, oldest first: the newest `most` of it, and how many more there were. Moves the place. */
export async function readTail(projectId: string, { place, filter, most }: { place: TailPlace; filter: Filter; most: number }) {
  const fresh = await findFresh(projectId, filter, place);
  for (const row of fresh) {
    place.seen.set(row.request_id, row.ingested_at.getTime());
    place.sinceMs = Math.max(place.sinceMs, row.ingested_at.getTime());
  }
  for (const [id, takenMs] of place.seen) if (takenMs <= place.sinceMs - OVERLAP_MS) place.seen.delete(id);
  const shown = fresh.sort((a, b) => a.at.getTime() - b.at.getTime()).slice(-most);
  if (shown.length === 0) return { items: [], skipped: 0 };
  const days = [...new Set(shown.map((row) => row.at.toISOString().slice(0, 10)))];
  const { rows } = await db().pool.query<EventRow>(
    `${withNames("select * from usage.event e where e.event_day = any($1::date[]) and e.request_id = any($2::uuid[])")} order by e.at, e.request_id`,
    [days, shown.map((row) => row.request_id)],
  );
  return { items: rows.map(toLine), skipped: fresh.length - shown.length };
}
