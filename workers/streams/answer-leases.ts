import { randomUUID } from "node:crypto";
import { LEASE_GROUP, LEASE_STREAM, LeaseRequest, leaseAnswersKey, processOf } from "@/lib/contracts/budget-lease";
import { answerAsk } from "@/lib/domain/budgets";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import { startLoop } from "../loop";

const READ_ENTRIES = 50;
const BLOCK_MS = 1_000;
/** A gateway asks again after a second: what waited longer than this was asked anew. */
const STALE_MS = 5_000;
const ANSWERS_KEPT = 100;
const ANSWERS_TTL_MS = 60_000;

type Entry = [id: string, fields: string[]];

function parseAsk(fields: readonly string[]): LeaseRequest | null {
  const place = fields.indexOf("l");
  if (place === -1) return null;
  try {
    return LeaseRequest.safeParse(JSON.parse(fields[place + 1] ?? "")).data ?? null;
  } catch {
    return null;
  }
}

async function createGroup(redis: Redis): Promise<void> {
  try {
    // Asks that are there already come from gateways that wait for an answer now.
    await redis.xgroup("CREATE", LEASE_STREAM, LEASE_GROUP, "0", "MKSTREAM");
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("BUSYGROUP")) throw error;
  }
}

/** Each ask goes to one worker and is not kept for another: a lost one is asked again. */
async function readNew(redis: Redis, consumer: string): Promise<Entry[]> {
  const read = (await redis.xreadgroup(
    "GROUP",
    LEASE_GROUP,
    consumer,
    "COUNT",
    READ_ENTRIES,
    "BLOCK",
    BLOCK_MS,
    "NOACK",
    "STREAMS",
    LEASE_STREAM,
    ">",
  )) as [string, Entry[]][] | null;
  return read?.[0]?.[1] ?? [];
}

async function answer(redis: Redis, ask: LeaseRequest, logger: Logger): Promise<void> {
  try {
    const grant = await answerAsk(ask);
    if (grant === null) return;
    const key = leaseAnswersKey(ask.gatewayId, processOf(ask.bootId));
    await redis.multi().rpush(key, JSON.stringify(grant)).ltrim(key, -ANSWERS_KEPT, -1).pexpire(key, ANSWERS_TTL_MS).exec();
  } catch (error) {
    logger.warn({ err: error, budgetId: ask.budgetId, gatewayId: ask.gatewayId }, "a lease was not answered, its gateway asks again");
  }
}

/** Answers gateways that ask for leases: PostgreSQL subtracts first, then the answer goes out. Whatever is lost on the way is asked again. */
export function startLeaseConsumer({ redisUrl, logger }: { redisUrl: string; logger: Logger }): { stop(): Promise<void> } {
  const onError = (error: Error) => logger.debug({ err: error }, "leases: Redis connection");
  const reader = connectRedis(redisUrl, "blocking", onError);
  const writer = connectRedis(redisUrl, "request", onError);
  const consumer = randomUUID();
  const loop = startLoop({
    name: "budget leases",
    idleMs: 50,
    logger,
    async run() {
      let entries: Entry[];
      try {
        entries = await readNew(reader, consumer);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes("NOGROUP")) throw error;
        await createGroup(writer);
        return true;
      }
      if (entries.length === 0) return false;
      const [seconds] = await writer.time();
      const oldest = Number(seconds) * 1_000 - STALE_MS;
      for (const [id, fields] of entries) {
        const ask = Number(id.split("-")[0]) < oldest ? null : parseAsk(fields);
        if (ask !== null) await answer(writer, ask, logger);
      }
      await writer.xdel(LEASE_STREAM, ...entries.map(([id]) => id));
      return true;
    },
  });
  return {
    async stop() {
      reader.disconnect();
      await loop.stop();
      writer.disconnect();
    },
  };
}
