import { AppError } from "@/lib/core/errors";
import { uuidOfId } from "@/lib/core/ids";
import { formatUsd, parseUsd } from "@/lib/core/money";
import { Sketch } from "@/lib/core/stats";
import { MINUTE_MS } from "@/lib/core/time";
import { type Connection, db } from "@/lib/infra/db";
import type { BackendTraffic, BackendTrafficAnswer, RANGES } from "../api";
import type { BackendCell } from "../rules/backend-rollup";
import { MOST_BACKEND_CELLS, MOST_CELLS, toBackendLadder, type WindowPart } from "../rules/ladder";
import { toErrorRatio } from "../rules/rollup";
import { choosePlan, type Plan } from "./plans";

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

/** How many requests ended how. */
class Counts {
  readonly byOutcome = new Map<string, number>();
  requests = 0;

  count(outcome: string): number {
    return this.byOutcome.get(outcome) ?? 0;
  }

  addCount(outcome: string, requests: number): void {
    this.byOutcome.set(outcome, this.count(outcome) + requests);
    this.requests += requests;
  }

  get errorRatio(): number | null {
    return toErrorRatio({ complete: this.count("complete"), failed: this.count("failed"), cut: this.count("cut") });
  }
}

/** Sums and sketches of some rows. */
class Totals extends Counts {
  retried = 0;
  unpriced = 0;
  inputTokens = 0;
  outputTokens = 0;
  costUsd = 0n;
  readonly total = new Sketch();
  readonly ttft = new Sketch();

  add(row: Row): void {
    this.addCount(row.outcome, Number(row.requests));
    this.retried += Number(row.retried);
    this.unpriced += Number(row.unpriced);
    this.inputTokens += Number(row.input_tokens);
    this.outputTokens += Number(row.output_tokens);
    this.costUsd += parseUsd(row.cost_usd);
    this.total.mergeBytes(row.total_sketch);
    this.ttft.mergeBytes(row.ttft_sketch);
  }

  merge(other: Totals): void {
    for (const [outcome, requests] of other.byOutcome) this.addCount(outcome, requests);
    this.retried += other.retried;
    this.unpriced += other.unpriced;
    this.inputTokens += other.inputTokens;
    this.outputTokens += other.outputTokens;
    this.costUsd += other.costUsd;
    this.total.merge(other.total);
    this.ttft.merge(other.ttft);
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

/** The value of a key, made when it is not there. */
function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

type Item = BackendTrafficAnswer["items"][number];

/** What one backend answered; each sketch is read from its bytes once, into its step. */
class BackendSums {
  readonly #steps = new Map<number, Totals>();
  readonly #users = new Map<string, Pick<Row, "endpoint" | "release"> & { readonly counts: Counts }>();

  add(row: Row, stepMs: number): void {
    at(this.#steps, Math.floor(row.bucket.getTime() / stepMs) * stepMs, () => new Totals()).add(row);
    const { endpoint, release } = row;
    const user = at(this.#users, `${endpoint} ${release}`, () => ({ endpoint, release, counts: new Counts() }));
    user.counts.addCount(row.outcome, Number(row.requests));
  }

  toItem(backend: string, { fromMs, toMs, stepMs }: Plan, minutes: number): Item {
    const totals = new Totals();
    for (const step of this.#steps.values()) totals.merge(step);
    const points: Item["points"] = [];
    for (let from = Math.floor(fromMs / stepMs) * stepMs; from < toMs; from += stepMs) points.push(toPoint(from, this.#steps.get(from)));
    const users = [...this.#users.values()].map(({ endpoint, release, counts: { requests, errorRatio } }) => ({
      endpoint,
      release,
      requests,
      requestsPerMinute: requests / minutes,
      errorRatio,
    }));
    return { backend, traffic: totals.toTraffic(minutes), points, users };
  }
}

/** A step without requests has no ratio and no percentile. */
function toPoint(fromMs: number, totals = new Totals()): Item["points"][number] {
  return {
    at: new Date(fromMs).toISOString(),
    requests: totals.requests,
    failed: totals.count("failed"),
    cut: totals.count("cut"),
    errorRatio: totals.errorRatio,
    totalMsP50: totals.total.quantile(0.5),
    totalMsP95: totals.total.quantile(0.95),
    ttftMsP50: totals.ttft.quantile(0.5),
    ttftMsP95: totals.ttft.quantile(0.95),
  };
}

export interface BackendTrafficInput {
  readonly projectId: string;
  readonly environment: string;
  /** Name; absent: every backend of the environment. */
  readonly backend?: string | undefined;
  readonly range: (typeof RANGES)[number];
}

const FROM = `from usage.backend_rollup u
  join backend_revision br on br.id = 'bkr_' || replace(u.revision_id::text, '-', '')
  join backend b on b.id = br.backend_id and b.environment_name = $2
  where u.project_id = $1 and u.level = $3 and u.bucket >= $4 and u.bucket < $5 and ($6::text is null or b.name = $6)`;

const toValues = ({ projectId, environment, backend }: BackendTrafficInput, { level, fromMs, toMs }: WindowPart) => [
  uuidOfId(projectId),
  environment,
  level,
  new Date(fromMs),
  new Date(toMs),
  backend ?? null,
];

async function hasMoreCells(input: BackendTrafficInput, part: WindowPart, most: number): Promise<boolean> {
  const { rows } = await db().pool.query<{ n: number }>(`select count(*)::int as n from (select 1 ${FROM} limit ${most + 1}) cells`, [
    ...toValues(input, part),
  ]);
  return (rows[0]?.n ?? 0) > most;
}

/** What each backend answered in a window that ends now: whatever its revision, split by the release that it answered for. */
export async function readBackendTraffic(input: BackendTrafficInput, nowMs: number): Promise<BackendTrafficAnswer> {
  const plan = await choosePlan(toBackendLadder(input.range), { nowMs, hasMoreCells: (part) => hasMoreCells(input, part, MOST_CELLS) });
  if (input.backend === undefined && plan.level === "hour" && (await hasMoreCells(input, plan, MOST_BACKEND_CELLS)))
    throw new AppError("invalid_request", "There is too much traffic for one answer: name a backend, or take a shorter range.", {
      errors: [{ pointer: "?backend", detail: "is needed for a range as long as this" }],
    });
  const { rows } = await db().pool.query<Row>(
    `select cells.*, r.number as release, ep.name as endpoint from (
       select u.bucket, b.name as backend, u.release_id, u.outcome, u.requests, u.retried, u.unpriced, u.input_tokens, u.output_tokens, u.cost_usd,
         u.total_sketch, u.ttft_sketch ${FROM}) cells
       left join release r on r.id = 'rel_' || replace(cells.release_id::text, '-', '')
       left join endpoint ep on ep.id = r.endpoint_id
     order by cells.backend, ep.name, r.number`,
    toValues(input, plan),
  );
  const backends = new Map<string, BackendSums>();
  for (const row of rows) at(backends, row.backend, () => new BackendSums()).add(row, plan.stepMs);
  const minutes = Math.max(1, (nowMs - plan.fromMs) / MINUTE_MS);
  return {
    from: new Date(plan.fromMs).toISOString(),
    to: new Date(plan.toMs).toISOString(),
    stepSeconds: plan.stepMs / 1_000,
    items: [...backends].map(([name, sums]) => sums.toItem(name, plan, minutes)),
  };
}
