import path from "node:path";
import type { Secrets } from "../secrets";
import { DATABASE } from "../services/local";
import { ensureDatabase, healLock, type PostgresCluster, postgresUrl, preparePostgres, waitForPostgres } from "../services/postgres";
import { prepareRedis, type RedisServer, waitForRedis } from "../services/redis";
import type { Settings } from "./settings";
import type { Supervisor } from "./supervisor";

interface Start {
  settings: Settings;
  secrets: Secrets;
  supervisor: Supervisor;
  signal: AbortSignal;
}

export interface DatabaseUrls {
  databaseUrl: string;
  ownerUrl: string;
}

function superviseCluster(supervisor: Supervisor, cluster: PostgresCluster): void {
  supervisor.start({
    name: "postgres",
    command: cluster.command,
    // A fast shutdown: sessions are ended and a checkpoint is written.
    stopSignal: "SIGINT",
    stopTimeoutMs: 60_000,
    beforeRestart: () => healLock(cluster.pgData),
    waitUntilReady: (watch) => waitForPostgres(cluster, { timeoutMs: 60_000, ...watch }),
  });
}

/** Starts PostgreSQL with its roles and database where DATABASE_URL is not given. */
export async function startDatabase({ settings, secrets, supervisor, signal }: Start): Promise<DatabaseUrls> {
  const external = settings.externalDatabaseUrl;
  if (external !== null) return { databaseUrl: external, ownerUrl: process.env.DATABASE_OWNER_URL || external };
  const cluster = await preparePostgres({
    folder: settings.dataFolder,
    port: settings.ports.POSTGRES_PORT,
    passwords: secrets.postgres,
    signal,
  });
  superviseCluster(supervisor, cluster);
  await supervisor.waitUntilReady("postgres", signal);
  await ensureDatabase(cluster, DATABASE);
  return { databaseUrl: postgresUrl(cluster, "app", DATABASE), ownerUrl: postgresUrl(cluster, "owner", DATABASE) };
}

function superviseRedis(supervisor: Supervisor, redis: RedisServer): void {
  supervisor.start({
    name: "redis",
    command: redis.command,
    // For Redis the same as SHUTDOWN: it writes its append-only file to the disk and ends.
    stopSignal: "SIGTERM",
    stopTimeoutMs: 15_000,
    waitUntilReady: (watch) => waitForRedis(redis.url, { timeoutMs: 60_000, ...watch }),
  });
}

/** Starts Redis where REDIS_URL is not given; returns its address and what to say about it. */
export async function startRedis({ settings, secrets, supervisor, signal }: Start): Promise<{ redisUrl: string; description: string }> {
  const external = settings.externalRedisUrl;
  if (external !== null) {
    const refuse = (error: unknown) => {
      throw new Error(`REDIS_URL: ${error instanceof Error ? error.message : error}`);
    };
    await waitForRedis(external, { timeoutMs: 5_000, isRunning: () => true, signal }).catch(refuse);
    return { redisUrl: external, description: "Redis of REDIS_URL" };
  }
  const folder = path.join(settings.dataFolder, "redis");
  const redis = prepareRedis({ folder, port: settings.ports.REDIS_PORT, password: secrets.redis, appendOnly: true });
  superviseRedis(supervisor, redis);
  await supervisor.waitUntilReady("redis", signal);
  const memory = redis.persistent ? "" : ", in memory only: it begins empty at each start and is filled again from PostgreSQL";
  return { redisUrl: redis.url, description: `Redis (${redis.program}) on port ${settings.ports.REDIS_PORT}${memory}` };
}
