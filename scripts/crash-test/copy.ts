/** A copy of the product with its own data folder and ports, for scripts that do to it what nobody does to their own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { projectRoot } from "../data-folder";
import { findFreePorts } from "../process/ports";
import { plainEnvironment, runCommand } from "../process/run-command";
import { readRun } from "../up/run-file";
import type { LedgerLine, LoggedRequest } from "./compare";

export interface Copy {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly webUrl: string;
  readonly gatewayUrl: string;
  readonly databaseUrl: string;
  readonly ownerUrl: string;
  readonly redisUrl: string;
  readonly simPort: number;
  readonly apiToken: string;
  readonly gatewayKey: string;
}

export const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

export async function startCopy(): Promise<Copy> {
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
    simPort: sim ?? 0,
    apiToken: demo.apiToken,
    gatewayKey: demo.gatewayKey,
  };
}

export async function stopCopy(copy: Copy): Promise<void> {
  await runCommand(
    { command: process.execPath, args: ["scripts/down.mjs"], cwd: projectRoot, env: { ...plainEnvironment(), ...copy.env } },
    { signal: new AbortController().signal, onLine: (line) => say(`down: ${line}`) },
  );
  rmSync(copy.folder, { recursive: true, force: true });
}

export async function withDatabase<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

/** A process of the copy: its supervisor, or one that the supervisor runs. */
export function pidOf(copy: Copy, name: string): number {
  const run = readRun(copy.env.SWITCHYARD_DATA_DIR ?? "");
  const found = name === "supervisor" ? run?.supervisor : run?.children.find((c) => c.name === name)?.process;
  if (found === undefined) throw new Error(`${name} is not among the processes of this copy`);
  return found.pid;
}

export function killOne(copy: Copy, name: string): void {
  const pid = pidOf(copy, name);
  process.kill(pid, "SIGKILL");
  say(`killed ${name} (pid ${pid})`);
}

export async function waitUntil(what: string, limitMs: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    if (await isDone().catch(() => false)) return true;
    await sleep(500);
  }
  say(`gave up waiting for: ${what}`);
  return false;
}

export const isOk = async (url: string) => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;

export async function api(copy: Copy, resource: string, body?: unknown): Promise<{ status: number; data: Record<string, unknown> }> {
  const response = await fetch(`${copy.webUrl}/api/v1${resource}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${copy.apiToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, data: (await response.json()) as Record<string, unknown> };
}

export function readLedger(file: string): LedgerLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LedgerLine);
}

/** An endpoint of the production environment that only a script's load calls, so that the log can be compared both ways. */
export async function createOwnEndpoint(copy: Copy, name: string): Promise<void> {
  const release = {
    variants: [{ name: "main", model: "haneul-7b-chat", modelVersion: 1, backends: ["sim-a-7b-chat", "sim-b-7b-chat"] }],
  };
  for (const [resource, body] of [
    ["/endpoints", { name }],
    [`/endpoints/${name}/releases`, release],
    [`/endpoints/${name}/releases/1/activate`, { reason: "a test" }],
  ] as const) {
    const { status, data } = await api(copy, resource, body);
    if (status >= 300) throw new Error(`${resource}: ${status} ${JSON.stringify(data)}`);
  }
  await waitUntil("the gateway to serve the endpoint", 20_000, () =>
    fetch(`${copy.gatewayUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${copy.gatewayKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: name, messages: [{ role: "user", content: "ready?" }], max_tokens: 4 }),
    }).then((r) => r.ok),
  );
}

/** What the log has of the endpoint since a time. */
export function readLog(copy: Copy, endpoint: string, fromMs: number): Promise<LoggedRequest[]> {
  return withDatabase(copy.databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: string; outcome: string; times: string }>(
      `select 'req_' || replace(request_id::text, '-', '') as id, max(outcome) as outcome, count(*)::text as times
       from usage.event where at >= to_timestamp($1 / 1000.0)
         and endpoint_id = (select replace(id, 'ept_', '')::uuid from endpoint where name = $2) group by request_id`,
      [fromMs, endpoint],
    );
    return rows.map((r) => ({ requestId: r.id, outcome: r.outcome, times: Number(r.times) }));
  });
}
