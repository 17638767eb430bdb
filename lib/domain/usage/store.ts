import type { SpooledEvent, UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { formatUsd } from "@/lib/core/money";
import { remember } from "@/lib/core/remember";
import { Sketch } from "@/lib/core/stats";
import { toUtcDay } from "@/lib/core/time";
import { copyIn, toCopyText } from "@/lib/infra/copy-in";
import { type Connection, db } from "@/lib/infra/db";
import type { Cell, CellSums, DirectSpendCell, SpendCell } from "./rules/rollup";

const NONE = "00000000-0000-0000-0000-000000000000";
// A batch names the same few endpoints, releases and keys again and again.
const knownUuid = remember(uuidOfId);
const uuid = (id: string | null): string | null => (id === null ? null : knownUuid(id));
const uuidOrNone = (id: string | null): string => uuid(id) ?? NONE;
const toInstant = (ms: number) => new Date(ms).toISOString();

/** Runs in one transaction on one connection; the connection is thrown away when it broke. */
export async function withTransaction<T>(run: (client: Connection) => Promise<T>): Promise<T> {
  const client = await db().pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const result = await run(client);
    await client.query("commit");
    return result;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    await client.query("rollback").then(
      () => {
        broken = undefined;
      },
      () => {},
    );
    throw error;
  } finally {
    client.release(broken);
  }
}

const isUniqueViolation = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "23505";

/** What was measured between arrival and end, in the event's own form; null where it was not. */
function toSteps({ phases, calls }: UsageEvent): string | null {
  return phases === undefined && calls === undefined ? null : JSON.stringify({ phases, calls });
}

/** Column, its type for unnest, and its value in an event. */
const COLUMNS: readonly [string, string, (e: UsageEvent, gatewayId: string) => unknown][] = [
  ["event_day", "date", (e) => toUtcDay(e.at)],
  ["request_id", "uuid", (e) => uuidOfId(e.requestId)],
  ["at", "timestamptz", (e) => toInstant(e.at)],
  ["project_id", "uuid", (e) => uuid(e.projectId)],
  ["environment", "text", (e) => e.environment],
  ["endpoint_id", "uuid", (e) => uuid(e.endpointId)],
  ["key_id", "uuid", (e) => uuid(e.keyId)],
  ["team", "text", (e) => e.team],
  ["source", "text", (e) => e.source],
  ["api", "text", (e) => e.api],
  ["streamed", "boolean", (e) => e.streamed],
  ["subject_hash", "text", (e) => e.subjectHash],
  ["client_request_id", "text", (e) => e.clientRequestId],
  ["gateway_id", "text", (_, gatewayId) => gatewayId],
  ["generation", "bigint", (e) => e.generation],
  ["release_id", "uuid", (e) => uuid(e.releaseId)],
  ["variant_id", "uuid", (e) => uuid(e.variantId)],
  ["served_release_id", "uuid", (e) => uuid(e.servedReleaseId)],
  ["served_variant_id", "uuid", (e) => uuid(e.servedVariantId)],
  ["rollout_id", "uuid", (e) => uuid(e.rolloutId)],
  ["experiment_id", "uuid", (e) => uuid(e.experimentId)],
  ["arm_name", "text", (e) => e.armName],
  ["backend_id", "uuid", (e) => uuid(e.backendId)],
  ["model_version_id", "uuid", (e) => uuid(e.modelVersionId)],
  ["prompt_version_id", "uuid", (e) => uuid(e.promptVersionId)],
  ["outcome", "text", (e) => e.outcome],
  ["status", "integer", (e) => e.status],
  ["error_code", "text", (e) => e.errorCode],
  ["cache", "text", (e) => e.cache],
  ["attempts", "integer", (e) => e.attempts],
  ["queue_ms", "float8", (e) => e.queueMs],
  ["ttft_ms", "float8", (e) => e.ttftMs],
  ["tpot_ms", "float8", (e) => e.tpotMs],
  ["total_ms", "float8", (e) => e.totalMs],
  ["input_tokens", "bigint", (e) => e.inputTokens],
  ["output_tokens", "bigint", (e) => e.outputTokens],
  ["cached_tokens", "bigint", (e) => e.cachedTokens],
  ["tokens_estimated", "boolean", (e) => e.tokensEstimated],
  ["price_id", "uuid", (e) => uuid(e.priceId)],
  ["cost_usd", "numeric", (e) => e.costUsd],
  ["saved_usd", "numeric", (e) => e.savedUsd ?? null],
  ["prompt_chars", "bigint", (e) => e.promptChars],
  ["answer_chars", "bigint", (e) => e.answerChars],
  ["trace_id", "uuid", (e) => e.traceId ?? null],
  ["steps", "jsonb", toSteps],
];

const names = COLUMNS.map(([name]) => name).join(", ");
const arrays = COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ");
// No conflict target: whatever key the table has decides what was taken already.
const INSERT = `insert into usage.event (${names}) select ${names} from unnest(${arrays}) as u(${names}) on conflict do nothing returning request_id`;
const COPY = `copy usage.event (${names}) from stdin`;
/** Their text holds nothing that COPY's format gives a meaning. */
const PLAIN_TYPES = new Set(["uuid", "date", "timestamptz", "boolean", "bigint", "integer", "float8", "numeric"]);
/** Below this a savepoint costs more than COPY saves. */
const COPY_FROM_ROWS = 50;

interface Arrived {
  readonly gatewayId: string;
  readonly events: readonly UsageEvent[];
  /** Whether the gateway's progress says that some of them may have been taken before. */
  readonly mayBeKnown: boolean;
}

/** Inserts what is not there yet; returns the request ids (uuid text) that were new, or "all". */
export async function insertEvents(client: Connection, { gatewayId, events, mayBeKnown }: Arrived): Promise<string[] | "all"> {
  if (events.length === 0) return [];
  // In one order: two transactions that write the same events in another would wait for each other.
  const sorted = [...events].sort((a, b) => (a.requestId < b.requestId ? -1 : a.requestId > b.requestId ? 1 : 0));
  if (!mayBeKnown && events.length >= COPY_FROM_ROWS && (await areCopied(client, gatewayId, sorted))) return "all";
  const values = COLUMNS.map(([, , read]) => sorted.map((e) => read(e, gatewayId)));
  const { rows } = await client.query<{ request_id: string }>({ name: "usage-insert", text: INSERT, values });
  return rows.map((r) => r.request_id);
}

/** COPY takes a third of the time of an INSERT, and refuses all rows where it meets one that is there: false, and nothing was written. */
async function areCopied(client: Connection, gatewayId: string, events: readonly UsageEvent[]): Promise<boolean> {
  const lines = events.map((e) => COLUMNS.map(([, type, read]) => toCopyText(read(e, gatewayId), !PLAIN_TYPES.has(type))).join("\t"));
  await client.query("savepoint before_copy");
  try {
    await copyIn(client, COPY, lines);
    await client.query("release savepoint before_copy");
    return true;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    await client.query("rollback to savepoint before_copy");
    return false;
  }
}

/** Sequences as PostgreSQL's multirange: what a gateway sends is mostly one range. */
function toRanges(spooled: readonly Pick<SpooledEvent, "sequence">[]): string {
  const ranges: string[] = [];
  let [from, to] = [0, 0];
  for (const { sequence } of spooled.toSorted((a, b) => a.sequence - b.sequence)) {
    if (sequence > to) {
      if (to > from) ranges.push(`[${from},${to})`);
      from = sequence;
    }
    to = sequence + 1;
  }
  if (to > from) ranges.push(`[${from},${to})`);
  return `{${ranges.join(",")}}`;
}

/** Whether PostgreSQL may have one of these sequences of a gateway. */
export async function mayHaveArrived(
  client: Connection,
  gatewayId: string,
  spooled: readonly Pick<SpooledEvent, "sequence">[],
): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    "select (ahead + int8multirange(int8range(null, acked + 1))) && $2::int8multirange as known from usage.gateway_progress where gateway_id = $1",
    [gatewayId, toRanges(spooled)],
  );
  return rows[0]?.known ?? false;
}

/** One after the other for each bucket, always in the same order: no two ingests wait for each other in a ring. */
export async function lockBuckets(client: Connection, buckets: readonly string[]): Promise<void> {
  const sorted = [...new Set(buckets)].sort();
  await client.query(
    "select pg_advisory_xact_lock(hashtextextended(name, 7)) from unnest($1::text[]) with ordinality as u(name, n) order by n",
    [sorted],
  );
}

interface RollupRow {
  readonly level: string;
  readonly bucket: Date;
  readonly endpoint_id: string;
  readonly release_id: string;
  readonly variant_id: string;
  readonly outcome: string;
  readonly total_sketch: Buffer;
  readonly ttft_sketch: Buffer;
  readonly tpot_sketch: Buffer;
  readonly queue_sketch: Buffer;
}

const rowName = (r: Pick<RollupRow, "level" | "bucket" | "endpoint_id" | "release_id" | "variant_id" | "outcome">) =>
  [r.level, r.bucket.getTime(), r.endpoint_id, r.release_id, r.variant_id, r.outcome].join("|");

const keyArrays = (cells: readonly Cell[]) => [
  cells.map((c) => c.key.level),
  cells.map((c) => toInstant(c.key.bucketMs)),
  cells.map((c) => uuidOrNone(c.key.endpointId)),
  cells.map((c) => uuidOrNone(c.key.releaseId)),
  cells.map((c) => uuidOrNone(c.key.variantId)),
  cells.map((c) => c.key.outcome),
];

const mergedBytes = (sketch: Sketch, stored: Buffer | undefined): Buffer =>
  Buffer.from((stored === undefined ? sketch : Sketch.fromBytes(stored).merge(sketch)).toBytes());

/** Adds the cells to the rollups: numbers in SQL, sketches merged here. The caller holds the buckets' locks. */
export async function addToRollups(client: Connection, cells: readonly Cell[]): Promise<void> {
  if (cells.length === 0) return;
  const keys = keyArrays(cells);
  const { rows } = await client.query<RollupRow>(
    `select r.level, r.bucket, r.endpoint_id, r.release_id, r.variant_id, r.outcome, r.total_sketch, r.ttft_sketch, r.tpot_sketch, r.queue_sketch
     from usage.rollup r join unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[]) as k(level, bucket, endpoint_id, release_id, variant_id, outcome)
     using (level, bucket, endpoint_id, release_id, variant_id, outcome)`,
    keys,
  );
  const stored = new Map(rows.map((r) => [rowName(r), r]));
  const storedOf = (c: Cell) =>
    stored.get(
      rowName({
        level: c.key.level,
        bucket: new Date(c.key.bucketMs),
        endpoint_id: uuidOrNone(c.key.endpointId),
        release_id: uuidOrNone(c.key.releaseId),
        variant_id: uuidOrNone(c.key.variantId),
        outcome: c.key.outcome,
      }),
    );
  const sums = (read: (s: CellSums) => unknown) => cells.map((c) => read(c.sums));
  await client.query(
    `insert into usage.rollup as r (level, bucket, endpoint_id, release_id, variant_id, outcome, project_id, requests, cache_hits, cache_misses, input_tokens,
       output_tokens, cached_tokens, estimated, unpriced, cost_usd, saved_usd, total_sketch, ttft_sketch, tpot_sketch, queue_sketch)
     select * from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[],
       $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::numeric[], $17::numeric[], $18::bytea[], $19::bytea[], $20::bytea[],
       $21::bytea[])
     on conflict (level, bucket, endpoint_id, release_id, variant_id, outcome) do update set
       requests = r.requests + excluded.requests, cache_hits = r.cache_hits + excluded.cache_hits,
       cache_misses = r.cache_misses + excluded.cache_misses, saved_usd = r.saved_usd + excluded.saved_usd,
       input_tokens = r.input_tokens + excluded.input_tokens, output_tokens = r.output_tokens + excluded.output_tokens,
       cached_tokens = r.cached_tokens + excluded.cached_tokens, estimated = r.estimated + excluded.estimated,
       unpriced = r.unpriced + excluded.unpriced, cost_usd = r.cost_usd + excluded.cost_usd,
       total_sketch = excluded.total_sketch, ttft_sketch = excluded.ttft_sketch, tpot_sketch = excluded.tpot_sketch, queue_sketch = excluded.queue_sketch`,
    [
      ...keys,
      cells.map((c) => uuid(c.key.projectId)),
      sums((s) => s.requests),
      sums((s) => s.cacheHits),
      sums((s) => s.cacheMisses),
      sums((s) => s.inputTokens),
      sums((s) => s.outputTokens),
      sums((s) => s.cachedTokens),
      sums((s) => s.estimated),
      sums((s) => s.unpriced),
      sums((s) => formatUsd(s.costUsd)),
      sums((s) => formatUsd(s.savedUsd)),
      cells.map((c) => mergedBytes(c.sums.total, storedOf(c)?.total_sketch)),
      cells.map((c) => mergedBytes(c.sums.ttft, storedOf(c)?.ttft_sketch)),
      cells.map((c) => mergedBytes(c.sums.tpot, storedOf(c)?.tpot_sketch)),
      cells.map((c) => mergedBytes(c.sums.queue, storedOf(c)?.queue_sketch)),
    ],
  );
}

export async function addToSpend(client: Connection, cells: readonly SpendCell[]): Promise<void> {
  if (cells.length === 0) return;
  await client.query(
    `insert into usage.spend as s (level, bucket, project_id, endpoint_id, model_version_id, key_id, team, requests, unpriced, input_tokens, output_tokens, cost_usd)
     select * from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[])
     on conflict (level, bucket, endpoint_id, model_version_id, key_id, team) do update set
       requests = s.requests + excluded.requests, unpriced = s.unpriced + excluded.unpriced, input_tokens = s.input_tokens + excluded.input_tokens,
       output_tokens = s.output_tokens + excluded.output_tokens, cost_usd = s.cost_usd + excluded.cost_usd`,
    [
      cells.map((c) => c.key.level),
      cells.map((c) => toInstant(c.key.bucketMs)),
      cells.map((c) => uuid(c.key.projectId)),
      cells.map((c) => uuidOrNone(c.key.endpointId)),
      cells.map((c) => uuidOrNone(c.key.modelVersionId)),
      cells.map((c) => uuidOrNone(c.key.keyId)),
      cells.map((c) => c.key.team),
      cells.map((c) => c.requests),
      cells.map((c) => c.unpriced),
      cells.map((c) => c.inputTokens),
      cells.map((c) => c.outputTokens),
      cells.map((c) => formatUsd(c.costUsd)),
    ],
  );
}

export async function addToDirectSpend(client: Connection, cells: readonly DirectSpendCell[]): Promise<void> {
  if (cells.length === 0) return;
  await client.query(
    `insert into usage.direct_spend as s (level, bucket, project_id, environment, backend_id, model_version_id, requests, unpriced, input_tokens, output_tokens, cost_usd)
     select * from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::numeric[])
     on conflict (project_id, environment, level, bucket, backend_id, model_version_id) do update set
       requests = s.requests + excluded.requests, unpriced = s.unpriced + excluded.unpriced, input_tokens = s.input_tokens + excluded.input_tokens,
       output_tokens = s.output_tokens + excluded.output_tokens, cost_usd = s.cost_usd + excluded.cost_usd`,
    [
      cells.map((c) => c.key.level),
      cells.map((c) => toInstant(c.key.bucketMs)),
      cells.map((c) => uuid(c.key.projectId)),
      cells.map((c) => c.key.environment),
      cells.map((c) => uuidOrNone(c.key.backendId)),
      cells.map((c) => uuidOrNone(c.key.modelVersionId)),
      cells.map((c) => c.requests),
      cells.map((c) => c.unpriced),
      cells.map((c) => c.inputTokens),
      cells.map((c) => c.outputTokens),
      cells.map((c) => formatUsd(c.costUsd)),
    ],
  );
}

/**
 * Notes what has arrived. `acked` is the highest sequence without a gap below it; a gap that the gateway does not hold any more (below
 * `firstHeld`) is passed over, and `gone` counts what was in it: a database restored from a backup must not wait for it for ever.
 */
export async function saveProgress(
  client: Connection,
  gatewayId: string,
  arrived: { readonly spooled: readonly Pick<SpooledEvent, "sequence">[]; readonly firstHeld: number },
): Promise<{ acked: number; gone: number }> {
  await client.query("insert into usage.gateway_progress (gateway_id) values ($1) on conflict do nothing", [gatewayId]);
  const { rows } = await client.query<{ acked: bigint; gone: bigint }>(
    `with now_have as (
       select p.gateway_id, p.acked as was, greatest(p.acked, $3::bigint - 1) as past,
         p.ahead + ($2::int8multirange - int8multirange(int8range(null, p.acked + 1))) as ahead
       from usage.gateway_progress p where p.gateway_id = $1 for update
     ), step as (
       select gateway_id, ahead, case when ahead @> (past + 1) then
         (select upper(r) - 1 from unnest(ahead) as r where r @> (n.past + 1)) else past end as acked,
         past - was - (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(ahead * int8multirange(int8range(was + 1, past + 1))) as r) as gone
       from now_have n
     )
     update usage.gateway_progress p set acked = step.acked, ahead = step.ahead - int8multirange(int8range(null, step.acked + 1))
     from step where p.gateway_id = step.gateway_id returning p.acked, step.gone`,
    [gatewayId, toRanges(arrived.spooled), arrived.firstHeld],
  );
  return { acked: Number(rows[0]?.acked ?? 0n), gone: Number(rows[0]?.gone ?? 0n) };
}

export async function insertDeadLetters(
  client: Connection,
  gatewayId: string,
  letters: readonly { reason: string; content: string }[],
): Promise<void> {
  if (letters.length === 0) return;
  // PostgreSQL's text takes no NUL.
  const clean = (text: string) => text.replaceAll("\u0000", "\\u0000");
  await client.query(
    `insert into usage.dead_letter as d (gateway_id, reason, content, digest, times)
     select $1, min(reason), content, sha256(convert_to(content, 'UTF8')), count(*)
     from unnest($2::text[], $3::text[]) as u(reason, content) group by content order by 4
     on conflict (gateway_id, digest) do update set times = d.times + excluded.times, last_at = now()`,
    [clean(gatewayId), letters.map((l) => clean(l.reason.slice(0, 2_000))), letters.map((l) => clean(l.content))],
  );
}

export async function listProgress(): Promise<{ gatewayId: string; acked: number }[]> {
  const { rows } = await db().pool.query<{ gateway_id: string; acked: bigint }>("select gateway_id, acked from usage.gateway_progress");
  return rows.map((r) => ({ gatewayId: r.gateway_id, acked: Number(r.acked) }));
}

/** Partitions from yesterday to a week ahead; the raw log and the minute rollups are cut at their retention. */
export async function maintainPartitions(keep: { rawDays: number; minuteDays: number; hourDays: number }): Promise<void> {
  const { pool } = db();
  const today = "(now() at time zone 'UTC')::date";
  await pool.query(`select usage.ensure_partitions(${today} - 1, ${today} + 7)`);
  await pool.query(`select usage.drop_partitions(${today} - $1::int)`, [keep.rawDays]);
  for (const table of ["usage.rollup", "usage.backend_rollup"]) {
    await pool.query(`delete from ${table} where level = 'minute' and bucket < now() - make_interval(days => $1)`, [keep.minuteDays]);
    await pool.query(`delete from ${table} where level = 'hour' and bucket < now() - make_interval(days => $1)`, [keep.hourDays]);
  }
}
