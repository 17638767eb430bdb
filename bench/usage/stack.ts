import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDomain } from "@/lib/domain/process";
import { toKek } from "@/lib/infra/secrets";
import { deployMigrations } from "../../scripts/migrations/deploy";
import { endProcess, isAlive } from "../../scripts/process/identity";
import { findFreePorts } from "../../scripts/process/ports";
import { startInBackground } from "../../scripts/services/background";
import { APP_ROLE, ensureDatabase, postgresUrl, preparePostgres, waitForPostgres } from "../../scripts/services/postgres";
import { prepareRedis, waitForRedis } from "../../scripts/services/redis";

const DATABASE = "switchyard";
/** Where a backend of a benchmark may stand; nothing listens there. */
export const SERVED_AT = "127.0.0.1:9";

export interface BenchStack {
  readonly redisUrl: string;
  /** Of the role that owns the tables. */
  readonly ownerUrl: string;
  /** Of the role of the product's processes. */
  readonly databaseUrl: string;
  /** Base64. */
  readonly kek: string;
  close(): Promise<void>;
}

/** A PostgreSQL that waits for its disk as in production, a Redis, both of this run alone, and the domain open on them. */
export async function startStack(): Promise<BenchStack> {
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-bench-"));
  // As root the PostgreSQL server runs as another user, who must be able to enter.
  chmodSync(folder, 0o711);
  const [postgresPort = 0, redisPort = 0] = await findFreePorts(2);
  const secret = () => randomBytes(16).toString("hex");
  const passwords = { superuser: secret(), owner: secret(), app: secret() };
  const cluster = await preparePostgres({ folder, port: postgresPort, passwords });
  const postgres = startInBackground(cluster.command, path.join(folder, "postgres.log"));
  const server = prepareRedis({ folder: path.join(folder, "redis"), port: redisPort, password: null, appendOnly: false });
  const redis = startInBackground(server.command, path.join(folder, "redis.log"));
  const stop = async () => {
    await Promise.all([endProcess(postgres, "SIGQUIT", 10_000), endProcess(redis, "SIGKILL", 2_000)]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitForPostgres(cluster, { timeoutMs: 60_000, isRunning: () => isAlive(postgres) });
    await waitForRedis(server.url, { timeoutMs: 15_000, isRunning: () => isAlive(redis) });
    await ensureDatabase(cluster, DATABASE);
    const ownerUrl = postgresUrl(cluster, "owner", DATABASE);
    await deployMigrations({ ownerUrl, appRole: APP_ROLE });
    const databaseUrl = postgresUrl(cluster, "app", DATABASE);
    const kek = randomBytes(32).toString("base64");
    const closeDomain = openDomain({
      databaseUrl,
      maxConnections: 10,
      anchors: null,
      settings: { kek: toKek(kek), privateHosts: [SERVED_AT] },
      onError: () => {},
    });
    return {
      redisUrl: server.url,
      ownerUrl,
      databaseUrl,
      kek,
      async close() {
        await closeDomain();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
