import path from "node:path";
import { loadSecrets } from "../secrets";
import type { PostgresOptions } from "./postgres";
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
