import { createServer, type Server } from "node:http";
import { untilConnected } from "@/lib/infra/redis";
import type { AnswerStore } from "./cache/answer-store";
import { systemClock } from "./clock";
import type { ConfigHolder } from "./config/config-holder";
import { SnapshotSources } from "./config/snapshot-sources";
import type { ContentSender } from "./content/content-sender";
import { drainServer } from "./drain";
import type { Spool } from "./events/spool";
import { UsageSender } from "./events/usage-sender";
import { dispatch } from "./http/router";
import type { BudgetGuard } from "./limits/budget-guard";
import { LeaseClient } from "./limits/lease-client";
import type { RateLimits } from "./limits/rate-limits";
import type { GatewayOptions } from "./options";
import { createParts, type GatewayParts } from "./parts";

export type { GatewayOptions };

export interface Gateway {
  readonly url: string;
  readonly gatewayId: string;
  readonly config: ConfigHolder;
  readonly spool: Spool;
  readonly budgets: BudgetGuard;
  readonly limits: RateLimits;
  readonly answers: Pick<AnswerStore, "isConnected">;
  readonly contents: Pick<ContentSender, "isConnected">;
  /** Stops taking requests, lets running ones end for at most `graceMs` (30 s), cuts the rest with an error, and leaves the disk in order. */
  close(graceMs?: number): Promise<void>;
}

const REDIS_AT_START_MS = 500;
const DRAIN_MS = 30_000;
const LAST_SEND_MS = 2_000;
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 20_000;

/** Where this machine itself reaches what listens on `host`. */
function toOwnHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${toOwnHost(host)}:${bound}`);
    });
  });
}

function createGatewayServer({ context, probes, status }: GatewayParts): Server {
  // Bodies have a limit of their own, by their pace: a long prompt over a slow line is no attack.
  const limits = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0, noDelay: true };
  return createServer(limits, (request, response) => {
    if (status.draining) response.shouldKeepAlive = false;
    dispatch(context, probes, request, response);
  });
}

/** Starts a gateway. It needs nothing but its own disk: with the control plane and Redis away it serves its last good snapshot. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { logger, clock = systemClock } = options;
  const parts = createParts(options);
  const { home, status, spool, holder, heartbeat, redis, budgets, limits, shares, answers, contents, bootId, monitor, context } = parts;
  const { gatewayId } = home;
  const server = createGatewayServer(parts);
  await holder.loadFromDisk();
  await heartbeat.load();
  // So that a gateway that joins others begins with its share. Without Redis it begins alone.
  if (redis !== null && shares !== null) {
    await untilConnected(redis, REDIS_AT_START_MS);
    await shares.start();
  }
  status.url = await listen(server, options.port, options.host);
  heartbeat.start();
  const sources = new SnapshotSources({ holder, logger, redis, redisUrl: options.redisUrl, web: options.web });
  sources.start();
  const sender = redis === null ? null : new UsageSender({ gatewayId, spool, redis, clock, logger });
  sender?.start();
  const leases = redis === null ? null : new LeaseClient({ guard: budgets, gatewayId, bootId, redis, logger });
  leases?.start();
  logger.info({ url: status.url, gatewayId, generation: holder.current?.generation ?? null }, "gateway listens");

  const close = async (graceMs: number): Promise<void> => {
    status.draining = true;
    sources.close();
    monitor.close();
    await drainServer(server, context.running, graceMs);
    await leases?.close();
    await shares?.close();
    heartbeat.close();
    await holder.close();
    await spool.flush();
    if (sender !== null) await Promise.race([sender.work(), new Promise((resolve) => setTimeout(resolve, LAST_SEND_MS).unref())]);
    redis?.disconnect();
    answers.close();
    contents.close();
    await sender?.close();
    await spool.close();
    await context.upstreams.close();
    await context.tracing.close();
    home.release();
    logger.info("gateway stopped");
  };
  let closing: Promise<void> | null = null;
  return {
    url: status.url,
    gatewayId,
    config: holder,
    spool,
    budgets,
    limits,
    answers,
    contents,
    close(graceMs = DRAIN_MS) {
      closing ??= close(graceMs);
      return closing;
    },
  };
}
