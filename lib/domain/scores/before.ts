import { uuidOfId } from "@/lib/core/ids";
import type { BeforeSums } from "@/lib/core/stats";
import { RATIOS, type RatioName, REQUEST_SUMS, SUMS, subjectDays } from "./exposures";
import { cutMeans, inSnapshot, type Run, type Source, sourceValues, subjectScores, valueThen, wasVisible } from "./store";

/** A metric of which the time before is looked at; `evaluator` is empty for the usage log's own. */
export interface BeforeMetric {
  readonly source: "score" | "usage";
  readonly metric: string;
  readonly evaluator: string;
}

/** The days before an experiment at its endpoint. */
export interface BeforeWindow {
  readonly experimentId: string;
  readonly projectId: string;
  readonly endpointId: string;
  readonly from: Date;
  readonly until: Date;
  readonly metrics: readonly BeforeMetric[];
}

/** Going through an experiment's raw rows takes longer than any request may. */
export const LONG_READING_MS = 1_800_000;

/** Which raw rows the time before was read from. */
export interface BeforeReading {
  readonly at: string;
  readonly snapshot: string;
}

export type BeforeArm = BeforeMetric & BeforeSums & { readonly arm: string };

export const isRatio = (name: string): name is RatioName => name in RATIOS;
const named = (metrics: readonly BeforeMetric[], source: BeforeMetric["source"]) => metrics.filter((m) => m.source === source);

/** Numbers the values of one statement. */
function placeholders(values: unknown[]) {
  return (value: unknown) => {
    values.push(value);
    return values.length;
  };
}

/** What subjects that were named did in the window: (source, metric, evaluator, subject, numerator, denominator). */
function rowsBefore(window: BeforeWindow, reading: BeforeReading | null, put: (value: unknown) => number): string {
  const [snapshot, at] = [put(reading?.snapshot ?? null), put(reading?.at ?? null)];
  const [from, until, endpoint] = [put(window.from.toISOString()), put(window.until.toISOString()), put(uuidOfId(window.endpointId))];
  // The log is cut by days.
  const inWindow = `e.endpoint_id = $${endpoint}::uuid and e.source = 'application' and e.subject_hash is not null
    and e.at >= $${from}::timestamptz and e.at < $${until}::timestamptz
    and e.event_day between ($${from}::timestamptz at time zone 'UTC')::date and ($${until}::timestamptz at time zone 'UTC')::date and ${wasVisible("e", snapshot)}`;
  const scored = named(window.metrics, "score");
  const [metrics, evaluators] = [put(scored.map((m) => m.metric)), put(scored.map((m) => m.evaluator))];
  const project = put(uuidOfId(window.projectId));
  const ofScores = `select 'score' as source, metric, evaluator, subject, usage.subject_mean(sum(value)::numeric(60, 30), count(*)) as numerator, 1::numeric as denominator
    from (
      select s.metric, s.evaluator, e.subject_hash as subject, ${valueThen(snapshot, at)} as value from usage.score s
        join unnest($${metrics}::text[], $${evaluators}::text[]) as k(metric, evaluator) using (metric, evaluator)
        join usage.event e on e.event_day = s.event_day and e.request_id = s.request_id and e.project_id = s.project_id
      where s.project_id = $${project}::uuid and s.state = 'joined' and s.changed_at > $${from}::timestamptz - interval '1 day' and ${inWindow}
    ) v where value is not null group by metric, evaluator, subject`;
  const ofLog = named(window.metrics, "usage").flatMap(({ metric }) => {
    if (!isRatio(metric)) return [];
    const [x, y] = RATIOS[metric];
    return [`select 'usage', '${metric}', '', subject, ${x}::numeric, ${y}::numeric from log where ${y} > 0`];
  });
  return `with log as materialized (select e.subject_hash as subject, ${REQUEST_SUMS} from usage.event e where ${ofLog.length > 0 ? inWindow : "false"} group by 1)
    ${[ofScores, ...ofLog].join(" union all ")}`;
}

/**
 * Reads once what the endpoint's subjects did before an experiment, and keeps it. Whoever comes second finds it there. The snapshot is settled,
 * so that the same rows can be read again. `limitMs`: how long a statement of it may take.
 */
export async function keepBefore(window: BeforeWindow, now: Date, limitMs = LONG_READING_MS): Promise<void> {
  if ((await findBefore(window.experimentId)) !== null) return;
  const reading = inSnapshot(
    async (run, snapshot) => {
      await run(`set local statement_timeout = ${limitMs}`, []);
      const id = uuidOfId(window.experimentId);
      const mine = await run(
        `insert into usage.experiment_before_reading (experiment_id, read_at, snapshot) values ($1, $2, $3) on conflict do nothing returning 1 as one`,
        [id, now.toISOString(), snapshot],
      );
      if (mine.length === 0) return;
      const values: unknown[] = [id];
      const rows = rowsBefore(window, null, placeholders(values));
      await run(
        `insert into usage.experiment_before (experiment_id, source, metric, evaluator, subject, numerator, denominator)
         select $1::uuid, b.* from (${rows}) b`,
        values,
      );
    },
    { settled: true, writes: true },
  );
  await reading.catch((error: unknown) => {
    // Somebody else kept it after this snapshot was taken.
    if (!isOutrun(error)) throw error;
  });
}

const isOutrun = (error: unknown) => typeof error === "object" && error !== null && "code" in error && error.code === "40001";

/** null: not read yet. */
export async function findBefore(experimentId: string): Promise<BeforeReading | null> {
  const [row] = await inSnapshot((run) =>
    run<{ read_at: Date; snapshot: string }>(
      "select read_at, snapshot from usage.experiment_before_reading where experiment_id = $1::uuid",
      [uuidOfId(experimentId)],
    ),
  );
  return row === undefined ? null : { at: row.read_at.toISOString(), snapshot: row.snapshot };
}

const PAIRS = { xpx: "x * px", xpy: "x * py", ypx: "y * px", ypy: "y * py", pxx: "px * px", pxy: "px * py", pyy: "py * py" } as const;
export const SUMS_OF_PAIRS = `count(*)::int as subjects, ${Object.entries({ px: "px", py: "py", ...PAIRS })
  .map(([name, product]) => `trim_scale(sum(${product}))::text as ${name}`)
  .join(", ")}`;

const keptOrRaw = (window: BeforeWindow, reading: BeforeReading | null, values: unknown[]) =>
  reading === null
    ? "b as not materialized (select * from usage.experiment_before where experiment_id = $1::uuid)"
    : `b as materialized (${rowsBefore(window, reading, placeholders(values))})`;

/** Of rows added up on the way the planner knows no number, and might go through one side once for each row of the other. */
async function withoutLoops<T>(run: Run, read: () => Promise<T>): Promise<T> {
  await run("set local enable_nestloop = off", []);
  const found = await read();
  await run("set local enable_nestloop = on", []);
  return found;
}

type BeforeRow = Readonly<Record<Exclude<keyof BeforeSums, "subjects">, string>> & {
  readonly source: BeforeMetric["source"];
  readonly metric: string;
  readonly evaluator: string;
  readonly arm_name: string;
  readonly subjects: number;
};

/**
 * Sums over the subjects of each arm of whom something is known from before, with what they are in the experiment. `reading`: the time before is
 * read anew from the raw rows that it was read from; null: as it was kept.
 */
export async function readBeforeArms(
  run: Run,
  window: BeforeWindow,
  { source, reading }: { readonly source: Source; readonly reading: BeforeReading | null },
): Promise<BeforeArm[]> {
  const values = sourceValues(uuidOfId(window.experimentId) ?? "", source);
  const before = keptOrRaw(window, reading, values);
  const totals = `select d.arm_name, d.subject, ${SUMS.map((c) => `sum(d.${c})::numeric as ${c}`).join(", ")}
    from (${subjectDays(source)}) d join (select distinct subject from b where source = 'usage') k using (subject) group by 1, 2`;
  const ofLog = named(window.metrics, "usage").flatMap(({ metric }) => {
    if (!isRatio(metric)) return [];
    const [x, y] = RATIOS[metric];
    return [
      `select b.source, b.metric, b.evaluator, u.arm_name, u.${x}, u.${y}, b.numerator, b.denominator
       from u join b on b.source = 'usage' and b.metric = '${metric}' and b.subject = u.subject where u.${y} > 0`,
    ];
  });
  const ofScores = `select b.source, b.metric, b.evaluator, s.arm_name, usage.subject_mean(s.total, s.scores) as x, 1::numeric as y, b.numerator as px, b.denominator as py
    from b join s on s.metric = b.metric and s.evaluator = b.evaluator and s.subject = b.subject
    where b.source = 'score' and s.scores > 0`;
  const scores = source.kind === "kept" ? `s as not materialized ${subjectScores(source)}` : `s as materialized ${subjectScores(source)}`;
  const sql = `with ${before}, ${scores}, u as materialized (${totals}), pairs as (${[ofScores, ...ofLog].join(" union all ")})
     select source, metric, evaluator, arm_name, ${SUMS_OF_PAIRS} from pairs group by 1, 2, 3, 4 order by 1, 2, 3, 4`;
  const rows = await withoutLoops(run, () => run<BeforeRow>(sql, values));
  return rows.map(({ arm_name, ...sums }) => ({ ...sums, arm: arm_name }));
}

/** The same of one metric of scores with its largest means cut, as readCutArms cuts them. */
export async function readCutBefore(
  run: Run,
  { window, cut }: { readonly window: BeforeWindow; readonly cut: { readonly metric: string; readonly evaluator: string } },
  { source, reading }: { readonly source: Source; readonly reading: BeforeReading | null },
): Promise<(BeforeSums & { readonly arm: string })[]> {
  const values = sourceValues(uuidOfId(window.experimentId) ?? "", source);
  const before = keptOrRaw({ ...window, metrics: [{ source: "score", ...cut }] }, reading, values);
  const [metric, evaluator] = [values.length + 1, values.length + 2];
  const sql = `with ${before}, ${cutMeans(source, { metric, evaluator })}, pairs as (
       select u.arm_name, least(u.m, most) as x, 1::numeric as y, b.numerator as px, b.denominator as py from u cross join cap
         join b on b.source = 'score' and b.metric = $${metric} and b.evaluator = $${evaluator} and b.subject = u.subject
     ) select arm_name, ${SUMS_OF_PAIRS} from pairs group by 1 order by 1`;
  const rows = await withoutLoops(run, () => run<BeforeRow>(sql, [...values, cut.metric, cut.evaluator]));
  return rows.map(({ arm_name, ...sums }) => ({ ...sums, arm: arm_name }));
}
