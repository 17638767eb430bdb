import { BackendReports, backendReportsKey } from "@/lib/contracts/backend-report";
import { GatewayHeartbeat, HEARTBEAT_STREAM, heardKey } from "@/lib/contracts/gateway-event";
import { saveBackendReports } from "@/lib/domain/backend-health";
import { saveHeartbeats } from "@/lib/domain/gateways";
import { dataFault } from "@/lib/infra/data-fault";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis, untilConnected } from "@/lib/infra/redis";
import { startLoop } from "../loop";

const EVERY_MS = 500;
const FRESH_MS = 5_000;
const HEARD_TTL_MS = 120_000;
const LARGEST_INTEGER = 2_147_483_647;
const LAST_INSTANT_MS = 253_402_300_799_999;
/** PostgreSQL holds no NUL character, UTF-8 no half of a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

function parseHeartbeat(fields: readonly string[]): GatewayHeartbeat | null {
  const place = fields.indexOf("h");
  if (place === -1) return null;
  try {
    return GatewayHeartbeat.safeParse(JSON.parse(fields[place + 1] ?? "")).data ?? null;
  } catch {
    return null;
  }
}

/** The newest heartbeat of each gateway among the last entries, whose age only Redis' own clock can tell; one that cannot be read is passed over. */
async function readNewest(redis: Redis): Promise<GatewayHeartbeat[]> {
  const [seconds] = await redis.time();
  const entries = await redis.xrevrange(HEARTBEAT_STREAM, "+", String(Number(seconds) * 1_000 - FRESH_MS), "COUNT", 500);
  const newest = new Map<string, GatewayHeartbeat>();
  for (const [, fields] of entries) {
    const beat = parseHeartbeat(fields);
    if (beat !== null && !newest.has(beat.gatewayId)) newest.set(beat.gatewayId, beat);
  }
  return [...newest.values()];
}

/** False for one that no row can hold, which must not silence the others. @throws when PostgreSQL is away */
async function isStored(beat: GatewayHeartbeat, logger: Logger): Promise<boolean> {
  if (
    [beat.epoch, beat.generation, beat.inFlight, beat.spoolRecords].some((n) => Math.abs(n) > LARGEST_INTEGER) ||
    Math.abs(beat.startedAt) > LAST_INSTANT_MS ||
    [beat.gatewayId, beat.bootId, beat.version, beat.address, beat.snapshotAlarm ?? "", beat.spool?.reason ?? ""].some((text) =>
      UNSTORABLE.test(text),
    )
  ) {
    logger.warn({ gatewayId: beat.gatewayId }, "a heartbeat holds what no row can hold");
    return false;
  }
  try {
    await saveHeartbeats([beat]);
    return true;
  } catch (error) {
    const reason = dataFault(error);
    if (reason === null) throw error;
    logger.warn({ gatewayId: beat.gatewayId, reason }, "a heartbeat holds what no row can hold");
    return false;
  }
}

function parseReports(text: string | null): BackendReports | null {
  try {
    return text === null || UNSTORABLE.test(text) ? null : (BackendReports.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}

/** What a gateway says of its backends, once each; what cannot be kept takes nothing from the heartbeat. */
class ReportReader {
  readonly #seen = new Map<string, string>();

  constructor(
    private readonly redis: Redis,
    private readonly logger: Logger,
  ) {}

  async take(gatewayId: string): Promise<void> {
    const text = await this.redis.get(backendReportsKey(gatewayId));
    const reports = parseReports(text);
    if (reports === null || reports.gatewayId !== gatewayId || this.#seen.get(gatewayId) === `${reports.bootId}/${reports.at}`) return;
    this.#seen.set(gatewayId, `${reports.bootId}/${reports.at}`);
    await saveBackendReports(reports).catch((error: unknown) =>
      this.logger.warn({ err: error, gatewayId }, "backend reports were not kept"),
    );
  }
}

/** Keeps what gateways say of themselves, and tells each that it was heard once PostgreSQL has it. */
export function startHeartbeatConsumer({ redisUrl, logger }: { redisUrl: string; logger: Logger }): { stop(): Promise<void> } {
  const redis = connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "heartbeats: Redis connection"));
  const seen = new Map<string, number>();
  const reports = new ReportReader(redis, logger);
  const loop = startLoop({
    name: "gateway heartbeats",
    idleMs: EVERY_MS,
    logger,
    ready: () => untilConnected(redis),
    async run() {
      const fresh = (await readNewest(redis)).filter((b) => seen.get(`${b.gatewayId}/${b.bootId}`) !== b.at);
      for (const beat of fresh) {
        const stored = await isStored(beat, logger);
        seen.set(`${beat.gatewayId}/${beat.bootId}`, beat.at);
        if (stored) await redis.set(heardKey(beat.gatewayId), String(Date.now()), "PX", HEARD_TTL_MS);
        await reports.take(beat.gatewayId);
      }
      return false;
    },
  });
  return {
    async stop() {
      await loop.stop();
      redis.disconnect();
    },
  };
}
