import { randomUUID } from "node:crypto";
import path from "node:path";
import type { SpoolReport } from "@/lib/contracts/gateway-event";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import { toKek } from "@/lib/infra/secrets";
import { BackendMetrics } from "./backend-metrics";
import { AnswerStore, CACHE_WAIT_MS } from "./cache/answer-store";
import { systemClock } from "./clock";
import { ConfigHolder } from "./config/config-holder";
import { SnapshotStore } from "./config/snapshot-store";
import { toPublicKeys } from "./config/verify-snapshot";
import { ContentSender } from "./content/content-sender";
import { DeadlineWatch } from "./deadline-watch";
import { Heartbeat, type HeartbeatOptions } from "./events/heartbeat";
import { Spool } from "./events/spool";
import type { SpoolHealth } from "./events/spool-health";
import { FeedbackSender } from "./feedback/feedback-sender";
import { DEFAULT_BODY_LIMITS } from "./http/read-body";
import type { GatewayProbes } from "./http/router";
import { type GatewayHome, openGatewayHome } from "./identity";
import { InternalCalls } from "./internal/internal-calls";
import { BudgetGuard } from "./limits/budget-guard";
import { PlaceQueue } from "./limits/place-queue";
import { RateLimits } from "./limits/rate-limits";
import { RetryBudgets } from "./limits/retry-budgets";
import { readGatewayCount, ShareClient } from "./limits/share-client";
import { GatewayMetrics } from "./metrics";
import type { GatewayOptions } from "./options";
import type { GatewayContext } from "./pipeline/request-state";
import { BackendMonitor } from "./providers/backend-monitor";
import { BackendStates } from "./providers/backend-states";
import { describeBackends } from "./providers/describe-backends";
import { Upstreams } from "./providers/upstreams";
import { createRequestIds } from "./request-ids";
import { TraceExporter } from "./tracing/exporter";
import { createTraceMetrics } from "./tracing/trace-metrics";
import { newSpanId, Tracing } from "./tracing/tracing";

const WRITE_IDLE_MS = 60_000;
const CACHE_MAX_BYTES = 128 * 1024 * 1024;
/** A server's figures that were not renewed at three checks are not known any more. */
const LOAD_MAX_AGE_TIMES = 3.5;

/** What changes while a gateway runs, beside its configuration. */
export interface GatewayStatus {
  /** Where it listens; empty before it does. */
  url: string;
  draining: boolean;
}

/** Everything that a gateway is made of, put together once. */
export interface GatewayParts {
  readonly home: GatewayHome;
  readonly status: GatewayStatus;
  readonly spool: Spool;
  readonly holder: ConfigHolder;
  readonly heartbeat: Heartbeat;
  readonly redis: Redis | null;
  readonly budgets: BudgetGuard;
  readonly limits: RateLimits;
  /** null without Redis: this gateway then counts alone, as one of those that it last heard of. */
  readonly shares: ShareClient | null;
  readonly answers: AnswerStore;
  readonly contents: ContentSender;
  /** Names this run of the process. */
  readonly bootId: string;
  readonly monitor: BackendMonitor;
  readonly context: GatewayContext;
  readonly probes: GatewayProbes;
}

interface Basics {
  readonly options: GatewayOptions;
  readonly home: GatewayHome;
  readonly status: GatewayStatus;
  readonly spool: Spool;
  readonly running: GatewayContext["running"];
  readonly watch: DeadlineWatch;
  readonly bootId: string;
}

function createMetrics(
  { options, spool, running, watch }: Basics,
  late: { holder: () => ConfigHolder; heartbeat: () => Heartbeat },
): GatewayMetrics {
  const { clock = systemClock } = options;
  const current = () => late.holder().current;
  return new GatewayMetrics({
    generation: () => current()?.generation ?? 0,
    snapshotAgeSeconds: () => Math.max(0, (clock.nowMs() - (current()?.compiledAtMs ?? clock.nowMs())) / 1_000),
    snapshotAlarm: () => late.holder().alarm !== null,
    inFlight: () => running.size,
    watchedLimits: () => watch.size,
    spoolBytes: () => spool.bytes,
    spoolRecords: () => spool.pendingRecords,
    spool: () => spool.health,
    unheardSeconds: () => late.heartbeat().unheardMs() / 1_000,
  });
}

type Told = Pick<HeartbeatOptions, "redis" | "describeBackends"> & { readonly holder: ConfigHolder };

function createHeartbeat({ options, home, status, spool, running, bootId }: Basics, { holder, redis, describeBackends }: Told): Heartbeat {
  const { logger, version, clock = systemClock } = options;
  const { gatewayId } = home;
  const startedAt = clock.nowMs();
  const kekIds = options.keks.map((key) => toKek(key).id);
  return new Heartbeat({
    gatewayId,
    redis,
    clock,
    logger,
    file: path.join(home.folder, "heard-at"),
    describeBackends,
    describe: () => ({
      gatewayId,
      bootId,
      startedAt,
      at: clock.nowMs(),
      version,
      address: status.url,
      epoch: holder.current?.epoch ?? 0,
      generation: holder.current?.generation ?? 0,
      inFlight: running.size,
      spoolRecords: spool.pendingRecords,
      spoolBytes: spool.bytes,
      snapshotAlarm: holder.alarm,
      kekIds,
      spool: toReport(spool.health),
    }),
  });
}

function toReport({ state, reason, maxBytes, oldestAgeMs, lostRecords, syncMs }: SpoolHealth): SpoolReport {
  return { state, reason, maxBytes, oldestAgeMs: Math.round(oldestAgeMs), lostRecords, syncMs: Math.round(syncMs) };
}

function createProbes({ options, home, status, spool }: Basics, holder: ConfigHolder, metrics: GatewayMetrics): GatewayProbes {
  return {
    problems: () => [
      ...(holder.current === null ? ["no configuration yet"] : []),
      ...(spool.refusal === null ? [] : [`usage cannot be recorded: ${spool.refusal}`]),
      ...(status.draining ? ["stopping"] : []),
    ],
    describe: () => ({
      id: home.gatewayId,
      version: options.version,
      epoch: holder.current?.epoch ?? null,
      generation: holder.current?.generation ?? null,
      snapshotAlarm: holder.alarm,
      spoolRecords: spool.pendingRecords,
      spool: toReport(spool.health),
    }),
    metricsText: () => metrics.registry.metrics(),
    metricsType: metrics.registry.contentType,
    version: options.version,
  };
}

function createLimits({ options, home, bootId }: Basics, redis: Redis | null): { limits: RateLimits; shares: ShareClient | null } {
  const { logger, clock = systemClock, limitsDeadMs: deadMs } = options;
  const { gatewayId } = home;
  const file = path.join(home.folder, "gateways-heard");
  const limits = new RateLimits(clock.monotonicMs, readGatewayCount(file));
  return { limits, shares: redis === null ? null : new ShareClient({ limits, gatewayId, bootId, redis, clock, logger, file, deadMs }) };
}

function createTracing({ tracing = null, passesBaggage, logger, version }: GatewayOptions, metrics: GatewayMetrics): Tracing {
  if (tracing === null) return new Tracing(null, null, passesBaggage);
  const counts = createTraceMetrics(metrics.registry, () => exporter.queued);
  const exporter = new TraceExporter({ options: tracing, newSpanId, counts, logger, version });
  return new Tracing(tracing, exporter, passesBaggage);
}

/** Opens the gateway's folder and its spool, and makes the rest. Nothing listens, polls or sends yet. @throws when the folder is in use */
export function createParts(options: GatewayOptions): GatewayParts {
  const { logger, clock = systemClock } = options;
  const home = openGatewayHome(options.dataDir, options.gatewayId);
  const { gatewayId } = home;
  const folder = path.join(home.folder, "spool");
  const spool = Spool.open({ folder, gatewayId, maxBytes: options.spoolMaxBytes, logger, files: options.spoolFiles, clock });
  const watch = new DeadlineWatch(clock.monotonicMs);
  const status: GatewayStatus = { url: "", draining: false };
  const basics: Basics = { options, home, status, spool, running: new Set(), watch, bootId: randomUUID() };
  const redis =
    options.redisUrl === null ? null : connectRedis(options.redisUrl, "request", (error) => logger.debug({ err: error }, "redis"));
  const upstreams = new Upstreams(clock.monotonicMs, watch);
  const backends = new BackendStates({
    monotonicMs: clock.monotonicMs,
    nowMs: clock.nowMs,
    random: Math.random,
    loadMaxAgeMs: LOAD_MAX_AGE_TIMES * options.probeEveryMs,
    gateways: () => limits.gateways,
    waitingAt: (id) => places.waitingAt(id),
    isAwaited: (serverId) => places.isAwaited(serverId),
    onFreed: (serverId) => places.freed(serverId),
  });
  const places = new PlaceQueue({ states: backends, watch, monotonicMs: clock.monotonicMs });
  const newRequestId = createRequestIds(clock.nowMs);
  const monitor = new BackendMonitor({
    states: backends,
    upstreams,
    onChange: ({ name: backend, id: revision }, { health, lastProbe }) =>
      logger[health === "unhealthy" ? "warn" : "info"](
        { backend, revision, health, reason: lastProbe?.reason },
        "a backend's health changed",
      ),
    monotonicMs: clock.monotonicMs,
    newId: newRequestId,
    random: Math.random,
    everyMs: options.probeEveryMs,
  });
  const budgets = new BudgetGuard({ gatewayId, bootId: basics.bootId, clock, lastSequence: () => spool.lastSequence });
  const { limits, shares } = createLimits(basics, redis);
  const retries = new RetryBudgets(clock.monotonicMs);
  const metrics = createMetrics(basics, { holder: () => holder, heartbeat: () => heartbeat });
  const answers = new AnswerStore({
    redisUrl: options.redisUrl,
    clock,
    logger,
    maxProjectBytes: options.cacheMaxBytes ?? CACHE_MAX_BYTES,
    waitMs: options.cacheWaitMs ?? CACHE_WAIT_MS,
    onStored: (result) => metrics.countStored(result),
    onUnknown: () => metrics.countUnknown(),
  });
  const contents = new ContentSender({ redisUrl: options.redisUrl, logger, onDone: (result) => metrics.countCaptured(result) });
  const holder = new ConfigHolder({
    publicKeys: toPublicKeys(options.publicKeys),
    keks: options.keks.map(toKek),
    privateHosts: options.privateHosts,
    store: new SnapshotStore(path.join(home.folder, "snapshots")),
    logger,
    onRefused: (source) => metrics.countRefusedSnapshot(source),
    onServed(config) {
      upstreams.keepOnly(config.backends);
      backends.follow(config.backends);
      monitor.follow(config.backends);
      budgets.keepOnly(config);
      retries.keepOnly(config);
      limits.keepOnly(config);
      answers.keepOnly(config);
      contents.keepOnly(config);
      shares?.hurry();
    },
  });
  const backendMetrics = new BackendMetrics({
    registry: metrics.registry,
    states: backends,
    places,
    backends: () => holder.current?.backends ?? [],
  });
  const heartbeat = createHeartbeat(basics, {
    holder,
    redis,
    describeBackends: () => describeBackends(holder.current?.backends ?? [], { states: backends, queuedAt: (id) => places.waitingAt(id) }),
  });
  const context: GatewayContext = {
    clock,
    logger,
    metrics,
    upstreams,
    backends,
    places,
    backendMetrics,
    usage: spool,
    budgets,
    internalCalls: new InternalCalls(toPublicKeys(options.internalPublicKeys), clock.nowMs),
    limits,
    watch,
    bodyLimits: options.bodyLimits ?? DEFAULT_BODY_LIMITS,
    writeIdleMs: options.writeIdleMs ?? WRITE_IDLE_MS,
    config: () => holder.current,
    unheardMs: () => heartbeat.unheardMs(),
    newRequestId,
    random: Math.random,
    retries,
    answers,
    contents,
    feedback: new FeedbackSender(redis, logger),
    tracing: createTracing(options, metrics),
    running: basics.running,
  };
  const { bootId } = basics;
  return {
    home,
    status,
    spool,
    holder,
    heartbeat,
    redis,
    budgets,
    limits,
    shares,
    answers,
    contents,
    bootId,
    monitor,
    context,
    probes: createProbes(basics, holder, metrics),
  };
}
