import { subjectDays } from "./exposures";
import { IS_ARM, type Run, type Source, sourceValues, valueThen, wasVisible } from "./store";

/** What came on a UTC day, of all arms together. */
export interface DaySums {
  readonly day: string;
  /** Subjects with a request that day, in each arm. */
  readonly subjects: number;
  readonly requests: number;
  /** Scores of the day's requests; null where none were asked for. */
  readonly scores: number | null;
}

interface Asked {
  readonly experimentId: string;
  /** Whose scores are counted; null: nobody's. */
  readonly score: { readonly metric: string; readonly evaluator: string } | null;
}

const SCORES = {
  kept: (metric: number, evaluator: number) => `select day, sum(scores) as scores from usage.score_day
    where experiment_id = $1::uuid and metric = $${metric} and evaluator = $${evaluator} group by day`,
  raw: (metric: number, evaluator: number) => `select day, count(value) as scores from (
      select e.event_day as day, ${valueThen(2, 3)} as value
      from usage.score s join usage.event e on e.event_day = s.event_day and e.request_id = s.request_id and e.project_id = s.project_id
      where s.state = 'joined' and s.metric = $${metric} and s.evaluator = $${evaluator} and e.experiment_id = $1::uuid and ${IS_ARM} and ${wasVisible("e", 2)}
    ) v group by day`,
} as const;

/** Days of an experiment on which anything came, oldest first. Kept ones are read by arm and day, however many subjects there are. */
export async function readDays(run: Run, { experimentId, score }: Asked, source: Source): Promise<DaySums[]> {
  const exposed =
    source.kind === "kept"
      ? "select day, sum(subjects) as subjects, sum(requests) as requests from usage.experiment_day where experiment_id = $1::uuid group by day"
      : `select day, count(*) as subjects, sum(requests) as requests from (${subjectDays(source)}) d group by day`;
  const values = sourceValues(experimentId, source);
  const days = await run<{ day: string; subjects: number; requests: number }>(
    `select day::text, subjects::float8, requests::float8 from (${exposed}) e order by day`,
    source.kind === "kept" ? values : values.slice(0, 2),
  );
  if (score === null) return days.map((day) => ({ ...day, scores: null }));
  const scored = await run<{ day: string; scores: number }>(
    `select day::text, scores::float8 from (${SCORES[source.kind](values.length + 1, values.length + 2)}) s`,
    [...values, score.metric, score.evaluator],
  );
  const scoresOf = new Map(scored.map(({ day, scores }) => [day, scores]));
  return days.map((day) => ({ ...day, scores: scoresOf.get(day.day) ?? 0 }));
}
