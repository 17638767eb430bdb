import { uuidOfId } from "@/lib/core/ids";
import type { RatioSums } from "@/lib/core/stats";
import { toUtcDay } from "@/lib/core/time";
import { countTimes } from "./histograms";
import { IS_ARM, type Run, runOn, type Source, wasVisible } from "./store";

/** What each sum over requests counts, said in this one place. */
export const REQUEST_SUMS = `
    count(*) as requests,
    count(*) filter (where e.cache = 'hit' or e.served_variant_id <> e.variant_id) as elsewhere,
    count(*) filter (where e.served_variant_id <> e.variant_id) as fallbacks,
    count(*) filter (where e.outcome in ('complete', 'failed', 'cut')) as judged,
    count(*) filter (where e.outcome in ('failed', 'cut')) as errors,
    count(*) filter (where e.outcome = 'refused') as refused,
    count(*) filter (where e.outcome = 'blocked') as blocked,
    count(e.cost_usd) as priced, coalesce(sum(e.cost_usd), 0) as cost_usd,
    sum(e.input_tokens) as input_tokens, sum(e.output_tokens) as output_tokens,
    count(*) filter (where e.outcome = 'complete' and e.cache <> 'hit') as timed,
    coalesce(sum(round(e.total_ms::numeric, 6)) filter (where e.outcome = 'complete' and e.cache <> 'hit'), 0) as total_ms,
    count(e.ttft_ms) filter (where e.outcome = 'complete' and e.cache <> 'hit') as ttft_timed,
    coalesce(sum(round(e.ttft_ms::numeric, 6)) filter (where e.outcome = 'complete' and e.cache <> 'hit'), 0) as ttft_ms,
    count(e.tpot_ms) filter (where e.outcome = 'complete' and e.cache <> 'hit') as tpot_timed,
    coalesce(sum(round(e.tpot_ms::numeric, 6)) filter (where e.outcome = 'complete' and e.cache <> 'hit'), 0) as tpot_ms`;

/** Requests of an arm by subject and UTC day, as the log has them. */
export const DAYS_OF = (where: string) => `
  select e.experiment_id, e.arm_name, coalesce(e.subject_hash, e.request_id::text) as subject, e.event_day as day, ${REQUEST_SUMS}
  from usage.event e where e.experiment_id is not null and ${IS_ARM} and ${where}
  group by 1, 2, 3, 4 order by 1, 2, 3, 4`;

export const SUMS = [
  "requests",
  "elsewhere",
  "fallbacks",
  "judged",
  "errors",
  "refused",
  "blocked",
  "priced",
  "cost_usd",
  "input_tokens",
  "output_tokens",
  "timed",
  "total_ms",
  "ttft_timed",
  "ttft_ms",
  "tpot_timed",
  "tpot_ms",
] as const;
export const COLUMNS = ["experiment_id", "arm_name", "subject", "day", ...SUMS].join(", ");

/** What each metric of the usage log divides by what, per subject. */
export const RATIOS = {
  cost_per_request: ["cost_usd", "priced"],
  latency_ms: ["total_ms", "timed"],
  ttft_ms: ["ttft_ms", "ttft_timed"],
  tpot_ms: ["tpot_ms", "tpot_timed"],
  error_ratio: ["errors", "judged"],
  refused_ratio: ["refused", "requests"],
  blocked_ratio: ["blocked", "requests"],
  fallback_ratio: ["fallbacks", "requests"],
  input_tokens: ["input_tokens", "requests"],
  output_tokens: ["output_tokens", "requests"],
} as const satisfies Record<string, readonly [numerator: (typeof SUMS)[number], denominator: (typeof SUMS)[number]]>;
export type RatioName = keyof typeof RATIOS;

/** What the log says of an arm. */
export interface ExposureSums {
  /** Subjects with a request in the arm. */
  readonly subjects: number;
  readonly requests: number;
  /** Requests that something else than the assigned variant answered. */
  readonly elsewhere: number;
  /** Over the subjects that have something to divide by. */
  readonly ratios: Readonly<Record<RatioName, RatioSums>>;
}

interface Exposed {
  readonly requestId: string;
  readonly at: number;
  readonly experimentId: string | null;
  readonly armName: string | null;
}

export const NAMES = Object.keys(RATIOS) as RatioName[];
const PARTS = ["n", "x", "y", "xx", "xy", "yy"] as const;
export const ARM_SUMS = ["subjects", "requests", "elsewhere", ...NAMES.flatMap((name) => PARTS.map((part) => `${name}_${part}`))];

/** How a subject's change from (x0, y0) to (x1, y1) moves the sums of its arm. Where there is nothing to divide by, x is 0 too. */
const movesOf = (name: RatioName) => {
  const [x, y] = RATIOS[name];
  return [
    `sum((${y}1 > 0)::int - (${y}0 > 0)::int)`,
    ...[[x], [y], [x, x], [x, y], [y, y]].map(
      (factors) => `sum(${factors.map((c) => `${c}1`).join(" * ")} - ${factors.map((c) => `${c}0`).join(" * ")})`,
    ),
  ];
};

const KEY = "experiment_id, arm_name, subject";
/**
 * New events by subject and day (`d`), each subject before and after them (`b`): days are written (a row that no transaction deleted or locked is new), arms
 * moved, and who is now in two arms is counted.
 */
const ADD = `with d as materialized (${DAYS_OF("e.event_day = any($1::date[]) and e.request_id = any($2::uuid[])")}),
  s as materialized (select ${KEY}, ${SUMS.map((c) => `sum(${c})::numeric as ${c}`).join(", ")} from d group by ${KEY}),
  b as materialized (select s.experiment_id, s.arm_name, s.subject, (was.days = 0)::int as fresh,
    ${SUMS.map((c) => `was.${c} as ${c}0, was.${c} + s.${c} as ${c}1`).join(", ")} from s cross join lateral (
      select count(*) as days, ${SUMS.map((c) => `coalesce(sum(o.${c})::numeric, 0) as ${c}`).join(", ")} from usage.experiment_subject o
      where (o.experiment_id, o.arm_name, o.subject) = (s.experiment_id, s.arm_name, s.subject)) was),
  saved as (
    insert into usage.experiment_subject as o (${COLUMNS}) select ${COLUMNS} from d
    on conflict (experiment_id, arm_name, subject, day) do update set ${SUMS.map((c) => `${c} = o.${c} + excluded.${c}`).join(", ")}
    returning o.experiment_id, o.arm_name, o.day, o.subject, (o.xmax = 0)::int as fresh
  ),
  dated as (
    insert into usage.experiment_day as y (experiment_id, arm_name, day, subjects, requests)
    select experiment_id, arm_name, day, sum(saved.fresh), sum(d.requests) from saved join d using (experiment_id, arm_name, day, subject) group by 1, 2, 3 order by 1, 2, 3
    on conflict (experiment_id, arm_name, day) do update set subjects = y.subjects + excluded.subjects, requests = y.requests + excluded.requests
  ),
  arrived as (
    select b.experiment_id, b.subject, count(*) as now_in, (
      select count(*) from usage.experiment_arm m where m.experiment_id = b.experiment_id and exists (
        select 1 from usage.experiment_subject o where (o.experiment_id, o.arm_name, o.subject) = (b.experiment_id, m.arm_name, b.subject))) as were_in
    from b where fresh = 1 group by 1, 2
  ),
  crossed as (select experiment_id, count(*) as n from arrived where were_in < 2 and were_in + now_in >= 2 group by 1),
  counted as (update usage.experiment_total t set crossed = t.crossed + c.n from crossed c where c.experiment_id = t.experiment_id)
  insert into usage.experiment_arm as a (experiment_id, arm_name, ${ARM_SUMS.join(", ")})
  select experiment_id, arm_name, sum(fresh), sum(requests1 - requests0), sum(elsewhere1 - elsewhere0), ${NAMES.flatMap(movesOf).join(", ")}
  from b group by 1, 2 order by 1, 2
  on conflict (experiment_id, arm_name) do update set ${ARM_SUMS.map((c) => `${c} = a.${c} + excluded.${c}`).join(", ")}`;

/**
 * Adds new events to their subjects' days and, by difference, to the sums of their arms, inside the transaction (of `client`) that puts them into the
 * log. Experiments are taken first and in one order; they guard their arms and subjects.
 */
export async function addExposures(client: Parameters<typeof runOn>[0], events: readonly Exposed[]): Promise<void> {
  const inArms = events.filter((e) => e.experimentId !== null && e.armName !== null);
  if (inArms.length === 0) return;
  const run = runOn(client);
  const experiments = [...new Set(inArms.map((e) => uuidOfId(e.experimentId ?? "")))].sort();
  await run("insert into usage.experiment_total (experiment_id) select unnest($1::uuid[]) order by 1 on conflict do nothing", [
    experiments,
  ]);
  await run("select 1 as one from usage.experiment_total where experiment_id = any($1::uuid[]) order by experiment_id for update", [
    experiments,
  ]);
  const days = [...new Set(inArms.map((e) => toUtcDay(e.at)))];
  const ids = `{${inArms.map((e) => uuidOfId(e.requestId) ?? "").join(",")}}`;
  await run(ADD, [days, ids]);
  await countTimes(run, { days, ids });
}

/** Subject-days of an experiment, kept or raw; `$1`: its id, `$2`: the snapshot. */
export const subjectDays = (source: Source) =>
  source.kind === "kept" ? KEPT : DAYS_OF(`e.experiment_id = $1::uuid and ${wasVisible("e", 2)}`);
const KEPT = "select * from usage.experiment_subject where experiment_id = $1::uuid";
const ratioColumns = Object.entries(RATIOS).flatMap(([name, [x, y]]) => [
  `count(*) filter (where ${y} > 0) as ${name}_n`,
  ...[
    ["x", x],
    ["y", y],
    ["xx", `${x} * ${x}`],
    ["xy", `${x} * ${y}`],
    ["yy", `${y} * ${y}`],
  ].map(([part, sum]) => `coalesce(trim_scale(sum(${sum}) filter (where ${y} > 0)), 0)::text as ${name}_${part}`),
]);

type ExposureRow = Readonly<Record<string, string | bigint>>;

/** What the log says of an experiment's arms, by arm name, and how many subjects were seen in several. */
export async function readExposures(run: Run, experimentId: string, source: Source) {
  const rows = await run<ExposureRow>(
    source.kind === "kept" ? KEPT_ARMS : rawArms(source),
    source.kind === "kept" ? [experimentId] : [experimentId, source.snapshot],
  );
  return { arms: new Map(rows.map((row) => [String(row.arm_name), toExposure(row)])), crossedSubjects: Number(rows[0]?.crossed ?? 0) };
}

const KEPT_ARMS = `select arm_name, crossed, subjects, requests, elsewhere, ${NAMES.flatMap((name) => PARTS.map((part) => `trim_scale(${name}_${part})::text as ${name}_${part}`)).join(", ")}
  from usage.experiment_arm join usage.experiment_total using (experiment_id) where experiment_id = $1::uuid`;

function rawArms(source: Source): string {
  const from = subjectDays(source);
  const bySubject = `select arm_name, subject, ${SUMS.map((c) => `sum(${c})::numeric as ${c}`).join(", ")} from (${from}) d group by arm_name, subject`;
  return `with u as materialized (${bySubject})
     select arm_name, count(*) as subjects, sum(requests)::bigint as requests, sum(elsewhere)::bigint as elsewhere,
       (select count(*) from (select 1 from u group by subject having count(*) > 1) c) as crossed, ${ratioColumns.join(", ")}
     from u group by arm_name`;
}

function toExposure(row: ExposureRow): ExposureSums {
  const text = (name: string) => String(row[name] ?? "0");
  const ratio = (name: string): RatioSums => ({
    n: Number(row[`${name}_n`] ?? 0),
    x: text(`${name}_x`),
    y: text(`${name}_y`),
    xx: text(`${name}_xx`),
    xy: text(`${name}_xy`),
    yy: text(`${name}_yy`),
  });
  return {
    subjects: Number(row.subjects),
    requests: Number(row.requests),
    elsewhere: Number(row.elsewhere),
    // Every name of RATIOS, from the list itself.
    ratios: Object.fromEntries(NAMES.map((name) => [name, ratio(name)])) as ExposureSums["ratios"],
  };
}
