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
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import pg from "pg";
import { startLoad } from "../sim/load";
import { compareLedger, type LedgerLine, type LoggedRequest } from "./crash-test/compare";
import { projectRoot } from "./data-folder";
import { findFreePorts } from "./process/ports";
import { plainEnvironment, runCommand } from "./process/run-command";
import { readRun } from "./up/run-file";

const VICTIMS = ["worker", "gateway", "web", "redis", "postgres"] as const;
const ENDPOINT = "crash-check";
const SETTLE_MS = 8_000;
const DRAIN_LIMIT_MS = 90_000;
const FLUSH_LIMIT_MS = 60_000;
const ROLLOUT_LIMIT_MS = 240_000;

interface Copy {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly webUrl: string;
  readonly gatewayUrl: string;
  readonly databaseUrl: string;
  readonly ownerUrl: string;
  readonly redisUrl: string;
  readonly apiToken: string;
  readonly gatewayKey: string;
}

const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

async function startCopy(): Promise<Copy> {
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-crash-"));
  const [web, gateway, worker, postgres, redis] = await findFreePorts(5);
  const [sim] = await findFreePorts(1);
  const env = {
    SWITCHYARD_DATA_DIR: path.join(folder, "data"),
    WEB_PORT: String(web),
    GATEWAY_PORT: String(gateway),
    WORKER_PORT: String(worker),
    POSTGRES_PORT: String(postgres),
    REDIS_PORT: String(redis),
    SIM_PORT: String(sim),
  };
  await runCommand(
    { command: process.execPath, args: ["scripts/up.mjs", "--detach"], cwd: projectRoot, env: { ...plainEnvironment(), ...env } },
    { signal: new AbortController().signal, onLine: (line) => say(`up: ${line}`) },
  );
  const secrets = JSON.parse(readFileSync(path.join(env.SWITCHYARD_DATA_DIR, "secrets.json"), "utf8"));
  const demo = JSON.parse(readFileSync(path.join(env.SWITCHYARD_DATA_DIR, "demo.json"), "utf8"));
  const database = (user: string, password: string) => `postgresql://${user}:${password}@127.0.0.1:${postgres}/switchyard`;
  return {
    folder,
    env,
    webUrl: `http://127.0.0.1:${web}`,
    gatewayUrl: `http://127.0.0.1:${gateway}`,
    databaseUrl: database("switchyard_app", secrets.postgres.app),
    ownerUrl: database("switchyard_owner", secrets.postgres.owner),
    redisUrl: `redis://:${secrets.redis}@127.0.0.1:${redis}`,
    apiToken: demo.apiToken,
    gatewayKey: demo.gatewayKey,
  };
}

async function stopCopy(copy: Copy): Promise<void> {
  await runCommand(
    { command: process.execPath, args: ["scripts/down.mjs"], cwd: projectRoot, env: { ...plainEnvironment(), ...copy.env } },
    { signal: new AbortController().signal, onLine: (line) => say(`down: ${line}`) },
  );
  rmSync(copy.folder, { recursive: true, force: true });
}

async function withDatabase<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

function killOne(copy: Copy, name: string): void {
  const child = readRun(copy.env.SWITCHYARD_DATA_DIR ?? "")?.children.find((c) => c.name === name);
  if (child === undefined) throw new Error(`${name} is not among the children of this copy`);
  process.kill(child.process.pid, "SIGKILL");
  say(`killed ${name} (pid ${child.process.pid})`);
}

async function waitUntil(what: string, limitMs: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    if (await isDone().catch(() => false)) return true;
    await sleep(500);
  }
  say(`gave up waiting for: ${what}`);
  return false;
}

const isOk = async (url: string) => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;

async function api(copy: Copy, resource: string, body?: unknown): Promise<{ status: number; data: Record<string, unknown> }> {
  const response = await fetch(`${copy.webUrl}/api/v1${resource}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${copy.apiToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, data: (await response.json()) as Record<string, unknown> };
}

function readLedger(file: string): LedgerLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LedgerLine);
}

/** An endpoint that only this script's load calls, so that the log can be compared both ways. */
async function createOwnEndpoint(copy: Copy): Promise<void> {
  const release = {
    variants: [{ name: "main", model: "haneul-7b-chat", modelVersion: 1, backends: ["sim-a-7b-chat", "sim-b-7b-chat"] }],
  };
  for (const [resource, body] of [
    ["/endpoints", { name: ENDPOINT }],
    [`/endpoints/${ENDPOINT}/releases`, release],
    [`/endpoints/${ENDPOINT}/releases/1/activate`, { reason: "crash test" }],
  ] as const) {
    const { status, data } = await api(copy, resource, body);
    if (status >= 300) throw new Error(`${resource}: ${status} ${JSON.stringify(data)}`);
  }
  await waitUntil("the gateway to serve the endpoint", 20_000, () =>
    fetch(`${copy.gatewayUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${copy.gatewayKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: ENDPOINT, messages: [{ role: "user", content: "ready?" }], max_tokens: 4 }),
    }).then((r) => r.ok),
  );
}

/** What the log has of the endpoint since a time. */
function readLog(copy: Copy, fromMs: number): Promise<LoggedRequest[]> {
  return withDatabase(copy.databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: string; outcome: string; times: string }>(
      `select 'req_' || replace(request_id::text, '-', '') as id, max(outcome) as outcome, count(*)::text as times
       from usage.event where at >= to_timestamp($1 / 1000.0)
         and endpoint_id = (select replace(id, 'ept_', '')::uuid from endpoint where name = $2) group by request_id`,
      [fromMs, ENDPOINT],
    );
    return rows.map((r) => ({ requestId: r.id, outcome: r.outcome, times: Number(r.times) }));
  });
}

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
    measure("a later request is in the log", async () => (await readLog(copy, flushedAt)).length > 0),
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
    await createOwnEndpoint(copy);
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
    const comparison = compareLedger(readLedger(ledgerFile), await readLog(copy, startedAt), ENDPOINT);
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
