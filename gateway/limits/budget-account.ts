import type { LeaseGrant, LeaseRequest } from "@/lib/contracts/budget-lease";
import type { GatewayBudget } from "@/lib/contracts/gateway-config";
import type { NanoUsd } from "@/lib/core/money";
import { type AskReason, adaptTarget, decideAsk } from "./ask-rules";

/** What one budget says to a request. `short`: there is more, but not in this gateway's hands at the moment. */
export type Verdict = "served" | "exhausted" | "unknown" | "short";

interface Ask {
  readonly askId: string;
  readonly atMs: number;
  readonly want: NanoUsd;
}

/** What belongs to the gateway and its process in every ask. */
export interface Asker {
  readonly gatewayId: string;
  readonly bootId: string;
  readonly bootSequence: number;
  readonly number: number;
}

/**
 * One budget's month as this process counts it: `granted` and `committed` are running totals since it began to count. Everything that is
 * finished from then on is committed, leased or not, so that PostgreSQL and this gateway count the same requests: those whose spool
 * sequence is above `afterSequence`.
 */
export class BudgetAccount {
  /** Start and end of the month; null until the first answer names it. */
  windowStartsAt: number | null;
  windowEndsAt: number | null = null;
  #granted: NanoUsd = 0n;
  #committed: NanoUsd = 0n;
  /** What PostgreSQL could still give after its last answer. */
  #left: NanoUsd = 0n;
  #expiresAtMs: number | null = null;
  #durationMs = 0;
  #answeredAtMs: number | null = null;
  #isShort = false;
  #ask: Ask | null = null;
  #requests = adaptTarget(0, "first");
  #largest: NanoUsd = 0n;

  constructor(
    public budget: GatewayBudget,
    /** Size of one reasonable request of the traffic that it covers. */
    public reasonable: NanoUsd,
    readonly identity: { readonly afterSequence: number; readonly bootId: string; readonly windowStartsAt: number | null },
  ) {
    this.windowStartsAt = identity.windowStartsAt;
  }

  get available(): NanoUsd {
    return this.#granted - this.#committed;
  }

  get committed(): NanoUsd {
    return this.#committed;
  }

  isOver(nowMs: number): boolean {
    return this.windowEndsAt !== null && nowMs >= this.windowEndsAt;
  }

  /** Whether a request that may cost this much can be served; nothing is changed by asking. */
  judge(nano: NanoUsd, monotonicMs: number): Verdict {
    if (nano > this.#largest) this.#largest = nano;
    if (nano === 0n) return "served";
    if (this.#expiresAtMs === null || monotonicMs >= this.#expiresAtMs) return this.budget.allowsUnknown ? "served" : "unknown";
    if (this.available >= nano) return "served";
    return this.available + this.#left < nano ? "exhausted" : "short";
  }

  /** A reserve, a cost, or below 0 a reserve that is given back. */
  commit(nano: NanoUsd): void {
    this.#committed += nano;
  }

  /** Whether a request that arrived then counts here. */
  covers(atMs: number): boolean {
    return (this.windowStartsAt === null || atMs >= this.windowStartsAt) && (this.windowEndsAt === null || atMs < this.windowEndsAt);
  }

  get isWaiting(): boolean {
    return this.#ask !== null;
  }

  wantsToAsk(monotonicMs: number): AskReason | null {
    return decideAsk({
      nowMs: monotonicMs,
      askedAtMs: this.#ask?.atMs ?? null,
      answeredAtMs: this.#answeredAtMs,
      expiresAtMs: this.#expiresAtMs,
      durationMs: this.#durationMs,
      available: this.available,
      target: this.#target,
      isShort: this.#isShort,
    });
  }

  /** The next ask. What it wants less than it has is not spent from now on, whether or not the ask arrives. */
  ask(reason: AskReason | "close", asker: Asker, monotonicMs: number): LeaseRequest {
    if (reason !== "close") this.#requests = adaptTarget(this.#requests, reason);
    const committed = this.#committed > 0n ? this.#committed : 0n;
    const want = reason === "close" ? committed : committed + this.#target;
    if (want < this.#granted) this.#granted = want;
    const askId = `${this.identity.bootId}-${asker.number}`;
    this.#ask = { askId, atMs: monotonicMs, want };
    return {
      askId,
      number: asker.number,
      gatewayId: asker.gatewayId,
      bootId: this.identity.bootId,
      budgetId: this.budget.id,
      windowStartsAt: this.windowStartsAt,
      afterSequence: this.identity.afterSequence,
      bootSequence: asker.bootSequence,
      committedNanoUsd: committed.toString(),
      wantNanoUsd: want.toString(),
      leastNanoUsd: this.#least.toString(),
    };
  }

  /** Takes the answer to the newest ask; any other is old news. Returns whether it was that. */
  take(grant: LeaseGrant, monotonicMs: number): boolean {
    const ask = this.#ask;
    if (ask === null || grant.askId !== ask.askId) return false;
    this.#ask = null;
    this.#answeredAtMs = monotonicMs;
    if (grant.durationMs === 0) return true;
    this.windowStartsAt = grant.windowStartsAt;
    this.windowEndsAt = grant.windowEndsAt;
    this.#granted = BigInt(grant.amountNanoUsd);
    this.#left = BigInt(grant.leftNanoUsd);
    this.#isShort = this.#granted < ask.want;
    this.#durationMs = grant.durationMs;
    this.#expiresAtMs = ask.atMs + grant.durationMs;
    return true;
  }

  get #least(): NanoUsd {
    const least = this.#largest > this.reasonable ? this.#largest : this.reasonable;
    return least > 0n ? least : 1n;
  }

  get #target(): NanoUsd {
    return this.#least * BigInt(this.#requests);
  }
}
