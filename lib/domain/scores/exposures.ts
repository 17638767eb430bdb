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
const DAYS_OF = (where: string) => `
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
const COLUMNS = ["experiment_id", "arm_name", "subject", "day", ...SUMS].join(", ");

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

/** Adds new events to their subjects' days, inside the transaction (of `client`) that puts them into the log. */
export async function addExposures(client: Parameters<typeof runOn>[0], events: readonly Exposed[]): Promise<void> {
  const inArms = events.filter((e) => e.experimentId !== null && e.armName !== null);
  if (inArms.length === 0) return;
  const days = [...new Set(inArms.map((e) => toUtcDay(e.at)))];
  const ids = inArms.map((e) => uuidOfId(e.requestId) ?? "");
  await runOn(client)(
    `insert into usage.experiment_subject as s (${COLUMNS}) ${DAYS_OF("e.event_day = any($1::date[]) and e.request_id = any($2::uuid[])")}
     on conflict (experiment_id, arm_name, subject, day) do update set ${SUMS.map((c) => `${c} = s.${c} + excluded.${c}`).join(", ")}`,
    [days, `{${ids.join(",")}}`],
  );
  await countTimes(runOn(client), { days, ids: `{${ids.join(",")}}` });
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
  const from = subjectDays(source);
  const values = source.kind === "kept" ? [experimentId] : [experimentId, source.snapshot];
  const bySubject = `select arm_name, subject, ${SUMS.map((c) => `sum(${c})::numeric as ${c}`).join(", ")} from (${from}) d group by arm_name, subject`;
  const rows = await run<ExposureRow>(
    `with u as materialized (${bySubject})
     select arm_name, count(*) as subjects, sum(requests)::bigint as requests, sum(elsewhere)::bigint as elsewhere,
       (select count(*) from (select 1 from u group by subject having count(*) > 1) c) as crossed, ${ratioColumns.join(", ")}
     from u group by arm_name`,
    values,
  );
  return { arms: new Map(rows.map((row) => [String(row.arm_name), toExposure(row)])), crossedSubjects: Number(rows[0]?.crossed ?? 0) };
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
  const names = Object.keys(RATIOS) as RatioName[];
  return {
    subjects: Number(row.subjects),
    requests: Number(row.requests),
    elsewhere: Number(row.elsewhere),
    // Every name of RATIOS, from the list itself.
    ratios: Object.fromEntries(names.map((name) => [name, ratio(name)])) as ExposureSums["ratios"],
  };
}
