import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { AppError } from "@/lib/core/errors";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import { toKek } from "@/lib/infra/secrets";
import { type Clock, systemClock } from "./clock";
import { ConfigHolder } from "./config/config-holder";
import { SnapshotSources } from "./config/snapshot-sources";
import { SnapshotStore } from "./config/snapshot-store";
import { toPublicKeys } from "./config/verify-snapshot";
import { DeadlineWatch } from "./deadline-watch";
import { Heartbeat } from "./events/heartbeat";
import { Spool } from "./events/spool";
import type { SpoolFiles } from "./events/spool-files";
import { UsageSender } from "./events/usage-sender";
import { type BodyLimits, DEFAULT_BODY_LIMITS } from "./http/read-body";
import { dispatch, type GatewayProbes } from "./http/router";
import { openGatewayHome } from "./identity";
import { GatewayMetrics } from "./metrics";
import type { GatewayContext } from "./pipeline/request-state";
import { BackendHealth } from "./providers/backend-health";
import { Upstreams } from "./providers/upstreams";
import { createRequestIds } from "./request-ids";

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  readonly dataDir: string;
  /** null: made once and kept in the data folder. */
  readonly gatewayId: string | null;
  /** null: no announcements, no usage sent, no heartbeats; requests are served and spooled all the same. */
  readonly redisUrl: string | null;
  /** Where snapshots are polled while Redis gives none; null for never. */
  readonly web: { readonly url: string; readonly token: string } | null;
  /** Key-encryption keys, base64, 32 bytes each. */
  readonly keks: readonly string[];
  /** Ed25519 public keys (SPKI, base64), one or two. */
  readonly publicKeys: readonly string[];
  readonly privateHosts: readonly string[];
  readonly spoolMaxBytes: number;
  readonly version: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly bodyLimits?: BodyLimits;
  readonly writeIdleMs?: number;
  readonly spoolFiles?: SpoolFiles;
}

export interface Gateway {
  readonly url: string;
  readonly gatewayId: string;
  readonly config: ConfigHolder;
  readonly spool: Spool;
  /** Stops taking requests, lets running ones end for at most `graceMs` (30 s), cuts the rest with an error, and leaves the disk in order. */
  close(graceMs?: number): Promise<void>;
}

const DRAIN_MS = 30_000;
const LAST_SEND_MS = 2_000;
const SWEEP_MS = 50;

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${bound}`);
    });
  });
}

/** Starts a gateway. It listens before anything else answers: what is on its own disk is enough to serve. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { logger, clock = systemClock } = options;
  const home = openGatewayHome(options.dataDir, options.gatewayId);
  const { gatewayId } = home;
  const startedAtMs = clock.nowMs();
  const bootId = randomUUID();
  const spool = Spool.open({
    folder: path.join(home.folder, "spool"),
    gatewayId,
    maxBytes: options.spoolMaxBytes,
    logger,
    files: options.spoolFiles,
  });
  const watch = new DeadlineWatch(clock.monotonicMs);
  const upstreams = new Upstreams(clock.monotonicMs, watch);
  const health = new BackendHealth(clock.monotonicMs);
  const running: GatewayContext["running"] = new Set();
  const redis: Redis | null =
    options.redisUrl === null ? null : connectRedis(options.redisUrl, "request", (error) => logger.debug({ err: error }, "redis"));

  const metrics = new GatewayMetrics({
    generation: () => holder.current?.generation ?? 0,
    snapshotAgeSeconds: () => (holder.current === null ? 0 : Math.max(0, (clock.nowMs() - holder.current.compiledAtMs) / 1_000)),
    snapshotAlarm: () => holder.alarm !== null,
    inFlight: () => running.size,
    spoolBytes: () => spool.bytes,
    spoolRecords: () => spool.pendingRecords,
    spoolRefusing: () => spool.refusal !== null,
    unheardSeconds: () => heartbeat.unheardMs() / 1_000,
  });
  const holder = new ConfigHolder({
    publicKeys: toPublicKeys(options.publicKeys),
    keks: options.keks.map(toKek),
    privateHosts: options.privateHosts,
    store: new SnapshotStore(path.join(home.folder, "snapshots")),
    logger,
    onRefused: (source) => metrics.countRefusedSnapshot(source),
    onServed(config) {
      upstreams.keepOnly(config.backends);
      health.keepOnly(new Set(config.backends.map((b) => b.id)));
    },
  });
  const heartbeat = new Heartbeat({
    gatewayId,
    redis,
    clock,
    logger,
    file: path.join(home.folder, "heard-at"),
    describe: () => ({
      gatewayId,
      bootId,
      startedAt: startedAtMs,
      at: clock.nowMs(),
      version: options.version,
      address: url,
      epoch: holder.current?.epoch ?? 0,
      generation: holder.current?.generation ?? 0,
      inFlight: running.size,
      spoolRecords: spool.pendingRecords,
      spoolBytes: spool.bytes,
      snapshotAlarm: holder.alarm,
    }),
  });

  let turn = 0;
  let draining = false;
  const context: GatewayContext = {
    clock,
    logger,
    metrics,
    upstreams,
    health,
    usage: spool,
    watch,
    bodyLimits: options.bodyLimits ?? DEFAULT_BODY_LIMITS,
    writeIdleMs: options.writeIdleMs ?? 60_000,
    config: () => holder.current,
    unheardMs: () => heartbeat.unheardMs(),
    newRequestId: createRequestIds(clock.nowMs),
    nextTurn: () => turn++,
    running,
  };
  const probes: GatewayProbes = {
    problems: () => [
      ...(holder.current === null ? ["no configuration yet"] : []),
      ...(spool.refusal === null ? [] : [`usage cannot be recorded: ${spool.refusal}`]),
      ...(draining ? ["stopping"] : []),
    ],
    describe: () => ({
      id: gatewayId,
      version: options.version,
      epoch: holder.current?.epoch ?? null,
      generation: holder.current?.generation ?? null,
      snapshotAlarm: holder.alarm,
      spoolRecords: spool.pendingRecords,
    }),
    metricsText: () => metrics.registry.metrics(),
    metricsType: metrics.registry.contentType,
  };
  const server = createServer(
    { keepAliveTimeout: 75_000, headersTimeout: 20_000, requestTimeout: 0, noDelay: true },
    (request, response) => {
      if (draining) response.shouldKeepAlive = false;
      dispatch(context, probes, request, response);
    },
  );

  await holder.loadFromDisk();
  await heartbeat.start();
  const url = await listen(server, options.port, options.host ?? "0.0.0.0");
  const sources = new SnapshotSources({ holder, logger, redis, redisUrl: options.redisUrl, web: options.web });
  sources.start();
  const sender = redis === null ? null : new UsageSender({ gatewayId, spool, redis, clock, logger });
  sender?.start();
  logger.info({ url, gatewayId, generation: holder.current?.generation ?? null }, "gateway listens");

  let closing: Promise<void> | null = null;
  const close = async (graceMs: number): Promise<void> => {
    draining = true;
    sources.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    // A kept connection whose request has just ended is idle only now.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const hurry = setTimeout(() => {
      for (const state of running)
        state.upstream?.cancel(new AppError("unavailable", "The gateway is stopping.", { retryAfterSeconds: 1 }));
      setTimeout(() => server.closeAllConnections(), 500).unref();
    }, graceMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(hurry);
    heartbeat.close();
    await spool.flush();
    if (sender !== null) await Promise.race([sender.work(), new Promise((resolve) => setTimeout(resolve, LAST_SEND_MS).unref())]);
    redis?.disconnect();
    await sender?.close();
    await spool.close();
    await upstreams.close();
    home.release();
    logger.info("gateway stopped");
  };
  return {
    url,
    gatewayId,
    config: holder,
    spool,
    close(graceMs = DRAIN_MS) {
      closing ??= close(graceMs);
      return closing;
    },
  };
}
