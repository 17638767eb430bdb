import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { endProcess, isAlive, type ProcessRecord } from "../scripts/process/identity";
import { findFreePorts } from "../scripts/process/ports";
import { startInBackground, tailOf } from "../scripts/services/background";
import { prepareRedis, waitForRedis } from "../scripts/services/redis";

export interface TestRedis {
  redisUrl: string;
  /** false where the machine only has the in-memory server: a restart then begins empty */
  persistent: boolean;
  /** empties it, as an operator's FLUSHALL would */
  flush(): Promise<void>;
  /** kill -9; connections break at once */
  kill(): Promise<void>;
  /** begins again on the same port, with what its append-only file has */
  restart(): Promise<void>;
  /** stops it and removes its files */
  close(): Promise<void>;
}

/** A Redis process of its own: no keys, channels or settings are shared with another test; integration tests only. */
export async function createTestRedis({ appendOnly = false }: { appendOnly?: boolean } = {}): Promise<TestRedis> {
  const runFolder = inject("testFolder");
  const name = `redis-${randomBytes(6).toString("hex")}`;
  const folder = path.join(runFolder, name);
  const pidFile = path.join(runFolder, `${name}.pid.json`);
  const logFile = path.join(runFolder, `${name}.log`);
  const [port = 0] = await findFreePorts(1);
  const redis = prepareRedis({ folder, port, password: null, appendOnly });

  const start = async (): Promise<ProcessRecord> => {
    const started = startInBackground(redis.command, logFile);
    writeFileSync(pidFile, JSON.stringify(started));
    await waitForRedis(redis.url, { timeoutMs: 15_000, isRunning: () => isAlive(started) }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${tailOf(logFile, 15)}`);
    });
    return started;
  };

  let server = await start();
  return {
    redisUrl: redis.url,
    persistent: redis.persistent,
    async flush() {
      const client = new Redis(redis.url, { maxRetriesPerRequest: 1 });
      await client.flushall();
      client.disconnect();
    },
    kill: () => endProcess(server, "SIGKILL", 2_000),
    async restart() {
      await endProcess(server, "SIGTERM", 5_000);
      server = await start();
    },
    async close() {
      await endProcess(server, "SIGKILL", 2_000);
      for (const file of [folder, pidFile, logFile]) rmSync(file, { recursive: true, force: true });
    },
  };
}
