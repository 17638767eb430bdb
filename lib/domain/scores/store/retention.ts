import { uuidOfId } from "@/lib/core/ids";
import { db } from "@/lib/infra/db";

/** Rows a statement: none holds locks for long. */
const AT_ONCE = 5_000;
/** Statements a run; what is left goes in the next ones. */
const MOST_STATEMENTS = 200;

/** Rows of an experiment's subjects, and what only they are good for. The sums of arms and days stay. */
const OF_SUBJECTS = [
  "experiment_subject",
  "experiment_before",
  "experiment_before_reading",
  "experiment_quantile",
  "experiment_histogram",
  "score_subject",
  "score",
] as const;

/** How many statements a run may still make. */
export class Allowance {
  #left = MOST_STATEMENTS;

  /** Deletes by one statement after the other until it finds no row; false: the allowance is used up before. */
  async clear(sql: string, values: readonly unknown[]): Promise<boolean> {
    while (this.#left > 0) {
      this.#left--;
      const { rowCount } = await db().pool.query(sql, [...values, AT_ONCE]);
      if ((rowCount ?? 0) < AT_ONCE) return true;
    }
    return false;
  }
}

/** Deletes the rows of an experiment's subjects and its raw scores, with what was said beside them and the values before. True: none is left. */
export async function clearSubjects(experimentId: string, allowance: Allowance): Promise<boolean> {
  for (const table of OF_SUBJECTS) {
    const some = `select ctid from usage.${table} where experiment_id = $1::uuid limit $2`;
    if (!(await allowance.clear(`delete from usage.${table} where ctid = any(array(${some}))`, [uuidOfId(experimentId)]))) return false;
  }
  return true;
}

/** Deletes scores of no experiment that nobody changed for so many days. */
export function clearScores(days: number, allowance: Allowance): Promise<boolean> {
  const old = "experiment_id is null and state <> 'pending' and changed_at < now() - make_interval(days => $1)";
  return allowance.clear(
    `delete from usage.score where ctid = any(array(select ctid from usage.score where ${old} order by changed_at limit $2)) and ${old}`,
    [days],
  );
}

/** Deletes what was said beside scores of requests that came before this moment, in each project. */
export async function clearComments(before: Date, allowance: Allowance): Promise<boolean> {
  // Ids of requests begin with their time.
  const first = `${before.getTime().toString(16).padStart(12, "0")}${"0".repeat(20)}`;
  const { rows } = await db().pool.query<{ id: string }>(
    `with recursive p as (
       (select project_id as id from usage.score_comment order by project_id limit 1)
       union all select (select c.project_id from usage.score_comment c where c.project_id > p.id order by c.project_id limit 1) from p where p.id is not null
     ) select id::text from p where id is not null`,
  );
  for (const { id } of rows) {
    const some = "select ctid from usage.score_comment where project_id = $1::uuid and request_id < $2::uuid limit $3";
    if (!(await allowance.clear(`delete from usage.score_comment where ctid = any(array(${some}))`, [id, first]))) return false;
  }
  return true;
}
