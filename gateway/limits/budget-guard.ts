import type { LeaseGrant, LeaseRequest } from "@/lib/contracts/budget-lease";
import type { GatewayBudget } from "@/lib/contracts/gateway-config";
import { AppError } from "@/lib/core/errors";
import { type NanoUsd, parseUsd, toNanoUsdUp } from "@/lib/core/money";
import type { Clock } from "../clock";
import type { RuntimeConfig, RuntimeEndpoint } from "../config/runtime-config";
import { BudgetAccount, type Verdict } from "./budget-account";
import { toReasonableReserve } from "./reserve-size";

/** What a request keeps reserved while it runs. */
export interface Hold {
  readonly nano: NanoUsd;
  readonly accounts: readonly BudgetAccount[];
}

export interface GuardOptions {
  readonly gatewayId: string;
  readonly bootId: string;
  readonly clock: Clock;
  /** Sequence of the newest finished record in the spool. */
  readonly lastSequence: () => number;
}

/** A request that is over. */
export interface Finished {
  readonly hold: Hold | null;
  readonly endpointId: string;
  /** Plain decimal, as on its event; null: nobody knows a price. */
  readonly costUsd: string | null;
  /** Arrival on the wall clock. */
  readonly atMs: number;
}

/**
 * The budgets that this gateway's traffic spends from, all in memory: a request reserves the most that it can cost before it is sent, and
 * gives back what it did not cost, on every way that it can end. See docs/budgets.md.
 */
export class BudgetGuard {
  readonly #options: GuardOptions;
  readonly #bootSequence: number;
  readonly #accounts = new Map<string, BudgetAccount>();
  /** Ids of the budgets of each endpoint, by the configuration that is served now. */
  #budgetsOf = new Map<string, readonly string[]>();
  #lastNumber = 0;
  #lastAccount = 0;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#bootSequence = options.lastSequence();
  }

  /** Follows the configuration: new budgets begin to count now, those that are gone are forgotten. */
  keepOnly(config: RuntimeConfig): void {
    const budgets = new Map<string, { budget: GatewayBudget; endpoints: Map<string, RuntimeEndpoint> }>();
    const budgetsOf = new Map<string, readonly string[]>();
    for (const { endpoint } of config.internalTargets.values()) {
      if (endpoint.budgets.length === 0) continue;
      budgetsOf.set(
        endpoint.id,
        endpoint.budgets.map((b) => b.id),
      );
      for (const budget of endpoint.budgets) {
        const entry = budgets.get(budget.id) ?? { budget, endpoints: new Map() };
        budgets.set(budget.id, entry);
        entry.endpoints.set(endpoint.id, endpoint);
      }
    }
    this.#budgetsOf = budgetsOf;
    for (const id of this.#accounts.keys()) if (!budgets.has(id)) this.#accounts.delete(id);
    for (const [id, { budget, endpoints }] of budgets) {
      const reasonable = toReasonableReserve(endpoints.values());
      const known = this.#accounts.get(id);
      if (known === undefined) this.#accounts.set(id, this.#open(budget, reasonable, null));
      else {
        known.budget = budget;
        known.reasonable = reasonable;
      }
    }
  }

  /**
   * Reserves in every budget of an endpoint, or in none. Null: it has none.
   * @throws AppError budget_exhausted, budget_unknown
   */
  reserve(endpoint: RuntimeEndpoint, nano: NanoUsd): Hold | null {
    if (endpoint.budgets.length === 0) return null;
    const accounts: BudgetAccount[] = [];
    const now = this.#options.clock.monotonicMs();
    for (const { id } of endpoint.budgets) {
      const account = this.#current(id);
      // Gone from the newest configuration while this request was read: it limits nothing any more.
      if (account === null) continue;
      const verdict = account.judge(nano, now);
      if (verdict !== "served") throw refuse(account, verdict);
      accounts.push(account);
    }
    for (const account of accounts) account.commit(nano);
    return { nano, accounts };
  }

  /** Called once for each request that reached an endpoint, before its record is written: the reserve goes, the cost stays. */
  settle({ hold, endpointId, costUsd, atMs }: Finished): void {
    if (hold !== null) for (const account of hold.accounts) account.commit(-hold.nano);
    const ids = this.#budgetsOf.get(endpointId);
    if (ids === undefined || costUsd === null) return;
    const costNano = toNanoUsdUp(parseUsd(costUsd));
    for (const id of ids) {
      const account = this.#current(id);
      if (account?.covers(atMs) === true) account.commit(costNano);
    }
  }

  /** Asks that are due now. */
  dueAsks(): LeaseRequest[] {
    const now = this.#options.clock.monotonicMs();
    const asks: LeaseRequest[] = [];
    for (const id of this.#accounts.keys()) {
      const account = this.#current(id);
      const reason = account?.wantsToAsk(now) ?? null;
      if (account !== null && reason !== null) asks.push(account.ask(reason, this.#nextAsker(account), now));
    }
    return asks;
  }

  get isWaiting(): boolean {
    for (const account of this.#accounts.values()) if (account.isWaiting) return true;
    return false;
  }

  take(grant: LeaseGrant): void {
    const account = this.#accounts.get(grant.budgetId);
    if (account === undefined || !account.take(grant, this.#options.clock.monotonicMs())) return;
    const { windowStartsAt } = account;
    // Another month has begun than the one that was counted here: what was spent of that one is not this one's.
    if (grant.durationMs === 0 && windowStartsAt !== null && grant.windowStartsAt > windowStartsAt)
      this.#accounts.set(grant.budgetId, this.#open(account.budget, account.reasonable, grant.windowStartsAt));
  }

  /** Gives everything back but what was spent; nothing is reserved after this. */
  closingAsks(): LeaseRequest[] {
    const now = this.#options.clock.monotonicMs();
    return [...this.#accounts.values()].map((account) => account.ask("close", this.#nextAsker(account), now));
  }

  /** For tests and metrics: what may still be reserved of a budget. */
  availableOf(budgetId: string): NanoUsd | null {
    return this.#accounts.get(budgetId)?.available ?? null;
  }

  #open(budget: GatewayBudget, reasonable: NanoUsd, windowStartsAt: number | null): BudgetAccount {
    const { bootId, lastSequence } = this.#options;
    // A second count of one budget in one process must not be taken for the first: totals begin anew.
    const suffix = ++this.#lastAccount;
    return new BudgetAccount(budget, reasonable, { afterSequence: lastSequence(), bootId: `${bootId}/${suffix}`, windowStartsAt });
  }

  /** The account of the present month; a new one when the known one's is over. */
  #current(id: string): BudgetAccount | null {
    const account = this.#accounts.get(id);
    if (account === undefined) return null;
    if (!account.isOver(this.#options.clock.nowMs())) return account;
    const next = this.#open(account.budget, account.reasonable, account.windowEndsAt);
    this.#accounts.set(id, next);
    return next;
  }

  #nextAsker(account: BudgetAccount) {
    const { gatewayId } = this.#options;
    return { gatewayId, bootId: account.identity.bootId, bootSequence: this.#bootSequence, number: ++this.#lastNumber };
  }
}

const RETRY_SECONDS = 1;

function refuse({ budget, windowEndsAt }: BudgetAccount, verdict: Exclude<Verdict, "served">): AppError {
  if (verdict === "exhausted") {
    const until = windowEndsAt === null ? "the next month" : new Date(windowEndsAt).toISOString();
    return new AppError(
      "budget_exhausted",
      `The monthly budget “${budget.name}” is used up, or too nearly for what this request may cost. It begins anew at ${until}; a shorter max_tokens reserves less.`,
    );
  }
  const why =
    verdict === "short" ? "has no more at hand at this moment and has asked for it" : "does not know at this moment what is left of it";
  return new AppError("budget_unknown", `The monthly budget “${budget.name}” applies, and this gateway ${why}. Try again shortly.`, {
    retryAfterSeconds: RETRY_SECONDS,
  });
}
