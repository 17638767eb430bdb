import type { SpooledEvent } from "@/lib/contracts/gateway-event";
import { type NanoUsd, parseUsd, toNanoUsdUp } from "@/lib/core/money";
import { DAY_MS } from "@/lib/core/time";
import { holdOf } from "./lease";
import { type MonthWindow, monthWindow } from "./month";

/** What a budget covers. */
export interface BudgetScope {
  readonly id: string;
  readonly projectId: string;
  readonly environment: string;
  /** null: every endpoint of the environment. */
  readonly endpointId: string | null;
  readonly zone: string;
  readonly createdAtMs: number;
}

/** The new costs of one window, each with its place in the gateway's spool. */
export interface WindowCosts {
  readonly budgetId: string;
  readonly window: MonthWindow;
  readonly costs: { readonly sequence: number; readonly nano: NanoUsd }[];
}

/** A million dollars: no request costs more, and a broken number does not break the ledger. */
const MOST_NANO = 10n ** 15n;
/** A window that begins later than this is a gateway's wrong clock. */
const AHEAD_MS = DAY_MS;

/** What one request costs a budget: rounded up to a nano-dollar, as its gateway counted it. */
export function toEventNano(costUsd: string | null): NanoUsd {
  const nano = costUsd === null ? 0n : toNanoUsdUp(parseUsd(costUsd));
  return nano > MOST_NANO ? MOST_NANO : nano;
}

function covers(budget: BudgetScope, { event }: SpooledEvent): boolean {
  return (
    budget.projectId === event.projectId &&
    budget.environment === event.environment &&
    (budget.endpointId === null || budget.endpointId === event.endpointId)
  );
}

/**
 * New requests as costs of the windows that they fall into by their arrival, in the order in which windows are locked. What arrived in a
 * month that was over when the budget was made is none of its business.
 */
export function toWindowCosts(budgets: readonly BudgetScope[], fresh: readonly SpooledEvent[], nowMs: number): WindowCosts[] {
  const found = new Map<string, WindowCosts>();
  for (const spooled of fresh) {
    const nano = toEventNano(spooled.event.costUsd);
    if (nano === 0n) continue;
    for (const budget of budgets) {
      if (!covers(budget, spooled)) continue;
      const window = monthWindow(spooled.event.at, budget.zone);
      if (window.endMs <= budget.createdAtMs || window.startMs > nowMs + AHEAD_MS) continue;
      const name = `${budget.id}/${window.startMs}`;
      const entry = found.get(name) ?? { budgetId: budget.id, window, costs: [] };
      found.set(name, entry);
      entry.costs.push({ sequence: spooled.sequence, nano });
    }
  }
  return [...found.values()].sort((a, b) =>
    a.budgetId === b.budgetId ? a.window.startMs - b.window.startMs : a.budgetId < b.budgetId ? -1 : 1,
  );
}

export interface SettlingLease {
  readonly id: string;
  readonly afterSequence: number;
  readonly grantedNano: NanoUsd;
  readonly settledNano: NanoUsd;
}

export interface Settlement {
  readonly settledNano: NanoUsd;
  /** How much less the window's leases hold. */
  readonly releasedNano: NanoUsd;
  readonly byLease: ReadonlyMap<string, NanoUsd>;
}

/**
 * Books costs of one gateway: each belongs to the lease whose counting began last before it, and frees as much of what that lease holds.
 * What was spent before any lease is settled all the same.
 */
export function settleCosts(costs: WindowCosts["costs"], leases: readonly SettlingLease[]): Settlement {
  const newestFirst = [...leases].sort((a, b) => b.afterSequence - a.afterSequence || (a.id < b.id ? 1 : -1));
  const byLease = new Map<string, NanoUsd>();
  let settledNano = 0n;
  for (const { sequence, nano } of costs) {
    settledNano += nano;
    const lease = newestFirst.find((l) => l.afterSequence < sequence);
    if (lease !== undefined) byLease.set(lease.id, (byLease.get(lease.id) ?? 0n) + nano);
  }
  let releasedNano = 0n;
  for (const lease of leases) {
    const more = byLease.get(lease.id) ?? 0n;
    releasedNano += holdOf(lease) - holdOf({ ...lease, settledNano: lease.settledNano + more });
  }
  return { settledNano, releasedNano, byLease };
}
