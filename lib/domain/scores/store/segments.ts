import { ID_PREFIXES, uuidOfId } from "@/lib/core/ids";
import type { RatioSums } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import { type BeforeMetric, isRatio } from "../before";
import { RATIOS, REQUEST_SUMS, SUMS } from "../exposures";
import { IS_ARM, inSnapshot, type Run, runOn } from "../store";

/** Values of a dimension that are told apart; the rest is one more. */
const MOST_VALUES = 12;
/** A subject that came to the endpoint in so many days before the start is a returning one. */
const KNOWN_DAYS = 28;
const DAY_MS = 86_400_000;

/** The experiment whose segments are read. */
export interface SegmentScope {
  readonly experimentId: string;
  readonly endpointId: string;
  readonly startedAt: Date;
  readonly metrics: readonly BeforeMetric[];
}

/** When what a reading needs of the log begins. */
export const segmentsFrom = (startedAt: Date) => new Date(startedAt.getTime() - KNOWN_DAYS * DAY_MS);

/** Properties of a request `c` that it had before any arm answered it; `k`: its subject was known. */
const VALUES = {
  key: `coalesce('${ID_PREFIXES.gatewayKey}_' || replace(c.key_id::text, '-', ''), '-')`,
  team: "coalesce(c.team, '-')",
  operation: "c.api",
  streaming: "case when c.streamed then 'streamed' else 'whole' end",
  weekday: "c.weekday::text",
  subject: "case when not c.is_named then 'unnamed' when k.subject is null then 'new' else 'returning' end",
} as const;
/** These may have any number of values. */
const OPEN = ["key", "team", "operation"] as const;

const valuesOf = (dimensions: readonly (keyof typeof VALUES)[]) => dimensions.map((name) => `('${name}', ${VALUES[name]})`).join(", ");

const PROPERTIES = `e.arm_name, coalesce(e.subject_hash, e.request_id::text) as subject, e.subject_hash is not null as is_named,
    e.key_id, e.team, e.api, e.streamed, extract(isodow from e.event_day)::int as weekday`;
const OF_EXPERIMENT = `e.experiment_id = $1::uuid and ${IS_ARM}`;

/** The largest values of the open dimensions, by requests. */
const LARGEST = `select dimension, value from (
    select d.dimension, d.value, row_number() over (partition by d.dimension order by sum(c.requests) desc, d.value) as place
    from (select key_id, team, api, count(*) as requests from usage.event e where ${OF_EXPERIMENT} group by 1, 2, 3) c
      cross join lateral (values ${valuesOf(OPEN)}) as d(dimension, value)
    group by 1, 2) s where place <= ${MOST_VALUES}`;

/** Subjects of the endpoint before the start. */
const KNOWN = `known as materialized (
    select distinct e.subject_hash as subject from usage.event e
    where e.endpoint_id = $2::uuid and e.source = 'application' and e.subject_hash is not null and e.experiment_id is distinct from $1::uuid
      and e.at >= $3::timestamptz and e.at < $4::timestamptz
      and e.event_day between ($3::timestamptz at time zone 'UTC')::date and ($4::timestamptz at time zone 'UTC')::date)`;

/** Each cell `c` once for every dimension, under the value that is told apart. */
const NAMED = `cells c left join known k on c.is_named and k.subject = c.subject
    cross join lateral (values ${valuesOf(Object.keys(VALUES) as (keyof typeof VALUES)[])}) as d(dimension, own)
    left join unnest($5::text[], $6::text[]) as largest(dimension, value) on largest.dimension = d.dimension and largest.value = d.own
    cross join lateral (select case when d.dimension in (${OPEN.map((name) => `'${name}'`).join(", ")}) then coalesce(largest.value, '*') else d.own end as value) v`;

const KEPT_COLUMNS = "experiment_id, dimension, value, source, metric, evaluator, arm_name, n, items, x, y, xx, xy, yy";

/** Means of each subject's scores within a segment. */
const ADD_SCORES = `with ${KNOWN}, cells as not materialized (
    select s.metric, s.evaluator, ${PROPERTIES}, sum(s.value) as total, count(*) as scores
    from usage.score s join unnest($7::text[], $8::text[]) as m(metric, evaluator) using (metric, evaluator)
      join usage.event e on e.event_day = s.event_day and e.request_id = s.request_id and e.project_id = s.project_id
    where s.experiment_id = $1::uuid and s.state = 'joined' and ${OF_EXPERIMENT} group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
  means as (
    select d.dimension, v.value, c.metric, c.evaluator, c.arm_name, c.subject, sum(c.scores)::bigint as scores,
      usage.subject_mean(sum(c.total)::numeric(60, 30), sum(c.scores)::bigint) as m
    from ${NAMED} group by 1, 2, 3, 4, 5, 6)
  insert into usage.experiment_segment (${KEPT_COLUMNS})
  select $1::uuid, dimension, value, 'score', metric, evaluator, arm_name, count(*), sum(scores), sum(m), count(*), sum(m * m), sum(m), count(*)
  from means group by 2, 3, 5, 6, 7`;

/** Each subject's part of the ratios of the usage log within a segment. */
function addUsage(metrics: readonly BeforeMetric[]): string {
  const ratios = metrics.flatMap(({ metric }) => (isRatio(metric) ? [metric] : []));
  const needed = SUMS.filter((sum) => ratios.some((name) => RATIOS[name].some((each) => each === sum)));
  const parts = ratios.map((metric) => {
    const [x, y] = RATIOS[metric];
    return `select $1::uuid, dimension, value, 'usage', '${metric}', '', arm_name, count(*), sum(${y}), sum(${x}), sum(${y}), sum(${x} * ${x}), sum(${x} * ${y}), sum(${y} * ${y})
       from parts where ${y} > 0 group by 2, 3, 7`;
  });
  return `with ${KNOWN}, cells as not materialized (select ${PROPERTIES}, ${REQUEST_SUMS} from usage.event e where ${OF_EXPERIMENT} group by 1, 2, 3, 4, 5, 6, 7, 8),
    parts as materialized (
      select d.dimension, v.value, c.arm_name, c.subject, ${needed.map((sum) => `sum(c.${sum})::numeric as ${sum}`).join(", ")} from ${NAMED} group by 1, 2, 3, 4)
    insert into usage.experiment_segment (${KEPT_COLUMNS}) ${parts.join(" union all ")}`;
}

/** What the arms' sums are: a reading of the same ones would find the same. */
const BASIS = `select md5(coalesce((select string_agg(a::text, '|' order by a.arm_name) from usage.experiment_arm a where a.experiment_id = $1::uuid), '')
    || coalesce((select string_agg(s::text, '|' order by s.metric, s.evaluator, s.arm_name) from usage.score_arm s
      join unnest($2::text[], $3::text[]) as m(metric, evaluator) using (metric, evaluator) where s.experiment_id = $1::uuid), '')) as basis`;

const namesOf = (metrics: readonly BeforeMetric[]) => [metrics.map(({ metric }) => metric), metrics.map(({ evaluator }) => evaluator)];

/**
 * Reads an experiment's segments from the raw log and scores and keeps their exact sums in the place of those of before. Goes through all its requests, in
 * PostgreSQL. False: nothing came since the last reading, or somebody else is at it.
 */
export async function keepSegments(scope: SegmentScope, now: Date): Promise<boolean> {
  const id = uuidOfId(scope.experimentId);
  const started = performance.now();
  const reading = inSnapshot(
    async (run) => {
      const [lock] = await run<{ free: boolean }>(
        "select pg_try_advisory_xact_lock(hashtextextended('usage.experiment-segments ' || $1, 7)) as free",
        [id],
      );
      if (lock?.free !== true) return false;
      await run("set local statement_timeout = '30min'", []);
      // Groups by subject and segment are more than the usual memory holds; what is more than this goes to disk.
      await run("set local work_mem = '64MB'", []);
      // Of an experiment that grew since the planner looked it expects few rows, and would go through all of them once for each score.
      await run("set local enable_nestloop = off", []);
      const scores = scope.metrics.filter(({ source }) => source === "score");
      const [found] = await run<{ basis: string }>(BASIS, [id, ...namesOf(scores)]);
      const basis = found?.basis ?? "";
      const [last] = await run<{ basis: string }>("select basis from usage.experiment_segment_reading where experiment_id = $1::uuid", [
        id,
      ]);
      const isSame = last?.basis === basis;
      if (isSame) {
        await run("update usage.experiment_segment_reading set read_at = $2 where experiment_id = $1::uuid", [id, now.toISOString()]);
        return false;
      }
      await replaceSums(run, scope, scores);
      await run(
        `insert into usage.experiment_segment_reading as r (experiment_id, read_at, took_ms, basis) values ($1, $2, $3, $4)
         on conflict (experiment_id) do update set read_at = excluded.read_at, took_ms = excluded.took_ms, basis = excluded.basis`,
        [id, now.toISOString(), performance.now() - started, basis],
      );
      return true;
    },
    { writes: true },
  );
  return reading.catch((error: unknown) => {
    // Somebody else kept theirs after this snapshot was taken.
    if (typeof error === "object" && error !== null && "code" in error && error.code === "40001") return false;
    throw error;
  });
}

async function replaceSums(run: Run, { experimentId, endpointId, startedAt, metrics }: SegmentScope, scores: readonly BeforeMetric[]) {
  const id = uuidOfId(experimentId);
  await run("delete from usage.experiment_segment where experiment_id = $1::uuid", [id]);
  const largest = await run<{ dimension: string; value: string }>(LARGEST, [id]);
  const values = [
    id,
    uuidOfId(endpointId),
    segmentsFrom(startedAt).toISOString(),
    startedAt.toISOString(),
    largest.map(({ dimension }) => dimension),
    largest.map(({ value }) => value),
  ];
  if (scores.length > 0) await run(ADD_SCORES, [...values, ...namesOf(scores)]);
  const usage = metrics.filter(({ source }) => source === "usage");
  if (usage.length > 0) await run(addUsage(usage), values);
}

/** A metric's sums in one arm of one segment; `items`: scores, or requests that were divided by. */
export type SegmentSums = RatioSums &
  BeforeMetric & { readonly dimension: string; readonly value: string; readonly arm: string; readonly items: number };

export interface KeptSegments {
  readonly readAt: Date;
  readonly tookMs: number;
  readonly sums: readonly SegmentSums[];
}

type KeptRow = { readonly read_at: Date; readonly took_ms: number } & Omit<SegmentSums, "n" | "items"> & {
    readonly n: bigint | null;
    readonly items: bigint;
  };

/** What was kept of an experiment's segments, of one reading; null: none was made. */
export async function findSegments(experimentId: string): Promise<KeptSegments | null> {
  const texts = ["x", "y", "xx", "xy", "yy"].map((name) => `trim_scale(s.${name})::text as ${name}`).join(", ");
  const rows = await runOn(db().pool)<KeptRow>(
    `select r.read_at, r.took_ms, s.dimension, s.value, s.source, s.metric, s.evaluator, s.arm_name as arm, s.n, s.items, ${texts}
     from usage.experiment_segment_reading r left join usage.experiment_segment s using (experiment_id)
     where r.experiment_id = $1::uuid order by s.dimension, s.value, s.source, s.metric, s.evaluator, s.arm_name`,
    [uuidOfId(experimentId)],
  );
  const [first] = rows;
  if (first === undefined) return null;
  const sums = rows.flatMap(({ read_at, took_ms, n, items, ...sum }) =>
    n === null ? [] : [{ ...sum, n: Number(n), items: Number(items) }],
  );
  return { readAt: first.read_at, tookMs: first.took_ms, sums };
}

/** When the segments of these experiments were read last. */
export async function listSegmentReadings(experimentIds: readonly string[]): Promise<Map<string, Pick<KeptSegments, "readAt" | "tookMs">>> {
  const rows = await runOn(db().pool)<{ place: number; read_at: Date; took_ms: number }>(
    `select i.place::int as place, r.read_at, r.took_ms from unnest($1::uuid[]) with ordinality as i(experiment_id, place)
     join usage.experiment_segment_reading r using (experiment_id)`,
    [experimentIds.map((id) => uuidOfId(id))],
  );
  return new Map(
    rows.flatMap(({ place, read_at, took_ms }) => {
      const id = experimentIds[place - 1];
      return id === undefined ? [] : [[id, { readAt: read_at, tookMs: took_ms }] as const];
    }),
  );
}
