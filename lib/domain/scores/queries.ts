import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { idOfUuid, uuidOfId } from "@/lib/core/ids";
import { db } from "@/lib/infra/db";
import { EvaluatorName, MetricName, type Score } from "./api";

interface ScoreRow {
  readonly request_id: string;
  readonly metric: string;
  readonly evaluator: string;
  readonly value: string;
  readonly comment: string | null;
  readonly state: Score["state"];
  readonly revision: number;
  readonly posted_at: Date;
  readonly changed_at: Date;
  readonly experiment_id: string | null;
  readonly arm_name: string | null;
}

const toScore = (row: ScoreRow): Score => ({
  requestId: idOfUuid("request", row.request_id),
  metric: row.metric,
  evaluator: row.evaluator,
  value: Number(row.value),
  comment: row.comment,
  state: row.state,
  revision: row.revision,
  postedAt: row.posted_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
  experimentId: row.experiment_id === null ? null : idOfUuid("experiment", row.experiment_id),
  arm: row.arm_name,
});

export interface ScoreFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly requestId?: string | undefined;
  readonly metric?: string | undefined;
  readonly state?: string | undefined;
}

export async function pageScores(projectId: string, filter: ScoreFilter) {
  const values: unknown[] = [uuidOfId(projectId)];
  const conditions = ["project_id = $1"];
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (filter.requestId !== undefined) add((n) => `request_id = ${n}`, uuidOfId(filter.requestId));
  if (filter.metric !== undefined) add((n) => `metric = ${n}`, filter.metric);
  if (filter.state !== undefined) add((n) => `state = ${n}`, filter.state);
  if (filter.cursor !== undefined) {
    const [at, id, metric, evaluator] = parseCursor(filter.cursor, 4);
    const uuid = uuidOfId(String(id));
    if (typeof at !== "number" || !Number.isSafeInteger(at) || Math.abs(at) > 8.64e15 || uuid === null) throw toCursorError();
    values.push(new Date(at), uuid, String(metric), String(evaluator));
    const n = values.length;
    conditions.push(`(changed_at, request_id, metric, evaluator) < ($${n - 3}, $${n - 2}, $${n - 1}, $${n})`);
  }
  values.push(filter.limit + 1);
  const { rows } = await db().pool.query<ScoreRow>(
    `select request_id, metric, evaluator, value::text, state, revision, posted_at, changed_at, experiment_id, arm_name,
       (select comment from usage.score_comment c where (c.project_id, c.request_id, c.metric, c.evaluator) = (s.project_id, s.request_id, s.metric, s.evaluator))
     from usage.score s where ${conditions.join(" and ")} order by changed_at desc, request_id desc, metric desc, evaluator desc limit $${values.length}`,
    values,
  );
  const { items, nextCursor } = toPage(rows, filter.limit, (r) => [
    r.changed_at.getTime(),
    idOfUuid("request", r.request_id),
    r.metric,
    r.evaluator,
  ]);
  return { items: items.map(toScore), nextCursor };
}

const RECENT_DAYS = 7;
/** A busy project's names are told by so many of its newest scores. */
const RECENT_SCORES = 20_000;

/** Metrics and evaluators that scores came with lately, by name. */
export async function pageScoreMetrics(projectId: string, { limit, cursor }: { limit: number; cursor?: string | undefined }) {
  const [metric, evaluator] = cursor === undefined ? ["", ""] : parseCursor(cursor, 2);
  if (cursor !== undefined && !(MetricName.safeParse(metric).success && EvaluatorName.safeParse(evaluator).success)) throw toCursorError();
  const { rows } = await db().pool.query<{ metric: string; evaluator: string; last_at: Date }>(
    `select metric, evaluator, max(changed_at) as last_at from (
       select metric, evaluator, changed_at from usage.score where project_id = $1 and changed_at > now() - make_interval(days => $2)
       order by changed_at desc limit $3) newest
     where (metric, evaluator) > ($4, $5) group by 1, 2 order by 1, 2 limit $6`,
    [uuidOfId(projectId), RECENT_DAYS, RECENT_SCORES, metric, evaluator, limit + 1],
  );
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.metric, r.evaluator]);
  return { items: items.map((r) => ({ metric: r.metric, evaluator: r.evaluator, lastAt: r.last_at.toISOString() })), nextCursor };
}

/** Where and since when scores are counted. */
interface UnjoinedScope {
  readonly projectId: string;
  /** Those that a key of another one said are left out; an API token says of none. */
  readonly environment: string;
  readonly metric: string;
  readonly evaluator: string;
  readonly since: Date;
}

/** Scores of a metric and evaluator said since then that wait, or waited for nothing: nobody can say which arm they belong to. */
export async function countUnjoined({ projectId, environment, metric, evaluator, since }: UnjoinedScope) {
  const { rows } = await db().pool.query<{ state: string; n: number }>(
    `select state, count(*)::int as n from usage.score where project_id = $1 and metric = $2 and evaluator = $3 and state <> 'joined'
       and changed_at >= $4 and (environment is null or environment = $5) group by state`,
    [uuidOfId(projectId), metric, evaluator, since, environment],
  );
  const of = (state: string) => rows.find((r) => r.state === state)?.n ?? 0;
  return { pending: of("pending"), setAside: of("set_aside") };
}
