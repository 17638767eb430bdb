import { QUEUES, type QueueName } from "@/lib/contracts/jobs";
import { openDomain, pingDatabase } from "@/lib/domain/process";
import { DEFAULT_S3_REGION } from "@/lib/domain/settings";
import { EnvironmentError, env } from "@/lib/infra/env";
import { createLogger, type Logger } from "@/lib/infra/logger";
import { openQueues, openWorker } from "@/lib/infra/queues";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import { toKek } from "@/lib/infra/secrets";
import { startHealthServer } from "./health-server";
import { createWorkerMetrics } from "./metrics";
import { startOutboxRelay } from "./outbox-relay";
import { runJob } from "./run-job";
import { startSchedules } from "./schedules";
import { startStreams } from "./streams";

const DRAIN_MS = 25_000;
/** Jobs at once in this process. */
const CONCURRENCY: Record<QueueName, number> = { control: 4, heavy: 1, long: 1 };

async function isReady(redis: Redis): Promise<boolean> {
  await Promise.all([pingDatabase(), redis.ping()]);
  return true;
}

async function main(): Promise<void> {
  const settings = env("worker");
  const logger = createLogger("worker", settings.LOG_LEVEL);
  const onError = (error: Error) => logger.debug({ err: error }, "connection trouble");
  const closeDomain = openDomain({
    databaseUrl: settings.DATABASE_URL,
    maxConnections: 10,
    anchors: null,
    settings: {
      kek: toKek(settings.SWITCHYARD_KEK),
      otherKeks: settings.SWITCHYARD_KEK_ALSO.map(toKek),
      privateHosts: settings.SWITCHYARD_PRIVATE_HOSTS,
      artifacts: {
        roots: settings.SWITCHYARD_ARTIFACT_ROOTS,
        maxBytes: settings.SWITCHYARD_ARTIFACT_MAX_BYTES,
        s3Endpoint: settings.AWS_ENDPOINT_URL_S3 ?? settings.AWS_ENDPOINT_URL ?? null,
        s3Region: settings.AWS_REGION ?? settings.AWS_DEFAULT_REGION ?? DEFAULT_S3_REGION,
      },
    },
    onError,
  });
  const redis = connectRedis(settings.REDIS_URL, "request", onError);
  const queueRedis = connectRedis(settings.REDIS_URL, "request", onError);
  const context = { env: settings, logger, redis };
  const metrics = createWorkerMetrics();
  const queues = openQueues(queueRedis);
  const workers = QUEUES.map((queue) =>
    openWorker(queue, {
      redisUrl: settings.REDIS_URL,
      concurrency: CONCURRENCY[queue],
      run: (job) => runJob(job, context, metrics),
      onError,
    }),
  );
  const relay = startOutboxRelay(queues, logger);
  const schedules = startSchedules(queues, logger);
  const streams = startStreams({ redisUrl: settings.REDIS_URL, logger });
  const health = await startHealthServer({
    port: settings.WORKER_PORT,
    host: settings.WORKER_HOST,
    registry: metrics.registry,
    isReady: () => isReady(redis),
  });
  logger.info({ port: settings.WORKER_PORT }, "worker ready");

  onStop(logger, async () => {
    schedules.stop();
    health.close();
    await Promise.all([relay.stop(), streams.stop(), ...workers.map((w) => w.close())]);
    await queues.close();
    redis.disconnect();
    queueRedis.disconnect();
    await closeDomain();
  });
}

/** Stops once, on the first signal; a drain that takes too long is cut, since every job may be cut anyway. */
function onStop(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const run = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "worker stops");
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, "worker did not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => run("SIGTERM"));
  process.on("SIGINT", () => run("SIGINT"));
}

main().catch((error: unknown) => {
  console.error(error instanceof EnvironmentError ? error.message : error);
  process.exit(1);
});
