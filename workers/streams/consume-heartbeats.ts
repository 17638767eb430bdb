import { GatewayHeartbeat, HEARTBEAT_STREAM, heardKey } from "@/lib/contracts/gateway-event";
import { saveHeartbeats } from "@/lib/domain/gateways";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import { startLoop } from "../loop";

const EVERY_MS = 500;
const FRESH_MS = 5_000;
const HEARD_TTL_MS = 120_000;

/** The newest heartbeat of each gateway among the last entries; one that cannot be read is passed over. */
async function readNewest(redis: Redis): Promise<GatewayHeartbeat[]> {
  const entries = await redis.xrevrange(HEARTBEAT_STREAM, "+", String(Date.now() - FRESH_MS), "COUNT", 500);
  const newest = new Map<string, GatewayHeartbeat>();
  for (const [, fields] of entries) {
    const text = fields[fields.indexOf("h") + 1] ?? "";
    const parsed = GatewayHeartbeat.safeParse(JSON.parse(text));
    if (parsed.success && !newest.has(parsed.data.gatewayId)) newest.set(parsed.data.gatewayId, parsed.data);
  }
  return [...newest.values()];
}

/** Keeps what gateways say of themselves, and tells each that it was heard once PostgreSQL has it. */
export function startHeartbeatConsumer({ redisUrl, logger }: { redisUrl: string; logger: Logger }): { stop(): Promise<void> } {
  const redis = connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "heartbeats: Redis connection"));
  const seen = new Map<string, number>();
  const loop = startLoop({
    name: "gateway heartbeats",
    idleMs: EVERY_MS,
    logger,
    async run() {
      const fresh = (await readNewest(redis)).filter((b) => seen.get(`${b.gatewayId}/${b.bootId}`) !== b.at);
      await saveHeartbeats(fresh);
      for (const beat of fresh) {
        seen.set(`${beat.gatewayId}/${beat.bootId}`, beat.at);
        await redis.set(heardKey(beat.gatewayId), String(Date.now()), "PX", HEARD_TTL_MS);
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
