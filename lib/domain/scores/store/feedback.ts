import { uuidOfId } from "@/lib/core/ids";
import { db, type Tx } from "@/lib/infra/db";
import { type Posting, type Run, runIn, type ScoreInput, type ScoreKey } from "../store";
import { list, texts } from "./arrays";

const KEYS = "unnest($2::uuid[], $3::text[], $4::text[]) with ordinality as p(request_id, metric, evaluator, place)";
const keysOf = (scores: readonly ScoreKey[]) => [
  list(scores.map((s) => s.requestId)),
  texts(scores.map((s) => s.metric)),
  texts(scores.map((s) => s.evaluator)),
];

/**
 * Of scores that are there (locked by the caller): those that a key of this environment may change. Where the log knows the request it says so; else it is
 * whoever came first, so that nobody takes the place of another environment's score while its request is on the way.
 */
export async function listChangeable(run: Run, projectId: string, posting: Posting): Promise<readonly ScoreInput[]> {
  const { scores, days, environment } = posting;
  if (environment === null) return scores;
  const rows = await run<{ place: number }>(
    `select p.place::int as place from ${KEYS} join usage.score s using (request_id, metric, evaluator)
       left join usage.event e on e.request_id = p.request_id and e.project_id = $1::uuid and e.event_day = any($5::date[])
     where s.project_id = $1::uuid and coalesce(e.environment, s.environment) = $6`,
    [projectId, ...keysOf(scores), list(days), environment],
  );
  const places = new Set(rows.map(({ place }) => place - 1));
  return scores.filter((_, i) => places.has(i));
}

/** What another environment's key said of these scores, which wait and whose place is taken, is not to stand beside them. */
export async function dropForeignComments(run: Run, projectId: string, { scores, environment }: Posting): Promise<void> {
  await run(
    `delete from usage.score_comment c using ${KEYS} join usage.score s using (request_id, metric, evaluator)
     where s.project_id = $1::uuid and s.state <> 'joined' and s.environment <> coalesce($5::text, '')
       and (c.project_id, c.request_id, c.metric, c.evaluator) = (s.project_id, s.request_id, s.metric, s.evaluator)`,
    [projectId, ...keysOf(scores), environment],
  );
}

/** Keeps what was said of these scores, in place of what was said before. A row of its own: the score's row tells what a snapshot saw of it. */
export async function saveComments(run: Run, projectId: string, comments: readonly (ScoreKey & { comment: string })[]): Promise<void> {
  if (comments.length === 0) return;
  await run(
    `insert into usage.score_comment as c (project_id, request_id, metric, evaluator, comment)
     select $1::uuid, p.* from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as p order by 2, 3, 4
     on conflict (project_id, request_id, metric, evaluator) do update set comment = excluded.comment`,
    [
      projectId,
      list(comments.map((c) => c.requestId)),
      texts(comments.map((c) => c.metric)),
      texts(comments.map((c) => c.evaluator)),
      texts(comments.map((c) => c.comment)),
    ],
  );
}

/**
 * Deletes what was said beside scores of one person's requests, whose values stay. From the comments, few beside the scores, to the score of each: nothing goes by person.
 * @returns how many
 */
export async function eraseComments(tx: Tx, { projectId, subjectHash }: { projectId: string; subjectHash: string }): Promise<number> {
  const rows = await runIn(tx)<{ one: number }>(
    `delete from usage.score_comment c using (
       select k.* from (select project_id, request_id, metric, evaluator from usage.score_comment where project_id = $1::uuid) k
       cross join lateral (
         select 1 from usage.score s where (s.project_id, s.request_id, s.metric, s.evaluator) = (k.project_id, k.request_id, k.metric, k.evaluator)
           and s.state = 'joined' and s.subject = $2 offset 0) theirs
     ) found where (c.project_id, c.request_id, c.metric, c.evaluator) = (found.project_id, found.request_id, found.metric, found.evaluator) returning 1 as one`,
    [uuidOfId(projectId), subjectHash],
  );
  return rows.length;
}

/** PostgreSQL's clock. */
export async function readClock(run: Run): Promise<Date> {
  const [row] = await run<{ now: Date }>("select date_trunc('milliseconds', clock_timestamp()) as now", []);
  if (row === undefined) throw new Error("PostgreSQL gave no time");
  return row.now;
}

const FEEDBACK_READER = "hashtextextended('usage.feedback-reader', 7)";

/** Runs it where nobody else does at this moment; null where somebody does. Two readers at once could bring an older value in after a newer one. */
export async function asFeedbackReader<T>(work: () => Promise<T>): Promise<T | null> {
  const client = await db().pool.connect();
  let isDone = false;
  try {
    const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${FEEDBACK_READER}) as taken`);
    const isTaken = rows[0]?.taken === true;
    const result = isTaken ? await work() : null;
    if (isTaken) await client.query(`select pg_advisory_unlock(${FEEDBACK_READER})`);
    isDone = true;
    return result;
  } finally {
    // A connection that may still hold the lock is closed.
    client.release(!isDone);
  }
}
