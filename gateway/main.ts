import { EnvironmentError, env } from "@/lib/infra/env";
import { createLogger } from "@/lib/infra/logger";
import { version } from "@/package.json";
import { startGateway } from "./server";
import { passesBaggage, toTracingOptions } from "./tracing/options";

async function main(): Promise<void> {
  const settings = env("gateway");
  const logger = createLogger("gateway", settings.LOG_LEVEL);
  // One request must never end the others: whatever escapes is logged, and the process goes on.
  process.on("uncaughtException", (error) => logger.error({ err: error }, "uncaught exception"));
  process.on("unhandledRejection", (error) => logger.error({ err: error }, "unhandled rejection"));
  const gateway = await startGateway({
    port: settings.GATEWAY_PORT,
    host: settings.GATEWAY_HOST,
    dataDir: settings.SWITCHYARD_DATA_DIR,
    gatewayId: settings.GATEWAY_ID ?? null,
    redisUrl: settings.REDIS_URL,
    web: { url: settings.WEB_URL, token: settings.SWITCHYARD_GATEWAY_TOKEN },
    keks: [settings.SWITCHYARD_KEK, ...settings.SWITCHYARD_KEK_ALSO],
    publicKeys: settings.SWITCHYARD_PUBLIC_KEYS,
    internalPublicKeys: settings.SWITCHYARD_INTERNAL_PUBLIC_KEYS,
    privateHosts: settings.SWITCHYARD_PRIVATE_HOSTS,
    probeEveryMs: settings.BACKEND_PROBE_SECONDS * 1_000,
    spoolMaxBytes: settings.SPOOL_MAX_BYTES,
    cacheMaxBytes: settings.CACHE_MAX_BYTES,
    version,
    logger,
    tracing: toTracingOptions(settings, { version, gatewayId: settings.GATEWAY_ID ?? null }),
    passesBaggage: passesBaggage(settings),
  });
  const stop = (signal: string) => {
    logger.info({ signal }, "gateway stops");
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, "gateway could not stop in order");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", () => stop("SIGTERM"));
  process.once("SIGINT", () => stop("SIGINT"));
}

main().catch((error: unknown) => {
  const text =
    error instanceof EnvironmentError ? error.message : `The gateway cannot start: ${error instanceof Error ? error.stack : error}`;
  process.stderr.write(`${text}\n`);
  process.exit(1);
});
