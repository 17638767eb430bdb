import { idOfUuid, uuidOfId } from "@/lib/core/ids";
import { formatUsd, parseUsd } from "@/lib/core/money";
import { Sketch } from "@/lib/core/stats";
import { MINUTE_MS } from "@/lib/core/time";
import { db } from "@/lib/infra/db";
import type { RANGES, Traffic, TrafficAnswer } from "../api";
import { LADDERS, MOST_CELLS, splitWindow, type WindowPart } from "../rules/ladder";
import { toErrorRatio } from "../rules/rollup";
import { choosePlan } from "./plans";

interface Row {
  readonly bucket: Date;
  readonly endpoint: string;
  readonly release: number | null;
  readonly outcome: string;
  readonly requests: bigint;
  readonly cache_hits: bigint;
  readonly cache_misses: bigint;
  readonly input_tokens: bigint;
  readonly output_tokens: bigint;
  readonly unpriced: bigint;
  readonly cost_usd: string;
  readonly saved_usd: string;
  readonly total_sketch: Buffer;
  readonly ttft_sketch: Buffer;
  readonly tpot_sketch: Buffer;
}

interface Scope {
  readonly projectId: string;
  readonly environment: string;
  readonly endpoint: string | null;
}

const FROM = `from usage.rollup u
  join endpoint ep on ep.id = 'ept_' || replace(u.endpoint_id::text, '-', '') and ep.environment_name = $2
  left join release r on r.id = 'rel_' || replace(u.release_id::text, '-', '')
  where u.project_id = $1 and u.level = $3 and u.bucket >= $4 and u.bucket < $5 and ($6::text is null or ep.name = $6)`;

const toValues = ({ projectId, environment, endpoint }: Scope, { level, fromMs, toMs }: WindowPart) => [
  uuidOfId(projectId),
  environment,
  level,
  new Date(fromMs),
  new Date(toMs),
  endpoint,
];

async function readRows(scope: Scope, part: WindowPart): Promise<Row[]> {
  const { rows } = await db().pool.query<Row>(
    `select u.bucket, ep.name as endpoint, r.number as release, u.outcome, u.requests, u.cache_hits, u.cache_misses, u.saved_usd, u.input_tokens, u.output_tokens, u.unpriced,
       u.cost_usd, u.total_sketch, u.ttft_sketch, u.tpot_sketch ${FROM}`,
    toValues(scope, part),
  );
  return rows;
}

async function hasMoreCells(scope: Scope, part: WindowPart): Promise<boolean> {
  const { rows } = await db().pool.query<{ n: number }>(`select count(*)::int as n from (select 1 ${FROM} limit ${MOST_CELLS + 1}) cells`, [
    ...toValues(scope, part),
  ]);
  return (rows[0]?.n ?? 0) > MOST_CELLS;
}

/** Sums and sketches of some rows. */
class Totals {
  readonly counts = new Map<string, number>();
  requests = 0;
  cacheHits = 0;
  cacheMisses = 0;
  inputTokens = 0;
  outputTokens = 0;
  unpriced = 0;
  costUsd = 0n;
  savedUsd = 0n;
  readonly total = new Sketch();
  readonly ttft = new Sketch();
  readonly tpot = new Sketch();

  add(row: Row): void {
    const requests = Number(row.requests);
    this.counts.set(row.outcome, (this.counts.get(row.outcome) ?? 0) + requests);
    this.requests += requests;
    this.cacheHits += Number(row.cache_hits);
    this.cacheMisses += Number(row.cache_misses);
    this.inputTokens += Number(row.input_tokens);
    this.outputTokens += Number(row.output_tokens);
    this.unpriced += Number(row.unpriced);
    this.costUsd += parseUsd(row.cost_usd);
    this.savedUsd += parseUsd(row.saved_usd);
    // Latency is that of good answers: an error that comes at once must not make the service look fast.
    if (row.outcome !== "complete") return;
    this.total.mergeBytes(row.total_sketch);
    this.ttft.mergeBytes(row.ttft_sketch);
    this.tpot.mergeBytes(row.tpot_sketch);
  }

  merge(other: Totals): void {
    for (const [outcome, n] of other.counts) this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + n);
    this.requests += other.requests;
    this.cacheHits += other.cacheHits;
    this.cacheMisses += other.cacheMisses;
    this.inputTokens += other.inputTokens;
    this.outputTokens += other.outputTokens;
    this.unpriced += other.unpriced;
    this.costUsd += other.costUsd;
    this.savedUsd += other.savedUsd;
    this.total.merge(other.total);
    this.ttft.merge(other.ttft);
    this.tpot.merge(other.tpot);
  }

  count(outcome: string): number {
    return this.counts.get(outcome) ?? 0;
  }

  get errorRatio(): number | null {
    return toErrorRatio({ complete: this.count("complete"), failed: this.count("failed"), cut: this.count("cut") });
  }

  get cacheHitRatio(): number | null {
    const looked = this.cacheHits + this.cacheMisses;
    return looked === 0 ? null : this.cacheHits / looked;
  }

  toTraffic(minutes: number): Traffic {
    return {
      requests: this.requests,
      requestsPerMinute: this.requests / minutes,
      complete: this.count("complete"),
      failed: this.count("failed"),
      cut: this.count("cut"),
      blocked: this.count("blocked"),
      clientGone: this.count("client_gone"),
      refused: this.count("refused"),
      errorRatio: this.errorRatio,
      totalMsP50: this.total.quantile(0.5),
      totalMsP95: this.total.quantile(0.95),
      totalMsP99: this.total.quantile(0.99),
      ttftMsP95: this.ttft.quantile(0.95),
      tpotMsP95: this.tpot.quantile(0.95),
      inputTokens: this.inputTokens,
      outputTokens: this.outputTokens,
      costUsd: formatUsd(this.costUsd),
      unpriced: this.unpriced,
      cacheHits: this.cacheHits,
      cacheMisses: this.cacheMisses,
      cacheHitRatio: this.cacheHitRatio,
      savedUsd: formatUsd(this.savedUsd),
    };
  }
}

function toTotals(rows: readonly Row[]): Totals {
  const totals = new Totals();
  for (const row of rows) totals.add(row);
  return totals;
}

function groupBy<T>(items: readonly T[], name: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = name(item);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [item]);
    else list.push(item);
  }
  return groups;
}

function mergeAll(parts: Iterable<Totals>): Totals {
  const totals = new Totals();
  for (const part of parts) totals.merge(part);
  return totals;
}

/** Totals by the start of their step. */
type Steps = ReadonlyMap<number, Totals>;

function toSteps(rows: readonly Row[], stepMs: number): Steps {
  const steps = new Map<number, Totals>();
  for (const row of rows) {
    const at = Math.floor(row.bucket.getTime() / stepMs) * stepMs;
    const totals = steps.get(at) ?? new Totals();
    steps.set(at, totals);
    totals.add(row);
  }
  return steps;
}

/** Sketches are read from their bytes once, into the steps of a group; everything else is merged from those. */
function mergeSteps(groups: readonly Steps[]): Steps {
  const merged = new Map<number, Totals>();
  for (const steps of groups)
    for (const [at, totals] of steps) {
      const into = merged.get(at) ?? new Totals();
      merged.set(at, into);
      into.merge(totals);
    }
  return merged;
}

/** One point a step; a step without requests has no ratio and no percentile. */
function toPoints(steps: Steps, window: { fromMs: number; toMs: number; stepMs: number }) {
  const points: TrafficAnswer["points"] = [];
  for (let at = Math.floor(window.fromMs / window.stepMs) * window.stepMs; at < window.toMs; at += window.stepMs) {
    const t = steps.get(at) ?? new Totals();
    points.push({
      at: new Date(at).toISOString(),
      requests: t.requests,
      errorRatio: t.errorRatio,
      totalMsP95: t.total.quantile(0.95),
      ttftMsP95: t.ttft.quantile(0.95),
      costUsd: formatUsd(t.costUsd),
      cacheHitRatio: t.cacheHitRatio,
      savedUsd: formatUsd(t.savedUsd),
    });
  }
  return points;
}

/** The newest request; looked for in the newest day that has one, since an environment may have none for very long. */
async function findNewest({ projectId, environment }: Scope): Promise<Date | null> {
  const { rows } = await db().pool.query<{ at: Date }>(
    `select e.at from (
       select max(u.bucket) as day from usage.rollup u
         join endpoint ep on ep.id = 'ept_' || replace(u.endpoint_id::text, '-', '') and ep.environment_name = $2
       where u.project_id = $1 and u.level = 'day') newest
     cross join lateral (
       select at from usage.event
       where project_id = $1 and environment = $2 and source = 'application' and at >= newest.day and event_day >= (newest.day at time zone 'UTC')::date
       order by at desc limit 1) e`,
    [uuidOfId(projectId), environment],
  );
  return rows[0]?.at ?? null;
}

export interface TrafficInput {
  readonly projectId: string;
  readonly environment: string;
  readonly endpoint?: string | undefined;
  readonly range: (typeof RANGES)[number];
  readonly by: "endpoint" | "release";
}

/** Traffic of a window that ends now, and of the one before it. */
export async function readTraffic(input: TrafficInput, nowMs: number): Promise<TrafficAnswer> {
  const scope: Scope = { projectId: input.projectId, environment: input.environment, endpoint: input.endpoint ?? null };
  const { level, fromMs, toMs, stepMs } = await choosePlan(LADDERS[input.range], {
    nowMs,
    hasMoreCells: (part) => hasMoreCells(scope, part),
  });
  const windowMs = toMs - fromMs;
  const before = splitWindow({ level, fromMs: fromMs - windowMs, toMs: fromMs });
  const [rows, earlier, newest] = await Promise.all([
    readRows(scope, { level, fromMs, toMs }),
    Promise.all(before.map((part) => readRows(scope, part))).then((parts) => parts.flat()),
    findNewest(scope),
  ]);
  const window = { fromMs, toMs, stepMs };
  const minutes = Math.max(1, (nowMs - fromMs) / MINUTE_MS);
  const byName = groupBy(rows, (r) => (input.by === "endpoint" ? r.endpoint : `${r.endpoint} ${r.release}`));
  const groups = [...byName.values()].map((group) => ({ group, steps: toSteps(group, stepMs) }));
  const all = mergeSteps(groups.map((g) => g.steps));
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    stepSeconds: stepMs / 1_000,
    total: mergeAll(all.values()).toTraffic(minutes),
    before: toTotals(earlier).toTraffic(windowMs / MINUTE_MS),
    points: toPoints(all, window),
    groups: groups.map(({ group, steps }) => ({
      endpoint: group[0]?.endpoint ?? "",
      release: input.by === "endpoint" ? null : (group[0]?.release ?? null),
      traffic: mergeAll(steps.values()).toTraffic(minutes),
      points: toPoints(steps, window),
    })),
    newestAt: newest?.toISOString() ?? null,
  };
}

/** Requests assigned to each release of an endpoint in the last minutes, from the raw log. */
export async function readLiveSplit(endpointId: string, minutes: number): Promise<{ releaseId: string; requests: number }[]> {
  const { rows } = await db().pool.query<{ release_id: string; n: number }>(
    `select release_id, count(*)::int as n from usage.event
     where endpoint_id = $1 and source = 'application' and at >= now() - make_interval(mins => $2) and release_id is not null group by release_id`,
    [uuidOfId(endpointId), minutes],
  );
  return rows.map((r) => ({ releaseId: idOfUuid("release", r.release_id), requests: r.n }));
}
