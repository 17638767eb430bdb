import { ARM_SUMS, COLUMNS, DAYS_OF, NAMES, RATIOS, SUMS } from "../exposures";
import { COUNTS_OF } from "../histograms";
import { ARM, type Run, subjectScores } from "../store";

/** An arm's sums from its subjects' days, in the order of ARM_SUMS. */
const SUMS_OF_ARM = ["count(*)", "sum(requests)", "sum(elsewhere)"].concat(
  NAMES.flatMap((name) => {
    const [x, y] = RATIOS[name];
    return [`count(*) filter (where ${y} > 0)`, `sum(${x})`, `sum(${y})`, `sum(${x} * ${x})`, `sum(${x} * ${y})`, `sum(${y} * ${y})`];
  }),
);

const RAW_DAYS = DAYS_OF("e.experiment_id = $1::uuid");
const RAW_TIMES = COUNTS_OF(
  "usage.event e join usage.experiment_quantile q on q.experiment_id = e.experiment_id",
  "v.metric = q.metric and e.experiment_id = $1::uuid",
);
const RAW_SCORE_DAYS = `select ${ARM}, event_day, count(*)::bigint from usage.score where experiment_id = $1::uuid and state = 'joined' group by 1, 2, 3, 4, 5`;
const RAW_SUBJECTS = `select $1::uuid, metric, evaluator, arm_name, subject, scores, total from ${subjectScores({ kind: "raw" })} r`;

/** Kept rows with what the raw log says they are, by table; both of the same columns. Those of scores bear `$2` and `$3` of a snapshot, both null. */
const TABLES = [
  { table: "experiment_subject", columns: COLUMNS, raw: RAW_DAYS, isOfScores: false },
  {
    table: "experiment_histogram",
    columns: "experiment_id, metric, arm_name, subject_group, bucket, requests",
    raw: RAW_TIMES,
    isOfScores: false,
  },
  { table: "score_subject", columns: `${ARM}, subject, scores, total`, raw: RAW_SUBJECTS, isOfScores: true },
  { table: "score_day", columns: `${ARM}, day, scores`, raw: RAW_SCORE_DAYS, isOfScores: false },
] as const;

/** What follows from the rows above, which are right by now. */
const TOTALS = [
  {
    table: "experiment_arm",
    columns: `experiment_id, arm_name, ${ARM_SUMS.join(", ")}`,
    from: `select $1::uuid, arm_name, ${SUMS_OF_ARM.join(", ")} from (
      select arm_name, subject, ${SUMS.map((c) => `sum(${c})::numeric as ${c}`).join(", ")} from usage.experiment_subject where experiment_id = $1::uuid group by 1, 2) u group by arm_name`,
  },
  {
    table: "experiment_day",
    columns: "experiment_id, arm_name, day, subjects, requests",
    from: "select $1::uuid, arm_name, day, count(*), sum(requests) from usage.experiment_subject where experiment_id = $1::uuid group by arm_name, day",
  },
  {
    table: "score_arm",
    columns: `${ARM}, subjects, scores, mean_sum, mean_square_sum`,
    from: `select ${ARM}, count(*), sum(scores), sum(usage.subject_mean(total, scores)), sum(usage.subject_mean(total, scores) * usage.subject_mean(total, scores))
      from usage.score_subject where experiment_id = $1::uuid group by 1, 2, 3, 4`,
  },
] as const;

const CROSSED =
  "(select count(*) from (select 1 from usage.experiment_subject where experiment_id = $1::uuid group by subject having count(distinct arm_name) > 1) c)";

/**
 * Takes what ingest and scores take before they change an experiment's sums, in their order, for the rest of the transaction. Whoever has written raw rows
 * and waits here adds to what is found here, and has not been seen. A metric that is new at this moment has no row to hold, so scores as a whole wait.
 */
export async function lockSums(run: Run, experimentId: string): Promise<void> {
  await run("set local statement_timeout = '30min'", []);
  await run("insert into usage.experiment_total (experiment_id) values ($1::uuid) on conflict do nothing", [experimentId]);
  await run("select 1 as one from usage.experiment_total where experiment_id = $1::uuid for update", [experimentId]);
  await run("lock table usage.score_arm in exclusive mode", []);
}

/** Rewrites what is kept of an experiment where it is not what the raw log says; the caller holds the locks. Returns how many rows were wrong, by table. */
export async function rewriteSums(run: Run, experimentId: string): Promise<Readonly<Record<string, number>>> {
  const wrong: Record<string, number> = {};
  for (const { table, columns, raw, isOfScores } of TABLES) {
    const values = isOfScores ? [experimentId, null, null] : [experimentId];
    wrong[table] = await rewrite(run, { table, columns, from: raw, values });
  }
  for (const { table, columns, from } of TOTALS) wrong[table] = await rewrite(run, { table, columns, from, values: [experimentId] });
  const moved = await run(
    `update usage.experiment_total set crossed = ${CROSSED} where experiment_id = $1::uuid and crossed <> ${CROSSED} returning 1 as one`,
    [experimentId],
  );
  wrong.experiment_total = moved.length;
  return wrong;
}

interface Rewrite {
  readonly table: string;
  readonly columns: string;
  readonly from: string;
  readonly values: readonly unknown[];
}

async function rewrite(run: Run, { table, columns, from, values }: Rewrite): Promise<number> {
  await run(`create temporary table repaired (like usage.${table}) on commit drop`, []);
  await run(`insert into repaired (${columns}) ${from}`, values);
  const kept = `select ${columns} from usage.${table} where experiment_id = '${values[0]}'::uuid`;
  const [row] = await run<{ n: number }>(
    `select ((select count(*) from (${kept} except select ${columns} from repaired) a) + (select count(*) from (select ${columns} from repaired except ${kept}) b))::int as n`,
    [],
  );
  const wrong = row?.n ?? 0;
  if (wrong > 0) {
    await run(`delete from usage.${table} where experiment_id = $1::uuid`, [values[0]]);
    await run(`insert into usage.${table} (${columns}) select ${columns} from repaired`, []);
  }
  await run("drop table repaired", []);
  return wrong;
}
