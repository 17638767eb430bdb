import { SpooledEvent, USAGE_STREAM, usageAckKey } from "@/lib/contracts/gateway-event";
import { connectRedis, type Redis } from "@/lib/infra/redis";

/** Stands for the worker's ingest in tests of the gateway: keeps events by request id as PostgreSQL would, and acknowledges like it. */
export class FakeIngest {
  /** Every delivery of every request, first one first. */
  readonly deliveries = new Map<string, SpooledEvent[]>();
  readonly #redis: Redis;
  readonly #sequences = new Map<string, Set<number>>();
  #last = "0";

  constructor(redisUrl: string) {
    this.#redis = connectRedis(redisUrl, "blocking", () => {});
  }

  /** Takes what is in the stream. */
  async take(): Promise<void> {
    const entries = await this.#redis.xrange(USAGE_STREAM, this.#last === "0" ? "-" : `(${this.#last}`, "+");
    for (const [id, fields] of entries) {
      this.#last = id;
      const [g, gatewayId = "", e, text = "[]"] = fields;
      if (g !== "g" || e !== "e") throw new Error(`an entry has the fields ${fields.filter((_, i) => i % 2 === 0)}`);
      for (const value of JSON.parse(text)) this.#keep(gatewayId, SpooledEvent.parse(value));
    }
  }

  /** Highest sequence without a gap below it. */
  contiguous(gatewayId: string): number {
    const have = this.#sequences.get(gatewayId) ?? new Set();
    let sequence = 0;
    while (have.has(sequence + 1)) sequence++;
    return sequence;
  }

  async acknowledge(gatewayId: string): Promise<void> {
    await this.#redis.set(usageAckKey(gatewayId), String(this.contiguous(gatewayId)));
  }

  /** Redis was emptied: its stream begins anew. */
  forgetPosition(): void {
    this.#last = "0";
  }

  close(): void {
    this.#redis.disconnect();
  }

  #keep(gatewayId: string, spooled: SpooledEvent): void {
    const have = this.#sequences.get(gatewayId) ?? new Set();
    this.#sequences.set(gatewayId, have.add(spooled.sequence));
    const id = spooled.event.requestId;
    this.deliveries.set(id, [...(this.deliveries.get(id) ?? []), spooled]);
  }
}
