import type { BeforeSums, RatioSums } from "@/lib/core/stats";
import { type BeforeMetric, isRatio, SUMS_OF_PAIRS } from "./before";
import { RATIOS, subjectDays } from "./exposures";
import { IS_ARM, type Run, type Source, sourceValues, valueThen, wasVisible } from "./store";

/** An arm's subjects on the first day on which each has the metric (n, x, y and products), and on its later days (px, py and products). */
export type TenureArm = RatioSums & BeforeSums & { readonly arm: string };

const RATIO_SUMS = Object.entries({ x: "x", y: "y", xx: "x * x", xy: "x * y", yy: "y * y" })
  .map(([name, product]) => `trim_scale(sum(${product}))::text as ${name}`)
  .join(", ");

const SCORE_DAYS = {
  kept: `select arm_name, subject, event_day as day, sum(value) as total, count(*) as scores from usage.score s
    where experiment_id = $1::uuid and state = 'joined' and metric = $METRIC and evaluator = $EVALUATOR group by 1, 2, 3`,
  raw: `select arm_name, subject, day, sum(value) as total, count(*) as scores from (
      select e.arm_name, coalesce(e.subject_hash, e.request_id::text) as subject, e.event_day as day, ${valueThen(2, 3)} as value
      from usage.score s join usage.event e on e.event_day = s.event_day and e.request_id = s.request_id and e.project_id = s.project_id
      where s.state = 'joined' and s.metric = $METRIC and s.evaluator = $EVALUATOR and e.experiment_id = $1::uuid and ${IS_ARM} and ${wasVisible("e", 2)}
    ) v where value is not null group by 1, 2, 3`,
} as const;

const SUBJECT_SCORES = `select arm_name, subject, usage.subject_mean(sum(total) filter (where is_first), (sum(scores) filter (where is_first))::bigint) as x, 1::numeric as y,
    coalesce(usage.subject_mean(sum(total) filter (where not is_first), (sum(scores) filter (where not is_first))::bigint), 0) as px,
    count(*) filter (where not is_first) > 0 as has_later
  from marked group by 1, 2`;

/** What subjects did on their first day in the experiment, beside their later ones, by arm. Goes through all subjects' days. */
export async function readTenure(
  run: Run,
  { experimentId, metric }: { readonly experimentId: string; readonly metric: BeforeMetric },
  source: Source,
): Promise<TenureArm[]> {
  const values = sourceValues(experimentId, source);
  const marked = (days: string) =>
    `marked as (select *, day = min(day) over (partition by arm_name, subject) as is_first from (${days}) d)`;
  const read = (sql: string, given: readonly unknown[]) =>
    run<RatioSums & BeforeSums & { readonly arm_name: string }>(
      `${sql} select arm_name, count(*)::int as n, ${RATIO_SUMS}, ${SUMS_OF_PAIRS.replace("count(*)", "count(*) filter (where py > 0)")}
       from u group by 1 order by 1`,
      given,
    );
  const rows = metric.source === "usage" ? await readLog() : await readScores();
  return rows.map(({ arm_name: arm, ...sums }) => ({ ...sums, arm }));

  function readScores() {
    const days = SCORE_DAYS[source.kind].replace("$METRIC", `$${values.length + 1}`).replace("$EVALUATOR", `$${values.length + 2}`);
    const sql = `with ${marked(days)}, u as (select arm_name, x, y, px, has_later::int::numeric as py from (${SUBJECT_SCORES}) s)`;
    return read(sql, [...values, metric.metric, metric.evaluator]);
  }

  async function readLog() {
    if (!isRatio(metric.metric)) return [];
    const [x, y] = RATIOS[metric.metric];
    const days = `select arm_name, subject, day, ${x}::numeric as x, ${y}::numeric as y from (${subjectDays(source)}) l where ${y} > 0`;
    const part = (column: string, isFirst: boolean) => `coalesce(sum(${column}) filter (where ${isFirst ? "" : "not "}is_first), 0)`;
    const sql = `with ${marked(days)}, u as (
      select arm_name, ${part("x", true)} as x, ${part("y", true)} as y, ${part("x", false)} as px, ${part("y", false)} as py from marked group by arm_name, subject)`;
    return read(sql, source.kind === "kept" ? values : values.slice(0, 2));
  }
}
