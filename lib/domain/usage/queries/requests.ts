import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { idOfUuid, timeOfId, uuidOfId } from "@/lib/core/ids";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import { db } from "@/lib/infra/db";
import type { RequestDetail } from "../api";
import { addPlace, type Filter, toConditions } from "./request-filter";
import { type EventRow, type StepNames, toDetail, toLine, withNames } from "./request-rows";

interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export async function pageRequests(projectId: string, { limit, cursor, ...filter }: Filter & Page) {
  const conditions = await toConditions(projectId, filter);
  if (cursor !== undefined) {
    const [at, id] = parseCursor(cursor, 2);
    const uuid = uuidOfId(String(id));
    if (typeof at !== "number" || !Number.isSafeInteger(at) || Math.abs(at) > 8.64e15 || uuid === null) throw toCursorError();
    addPlace(conditions, new Date(at), uuid);
  }
  const { texts, values } = conditions;
  const { rows } = await db().pool.query<EventRow>(
    `${withNames(`select * from usage.event e where ${texts.join(" and ")} order by e.at desc, e.request_id desc limit $${values.length + 1}`)}
     order by e.at desc, e.request_id desc`,
    [...values, limit + 1],
  );
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.at.getTime(), idOfUuid("request", r.request_id)]);
  return { items: items.map(toLine), nextCursor };
}

/** What a request's calls name by id, beside the backend and the variant that served it. */
async function findStepNames(projectId: string, { steps }: EventRow): Promise<StepNames> {
  const ids = [...new Set((steps?.calls ?? []).flatMap((call) => [call[6], call[7]]).filter((id) => id !== null))];
  if (ids.length === 0) return new Map();
  const { rows } = await db().pool.query<{ id: string; name: string }>(
    `select br.id, b.name from backend_revision br join backend b on b.id = br.backend_id where br.id = any($1) and b.project_id = $2
     union all select v.id, v.name from release_variant v join release r on r.id = v.release_id where v.id = any($1) and r.project_id = $2`,
    [ids, projectId],
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** One request of the project; its day is in its id (the arrival may lie a day beside it at midnight). */
export async function findRequest(projectId: string, requestId: string): Promise<RequestDetail | null> {
  const time = timeOfId(requestId);
  if (time === null) return null;
  const { rows } = await db().pool.query<EventRow>(
    withNames(
      "select * from usage.event e where e.project_id = $1 and e.request_id = $2 and e.event_day between $3::date and $4::date limit 1",
    ),
    [uuidOfId(projectId), uuidOfId(requestId), toUtcDay(time - DAY_MS), toUtcDay(time + DAY_MS)],
  );
  const row = rows[0];
  return row === undefined ? null : toDetail(row, await findStepNames(projectId, row));
}
