/**
 * The way up, measured: events packed in the Redis stream → the worker's consumer → the log, rollups and money in PostgreSQL (waiting for
 * its disk), against plain COPY of the same rows into a table with the same columns and indexes, in turns in one run. Then what pages ask.
 * Producer, consumer, PostgreSQL and Redis share the machine's cores. Medians of the rounds are printed.
 */
import { Redis } from "ioredis";
import pg from "pg";
import { USAGE_STREAM, type UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import type { Actor } from "@/lib/core/policy/authorize";
import { percentiles } from "@/lib/core/stats";
import { getTraffic, ingestBatch, listRequests } from "@/lib/domain/usage";
import { testEvent, testId, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { copyIn } from "@/lib/infra/copy-in";
import { db } from "@/lib/infra/db";
import { createLogger } from "@/lib/infra/logger";
import { startUsageConsumer } from "@/workers/streams/consume-usage";
import { startStack } from "./usage/stack";

const ROUNDS = 3;
const ROUND_ROWS = 30_000;
const ENTRY_ROWS = 200;
const COPY_ROWS = 1_000;
const ROUND_LIMIT_MS = 60_000;
const ENDPOINTS = 3;
const PAGE_DAYS = 30;
const PAGE_ROWS = 40_000;
const PAGE_QUERIES = 40;
const DAY_MS = 86_400_000;

const report = (figure: string, value: number, unit: string): void => {
  process.stdout.write(`${JSON.stringify({ figure: `usage.${figure}`, value: Number(value.toPrecision(4)), unit })}\n`);
};
const median = (values: readonly number[]): number => percentiles(values, [0.5])[0] ?? Number.NaN;

const PROJECT = testId("project", 1);
const endpointId = (n: number) => testId("endpoint", n + 1);

/** A long tail from 20 ms up; the same every time. */
const latencyOf = (i: number) => 20 * Math.exp(((i * 7_919) % 10_007) / 2_200);

function toEvent(i: number, at: number): UsageEvent {
  const release = testId("release", 1 + (i % 2));
  return testEvent({
    at,
    projectId: PROJECT,
    endpointId: endpointId(i % ENDPOINTS),
    releaseId: release,
    variantId: testId("variant", 1 + (i % 2)),
    servedReleaseId: release,
    servedVariantId: testId("variant", 1 + (i % 2)),
    outcome: i % 50 === 0 ? "failed" : "complete",
    totalMs: latencyOf(i),
    ttftMs: latencyOf(i) / 4,
  });
}

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

async function createNames(): Promise<Actor> {
  const { prisma } = db();
  await prisma.project.create({
    data: {
      id: PROJECT,
      slug: "bench",
      name: "bench",
      subjectKeySealed: "",
      environments: { create: { name: "production", position: 0 } },
    },
  });
  for (let n = 0; n < ENDPOINTS; n++)
    await prisma.endpoint.create({
      data: { id: endpointId(n), projectId: PROJECT, environmentName: "production", name: `endpoint-${n}`, salt: `salt-${n}` },
    });
  return { kind: "user", userId: "usr_bench", name: "bench", sessionId: "ses_bench", projectId: PROJECT, role: "viewer" };
}

/** A month of traffic, thin but in every hour and, for the last day, in every minute. */
async function fillMonth(): Promise<void> {
  const now = Date.now();
  const events = Array.from({ length: PAGE_ROWS }, (_, i) => {
    const recent = i % 2 === 0;
    const share = (i * 7_907) % PAGE_ROWS;
    return toEvent(i, now - Math.floor((share / PAGE_ROWS) * (recent ? DAY_MS : PAGE_DAYS * DAY_MS)));
  });
  for (let i = 0; i < events.length; i += 2_000)
    await ingestBatch("gw-bench-month", JSON.stringify(toSpooled(events.slice(i, i + 2_000), i + 1)));
}

const call = { requestId: "bench", params: {}, body: {} } as const;

async function measurePages(actor: Actor): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < PAGE_QUERIES; i++) {
    for (const range of ["1h", "24h", "7d", "30d"] as const) {
      const start = performance.now();
      const { result } = await getTraffic.run({ ...call, actor, query: { environment: "production", range, by: "endpoint" } });
      times.push(performance.now() - start);
      if (result.total.requests === 0) throw new Error(`the page of ${range} is empty`);
    }
    const start = performance.now();
    const { result } = await listRequests.run({ ...call, actor, query: { environment: "production", limit: 50 } });
    times.push(performance.now() - start);
    if (result.items.length !== 50) throw new Error("the page of requests is not full");
  }
  return percentiles(times, [0.95])[0] ?? Number.NaN;
}

/** Largest relative error of p50, p95 and p99 as pages show them, against the log itself. */
async function measurePercentiles(actor: Actor): Promise<number> {
  let worst = 0;
  for (let n = 0; n < ENDPOINTS; n++) {
    const { result } = await getTraffic.run({
      ...call,
      actor,
      query: { environment: "production", endpoint: `endpoint-${n}`, range: "30d", by: "endpoint" },
    });
    const { rows } = await db().pool.query<{ ms: number }>(
      "select total_ms as ms from usage.event where endpoint_id = $1 and outcome = 'complete' and at >= $2 and at < $3",
      [uuidOfId(endpointId(n)), result.from, result.to],
    );
    const exact = percentiles(
      rows.map((r) => r.ms),
      [0.5, 0.95, 0.99],
      "lower",
    );
    [result.total.totalMsP50, result.total.totalMsP95, result.total.totalMsP99].forEach((shown, i) => {
      const truth = exact[i] ?? null;
      if (shown === null || truth === null) throw new Error("a percentile is missing");
      worst = Math.max(worst, Math.abs(shown / truth - 1));
    });
  }
  return worst;
}

async function main(): Promise<void> {
  const stack = await startStack();
  const owner = new pg.Client({ connectionString: stack.ownerUrl });
  await owner.connect();
  try {
    const actor = await createNames();
    await measureConsumer(stack.redisUrl, 0);
    const rates: { ingest: number; copy: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++)
      rates.push({ ingest: await measureConsumer(stack.redisUrl, round), copy: await measureCopy(owner, round) });
    report("rows_per_second", median(rates.map((r) => r.ingest)), "1/s");
    report("share_of_copy", median(rates.map((r) => r.ingest / r.copy)), "1");
    await fillMonth();
    report("percentile_error_max", await measurePercentiles(actor), "1");
    report("page_query_p95_ms", await measurePages(actor), "ms");
  } finally {
    await owner.end();
    await stack.close();
  }
}

await main();
