import { uuidOfId } from "@/lib/core/ids";
import { formatUsd, parseUsd } from "@/lib/core/money";
import { Sketch } from "@/lib/core/stats";
import { HOUR_MS, MINUTE_MS } from "@/lib/core/time";
import { type Connection, db } from "@/lib/infra/db";
import type { BackendTraffic, BackendTrafficAnswer, RANGES } from "../api";
import type { BackendCell } from "../rules/backend-rollup";
import { toErrorRatio } from "../rules/rollup";
import { PLANS } from "./plans";

const NONE = "00000000-0000-0000-0000-000000000000";
const idOf = (id: string | null): string => (id === null ? NONE : (uuidOfId(id) ?? NONE));

interface StoredSketches {
  readonly level: BackendCell["key"]["level"];
  readonly bucket: Date;
  readonly revision_id: string;
  readonly release_id: string;
  readonly outcome: string;
  readonly total_sketch: Buffer;
  readonly ttft_sketch: Buffer;
}

const merged = (sketch: Sketch, stored: Buffer | undefined): Buffer =>
  Buffer.from((stored === undefined ? sketch : Sketch.fromBytes(stored).merge(sketch)).toBytes());

/** Adds the cells to the rollups: numbers in SQL, sketches merged here. The caller holds the buckets' locks. */
export async function addToBackendRollups(client: Connection, cells: readonly BackendCell[]): Promise<void> {
  if (cells.length === 0) return;
  const keys = [
    cells.map((c) => c.key.level),
    cells.map((c) => new Date(c.key.bucketMs).toISOString()),
    cells.map((c) => idOf(c.key.revisionId)),
    cells.map((c) => idOf(c.key.releaseId)),
    cells.map((c) => c.key.outcome),
  ];
  const { rows } = await client.query<StoredSketches>(
    `select r.level, r.bucket, r.revision_id, r.release_id, r.outcome, r.total_sketch, r.ttft_sketch
     from usage.backend_rollup r join unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[])
       as k(level, bucket, revision_id, release_id, outcome) using (level, bucket, revision_id, release_id, outcome)`,
    keys,
  );
  const nameOf = (level: string, bucketMs: number, ...rest: string[]) => [level, bucketMs, ...rest].join("|");
  const stored = new Map(rows.map((r) => [nameOf(r.level, r.bucket.getTime(), r.revision_id, r.release_id, r.outcome), r]));
  const storedOf = ({ key }: BackendCell) =>
    stored.get(nameOf(key.level, key.bucketMs, idOf(key.revisionId), idOf(key.releaseId), key.outcome));
  await client.query(
    `insert into usage.backend_rollup as r (level, bucket, revision_id, release_id, outcome, project_id, requests, retried, unpriced,
       input_tokens, output_tokens, cost_usd, total_sketch, ttft_sketch)
     select * from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[],
       $10::bigint[], $11::bigint[], $12::numeric[], $13::bytea[], $14::bytea[])
     on conflict (level, bucket, revision_id, release_id, outcome) do update set
       requests = r.requests + excluded.requests, retried = r.retried + excluded.retried, unpriced = r.unpriced + excluded.unpriced,
       input_tokens = r.input_tokens + excluded.input_tokens, output_tokens = r.output_tokens + excluded.output_tokens,
       cost_usd = r.cost_usd + excluded.cost_usd, total_sketch = excluded.total_sketch, ttft_sketch = excluded.ttft_sketch`,
    [
      ...keys,
      cells.map((c) => idOf(c.key.projectId)),
      cells.map((c) => c.requests),
      cells.map((c) => c.retried),
      cells.map((c) => c.unpriced),
      cells.map((c) => c.inputTokens),
      cells.map((c) => c.outputTokens),
      cells.map((c) => formatUsd(c.costUsd)),
      cells.map((c) => merged(c.total, storedOf(c)?.total_sketch)),
      cells.map((c) => merged(c.ttft, storedOf(c)?.ttft_sketch)),
    ],
  );
}

interface Row {
  readonly bucket: Date;
  readonly backend: string;
  readonly endpoint: string | null;
  readonly release: number | null;
  readonly outcome: string;
  readonly requests: bigint;
  readonly retried: bigint;
  readonly unpriced: bigint;
  readonly input_tokens: bigint;
  readonly output_tokens: bigint;
  readonly cost_usd: string;
  readonly total_sketch: Buffer;
  readonly ttft_sketch: Buffer;
}

/** Sums and sketches of some rows. */
class Totals {
  readonly counts = new Map<string, number>();
  requests = 0;
  retried = 0;
  unpriced = 0;
  inputTokens = 0;
  outputTokens = 0;
  costUsd = 0n;
  readonly total = new Sketch();
  readonly ttft = new Sketch();

  add(row: Row): void {
    const requests = Number(row.requests);
    this.counts.set(row.outcome, this.count(row.outcome) + requests);
    this.requests += requests;
    this.retried += Number(row.retried);
    this.unpriced += Number(row.unpriced);
    this.inputTokens += Number(row.input_tokens);
    this.outputTokens += Number(row.output_tokens);
    this.costUsd += parseUsd(row.cost_usd);
    this.total.mergeBytes(row.total_sketch);
    this.ttft.mergeBytes(row.ttft_sketch);
  }

  count(outcome: string): number {
    return this.counts.get(outcome) ?? 0;
  }

  get errorRatio(): number | null {
    return toErrorRatio({ complete: this.count("complete"), failed: this.count("failed"), cut: this.count("cut") });
  }

  toTraffic(minutes: number): BackendTraffic {
    return {
      requests: this.requests,
      requestsPerMinute: this.requests / minutes,
      retried: this.retried,
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
      ttftMsP50: this.ttft.quantile(0.5),
      ttftMsP95: this.ttft.quantile(0.95),
      inputTokens: this.inputTokens,
      outputTokens: this.outputTokens,
      costUsd: formatUsd(this.costUsd),
      unpriced: this.unpriced,
    };
  }
}

/** Totals of the rows by what `keyOf` says of each, in the order in which they come. */
function totalsBy<K>(rows: readonly Row[], keyOf: (row: Row) => K): Map<K, { first: Row; totals: Totals }> {
  const groups = new Map<K, { first: Row; totals: Totals }>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key) ?? { first: row, totals: new Totals() };
    groups.set(key, group);
    group.totals.add(row);
  }
  return groups;
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** One point a step; a step without requests has no ratio and no percentile. */
function toPoints(rows: readonly Row[], { fromMs, toMs, stepMs }: Window): BackendTrafficAnswer["items"][number]["points"] {
  const steps = totalsBy(rows, (row) => Math.floor(row.bucket.getTime() / stepMs) * stepMs);
  const points: BackendTrafficAnswer["items"][number]["points"] = [];
  for (let at = Math.floor(fromMs / stepMs) * stepMs; at < toMs; at += stepMs) {
    const t = steps.get(at)?.totals ?? new Totals();
    points.push({
      at: new Date(at).toISOString(),
      requests: t.requests,
      failed: t.count("failed"),
      cut: t.count("cut"),
      errorRatio: t.errorRatio,
      totalMsP50: t.total.quantile(0.5),
      totalMsP95: t.total.quantile(0.95),
      ttftMsP50: t.ttft.quantile(0.5),
      ttftMsP95: t.ttft.quantile(0.95),
    });
  }
  return points;
}

export interface BackendTrafficInput {
  readonly projectId: string;
  readonly environment: string;
  /** Name; absent: every backend of the environment. */
  readonly backend?: string | undefined;
  readonly range: (typeof RANGES)[number];
}

/** What each backend answered in a window that ends now: whatever its revision, split by the release that it answered for. */
export async function readBackendTraffic(input: BackendTrafficInput, nowMs: number): Promise<BackendTrafficAnswer> {
  const { windowMs, level, stepMs } = PLANS[input.range];
  const levelMs = level === "minute" ? MINUTE_MS : HOUR_MS;
  const toMs = Math.floor(nowMs / levelMs) * levelMs + levelMs;
  const fromMs = toMs - windowMs;
  const { rows } = await db().pool.query<Row>(
    `select u.bucket, b.name as backend, ep.name as endpoint, r.number as release, u.outcome, u.requests, u.retried, u.unpriced, u.input_tokens,
       u.output_tokens, u.cost_usd, u.total_sketch, u.ttft_sketch
     from usage.backend_rollup u
       join backend_revision br on br.id = 'bkr_' || replace(u.revision_id::text, '-', '')
       join backend b on b.id = br.backend_id and b.environment_name = $2
       left join release r on r.id = 'rel_' || replace(u.release_id::text, '-', '')
       left join endpoint ep on ep.id = r.endpoint_id
     where u.project_id = $1 and u.level = $3 and u.bucket >= $4 and u.bucket < $5 and ($6::text is null or b.name = $6)
     order by b.name, ep.name, r.number`,
    [uuidOfId(input.projectId), input.environment, level, new Date(fromMs), new Date(toMs), input.backend ?? null],
  );
  const minutes = Math.max(1, (nowMs - fromMs) / MINUTE_MS);
  const window = { fromMs, toMs, stepMs };
  const items = [...totalsBy(rows, (row) => row.backend)].map(([backend, { totals }]) => {
    const own = rows.filter((row) => row.backend === backend);
    return {
      backend,
      traffic: totals.toTraffic(minutes),
      points: toPoints(own, window),
      users: [...totalsBy(own, (row) => `${row.endpoint} ${row.release}`).values()].map(({ first, totals: part }) => ({
        endpoint: first.endpoint,
        release: first.release,
        requests: part.requests,
        requestsPerMinute: part.requests / minutes,
        errorRatio: part.errorRatio,
      })),
    };
  });
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), stepSeconds: stepMs / 1_000, items };
}
