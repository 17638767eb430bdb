import pg from "pg";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { DAY_MS, HOUR_MS, toUtcDay } from "@/lib/core/time";
import { ingestBatch } from "@/lib/domain/usage";
import { toCells, toSpend } from "@/lib/domain/usage/rules/rollup";
import { addToRollups, addToSpend, withTransaction } from "@/lib/domain/usage/store";
import { testEvent, testId, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { ENDPOINTS, endpointId, FAILS_EVERY, LATENCY, partsOf } from "./events";

const DAYS = 30;
const MINUTES_KEPT_MS = 14 * DAY_MS;

/** Requests of a month, numbered from `first`, evenly over 30 days. */
interface Fill {
  readonly first: number;
  readonly count: number;
  readonly fromMs: number;
}

const stepMs = ({ count }: Fill) => (DAYS * DAY_MS) / count;

/** The log's columns, and what stands in them: the expressions of `own`, else what the row `t` says. */
export async function likeTemplate(owner: pg.Client, own: Readonly<Record<string, string>>): Promise<{ list: string; values: string }> {
  const { rows } = await owner.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = 'usage.event'::regclass and attnum > 0 and not attisdropped order by attnum",
  );
  return { list: rows.map(({ name }) => name).join(", "), values: rows.map(({ name }) => own[name] ?? `t.${name}`).join(", ") };
}

/** The log's rows of a fill, written by PostgreSQL itself after one row that the ingest took. */
async function fillLog(owner: pg.Client, fill: Fill): Promise<void> {
  const pick = (id: (n: number) => string, count: number, first = 0) =>
    `(array[${Array.from({ length: count }, (_, n) => `'${uuidOfId(id(n + first))}'`).join(", ")}]::uuid[])[1 + i % ${count}]`;
  const latency = `round(${LATENCY.from} * exp(((i::bigint * ${LATENCY.factor}) % ${LATENCY.period})::float8 / ${LATENCY.spread}) * 1024) / 1024`;
  const own: Readonly<Record<string, string>> = {
    event_day: "(s.at at time zone 'UTC')::date",
    at: "s.at",
    ingested_at: "s.at + interval '1 s'",
    request_id: "(lpad(to_hex((extract(epoch from s.at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid",
    endpoint_id: pick(endpointId, ENDPOINTS),
    release_id: pick((n) => testId("release", n), 2, 1),
    variant_id: pick((n) => testId("variant", n), 2, 1),
    served_release_id: pick((n) => testId("release", n), 2, 1),
    served_variant_id: pick((n) => testId("variant", n), 2, 1),
    outcome: `case when i % ${FAILS_EVERY} = 0 then 'failed' else 'complete' end`,
    total_ms: "l.ms",
    ttft_ms: "l.ms / 4",
  };
  const { list, values } = await likeTemplate(owner, own);
  await owner.query(
    `insert into usage.event (${list}) select ${values} from generate_series($1::int, $2::int) i
       cross join lateral (select date_trunc('milliseconds', to_timestamp($3 / 1000.0) + (i - $1) * $4::float8 * interval '1 ms') as at) s
       cross join lateral (select ${latency} as ms) l
       cross join (select * from usage.event where gateway_id = 'gw-template' limit 1) t`,
    [fill.first, fill.first + fill.count - 1, fill.fromMs, stepMs(fill)],
  );
}

/** The rollups of the same requests, by the ingest's own rules, an hour at a time. */
async function fillRollups(fill: Fill): Promise<void> {
  const step = stepMs(fill);
  const base = testEvent();
  const toMs = fill.fromMs + DAYS * DAY_MS;
  for (let i = 0; i < fill.count; ) {
    const hour = Math.floor((fill.fromMs + i * step) / HOUR_MS);
    const events: UsageEvent[] = [];
    for (; i < fill.count; i++) {
      const at = Math.floor(fill.fromMs + i * step);
      if (Math.floor(at / HOUR_MS) !== hour) break;
      events.push({ ...base, ...partsOf(fill.first + i, at) });
    }
    const cells = toCells(events).filter((c) => c.key.level !== "minute" || c.key.bucketMs > toMs - MINUTES_KEPT_MS);
    await withTransaction(async (client) => {
      await addToRollups(client, cells);
      await addToSpend(client, toSpend(events));
    });
  }
}

/** Indexes of these tables but their keys are built once, after the rows. */
export async function withoutIndexes(owner: pg.Client, tables: readonly string[], run: () => Promise<void>): Promise<void> {
  const { rows } = await owner.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid = any($1::regclass[]) and not i.indisprimary`,
    [tables],
  );
  for (const { name } of rows) await owner.query(`drop index ${name}`);
  await run();
  for (const { definition } of rows) await owner.query(definition.replace(" ON ONLY ", " ON "));
}

/** Adds so many requests, spread over the 30 days before now; the newest of them go through the ingest. */
export async function fillMonth(
  ownerUrl: string,
  { first, count, newest }: { first: number; count: number; newest: number },
): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const now = Date.now();
    const fromMs = now - DAYS * DAY_MS;
    await owner.query("select usage.ensure_partitions($1::date, $2::date)", [toUtcDay(fromMs), toUtcDay(now)]);
    await ingestBatch("gw-template", JSON.stringify(toSpooled([testEvent(partsOf(1, now))])));
    const fill = { first: first + 1, count: count - newest, fromMs };
    await withoutIndexes(owner, ["usage.event"], async () => {
      await Promise.all([fillLog(owner, fill), fillRollups(fill)]);
    });
    for (let i = 0; i < newest; i += 2_000) {
      const events = Array.from({ length: Math.min(2_000, newest - i) }, (_, n) => testEvent(partsOf(i + n, now - i - n)));
      await ingestBatch(`gw-newest-${first}`, JSON.stringify(toSpooled(events, i + 1)));
    }
    await owner.query("vacuum analyze usage.event");
    await owner.query("vacuum analyze usage.rollup");
  } finally {
    await owner.end();
  }
}
