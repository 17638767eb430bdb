import { LEASE_STREAM, type LeaseGrant, LeaseRequest, leaseAnswersKey, processOf } from "@/lib/contracts/budget-lease";
import { connectRedis, type Redis } from "@/lib/infra/redis";

const POLL_MS = 20;

/** What stands for PostgreSQL: gives running totals out of one pot, as far as it goes. */
export interface FakePot {
  /** What may be given out in all, nano-dollars. */
  limit: bigint;
  durationMs: number;
  /** False: asks are read and not answered, as by a worker that is away. */
  answers: boolean;
  windowStartsAt: number;
  windowEndsAt: number;
}

/** Stands for the worker's leases in tests of the gateway. */
export class FakeLeases {
  readonly asks: LeaseRequest[] = [];
  readonly pot: FakePot;
  readonly #redis: Redis;
  readonly #granted = new Map<string, bigint>();
  #last = "-";
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(redisUrl: string, pot: Partial<FakePot> = {}) {
    const now = Date.now();
    this.pot = { limit: 0n, durationMs: 60_000, answers: true, windowStartsAt: now - 86_400_000, windowEndsAt: now + 86_400_000, ...pot };
    this.#redis = connectRedis(redisUrl, "blocking", () => {});
    this.#loop();
  }

  granted(bootId: string): bigint {
    return this.#granted.get(bootId) ?? 0n;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#redis.disconnect();
  }

  #loop(): void {
    this.#timer = setTimeout(
      () =>
        void this.#take()
          .catch(() => {})
          .finally(() => {
            if (!this.#closed) this.#loop();
          }),
      POLL_MS,
    );
  }

  async #take(): Promise<void> {
    for (const [id, [, text = ""]] of await this.#redis.xrange(LEASE_STREAM, this.#last, "+")) {
      this.#last = `(${id}`;
      const ask = LeaseRequest.parse(JSON.parse(text));
      this.asks.push(ask);
      if (this.pot.answers)
        await this.#redis.rpush(leaseAnswersKey(ask.gatewayId, processOf(ask.bootId)), JSON.stringify(this.#grant(ask)));
    }
  }

  #grant(ask: LeaseRequest): LeaseGrant {
    const { windowStartsAt, windowEndsAt, durationMs } = this.pot;
    const named = { askId: ask.askId, leaseId: "lse_test", budgetId: ask.budgetId, windowStartsAt, windowEndsAt };
    if (ask.windowStartsAt !== null && ask.windowStartsAt !== windowStartsAt)
      return { ...named, amountNanoUsd: "0", leftNanoUsd: "0", durationMs: 0 };
    const others = [...this.#granted].reduce((sum, [boot, nano]) => (boot === ask.bootId ? sum : sum + nano), 0n);
    const most = this.pot.limit - others;
    const want = BigInt(ask.wantNanoUsd);
    const granted = want < most ? want : most;
    this.#granted.set(ask.bootId, granted);
    return { ...named, amountNanoUsd: granted.toString(), leftNanoUsd: (most - granted).toString(), durationMs };
  }
}
