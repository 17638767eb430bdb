import type { Delta, Run } from "../store";
import { list, texts } from "./arrays";

const KEY = "experiment_id, metric, evaluator, arm_name, day";

/** Counts new scores by the day of their request; the caller has taken the arms. */
export async function addScoreDays(run: Run, deltas: readonly Delta[]): Promise<void> {
  const days = new Map<string, { readonly of: Delta; readonly day: string; scores: number }>();
  for (const of of deltas) {
    const { day, scores } = of;
    if (day === null || day === undefined || scores === 0) continue;
    const key = `${of.experiment_id} ${of.metric} ${of.evaluator} ${of.arm_name} ${day}`;
    const known = days.get(key) ?? { of, day, scores: 0 };
    known.scores += scores;
    days.set(key, known);
  }
  if (days.size === 0) return;
  const all = [...days.values()];
  await run(
    `insert into usage.score_day as y (${KEY}, scores)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::bigint[]) order by 1, 2, 3, 4, 5
     on conflict (${KEY}) do update set scores = y.scores + excluded.scores`,
    [
      list(all.map(({ of }) => of.experiment_id)),
      texts(all.map(({ of }) => of.metric)),
      texts(all.map(({ of }) => of.evaluator)),
      texts(all.map(({ of }) => of.arm_name)),
      list(all.map(({ day }) => day)),
      list(all.map(({ scores }) => scores)),
    ],
  );
}
