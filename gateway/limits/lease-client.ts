import { LEASE_STREAM, LeaseGrant, type LeaseRequest, leaseAnswersKey } from "@/lib/contracts/budget-lease";
import type { Logger } from "@/lib/infra/logger";
import type { Redis } from "@/lib/infra/redis";
import type { BudgetGuard } from "./budget-guard";

const TICK_MS = 100;
const STREAM_ENTRIES = 1_000;
const ANSWERS_AT_ONCE = 100;

export interface LeaseClientOptions {
  readonly guard: BudgetGuard;
  readonly gatewayId: string;
  readonly bootId: string;
  readonly redis: Redis;
  readonly logger: Logger;
}

/** Asks for leases ahead of need and takes the answers. No request waits for it: without Redis, leases run out and nothing else happens. */
export class LeaseClient {
  readonly #options: LeaseClientOptions;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: LeaseClientOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#tick();
  }

  /** Stops asking, and gives back what is not spent. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
    const { guard, redis, logger } = this.#options;
    if (redis.status !== "ready") return;
    await this.#send(guard.closingAsks()).catch((error: unknown) => logger.debug({ err: error }, "leases could not be given back"));
  }

  async #tick(): Promise<void> {
    this.#working = this.#once();
    await this.#working;
    if (!this.#closed) this.#timer = setTimeout(() => void this.#tick(), TICK_MS);
  }

  async #once(): Promise<void> {
    const { guard, redis, logger } = this.#options;
    if (redis.status !== "ready") return;
    try {
      if (guard.isWaiting) await this.#receive();
      await this.#send(guard.dueAsks());
    } catch (error) {
      logger.debug({ err: error }, "leases could not be asked for");
    }
  }

  async #send(asks: readonly LeaseRequest[]): Promise<void> {
    for (const ask of asks) await this.#options.redis.xadd(LEASE_STREAM, "MAXLEN", "~", STREAM_ENTRIES, "*", "l", JSON.stringify(ask));
  }

  async #receive(): Promise<void> {
    const { guard, redis, gatewayId, bootId, logger } = this.#options;
    const texts = (await redis.lpop(leaseAnswersKey(gatewayId, bootId), ANSWERS_AT_ONCE)) ?? [];
    for (const text of texts) {
      const grant = parseGrant(text);
      if (grant === null) logger.warn("a lease was answered in a shape that this gateway does not know");
      else guard.take(grant);
    }
  }
}

function parseGrant(text: string): LeaseGrant | null {
  try {
    return LeaseGrant.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
