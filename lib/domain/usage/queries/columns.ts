import { uuidOfId } from "@/lib/core/ids";
import { toUtcDay } from "@/lib/core/time";
import { type Connection, db } from "@/lib/infra/db";

/** A number of each request; null where the request has none. Cache hits have no time and no tokens of their own. */
const COLUMN_SQL = {
  prompt_chars: "prompt_chars::float8",
  answer_chars: "answer_chars::float8",
  input_tokens: "case when cache = 'hit' then null else input_tokens::float8 end",
  output_tokens: "case when cache = 'hit' then null else output_tokens::float8 end",
  ttft_ms: "case when cache = 'hit' then null else ttft_ms end",
  total_ms: "case when cache = 'hit' then null else total_ms end",
} as const;
export type UsageColumn = keyof typeof COLUMN_SQL;

export interface ColumnScope {
  readonly endpointId: string;
  /** As assigned; null: all. */
  readonly releaseId: string | null;
  /** `all`: whatever reached a backend. */
  readonly outcomes: "complete" | "all";
  /** Arrival, Unix milliseconds, [from, to). */
  readonly fromMs: number;
  readonly toMs: number;
  /** Only what the log had before this: what comes late changes nothing any more. */
  readonly ingestedBeforeMs: number;
}

export interface ReadColumn {
  /** Values that were there, in no order. */
  readonly values: Float64Array;
  readonly missing: number;
}

export interface ReadColumns {
  readonly matched: number;
  /** All of them, or a sample by a hash of the request id: the same requests each time. */
  readonly read: number;
  readonly columns: ReadonlyMap<UsageColumn, ReadColumn>;
}

/** Parsing a row's text takes the event loop about 3 µs: this many hold it for a few milliseconds. */
const ROWS_AT_ONCE = 2_000;
const HASH_RANGE = 2 ** 31;

const WHERE = `endpoint_id = $1 and at >= $2 and at < $3 and event_day between $4::date and $5::date and ingested_at < $6
  and source = 'application' and ($7::uuid is null or release_id = $7) and outcome = any($8::text[])`;

/**
 * Columns of one endpoint's requests, at most about `maxRows` of them: eight bytes a value, whatever the window holds. Read through a
 * cursor in one snapshot of the log, some rows at a time.
 */
export async function readColumns(scope: ColumnScope, columns: readonly UsageColumn[], maxRows: number): Promise<ReadColumns> {
  const client = await db().pool.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    await client.query("set local statement_timeout = '120s'");
    const read = await readInSnapshot(client, { scope, columns, maxRows });
    await client.query("commit");
    client.release();
    return read;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function readInSnapshot(
  client: Connection,
  { scope, columns, maxRows }: { scope: ColumnScope; columns: readonly UsageColumn[]; maxRows: number },
): Promise<ReadColumns> {
  const values = [
    uuidOfId(scope.endpointId),
    new Date(scope.fromMs),
    new Date(scope.toMs),
    toUtcDay(scope.fromMs),
    toUtcDay(scope.toMs),
    new Date(scope.ingestedBeforeMs),
    scope.releaseId === null ? null : uuidOfId(scope.releaseId),
    scope.outcomes === "complete" ? ["complete"] : ["complete", "failed", "cut", "client_gone"],
  ];
  const counted = await client.query<{ n: number }>(`select count(*)::float8 as n from usage.event where ${WHERE}`, values);
  const matched = counted.rows[0]?.n ?? 0;
  const threshold = matched <= maxRows ? HASH_RANGE : Math.floor((maxRows / matched) * HASH_RANGE);
  // All rows are wanted: without this the planner prefers what gives the first tenth soonest.
  await client.query("set local cursor_tuple_fraction = 1");
  await client.query(
    `declare requests no scroll cursor for select ${columns.map((name) => COLUMN_SQL[name]).join(", ")} from usage.event
     where ${WHERE} and (uuid_hash_extended(request_id, 0) & ${HASH_RANGE - 1}) < $9`,
    [...values, threshold],
  );
  const kept = columns.map(() => new ColumnBuffer(Math.min(matched, maxRows)));
  let read = 0;
  for (;;) {
    const { rows } = await client.query<(number | null)[]>({ text: `fetch ${ROWS_AT_ONCE} from requests`, rowMode: "array" });
    for (const row of rows) for (const [index, buffer] of kept.entries()) buffer.add(row[index] ?? null);
    read += rows.length;
    if (rows.length < ROWS_AT_ONCE) break;
  }
  await client.query("close requests");
  return { matched, read, columns: new Map(columns.map((name, index) => [name, kept[index]?.take() ?? new ColumnBuffer(0).take()])) };
}

/** Numbers in a typed array that grows: a hash sample may hold some more than it was meant to. */
class ColumnBuffer {
  private values: Float64Array;
  private count = 0;
  private missing = 0;

  constructor(expected: number) {
    this.values = new Float64Array(expected);
  }

  add(value: number | null): void {
    if (value === null) {
      this.missing++;
      return;
    }
    if (this.count === this.values.length) {
      const grown = new Float64Array(Math.ceil(this.count * 1.1) + 64);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = value;
  }

  take(): ReadColumn {
    return { values: this.values.slice(0, this.count), missing: this.missing };
  }
}
