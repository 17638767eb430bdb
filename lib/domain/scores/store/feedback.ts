import { db } from "@/lib/infra/db";
import { list, type Run, type ScoreKey, texts } from "../store";

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
