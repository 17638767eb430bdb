import type { ArmSums } from "@/lib/core/stats";
import { type Connection, db, inTransaction, type Tx } from "@/lib/infra/db";
import { list, texts } from "./store/arrays";
import { addScoreDays } from "./store/score-days";

/** An event's arm is one that experiments have. */
export const IS_ARM = "e.arm_name in ('control', 'treatment', 'treatment_2', 'treatment_3', 'treatment_4')";

/** One SQL statement on whatever transaction the caller is in: the API's, or the ingest's. */
export type Run = <R>(sql: string, values: readonly unknown[]) => Promise<R[]>;

export const runOn =
  (client: Pick<Connection, "query">): Run =>
  async <R>(sql: string, values: readonly unknown[]) =>
    (await client.query(sql, [...values])).rows as R[];

export const runIn =
  (tx: Tx): Run =>
  <R>(sql: string, values: readonly unknown[]) =>
    tx.$queryRawUnsafe<R[]>(sql, ...values);

export interface ScoreKey {
  readonly requestId: string;
  readonly metric: string;
  readonly evaluator: string;
}
export interface ScoreInput extends ScoreKey {
  /** Exact decimal text. */
  readonly value: string;
}

/** A change of what a subject was scored in an arm; ids are uuid text, `total` an exact decimal. */
export interface Delta {
  readonly experiment_id: string;
  readonly metric: string;
  readonly evaluator: string;
  readonly arm_name: string;
  readonly subject: string;
  readonly scores: number;
  readonly total: string;
  /** UTC day of the request, by which new scores are counted too; null where none is new. */
  readonly day?: string | null;
}

const columns = (scores: readonly ScoreInput[]) => [
  list(scores.map((s) => s.requestId)),
  texts(scores.map((s) => s.metric)),
  texts(scores.map((s) => s.evaluator)),
  list(scores.map((s) => s.value)),
];

const POSTED = "unnest($2::uuid[], $3::text[], $4::text[], $5::numeric[]) as p(request_id, metric, evaluator, value)";

/** What a score takes from its request's event `e`, as assigned. */
const JOINED = `e.event_day, e.endpoint_id, e.release_id, e.variant_id,
  case when ${IS_ARM} then e.experiment_id end as experiment_id,
  case when e.experiment_id is not null and ${IS_ARM} then e.arm_name end as arm_name,
  coalesce(e.subject_hash, e.request_id::text) as subject`;
const JOINED_COLUMNS = "event_day, endpoint_id, release_id, variant_id, experiment_id, arm_name, subject";
const DELTA = "experiment_id::text, metric, evaluator, arm_name, subject, 1 as scores, value::text as total, event_day::text as day";

const countsInArm = (delta: { readonly experiment_id: string | null }): boolean => delta.experiment_id !== null;

/** What belongs to a call: `days` are the UTC days on which the events may lie; `environment`: the only one whose requests it may score, null for any. */
export interface Posting {
  readonly scores: readonly ScoreInput[];
  readonly now: Date;
  readonly days: readonly string[];
  readonly environment: string | null;
}

/** Whether a score `s` may be joined to the event `e`: of another environment it stays what it is for an unknown request. */
const MAY_JOIN = "(s.environment is null or s.environment = e.environment)";

/**
 * Adds the scores that are not there yet: joined where their request is in the log, else pending. Returns how many were added and how many of them are pending, and what that changes in the arms. Always in the order of the key: no two
 * posts wait in a ring.
 */
export async function insertScores(run: Run, projectId: string, { scores, now, days, environment }: Posting) {
  const rows = await run<Delta & { is_pending: boolean }>(
    `insert into usage.score (project_id, request_id, metric, evaluator, value, posted_at, changed_at, waiting_since, state, environment, ${JOINED_COLUMNS})
     select $1::uuid, p.request_id, p.metric, p.evaluator, p.value, $6::timestamptz, $6::timestamptz, $6::timestamptz,
       case when e.event_day is null then 'pending' else 'joined' end, $8, ${JOINED_COLUMNS}
     from ${POSTED} left join lateral (
       select ${JOINED} from usage.event e where e.request_id = p.request_id and e.project_id = $1::uuid and e.event_day = any($7::date[])
         and ($8::text is null or e.environment = $8)
     ) e on true
     order by p.request_id, p.metric, p.evaluator on conflict do nothing returning state = 'pending' as is_pending, ${DELTA}`,
    [projectId, ...columns(scores), now.toISOString(), list(days), environment],
  );
  return { created: rows.length, pending: rows.filter((r) => r.is_pending).length, deltas: rows.filter(countsInArm) };
}

/** Takes the rows of these scores for the rest of the transaction. */
export async function lockScores(run: Run, projectId: string, scores: readonly ScoreInput[]): Promise<void> {
  await run(
    `select 1 as one from usage.score s join ${POSTED} using (request_id, metric, evaluator) where s.project_id = $1::uuid
     order by s.request_id, s.metric, s.evaluator for update of s`,
    [projectId, ...columns(scores)],
  );
}

/**
 * Gives the rows (locked by the caller) the posted values: former ones into the history, set-aside ones wait anew. Returns what that
 * changes in the arms, and how many values changed.
 */
export async function replaceValues(run: Run, projectId: string, { scores, now, environment }: Posting) {
  const posted = [projectId, ...columns(scores)];
  const values = [...posted, now.toISOString()];
  const changed = `from usage.score s join ${POSTED} using (request_id, metric, evaluator) where s.project_id = $1::uuid and s.value <> p.value::numeric(46, 30)`;
  await run(
    `insert into usage.score_history (project_id, request_id, metric, evaluator, revision, value, posted_at, replaced_at, writer)
     select s.project_id, s.request_id, s.metric, s.evaluator, s.revision, s.value, s.changed_at, $6::timestamptz, s.xmin ${changed}`,
    values,
  );
  const before = await run<Delta & { request_id: string }>(
    `select s.request_id::text, s.experiment_id::text, s.metric, s.evaluator, s.arm_name, s.subject, 0 as scores, (p.value::numeric(46, 30) - s.value)::text as total, null as day ${changed}`,
    posted,
  );
  await run(
    `update usage.score s set value = p.value, changed_at = $6::timestamptz, revision = s.revision + (s.value <> p.value::numeric(46, 30))::int,
       state = case when s.state = 'set_aside' then 'pending' else s.state end,
       waiting_since = case when s.state = 'set_aside' then $6::timestamptz else s.waiting_since end,
       environment = case when s.state = 'joined' then s.environment else $7 end
     from ${POSTED} where s.project_id = $1::uuid and s.request_id = p.request_id and s.metric = p.metric and s.evaluator = p.evaluator
       and (s.value <> p.value::numeric(46, 30) or s.state = 'set_aside' or (s.state = 'pending' and s.environment is distinct from $7))`,
    [...values, environment],
  );
  return { replaced: before.length, deltas: before.filter(countsInArm) };
}

/** A score's whole key; ids are uuid text. */
export interface FullKey {
  readonly project_id: string;
  readonly request_id: string;
  readonly metric: string;
  readonly evaluator: string;
}

/** Pending scores that these projects posted for these requests (parallel lists), taken for the rest of the transaction in the order of the key. */
export function lockPending(run: Run, projectIds: readonly string[], requestIds: readonly string[]): Promise<FullKey[]> {
  return run<FullKey>(
    `select s.project_id::text, s.request_id::text, s.metric, s.evaluator
     from usage.score s join unnest($1::uuid[], $2::uuid[]) as r(project_id, request_id) using (project_id, request_id) where s.state = 'pending'
     order by s.project_id, s.request_id, s.metric, s.evaluator for update of s`,
    [list(projectIds), list(requestIds)],
  );
}

/**
 * Joins those of the scores (locked by the caller) that are pending to the events of their requests, as assigned. `days`: UTC days on which
 * the events may lie. Returns what that changes in the arms.
 */
export async function joinPending(run: Run, keys: readonly FullKey[], days: readonly string[]): Promise<Delta[]> {
  const rows = await run<Delta>(
    `update usage.score s set state = 'joined', (${JOINED_COLUMNS}) = (e.event_day, e.endpoint_id, e.release_id, e.variant_id, e.experiment_id, e.arm_name, e.subject)
     from (select k.*, e.environment, ${JOINED} from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as k(project_id, request_id, metric, evaluator)
       join usage.event e on e.request_id = k.request_id and e.project_id = k.project_id and e.event_day = any($5::date[])) e
     where s.state = 'pending' and ${MAY_JOIN}
       and (s.project_id, s.request_id, s.metric, s.evaluator) = (e.project_id, e.request_id, e.metric, e.evaluator)
     returning s.experiment_id::text, s.metric, s.evaluator, s.arm_name, s.subject, 1 as scores, s.value::text as total, s.event_day::text as day`,
    [
      list(keys.map((k) => k.project_id)),
      list(keys.map((k) => k.request_id)),
      texts(keys.map((k) => k.metric)),
      texts(keys.map((k) => k.evaluator)),
      list(days),
    ],
  );
  return rows.filter(countsInArm);
}

export async function countPending(run: Run, projectId: string, scores: readonly ScoreInput[]): Promise<number> {
  const rows = await run<{ n: number }>(
    `select count(*)::int as n from usage.score s join ${POSTED} using (request_id, metric, evaluator) where s.project_id = $1::uuid and s.state = 'pending'`,
    [projectId, ...columns(scores)],
  );
  return rows[0]?.n ?? 0;
}

export const ARM = "experiment_id, metric, evaluator, arm_name";

/** Brings the changes into the subjects' sums, the arms' moments and the days' counts. Arms are taken first and in one order; they guard their subjects. */
export async function applyDeltas(run: Run, deltas: readonly Delta[]): Promise<void> {
  if (deltas.length === 0) return;
  const places = new Map<string, { readonly arm: Delta; readonly place: number }>();
  const placeOf = deltas.map((arm) => {
    const key = `${arm.experiment_id} ${arm.metric} ${arm.evaluator} ${arm.arm_name}`;
    const known = places.get(key) ?? { arm, place: places.size + 1 };
    places.set(key, known);
    return known.place;
  });
  const arms = [...places.values()].map(({ arm }) => arm);
  const values = [
    list(arms.map((d) => d.experiment_id)),
    texts(arms.map((d) => d.metric)),
    texts(arms.map((d) => d.evaluator)),
    texts(arms.map((d) => d.arm_name)),
  ];
  const given = "unnest($1::uuid[], $2::text[], $3::text[], $4::text[])";
  await run(`insert into usage.score_arm (${ARM}) select ${ARM} from ${given} as g(${ARM}) order by ${ARM} on conflict do nothing`, values);
  await run(`select 1 as one from usage.score_arm a join ${given} as g(${ARM}) using (${ARM}) order by ${ARM} for update of a`, values);
  await run(
    `with d as (
       select ${ARM}, subject, sum(n)::bigint as n, sum(v::numeric(60, 30)) as v
       from unnest($5::int[], $6::text[], $7::bigint[], $8::numeric[]) as g(place, subject, n, v)
         join ${given} with ordinality as a(${ARM}, place) using (place)
       group by ${ARM}, subject
     ), was as (
       select d.*, coalesce(s.scores, 0) as scores, coalesce(s.total, 0) as total from d left join usage.score_subject s using (${ARM}, subject)
     ), saved as (
       insert into usage.score_subject as s (${ARM}, subject, scores, total) select ${ARM}, subject, n, v from d
       on conflict (${ARM}, subject) do update set scores = s.scores + excluded.scores, total = s.total + excluded.total
     ), means as (
       select ${ARM}, n, (scores = 0)::int as fresh, usage.subject_mean(total, scores) as before, usage.subject_mean(total + v, scores + n) as after from was
     ), moved as (
       select ${ARM}, sum(fresh) as subjects, sum(n) as scores, sum(after - before) as mean_sum, sum(after * after - before * before) as mean_square_sum
       from means group by ${ARM}
     )
     update usage.score_arm a set subjects = a.subjects + m.subjects, scores = a.scores + m.scores,
       mean_sum = a.mean_sum + m.mean_sum, mean_square_sum = a.mean_square_sum + m.mean_square_sum
     from moved m where (a.experiment_id, a.metric, a.evaluator, a.arm_name) = (m.experiment_id, m.metric, m.evaluator, m.arm_name)`,
    [...values, list(placeOf), texts(deltas.map((d) => d.subject)), list(deltas.map((d) => d.scores)), list(deltas.map((d) => d.total))],
  );
  await addScoreDays(run, deltas);
}

/**
 * Pending scores whose event is in the log all the same: posted and ingested at the same moment, neither saw the other. Looked for among
 * those that came in the last ten minutes, and once more among those whose wait is over.
 */
export function listMissed(run: Run, { hours, limit }: { hours: number; limit: number }) {
  return run<{ project_id: string; request_id: string }>(
    `select distinct s.project_id::text, s.request_id::text from usage.score s
     where s.state = 'pending' and (s.waiting_since > now() - interval '10 minutes' or s.waiting_since < now() - make_interval(hours => $1))
       and exists (select 1 from usage.event e where e.request_id = s.request_id and e.project_id = s.project_id and ${MAY_JOIN}
         and e.event_day between usage.day_of_request(s.request_id) - 1 and usage.day_of_request(s.request_id) + 1)
     limit $2`,
    [hours, limit],
  );
}

/** Sets aside what waited longer than this many hours; returns how many. */
export async function setAside(run: Run, hours: number): Promise<number> {
  const rows = await run<{ one: number }>(
    `update usage.score s set state = 'set_aside' from (
       select project_id, request_id, metric, evaluator from usage.score where state = 'pending' and waiting_since < now() - make_interval(hours => $1)
       order by project_id, request_id, metric, evaluator for update skip locked
     ) old where (s.project_id, s.request_id, s.metric, s.evaluator) = (old.project_id, old.request_id, old.metric, old.evaluator) returning 1 as one`,
    [hours],
  );
  return rows.length;
}

export interface ArmRow {
  readonly arm_name: string;
  readonly subjects: bigint;
  readonly scores: bigint;
  readonly mean_sum: string;
  readonly mean_square_sum: string;
}

export const toArmSums = (row: ArmRow): ArmSums => ({
  subjects: Number(row.subjects),
  scores: Number(row.scores),
  meanSum: row.mean_sum,
  meanSquareSum: row.mean_square_sum,
});

/** Sums as they were kept while things came, or anew from the raw log; `snapshot`: of what was visible in that snapshot of PostgreSQL, `at` its time. */
export type Source = { readonly kind: "kept" } | { readonly kind: "raw"; readonly snapshot?: string; readonly at?: Date };

/** Condition on the writer of a row; without a snapshot every row counts. */
export const wasVisible = (row: string, place: number) =>
  `($${place}::text is null or usage.was_visible(${row}.xmin, $${place}::text::pg_snapshot))`;

/**
 * The value of that time: the row's own, or the earliest that was replaced after it and had been written by then. A score that was joined
 * later has neither. For values that were replaced before their writers were kept, the clock has to tell.
 */
export const valueThen = (snapshot: number, at: number) => `case when ${wasVisible("s", snapshot)} then s.value else (
          select h.value from usage.score_history h
          where (h.project_id, h.request_id, h.metric, h.evaluator) = (s.project_id, s.request_id, s.metric, s.evaluator)
            and not ${wasVisible("h", snapshot)}
            and case when h.writer is null then h.posted_at <= $${at}::timestamptz else usage.was_visible(h.writer, $${snapshot}::text::pg_snapshot) end
          order by h.revision limit 1) end`;

const RAW = `(
    select metric, evaluator, arm_name, subject, count(*)::bigint as scores, sum(value)::numeric(60, 30) as total from (
      select s.metric, s.evaluator, e.arm_name, coalesce(e.subject_hash, e.request_id::text) as subject, ${valueThen(2, 3)} as value
      from usage.score s join usage.event e on e.event_day = s.event_day and e.request_id = s.request_id and e.project_id = s.project_id
      where s.state = 'joined' and e.experiment_id = $1::uuid and ${IS_ARM} and ${wasVisible("e", 2)}
    ) v where value is not null group by 1, 2, 3, 4
  )`;
export const subjectScores = (source: Source) => (source.kind === "kept" ? KEPT : RAW);
const KEPT = "(select metric, evaluator, arm_name, subject, scores, total from usage.score_subject where experiment_id = $1::uuid)";

export const sourceValues = (experimentId: string, source: Source) =>
  source.kind === "kept" ? [experimentId] : [experimentId, source.snapshot ?? null, source.at?.toISOString() ?? null];

/** Largest share of subjects whose means are left as they are; those above are cut to it. */
const CUT_AT = 0.999;

/** Subjects' means as `u` and what they are cut to as `cap`, of the metric and evaluator at these places. */
export const cutMeans = (
  source: Source,
  { metric, evaluator }: { readonly metric: number; readonly evaluator: number },
) => `u as materialized (
       select arm_name, subject, scores, usage.subject_mean(total, scores) as m from ${subjectScores(source)} s
       where metric = $${metric} and evaluator = $${evaluator} and scores > 0
     ), cap as (select percentile_disc(${CUT_AT}) within group (order by m) as most from u)`;

/** Sums of a metric by arm with the largest means cut to the 99.9th percentile over all arms: what a few subjects cannot make. */
export async function readCutArms(
  run: Run,
  at: { readonly experimentId: string; readonly metric: string; readonly evaluator: string },
  source: Source,
): Promise<(ArmSums & { readonly arm: string })[]> {
  const values = sourceValues(at.experimentId, source);
  const rows = await run<ArmRow>(
    `with ${cutMeans(source, { metric: values.length + 1, evaluator: values.length + 2 })}
     select arm_name, count(*) as subjects, sum(scores)::bigint as scores, trim_scale(sum(least(m, most)))::text as mean_sum,
       trim_scale(sum(least(m, most) * least(m, most)))::text as mean_square_sum
     from u cross join cap group by arm_name order by arm_name`,
    [...values, at.metric, at.evaluator],
  );
  return rows.map((row) => ({ arm: row.arm_name, ...toArmSums(row) }));
}

/** Held shared by whoever writes events inside a savepoint: a snapshot of PostgreSQL cannot tell such a writer from one that is through. */
const WRITERS = "select pg_advisory_xact_lock_shared(hashtextextended('usage.experiment-writers', 7))";

export async function holdWriterLock(client: Pick<Connection, "query">): Promise<void> {
  await client.query(WRITERS);
}

/**
 * Runs a reading on one snapshot of PostgreSQL. `settled`: the snapshot is taken while no event is being written, so that it says exactly what
 * it saw; who comes later is not seen, so nobody waits for the reading itself. `writes`: what it finds is kept.
 */
export async function inSnapshot<T>(
  work: (run: Run, snapshot: string) => Promise<T>,
  { settled = false, writes = false }: { readonly settled?: boolean; readonly writes?: boolean } = {},
): Promise<T> {
  const client = await db().pool.connect();
  let isDone = false;
  try {
    if (settled) await client.query("select pg_advisory_lock(hashtextextended('usage.experiment-writers', 7))");
    await client.query(`begin isolation level repeatable read ${writes ? "read write" : "read only"}`);
    const { rows } = await client.query<{ snapshot: string }>("select pg_current_snapshot()::text as snapshot");
    if (settled) await client.query("select pg_advisory_unlock(hashtextextended('usage.experiment-writers', 7))");
    const result = await work(runOn(client), rows[0]?.snapshot ?? "");
    await client.query("commit");
    isDone = true;
    return result;
  } finally {
    // A connection that broke on the way may still hold the lock or the transaction: it is closed.
    client.release(!isDone);
  }
}

export function inScoreTransaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
  return inTransaction((tx) => work(runIn(tx)));
}
