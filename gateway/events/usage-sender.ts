import { USAGE_STREAM, usageAckKey } from "@/lib/contracts/gateway-event";
import type { Logger } from "@/lib/infra/logger";
import type { Redis } from "@/lib/infra/redis";
import type { Clock } from "../clock";
import type { Spool } from "./spool";
import { SpoolReader } from "./spool-reader";

const BATCH_RECORDS = 200;
/** Sent and not acknowledged at a time; more waits on the disk. */
const WINDOW_RECORDS = 10_000;
/** Bounds what Redis holds while no worker reads: about 200,000 events. Trimmed entries are sent again. */
const STREAM_ENTRIES = 1_000;
const POLL_MS = 250;
const RESEND_MS = 5_000;
/** While the sent entries still stand in the stream, sending them again would only fill it: an absent worker is waited for longer. */
const RESEND_PRESENT_MS = 20_000;
const RESEND_MOST_MS = 600_000;

export interface UsageSenderOptions {
  readonly gatewayId: string;
  readonly spool: Spool;
  readonly redis: Redis;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Carries the spool into the Redis stream and waits for the acknowledgement that follows PostgreSQL's commit. At least once: whatever
 * is not acknowledged in time is sent again, and the ingest ignores what it has. No request ever waits for anything here.
 */
export class UsageSender {
  readonly #options: UsageSenderOptions;
  readonly #reader: SpoolReader;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #closed = false;
  #lastSent = 0;
  /** Stream id of the oldest entry sent since the last rewind that is not acknowledged as a whole. */
  readonly #entries: { id: string; lastSequence: number }[] = [];
  #keyWasSeen = false;
  #progressMs: number;
  #resendAfterMs = RESEND_PRESENT_MS;
  #rewindWanted = true;

  constructor(options: UsageSenderOptions) {
    this.#options = options;
    this.#reader = new SpoolReader(options.spool);
    this.#progressMs = options.clock.monotonicMs();
    // After a reconnect nobody knows what Redis still holds.
    options.redis.on("ready", () => {
      this.#rewindWanted = true;
    });
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#tick(), POLL_MS);
  }

  /** Sends what is there and looks for acknowledgements, once. */
  work(): Promise<void> {
    this.#working = this.#working.then(() => this.#once());
    return this.#working;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
    await this.#reader.close();
  }

  async #tick(): Promise<void> {
    await this.work();
    if (!this.#closed) this.#timer = setTimeout(() => void this.#tick(), POLL_MS);
  }

  async #once(): Promise<void> {
    const { redis, logger } = this.#options;
    if (redis.status !== "ready") return;
    try {
      await this.#readAck();
      if (await this.#mustRewind()) await this.#rewind();
      await this.#send();
    } catch (error) {
      // What became of the last entry is unknown: it is sent again, and the ingest knows what it has.
      this.#rewindWanted = true;
      logger.debug({ err: error }, "usage could not be sent");
    }
  }

  async #readAck(): Promise<void> {
    const { redis, spool, gatewayId, clock } = this.#options;
    const text = await redis.get(usageAckKey(gatewayId));
    // A key that was there and is not any more: Redis was emptied, and with it perhaps what was sent.
    if (text === null && this.#keyWasSeen) this.#rewindWanted = true;
    this.#keyWasSeen = text !== null;
    const acked = Number(text);
    if (text === null || !Number.isSafeInteger(acked)) return;
    const isNews = acked > spool.ackedSequence;
    spool.acknowledge(acked);
    if (!isNews) return;
    this.#progressMs = clock.monotonicMs();
    this.#resendAfterMs = RESEND_PRESENT_MS;
    while (this.#entries[0] !== undefined && this.#entries[0].lastSequence <= acked) this.#entries.shift();
  }

  async #mustRewind(): Promise<boolean> {
    const { redis, spool, clock, logger } = this.#options;
    if (this.#rewindWanted) return true;
    const [oldest] = this.#entries;
    if (oldest === undefined || this.#lastSent <= spool.ackedSequence) return false;
    const silentMs = clock.monotonicMs() - this.#progressMs;
    if (silentMs < RESEND_MS) return false;
    const present = (await redis.xrange(USAGE_STREAM, oldest.id, oldest.id)).length > 0;
    if (present && silentMs < this.#resendAfterMs) return false;
    if (present) this.#resendAfterMs = Math.min(RESEND_MOST_MS, this.#resendAfterMs * 2);
    logger.info({ from: spool.ackedSequence + 1, to: this.#lastSent, present }, "usage was not acknowledged and is sent again");
    return true;
  }

  async #rewind(): Promise<void> {
    await this.#reader.rewind();
    this.#entries.length = 0;
    this.#lastSent = 0;
    this.#rewindWanted = false;
    this.#progressMs = this.#options.clock.monotonicMs();
  }

  async #send(): Promise<void> {
    const { redis, spool, gatewayId, clock } = this.#options;
    while (!this.#closed && !this.#rewindWanted && this.#lastSent - spool.ackedSequence < WINDOW_RECORDS) {
      const batch = await this.#reader.next(BATCH_RECORDS);
      if (batch === null) return;
      if (this.#entries.length === 0) this.#progressMs = clock.monotonicMs();
      const firstHeld = String(spool.firstHeld);
      const fields = ["g", gatewayId, "e", toJsonArray(batch.payloads), "f", firstHeld];
      const id = await redis.xadd(USAGE_STREAM, "MAXLEN", "~", STREAM_ENTRIES, "*", ...fields);
      if (id === null) throw new Error("the stream took no entry");
      this.#entries.push({ id, lastSequence: batch.lastSequence });
      this.#lastSent = Math.max(this.#lastSent, batch.lastSequence);
    }
  }
}

function toJsonArray(payloads: readonly Buffer[]): Buffer {
  const comma = Buffer.from(",");
  const parts: Buffer[] = [Buffer.from("[")];
  payloads.forEach((payload, i) => {
    if (i > 0) parts.push(comma);
    parts.push(payload);
  });
  parts.push(Buffer.from("]"));
  return Buffer.concat(parts);
}
