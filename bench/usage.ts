/**
 * The way up, measured: events packed in the Redis stream → the worker's consumer → the log, rollups and money in PostgreSQL (waiting for
 * its disk), against plain COPY of the same rows into a table with the same columns and indexes, and against Prisma's createMany, in turns in
 * one run. Then what pages ask. Producer, consumer, PostgreSQL and Redis share the machine's cores. Medians of the rounds are printed.
 *
 * With `--rows N` only what pages ask, of a month of N requests and of a tenth of it. PostgreSQL itself writes the log's rows, the ingest's own
 * rules make the rollups, and the newest 20,000 go through the ingest. Ten million need 12 GB of disk and about twenty minutes.
 */
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import pg from "pg";
import { USAGE_STREAM } from "@/lib/contracts/gateway-event";
import type { Actor } from "@/lib/core/policy/authorize";
import { percentiles } from "@/lib/core/stats";
import { ingestBatch } from "@/lib/domain/usage";
import { toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { copyIn } from "@/lib/infra/copy-in";
import { db } from "@/lib/infra/db";
import { createLogger } from "@/lib/infra/logger";
import { startUsageConsumer } from "@/workers/streams/consume-usage";
import { measureCreateMany } from "./usage/create-many";
import { createNames, toEvent } from "./usage/events";
import { fillMonth } from "./usage/month";
import { measurePercentiles, measureQueries, measureRaw, pageQueries, quantileOf } from "./usage/pages";
import { type BenchStack, startStack } from "./usage/stack";

const ROUNDS = 3;
const ROUND_ROWS = 30_000;
const ENTRY_ROWS = 200;
const COPY_ROWS = 1_000;
const ROUND_LIMIT_MS = 60_000;
const PAGE_DAYS = 30;
const PAGE_ROWS = 40_000;
const PAGE_QUERIES = 40;
const CREATE_MANY_ROWS = 3_000;
/** Of a large log, as many of its newest requests go through the ingest. */
const NEWEST_ROWS = 20_000;
const LARGE_ROUNDS = 20;
const DAY_MS = 86_400_000;

const report = (figure: string, value: number, unit: string): void => {
  process.stdout.write(`${JSON.stringify({ figure: `usage.${figure}`, value: Number(value.toPrecision(4)), unit })}\n`);
};
const median = (values: readonly number[]): number => percentiles(values, [0.5])[0] ?? Number.NaN;

/** Rows a second from the first entry read to the last event acknowledged by PostgreSQL. */
async function measureConsumer(redisUrl: string, round: number): Promise<number> {
  const redis = new Redis(redisUrl);
  const gatewayId = `gw-bench-${round}`;
  const now = Date.now();
  const spooled = toSpooled(Array.from({ length: ROUND_ROWS }, (_, i) => toEvent(i, now - (i % 120_000))));
  for (let i = 0; i < spooled.length; i += ENTRY_ROWS)
    await redis.xadd(USAGE_STREAM, "*", "g", gatewayId, "e", JSON.stringify(spooled.slice(i, i + ENTRY_ROWS)));
  const start = performance.now();
  const consumer = startUsageConsumer({ redisUrl, logger: createLogger("bench", "silent") });
  try {
    for (;;) {
      const { rows } = await db().pool.query<{ acked: bigint }>("select acked from usage.gateway_progress where gateway_id = $1", [
        gatewayId,
      ]);
      if (rows[0]?.acked === BigInt(ROUND_ROWS)) return ROUND_ROWS / ((performance.now() - start) / 1_000);
      if (performance.now() - start > ROUND_LIMIT_MS) throw new Error(`only ${rows[0]?.acked} of ${ROUND_ROWS} events were taken in time`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    await consumer.stop();
    redis.disconnect();
  }
}

/** The rows of one round as COPY's text; a table beside the log with its columns and indexes takes them. */
async function measureCopy(owner: pg.Client, round: number): Promise<number> {
  await owner.query("drop table if exists usage.bench_copy");
  await owner.query("create table usage.bench_copy (like usage.event including all)");
  const columns = await owner.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = 'usage.event'::regclass and attnum > 0 and not attisdropped order by attnum",
  );
  const list = columns.rows.map(({ name }) => `${name}::text`).join(", ");
  const { rows } = await owner.query<{ line: string }>(
    `select array_to_string(array[${list}], E'\\t', '\\N') as line from usage.event where gateway_id = $1`,
    [`gw-bench-${round}`],
  );
  if (rows.length !== ROUND_ROWS) throw new Error(`the log has ${rows.length} of ${ROUND_ROWS} rows`);
  const lines = rows.map((r) => r.line);
  const start = performance.now();
  for (let i = 0; i < lines.length; i += COPY_ROWS) await copyIn(owner, "copy usage.bench_copy from stdin", lines.slice(i, i + COPY_ROWS));
  const perSecond = lines.length / ((performance.now() - start) / 1_000);
  const { rows: copied } = await owner.query<{ n: number }>("select count(*)::int as n from usage.bench_copy");
  if (copied[0]?.n !== ROUND_ROWS) throw new Error(`COPY took ${copied[0]?.n} of ${ROUND_ROWS} rows`);
  return perSecond;
}

/** A month of traffic, thin but in every hour and, for the last day, in every minute; all of it through the ingest. */
async function fillThinMonth(): Promise<void> {
  const now = Date.now();
  const events = Array.from({ length: PAGE_ROWS }, (_, i) => {
    const recent = i % 2 === 0;
    const share = (i * 7_907) % PAGE_ROWS;
    return toEvent(i, now - Math.floor((share / PAGE_ROWS) * (recent ? DAY_MS : PAGE_DAYS * DAY_MS)));
  });
  for (let i = 0; i < events.length; i += 2_000)
    await ingestBatch("gw-bench-month", JSON.stringify(toSpooled(events.slice(i, i + 2_000), i + 1)));
}

async function measureWayUp({ redisUrl, ownerUrl }: BenchStack, actor: Actor): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await measureConsumer(redisUrl, 0);
    const rates: { ingest: number; copy: number; createMany: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++)
      rates.push({
        ingest: await measureConsumer(redisUrl, round),
        copy: await measureCopy(owner, round),
        createMany: await measureCreateMany(ownerUrl, CREATE_MANY_ROWS),
      });
    report("rows_per_second", median(rates.map((r) => r.ingest)), "1/s");
    report("share_of_copy", median(rates.map((r) => r.ingest / r.copy)), "1");
    report("vs_create_many", median(rates.map((r) => r.ingest / r.createMany)), "1");
  } finally {
    await owner.end();
  }
  await fillThinMonth();
  report("percentile_error_max", await measurePercentiles(actor), "1");
  const queries = new Map([...pageQueries(actor)].filter(([name]) => name === "log_newest" || /^traffic_\d+[hd]$/.test(name)));
  const times = [...(await measureQueries(queries, PAGE_QUERIES)).values()].flat();
  report("page_query_p95_ms", quantileOf(times, 0.95), "ms");
}

/** The same pages over a tenth of the rows and over all of them. */
async function measureLarge({ ownerUrl }: BenchStack, actor: Actor, rows: number): Promise<void> {
  const queries = pageQueries(actor);
  const measure = async (count: number) => {
    const times = await measureQueries(queries, LARGE_ROUNDS);
    const all = [...times.values()].flat();
    for (const [name, list] of times) report(`p95_ms.${name}.${count}_rows`, quantileOf(list, 0.95), "ms");
    report(`page_query_p95_ms.${count}_rows`, quantileOf(all, 0.95), "ms");
    return { p50: quantileOf(all, 0.5), p95: quantileOf(all, 0.95), percentiles: quantileOf(times.get("traffic_30d") ?? [], 0.5) };
  };
  const tenth = Math.floor(rows / 10);
  await fillMonth(ownerUrl, { first: 0, count: tenth, newest: NEWEST_ROWS });
  const small = await measure(tenth);
  const start = performance.now();
  await fillMonth(ownerUrl, { first: tenth, count: rows - tenth, newest: NEWEST_ROWS });
  report("filled_per_second", (rows - tenth) / ((performance.now() - start) / 1_000), "1/s");
  const large = await measure(rows);
  const { rows: counted } = await db().pool.query<{ n: bigint; rolled: string }>(
    "select count(*) as n, (select sum(requests)::text from usage.rollup where level = 'day') as rolled from usage.event",
  );
  if (String(counted[0]?.n) !== counted[0]?.rolled) throw new Error(`the rollups hold ${counted[0]?.rolled} of ${counted[0]?.n} requests`);
  report("large_rows", Number(counted[0]?.n), "1");
  report("large_vs_tenth_p50", large.p50 / small.p50, "1");
  report("large_vs_tenth_p95", large.p95 / small.p95, "1");
  report("large_percentile_error_max", await measurePercentiles(actor), "1");
  report("large_vs_percentile_cont", large.percentiles / (await measureRaw(ownerUrl)), "1");
}

async function main(): Promise<void> {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { rows: { type: "string" } } });
  const stack = await startStack();
  try {
    const actor = await createNames();
    if (values.rows === undefined) await measureWayUp(stack, actor);
    else await measureLarge(stack, actor, Number(values.rows));
  } finally {
    await stack.close();
  }
}

await main();
