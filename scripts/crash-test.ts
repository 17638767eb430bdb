/**
 * Kills every process, one after the other, while requests run and a canary is under way, and then compares what the client saw with what
 * PostgreSQL has: npx tsx scripts/crash-test.ts [--rounds N] [--no-dedup] [--flush-redis | --flush-only]
 *
 * It starts its own copy (own data folder, own ports) by `up`, sends load with a ledger that is fsynced per request, and kills worker,
 * gateway, web, Redis and PostgreSQL with SIGKILL. Then, both ways: each request that the client saw finished is in the log exactly once,
 * and each finished request in the log is one that the client saw or lost the answer of. The canary must end in a terminal state by legal
 * moves, and the audit chains must verify. `--flush-redis` also empties Redis under load, `--flush-only` does nothing else: within 60 s a
 * request that arrived later must be in the log, and a change that was made later must be served. `--no-dedup` drops the log's primary key first, so that repeated deliveries are stored twice:
 * the script must then fail, which shows that it can. Exit code 0 when everything held.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { startLoad } from "../sim/load";
import { compareLedger } from "./crash-test/compare";
import {
  api,
  type Copy,
  createOwnEndpoint,
  isOk,
  killOne,
  readLedger,
  readLog,
  say,
  startCopy,
  stopCopy,
  waitUntil,
  withDatabase,
} from "./crash-test/copy";

const VICTIMS = ["worker", "gateway", "web", "redis", "postgres"] as const;
const ENDPOINT = "crash-check";
const SETTLE_MS = 8_000;
const DRAIN_LIMIT_MS = 90_000;
const FLUSH_LIMIT_MS = 60_000;
const ROLLOUT_LIMIT_MS = 240_000;

/** Everything that was in a spool when the load ended has been taken; the demo's own load goes on all the while. */
async function waitForSpools(copy: Copy): Promise<boolean> {
  const read = (sql: string) =>
    withDatabase(copy.databaseUrl, async (client) => Number((await client.query<{ n: string }>(sql)).rows[0]?.n));
  await sleep(3_000);
  const wanted = await read(
    "select sum(p.acked + g.spool_records)::text as n from usage.gateway_progress p join gateway g on g.id = p.gateway_id",
  );
  return waitUntil(
    "the spools of that moment to be taken",
    DRAIN_LIMIT_MS,
    async () => (await read("select sum(acked)::text as n from usage.gateway_progress")) >= wanted,
  );
}

async function checkRollouts(copy: Copy): Promise<string[]> {
  const problems: string[] = [];
  const ended = await waitUntil("the rollouts to end", ROLLOUT_LIMIT_MS, async () => {
    const { data } = await api(copy, "/rollouts?state=active");
    return Array.isArray(data.items) && data.items.length === 0;
  });
  const { data } = await api(copy, "/rollouts");
  const items = data.items as { number: number; state: string; endpoint: { name: string }; endReason: string | null }[];
  for (const r of items) say(`rollout ${r.number} of ${r.endpoint.name}: ${r.state}, ${r.endReason ?? ""}`);
  if (!ended) problems.push("a rollout did not end");
  if (items.length === 0) problems.push("no rollout was under way");
  return problems;
}

async function checkAudit(copy: Copy): Promise<string[]> {
  const { data } = await api(copy, "/audit-events/verify");
  say(`audit chain: intact ${data.intact}, ${data.checked} events, anchors ${JSON.stringify(data.anchors)}`);
  return data.intact === true ? [] : [`the audit chain is broken: ${JSON.stringify(data.fault)}`];
}

/** The gateways' configuration as the control plane sees it: the newest generation, and whether every live gateway serves it. */
async function readGeneration(copy: Copy): Promise<{ newest: number; served: boolean }> {
  const { data } = await api(copy, "/gateways");
  const items = data.items as { state: string; isCurrent: boolean }[];
  const live = items.filter((g) => g.state === "live");
  return { newest: (data.newest as { generation: number }).generation, served: live.length > 0 && live.every((g) => g.isCurrent) };
}

/** Empties Redis and measures until requests that arrive later are in the log, and a change made later is served. */
async function flushRedis(copy: Copy): Promise<string[]> {
  const { newest } = await readGeneration(copy);
  const redis = new Redis(copy.redisUrl);
  await redis.flushall();
  redis.disconnect();
  const flushedAt = Date.now();
  say("emptied Redis");
  const { status } = await api(copy, "/endpoints", { name: `after-flush-${flushedAt}` });
  if (status !== 201) return [`the API did not take a change after Redis was emptied: ${status}`];
  const seconds = () => (Date.now() - flushedAt) / 1_000;
  const measure = async (what: string, isDone: () => Promise<boolean>): Promise<string[]> => {
    const done = await waitUntil(what, FLUSH_LIMIT_MS, isDone);
    say(`${what}: ${done ? `after ${seconds().toFixed(1)} s` : "never"}`);
    return done ? [] : [`${what}: not within ${FLUSH_LIMIT_MS / 1_000} s of emptying Redis`];
  };
  const found = await Promise.all([
    measure("a later request is in the log", async () => (await readLog(copy, ENDPOINT, flushedAt)).length > 0),
    measure("a later change is served by every gateway", async () => {
      const now = await readGeneration(copy);
      return now.newest > newest && now.served;
    }),
  ]);
  return found.flat();
}

interface Trouble {
  readonly rounds: number;
  readonly kill: boolean;
  readonly flush: boolean;
}

async function makeTrouble(copy: Copy, { rounds, kill, flush }: Trouble): Promise<string[]> {
  const problems: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const victim of kill ? VICTIMS : []) {
      killOne(copy, victim);
      await sleep(SETTLE_MS);
      const ready = await waitUntil(
        `${victim} to be back`,
        60_000,
        async () => (await isOk(`${copy.gatewayUrl}/readyz`)) && (await isOk(`${copy.webUrl}/readyz`)),
      );
      if (!ready) throw new Error(`not everything came back after ${victim} was killed`);
    }
    if (flush) {
      problems.push(...(await flushRedis(copy)));
      await sleep(SETTLE_MS);
    }
  }
  return problems;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "1" },
      "no-dedup": { type: "boolean", default: false },
      "flush-redis": { type: "boolean", default: false },
      "flush-only": { type: "boolean", default: false },
    },
  });
  const copy = await startCopy();
  try {
    if (values["no-dedup"])
      await withDatabase(copy.ownerUrl, (client) => client.query("alter table usage.event drop constraint event_pkey"));
    await createOwnEndpoint(copy, ENDPOINT);
    const ledgerFile = path.join(copy.folder, "ledger.jsonl");
    const startedAt = Date.now();
    const load = await startLoad(
      {
        gatewayUrl: copy.gatewayUrl,
        gatewayKey: copy.gatewayKey,
        endpoints: [{ name: ENDPOINT, kind: "triage" }],
        requestsPerSecond: 20,
        ledgerFile,
        seed: 7,
      },
      { report: () => {} },
    );
    await waitUntil(
      "a rollout under way",
      90_000,
      async () => ((await api(copy, "/rollouts?state=active")).data.items as unknown[]).length > 0,
    );
    const trouble = await makeTrouble(copy, {
      rounds: Number(values.rounds),
      kill: !values["flush-only"],
      flush: values["flush-redis"] || values["flush-only"],
    });
    await load.stop();
    const drained = await waitForSpools(copy);
    const comparison = compareLedger(readLedger(ledgerFile), await readLog(copy, ENDPOINT, startedAt), ENDPOINT);
    const problems = [
      ...trouble,
      ...(drained ? [] : ["a spool was not acknowledged"]),
      ...comparison.problems,
      ...(await checkRollouts(copy)),
      ...(await checkAudit(copy)),
    ];
    say(JSON.stringify(comparison.counts));
    for (const problem of problems) console.log(`VIOLATION ${problem}`);
    console.log(problems.length === 0 ? "Everything held." : `${problems.length} violations.`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await stopCopy(copy);
  }
}

process.exitCode = await main();
