import { uuidOfId } from "@/lib/core/ids";
import { coMomentsOfExactSums, ratioSummary } from "@/lib/core/stats";
import { RATIOS, type RatioName, REQUEST_SUMS } from "./exposures";
import { type QuantileMetric, readMeansOf, readTimesOf, TIMES } from "./histograms";
import type { Run } from "./store";

/** A plan looks back so far, and at most at so many rows of it, newest first. */
const BASELINE_DAYS = 7;
const MOST_ROWS = 100_000;

export interface Baseline {
  readonly subjects: number;
  /** Over subjects; null with fewer than two. */
  readonly mean: number | null;
  readonly deviation: number | null;
}

interface ScoresAt {
  readonly projectId: string;
  readonly endpointId: string;
  readonly metric: string;
  readonly evaluator: string;
}

/** What subjects of an endpoint were scored lately. */
const NEWEST = `
  select subject, value, changed_at from usage.score where project_id = $1::uuid and endpoint_id = $2::uuid and metric = $3 and evaluator = $4
    and state = 'joined' and changed_at > now() - make_interval(days => $5) order by changed_at desc limit $6`;

/** Subjects of an endpoint with their mean of what they were scored lately. */
const SCORED = `select subject, avg(value) as m from (${NEWEST}) newest group by subject`;

const scoredAt = ({ projectId, endpointId, metric, evaluator }: ScoresAt) => [
  uuidOfId(projectId),
  uuidOfId(endpointId),
  metric,
  evaluator,
  BASELINE_DAYS,
  MOST_ROWS,
];

/** What subjects of an endpoint were scored lately, whatever answered them. */
export async function readScoreBaseline(run: Run, at: ScoresAt): Promise<Baseline> {
  const [row] = await run<{ n: number; mean: number | null; deviation: number | null }>(
    `select count(*)::int as n, avg(m)::float8 as mean, stddev_samp(m)::float8 as deviation from (${SCORED}) u`,
    scoredAt(at),
  );
  return { subjects: row?.n ?? 0, mean: row?.mean ?? null, deviation: row?.deviation ?? null };
}

/** Distinct subjects a day that are scored at present; null where nobody was lately. A time shorter than an hour is taken for an hour. */
export async function readScoredPerDay(run: Run, at: ScoresAt): Promise<number | null> {
  const [row] = await run<{ per_day: number | null }>(
    `select count(*)::float8 / greatest(extract(epoch from now() - min(first)) / 86400, 1.0 / 24)::float8 as per_day from (
       select subject, min(changed_at) as first from (${NEWEST}) newest group by subject) s`,
    scoredAt(at),
  );
  return row?.per_day ?? null;
}

const RECENT = `select * from usage.event where endpoint_id = $1::uuid and source = 'application'
  and event_day >= (now() at time zone 'UTC')::date - $2::int and at > now() - make_interval(days => $2) order by at desc limit $3`;

/** What the log measured lately for the subjects of an endpoint, whatever answered them. */
export async function readUsageBaseline(run: Run, endpointId: string, metric: RatioName): Promise<Baseline> {
  const [x, y] = RATIOS[metric];
  const [row] = await run<{ n: number; x: string; y: string; xx: string; xy: string; yy: string }>(
    `select count(*)::int as n, coalesce(sum(x), 0)::text as x, coalesce(sum(y), 0)::text as y, coalesce(sum(x * x), 0)::text as xx,
       coalesce(sum(x * y), 0)::text as xy, coalesce(sum(y * y), 0)::text as yy from (
         select ${x}::numeric as x, ${y}::numeric as y from (
           select coalesce(e.subject_hash, e.request_id::text) as subject, ${REQUEST_SUMS} from (${RECENT}) e group by 1) s) u where y > 0`,
    [uuidOfId(endpointId), BASELINE_DAYS, MOST_ROWS],
  );
  const moments = row === undefined ? null : coMomentsOfExactSums(row);
  const summary = moments === null ? null : ratioSummary(moments);
  return { subjects: row?.n ?? 0, mean: summary?.mean ?? null, deviation: summary === null ? null : Math.sqrt(summary.variance) };
}

/** What a quantile of an endpoint's requests or of its subjects' scores is read from, lately and whatever answered them; with how many subjects. */
export async function readQuantileBaseline(run: Run, of: QuantileMetric, at: { projectId: string; endpointId: string }) {
  if (of.source === "score") {
    const means = await readMeansOf(run, { from: SCORED, values: scoredAt({ ...at, ...of }) }, of.quantile);
    return { subjects: means?.subjects ?? 0, means };
  }
  const values = [uuidOfId(at.endpointId), BASELINE_DAYS, MOST_ROWS];
  const times = await readTimesOf(run, { from: `(${RECENT}) e`, values }, of);
  if (times === undefined) return { subjects: 0 };
  const [timed] = await run<{ subjects: number }>(
    `select count(distinct coalesce(subject_hash, request_id::text))::int as subjects from (${RECENT}) e
     where outcome = 'complete' and cache <> 'hit' and ${TIMES[of.metric as keyof typeof TIMES]} is not null`,
    values,
  );
  return { subjects: timed?.subjects ?? 0, times };
}

/** Distinct subjects a day at an endpoint's present traffic; 0 without any. A time shorter than an hour is taken for an hour. */
export async function readSubjectsPerDay(run: Run, endpointId: string): Promise<number> {
  const [row] = await run<{ per_day: number | null }>(
    `select count(distinct coalesce(subject_hash, request_id::text))::float8 / greatest(extract(epoch from now() - min(at)) / 86400, 1.0 / 24)::float8 as per_day
     from (${RECENT}) e`,
    [uuidOfId(endpointId), BASELINE_DAYS, MOST_ROWS],
  );
  return row?.per_day ?? 0;
}
