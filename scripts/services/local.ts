import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { endProcess, identify, isAlive, type ProcessRecord } from "../process/identity";
import { loadSecrets } from "../secrets";
import { findPostmaster, type PostgresOptions, postgresStateFolder } from "./postgres";
import type { RedisOptions } from "./redis";

export const DATABASE = "switchyard";

/** The port of an environment variable, `fallback` when it is not set; throws on anything that is no port. */
export function portOf(name: string, fallback: number, env: NodeJS.ProcessEnv = process.env): number {
  const text = env[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${name} is ${JSON.stringify(text)}, but must be a port from 1 to 65535.`);
  return port;
}

/** The PostgreSQL that belongs to a data folder. */
export function localPostgres(folder: string): PostgresOptions {
  return { folder, port: portOf("POSTGRES_PORT", 55_432), passwords: loadSecrets(folder).postgres };
}

/** The Redis that belongs to a data folder. */
export function localRedis(folder: string): RedisOptions {
  return { folder: path.join(folder, "redis"), port: portOf("REDIS_PORT", 56_379), password: loadSecrets(folder).redis, appendOnly: true };
}

const redisPidFile = (folder: string) => path.join(folder, "redis", "server.json");

/** The PostgreSQL that runs on a data folder, whoever started it. */
export function findLocalPostgres(folder: string): ProcessRecord | null {
  const pid = findPostmaster(path.join(postgresStateFolder(folder), "pg"));
  return pid === null ? null : identify(pid);
}

/** The Redis of a data folder that was started by itself. */
export function findLocalRedis(folder: string): ProcessRecord | null {
  if (!existsSync(redisPidFile(folder))) return null;
  const record: ProcessRecord = JSON.parse(readFileSync(redisPidFile(folder), "utf8"));
  return isAlive(record) ? record : null;
}

export function noteLocalRedis(folder: string, server: ProcessRecord): void {
  writeFileSync(redisPidFile(folder), JSON.stringify(server));
}

export async function endLocalPostgres(folder: string): Promise<boolean> {
  const server = findLocalPostgres(folder);
  // SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes a checkpoint.
  if (server !== null) await endProcess(server, "SIGINT", 60_000);
  return server !== null;
}

export async function endLocalRedis(folder: string): Promise<boolean> {
  const server = findLocalRedis(folder);
  if (server !== null) await endProcess(server, "SIGTERM", 15_000);
  rmSync(redisPidFile(folder), { force: true });
  return server !== null;
}

/** Ends both; returns the names of those that ran. */
export async function endLocalServers(folder: string): Promise<string[]> {
  const ended: string[] = [];
  if (await endLocalPostgres(folder)) ended.push("PostgreSQL");
  if (await endLocalRedis(folder)) ended.push("Redis");
  return ended;
}
