import path from "node:path";
import { openDomain } from "@/lib/domain/process";
import { DEFAULT_ARTIFACT_MAX_BYTES, DEFAULT_S3_REGION } from "@/lib/domain/settings";
import { env } from "@/lib/infra/env";
import { createLogger, type Logger } from "@/lib/infra/logger";
import { type Kek, toKek } from "@/lib/infra/secrets";

interface Runtime {
  readonly logger: Logger;
  readonly kek: Kek;
}

const store = globalThis as typeof globalThis & { switchyardWeb?: Runtime };

/** The web process's handles, made once (a bundler may load this module several times, hence the global). */
export function runtime(): Runtime {
  if (store.switchyardWeb === undefined) {
    const settings = env("web");
    const logger = createLogger("web", settings.LOG_LEVEL);
    const anchors =
      settings.SWITCHYARD_PUBLIC_KEYS.length === 0
        ? null
        : { directory: path.join(settings.SWITCHYARD_DATA_DIR, "audit-anchors"), publicKeys: settings.SWITCHYARD_PUBLIC_KEYS };
    const kek = toKek(settings.SWITCHYARD_KEK);
    openDomain({
      databaseUrl: settings.DATABASE_URL,
      maxConnections: 10,
      anchors,
      settings: {
        kek,
        otherKeks: settings.SWITCHYARD_KEK_ALSO.map(toKek),
        privateHosts: settings.SWITCHYARD_PRIVATE_HOSTS,
        modelCalls:
          settings.SWITCHYARD_INTERNAL_KEY === undefined
            ? undefined
            : { gatewayUrl: settings.GATEWAY_INTERNAL_URL ?? settings.GATEWAY_URL, internalKey: settings.SWITCHYARD_INTERNAL_KEY },
        artifacts: {
          roots: settings.SWITCHYARD_ARTIFACT_ROOTS,
          maxBytes: DEFAULT_ARTIFACT_MAX_BYTES,
          s3Endpoint: null,
          s3Region: DEFAULT_S3_REGION,
        },
      },
      onError: (error) => logger.warn({ err: error }, "database connection lost"),
    });
    store.switchyardWeb = { logger, kek };
  }
  return store.switchyardWeb;
}
