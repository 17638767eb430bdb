import { uuidOfId } from "@/lib/core/ids";
import { SKETCH_GAMMA, SKETCH_ZERO_BUCKET } from "@/lib/core/stats";
import { IS_ARM, type Run, runIn, type Source, sourceValues, subjectScores, wasVisible } from "./store";

/** Times of complete requests that no store answered, of which a plan may want a quantile. */
export const TIMES = { latency_ms: "e.total_ms", ttft_ms: "e.ttft_ms", tpot_ms: "e.tpot_ms" } as const;
type TimeName = keyof typeof TIMES;

const MS = `(values ${Object.entries(TIMES)
  .map(([name, column]) => `('${name}', ${column}::float8)`)
  .join(", ")}) as v(metric, ms)`;

/** Counts by experiment, metric, arm, group of subjects and bucket. A subject's group is the first byte of its MD5, wherever it is computed. */
const COUNTS_OF = (from: string, where: string) => `
  select e.experiment_id, v.metric, e.arm_name, ('x' || left(md5(coalesce(e.subject_hash, e.request_id::text)), 2))::bit(8)::int as subject_group,
    case when v.ms > 0 then ceil(ln(v.ms) / ln(${SKETCH_GAMMA}::float8))::int else ${SKETCH_ZERO_BUCKET} end as bucket, count(*) as requests
  from ${from} cross join lateral ${MS}
  where ${IS_ARM} and e.outcome = 'complete' and e.cache <> 'hit' and v.ms is not null and ${where}
  group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`;

/** From now on the ingest counts these times of the experiment's requests. */
export async function watchTimes(tx: Parameters<typeof runIn>[0], experimentId: string, metrics: readonly string[]): Promise<void> {
  if (metrics.length === 0) return;
  await runIn(tx)(
    "insert into usage.experiment_quantile (experiment_id, metric) select $1::uuid, unnest($2::text[]) on conflict do nothing",
    [uuidOfId(experimentId), metrics],
  );
}

/** Counts new requests of arms, inside the transaction that puts them into the log, for the experiments that want it. */
export async function countTimes(run: Run, { days, ids }: { readonly days: readonly string[]; readonly ids: string }): Promise<void> {
  await run(
    `insert into usage.experiment_histogram as h (experiment_id, metric, arm_name, subject_group, bucket, requests)
     ${COUNTS_OF("usage.event e join usage.experiment_quantile q on q.experiment_id = e.experiment_id", "v.metric = q.metric and e.event_day = any($1::date[]) and e.request_id = any($2::uuid[])")}
     on conflict (experiment_id, metric, arm_name, subject_group, bucket) do update set requests = h.requests + excluded.requests`,
    [days, ids],
  );
}

/** A quantile that a plan wants: of the times of requests, or of subjects' mean scores. */
export interface QuantileMetric {
  readonly source: "score" | "usage";
  readonly metric: string;
  readonly evaluator: string;
  readonly quantile: number;
}

/**
 * Of an arm's requests: their counts by bucket, ascending, and at the bucket that holds the quantile the sums over groups of subjects of what is
 * below it (b), inside it (i) and all of it (y), with their products.
 */
interface TimeQuantile {
  readonly counts: readonly (readonly [bucket: number, requests: number])[];
  readonly groups: number;
  readonly b: number;
  readonly i: number;
  readonly y: number;
  readonly bb: number;
  readonly bi: number;
  readonly by: number;
  readonly ii: number;
  readonly iy: number;
  readonly yy: number;
}

/** Of an arm's subjects: the mean score at the quantile, and those at the ends of its 95 % interval of order statistics; null beyond the values. */
interface ScoreQuantile {
  readonly subjects: number;
  readonly value: string;
  readonly low: string | null;
  readonly high: string | null;
}

type QuantileArm = QuantileMetric & { readonly arm: string; readonly times?: TimeQuantile; readonly means?: ScoreQuantile };

const isTime = (name: string): name is TimeName => name in TIMES;

/** What the quantiles of a plan are computed from, by arm; its size does not depend on how many requests or subjects there are. */
export async function readQuantiles(
  run: Run,
  { experimentId, metrics }: { readonly experimentId: string; readonly metrics: readonly QuantileMetric[] },
  source: Source,
): Promise<QuantileArm[]> {
  const found: QuantileArm[] = [];
  for (const metric of metrics) {
    const values = sourceValues(experimentId, source);
    found.push(
      ...(metric.source === "usage" ? await readTimes(run, metric, { source, values }) : await readMeans(run, metric, { source, values })),
    );
  }
  return found;
}

interface Place {
  readonly source: Source;
  readonly values: readonly unknown[];
}

const PRODUCTS = { b: "b", i: "i", y: "y", bb: "b * b", bi: "b * i", by: "b * y", ii: "i * i", iy: "i * y", yy: "y * y" } as const;

async function readTimes(run: Run, metric: QuantileMetric, { source, values }: Place): Promise<QuantileArm[]> {
  if (!isTime(metric.metric)) return [];
  const kept = source.kind === "kept";
  const given = kept ? values.slice(0, 1) : values.slice(0, 2);
  const [name, quantile] = [given.length + 1, given.length + 2];
  const from = kept
    ? `select arm_name, subject_group, bucket, requests from usage.experiment_histogram where experiment_id = $1::uuid and metric = $${name}`
    : COUNTS_OF("usage.event e", `v.metric = $${name} and e.experiment_id = $1::uuid and ${wasVisible("e", 2)}`);
  const rows = await run<TimeQuantile & { readonly arm_name: string }>(
    `with h as materialized (${from}), t as (select arm_name, bucket, sum(requests)::bigint as n from h group by 1, 2),
     c as (select *, sum(n) over (partition by arm_name order by bucket) as upto, sum(n) over (partition by arm_name) as total from t),
     q as (select arm_name, min(bucket) filter (where upto > floor($${quantile}::numeric * (total - 1))) as bucket from c group by 1),
     g as (select arm_name, subject_group, sum(requests) as y, coalesce(sum(requests) filter (where h.bucket < q.bucket), 0) as b,
       coalesce(sum(requests) filter (where h.bucket = q.bucket), 0) as i from h join q using (arm_name) group by 1, 2)
     select arm_name, (select json_agg(json_build_array(t.bucket, t.n) order by t.bucket) from t where t.arm_name = g.arm_name) as counts,
       count(*)::int as groups, ${Object.entries(PRODUCTS)
         .map(([sum, product]) => `sum(${product})::float8 as ${sum}`)
         .join(", ")}
     from g group by 1 order by 1`,
    [...given, metric.metric, metric.quantile],
  );
  return rows.map(({ arm_name: arm, ...times }) => ({ ...metric, arm, times }));
}

/** Of the standard normal: the ends of an interval of 95 %. */
const Z = "1.959963984540054";

async function readMeans(run: Run, metric: QuantileMetric, { source, values }: Place): Promise<QuantileArm[]> {
  const [name, evaluator, quantile] = [values.length + 1, values.length + 2, values.length + 3];
  const rows = await run<{ arm_name: string; n: number; value: string; low: string | null; high: string | null }>(
    `with u as materialized (select arm_name, usage.subject_mean(total, scores) as m from ${subjectScores(source)} s
       where metric = $${name} and evaluator = $${evaluator} and scores > 0),
     n as (select arm_name, count(*)::int as n, $${quantile}::float8 as q, ${Z} * sqrt($${quantile}::float8 * (1 - $${quantile}::float8) / count(*)) as half
       from u group by 1),
     at as (select arm_name, n, q as value_at, case when q - half > 0 and q + half < 1 then q - half end as low_at,
       case when q - half > 0 and q + half < 1 then q + half end as high_at from n)
     select arm_name, n, ${["value", "low", "high"].map((end) => `trim_scale(percentile_disc(${end}_at) within group (order by m))::text as ${end}`).join(", ")}
     from u join at using (arm_name) group by arm_name, n, value_at, low_at, high_at order by arm_name`,
    [...values, metric.metric, metric.evaluator, metric.quantile],
  );
  return rows.map(({ arm_name: arm, n, value, low, high }) => ({ ...metric, arm, means: { subjects: n, value, low, high } }));
}
