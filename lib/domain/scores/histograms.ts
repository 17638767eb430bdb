import { uuidOfId } from "@/lib/core/ids";
import { SKETCH_GAMMA, SKETCH_ZERO_BUCKET } from "@/lib/core/stats";
import { type FirstScoreQuantile, type FirstTimeQuantile, type QuantilePlace, readFirstMeans, readFirstTimes, Z } from "./first-quantiles";
import { IS_ARM, type Run, runIn, type Source, sourceValues, subjectScores, wasVisible } from "./store";

/** Times of complete requests that no store answered, of which a plan may want a quantile. */
export const TIMES = { latency_ms: "e.total_ms", ttft_ms: "e.ttft_ms", tpot_ms: "e.tpot_ms" } as const;
type TimeName = keyof typeof TIMES;

const MS = `(values ${Object.entries(TIMES)
  .map(([name, column]) => `('${name}', ${column}::float8)`)
  .join(", ")}) as v(metric, ms)`;

/** A subject's group is the first byte of its MD5, wherever it is computed. */
const GROUP_AND_BUCKET = `('x' || left(md5(coalesce(e.subject_hash, e.request_id::text)), 2))::bit(8)::int as subject_group,
    case when v.ms > 0 then ceil(ln(v.ms) / ln(${SKETCH_GAMMA}::float8))::int else ${SKETCH_ZERO_BUCKET} end as bucket, count(*) as requests`;
const IS_TIMED = "e.outcome = 'complete' and e.cache <> 'hit' and v.ms is not null";

/** Counts by experiment, metric, arm, group of subjects and bucket. */
export const COUNTS_OF = (from: string, where: string) => `
  select e.experiment_id, v.metric, e.arm_name, ${GROUP_AND_BUCKET}
  from ${from} cross join lateral ${MS}
  where ${IS_ARM} and ${IS_TIMED} and ${where}
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
 * Of an arm's requests: their counts by bucket, ascending, the two buckets whose middles the quantile lies between (null beyond the outermost),
 * and the sums over groups of subjects of what is below both (b), in the lower (i), in the upper (j) and all of it (y), with their products.
 */
interface TimeQuantile extends Record<keyof typeof PRODUCTS, number> {
  readonly counts: readonly (readonly [bucket: number, requests: number])[];
  readonly lower: number | null;
  readonly upper: number | null;
  readonly groups: number;
}

/** Different mean scores beside each other, with how many subjects have each, and how many subjects have less. */
interface ScorePlace {
  readonly below: number;
  readonly lower: readonly [mean: string, subjects: number] | null;
  readonly upper: readonly [mean: string, subjects: number] | null;
}

/** Of an arm's subjects: where the quantile falls among their mean scores, and the ends of its 95 % interval; null beyond them. */
interface ScoreQuantile {
  readonly subjects: number;
  readonly at: ScorePlace;
  readonly ends: readonly [low: ScorePlace, high: ScorePlace] | null;
}

type QuantileArm = QuantileMetric & {
  readonly arm: string;
  readonly times?: TimeQuantile | FirstTimeQuantile;
  readonly means?: ScoreQuantile | FirstScoreQuantile;
};

const isTime = (name: string): name is TimeName => name in TIMES;

interface QuantilesAsked {
  readonly experimentId: string;
  readonly metrics: readonly QuantileMetric[];
  /** As evidence of before quantiles lay between middles holds them. */
  readonly isFirst?: boolean;
}

/** What the quantiles of a plan are computed from, by arm; its size does not depend on how many requests or subjects there are. */
export async function readQuantiles(
  run: Run,
  { experimentId, metrics, isFirst = false }: QuantilesAsked,
  source: Source,
): Promise<QuantileArm[]> {
  const values = sourceValues(experimentId, source);
  const found: QuantileArm[] = [];
  for (const metric of metrics) {
    const place = metric.source === "usage" ? placeOfTimes(metric, { source, values }) : placeOfMeans(metric, { source, values });
    if (place === null) continue;
    const read = metric.source === "usage" ? (isFirst ? readFirstTimes : readTimes) : isFirst ? readFirstMeans : readMeans;
    const arms: readonly Omit<QuantileArm, keyof QuantileMetric>[] = await read(run, place);
    found.push(...arms.map((each) => ({ ...metric, ...each })));
  }
  return found;
}

interface Place {
  readonly source: Source;
  readonly values: readonly unknown[];
}

/** Counts by arm, group and bucket, as SQL with its values; the quantile is the last one. */
function placeOfTimes(metric: QuantileMetric, { source, values }: Place): QuantilePlace | null {
  if (!isTime(metric.metric)) return null;
  const kept = source.kind === "kept";
  const given = kept ? values.slice(0, 1) : values.slice(0, 2);
  const name = given.length + 1;
  const from = kept
    ? `select arm_name, subject_group, bucket, requests from usage.experiment_histogram where experiment_id = $1::uuid and metric = $${name}`
    : COUNTS_OF("usage.event e", `v.metric = $${name} and e.experiment_id = $1::uuid and ${wasVisible("e", 2)}`);
  return { from, values: [...given, metric.metric, metric.quantile], quantile: `$${name + 1}` };
}

/** Subjects' mean scores m by arm. */
function placeOfMeans(metric: QuantileMetric, { source, values }: Place): QuantilePlace {
  const [name, evaluator, quantile] = [values.length + 1, values.length + 2, values.length + 3];
  const from = `select arm_name, usage.subject_mean(total, scores) as m from ${subjectScores(source)} s
    where metric = $${name} and evaluator = $${evaluator} and scores > 0`;
  return { from, values: [...values, metric.metric, metric.evaluator, metric.quantile], quantile: `$${quantile}` };
}

/** The same of rows of the log whatever arm they are of, as one arm; `from` names them `e`, the metric is `$n` and the quantile `$n + 1`. */
export async function readTimesOf(run: Run, { from, values }: { from: string; values: readonly unknown[] }, of: QuantileMetric) {
  const name = values.length + 1;
  const counts = `select '' as arm_name, ${GROUP_AND_BUCKET} from ${from} cross join lateral ${MS} where ${IS_TIMED} and v.metric = $${name} group by 1, 2, 3`;
  const place = { from: counts, values: [...values, of.metric, of.quantile], quantile: `$${name + 1}` };
  const [row] = isTime(of.metric) ? await readTimes(run, place) : [];
  return row?.times;
}

/** The same of subjects' mean scores `m`, as one arm. */
export async function readMeansOf(run: Run, { from, values }: { from: string; values: readonly unknown[] }, quantile: number) {
  const place = { from: `select '' as arm_name, m from (${from}) s`, values: [...values, quantile], quantile: `$${values.length + 1}` };
  const [row] = await readMeans(run, place);
  return row?.means;
}

const PRODUCTS = {
  b: "b",
  i: "i",
  j: "j",
  y: "y",
  bb: "b * b",
  bi: "b * i",
  bj: "b * j",
  by: "b * y",
  ii: "i * i",
  ij: "i * j",
  iy: "i * y",
  jj: "j * j",
  jy: "j * y",
  yy: "y * y",
} as const;

async function readTimes(run: Run, { from, values, quantile }: QuantilePlace) {
  const sums = Object.entries(PRODUCTS).map(([sum, product]) => `sum(${product})::float8 as ${sum}`);
  const rows = await run<TimeQuantile & { readonly arm_name: string }>(
    `with h as materialized (${from}), t as (select arm_name, bucket, sum(requests)::bigint as n from h group by 1, 2),
     c as (select arm_name, bucket, 2 * sum(n) over (partition by arm_name order by bucket) - n as middle,
       2 * ${quantile}::numeric * sum(n) over (partition by arm_name) as place from t),
     q as (select arm_name, max(bucket) filter (where middle <= place) as lower, min(bucket) filter (where middle > place) as upper from c group by 1),
     g as (select arm_name, subject_group, sum(requests) as y, coalesce(sum(requests) filter (where bucket < coalesce(lower, upper)), 0) as b,
       coalesce(sum(requests) filter (where bucket = lower), 0) as i, coalesce(sum(requests) filter (where bucket = upper), 0) as j
       from h join q using (arm_name) group by 1, 2)
     select g.arm_name, (select json_agg(json_build_array(t.bucket, t.n) order by t.bucket) from t where t.arm_name = g.arm_name) as counts,
       lower, upper, count(*)::int as groups, ${sums.join(", ")}
     from g join q using (arm_name) group by g.arm_name, lower, upper order by g.arm_name`,
    values,
  );
  return rows.map(({ arm_name: arm, ...times }) => ({ arm, times }));
}

async function readMeans(run: Run, { from, values, quantile }: QuantilePlace) {
  const side = (name: string) => `case when ${name}.m is null then null else json_build_array(trim_scale(${name}.m)::text, ${name}.n) end`;
  const beside = (condition: string, order: string) =>
    `lateral (select m, n, upto from c where c.arm_name = s.arm_name and (2 * upto - n)::float8 ${condition} 2 * share * total order by m ${order} limit 1)`;
  const rows = await run<{ arm_name: string; n: number; at: ScorePlace; low: ScorePlace | null; high: ScorePlace | null }>(
    `with u as materialized (${from}), d as (select arm_name, m, count(*) as n from u group by 1, 2),
     c as materialized (select arm_name, m, n, sum(n) over (partition by arm_name order by m) as upto from d),
     a as (select arm_name, count(*)::int as total, ${quantile}::float8 as q, ${Z} * sqrt(${quantile}::float8 * (1 - ${quantile}::float8) / count(*)) as half
       from u group by 1),
     s as (select a.arm_name, total, place, share from a cross join lateral (values ('at', q), ('low', q - half), ('high', q + half)) as e(place, share)
       where place = 'at' or (q - half > 0 and q + half < 1)),
     p as (select s.arm_name, total, place, json_build_object('below', coalesce(b.upto - b.n, 0), 'lower', ${side("b")}, 'upper', ${side("f")}) as found
       from s left join ${beside("<=", "desc")} b on true left join ${beside(">", "asc")} f on true)
     select arm_name, total as n, ${["at", "low", "high"].map((place) => `(array_agg(found) filter (where place = '${place}'))[1] as ${place}`).join(", ")}
     from p group by arm_name, total order by arm_name`,
    values,
  );
  return rows.map(({ arm_name: arm, n, at, low, high }) => {
    const means: ScoreQuantile = { subjects: n, at, ends: low === null || high === null ? null : [low, high] };
    return { arm, means };
  });
}
