import { randomUUID } from "node:crypto";
import { USAGE_GROUP, USAGE_STREAM, usageAckKey } from "@/lib/contracts/gateway-event";
import { settleUsage } from "@/lib/domain/budgets";
import { ingestBatch, listProgress } from "@/lib/domain/usage";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis, untilConnected } from "@/lib/infra/redis";
import { startLoop } from "../loop";

const READERS = 2;
const READ_ENTRIES = 10;
const BLOCK_MS = 1_000;
/** An entry that another worker took and did not finish in this time is taken over. */
const CLAIM_AFTER_MS = 10_000;
const CLAIM_EVERY_MS = 2_000;
const MIRROR_EVERY_MS = 2_000;
const GATEWAY_ID = /^[\w.:-]{1,200}$/;

type Entry = [id: string, fields: string[]];

function fieldOf(fields: readonly string[], name: string): string {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i] === name) return fields[i + 1] ?? "";
  return "";
}

/** 1 where the entry says nothing usable: then every sequence may still come. */
function toFirstHeld(text: string): number {
  const sequence = Number(text);
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 1;
}

async function createGroup(redis: Redis): Promise<void> {
  try {
    await redis.xgroup("CREATE", USAGE_STREAM, USAGE_GROUP, "0", "MKSTREAM");
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("BUSYGROUP")) throw error;
  }
}

const isGroupMissing = (error: unknown) => error instanceof Error && error.message.includes("NOGROUP");

/** PostgreSQL first, then Redis: an entry leaves the stream only when its events are committed. One transaction a gateway, not an entry. */
async function takeEntries({ redis, logger }: { redis: Redis; logger: Logger }, entries: readonly Entry[]): Promise<void> {
  const byGateway = new Map<string, Entry[]>();
  for (const entry of entries) {
    const given = fieldOf(entry[1], "g");
    // What is no gateway's name is still taken or kept aside, under a name that a row can hold.
    const gatewayId = GATEWAY_ID.test(given) ? given : "unknown";
    byGateway.set(gatewayId, [...(byGateway.get(gatewayId) ?? []), entry]);
  }
  for (const [gatewayId, list] of byGateway) {
    const { acked, gone } = await ingestBatch(
      gatewayId,
      list.map(([, fields]) => fieldOf(fields, "e")),
      { settle: settleUsage, firstHeld: Math.max(...list.map(([, fields]) => toFirstHeld(fieldOf(fields, "f")))) },
    );
    if (gone > 0) logger.error({ gatewayId, gone }, "usage is lost: neither the database nor the gateway has it, as after a restore");
    if (acked > 0) await redis.set(usageAckKey(gatewayId), String(acked));
    const ids = list.map(([id]) => id);
    await redis
      .multi()
      .xack(USAGE_STREAM, USAGE_GROUP, ...ids)
      .xdel(USAGE_STREAM, ...ids)
      .exec();
  }
}

async function readNew(redis: Redis, consumer: string): Promise<Entry[]> {
  const read = (await redis.xreadgroup(
    "GROUP",
    USAGE_GROUP,
    consumer,
    "COUNT",
    READ_ENTRIES,
    "BLOCK",
    BLOCK_MS,
    "STREAMS",
    USAGE_STREAM,
    ">",
  )) as [string, Entry[]][] | null;
  return read?.[0]?.[1] ?? [];
}

async function claimOld(redis: Redis, consumer: string): Promise<Entry[]> {
  const claimed = (await redis.xautoclaim(USAGE_STREAM, USAGE_GROUP, consumer, CLAIM_AFTER_MS, "0", "COUNT", READ_ENTRIES)) as [
    string,
    (Entry | null)[],
  ];
  return claimed[1].filter((e): e is Entry => e !== null && Array.isArray(e[1]));
}

/** What PostgreSQL has, written again for every gateway: an emptied Redis gets its marks back. */
async function mirrorAcks(redis: Redis): Promise<void> {
  for (const { gatewayId, acked } of await listProgress()) await redis.set(usageAckKey(gatewayId), String(acked));
}

interface Consumer {
  readonly redisUrl: string;
  readonly logger: Logger;
}

/** One reader of the stream: its own place in the group, its own waiting connection. */
function startReader({ redisUrl, logger }: Consumer, { writer, index }: { writer: Redis; index: number }): { stop(): Promise<void> } {
  const reader = connectRedis(redisUrl, "blocking", (error) => logger.debug({ err: error }, "usage stream: Redis connection"));
  const consumer = randomUUID();
  let claimedAt = 0;
  const loop = startLoop({
    name: `usage ingest ${index}`,
    idleMs: 50,
    logger,
    ready: () => untilConnected(writer),
    async run() {
      try {
        const old = Date.now() - claimedAt > CLAIM_EVERY_MS ? await claimOld(reader, consumer) : [];
        claimedAt = old.length > 0 ? 0 : Math.max(claimedAt, Date.now() - CLAIM_EVERY_MS + 1_000);
        const entries = old.length > 0 ? old : await readNew(reader, consumer);
        await takeEntries({ redis: writer, logger }, entries);
        return entries.length > 0;
      } catch (error) {
        if (!isGroupMissing(error)) throw error;
        await createGroup(writer);
        return true;
      }
    },
  });
  return {
    stop() {
      reader.disconnect();
      return loop.stop();
    },
  };
}

/**
 * Reads usage from the stream into PostgreSQL, for ever: whatever fails is tried again, nothing is dropped. While PostgreSQL writes what one
 * reader took, the other unpacks the next.
 */
export function startUsageConsumer({ redisUrl, logger }: Consumer): { stop(): Promise<void> } {
  const writer = connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "usage stream: Redis connection"));
  const readers = Array.from({ length: READERS }, (_, index) => startReader({ redisUrl, logger }, { writer, index }));
  const mirror = startLoop({
    name: "usage acknowledgement mirror",
    idleMs: MIRROR_EVERY_MS,
    logger,
    ready: () => untilConnected(writer),
    async run() {
      await mirrorAcks(writer);
      return false;
    },
  });
  return {
    async stop() {
      await Promise.all([...readers, mirror].map((part) => part.stop()));
      writer.disconnect();
    },
  };
}
