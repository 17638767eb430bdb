import type { NanoUsd } from "@/lib/core/money";
import { DAY_MS } from "@/lib/core/time";

export interface WindowAmounts {
  readonly limitNano: NanoUsd;
  readonly settledNano: NanoUsd;
  readonly heldNano: NanoUsd;
}

/** What nobody has spent and nobody may spend without a new lease; 0 when the window is overdrawn. */
export function leftOf({ limitNano, settledNano, heldNano }: WindowAmounts): NanoUsd {
  const left = limitNano - settledNano - heldNano;
  return left > 0n ? left : 0n;
}

/** Settled share of the limit in basis points, rounded down: 10,000 only when the limit is reached. */
export function spentBps({ limitNano, settledNano }: Pick<WindowAmounts, "limitNano" | "settledNano">): number {
  return Number((settledNano * 10_000n) / limitNano);
}

/** Thresholds that the settled cost has reached, lowest first. */
export function crossedThresholds(amounts: WindowAmounts, thresholdsBps: readonly number[]): number[] {
  const spent = spentBps(amounts);
  return thresholdsBps.filter((t) => spent >= t).sort((a, b) => a - b);
}

export const BUDGET_STATES = ["under_limit", "watch", "past_limit", "blocked"] as const;
export type BudgetState = (typeof BUDGET_STATES)[number];

/**
 * `watch`: a threshold below the limit is passed · `past_limit`: the limit is · `blocked`: a blocking budget has nothing left to give, so
 * that what no gateway holds any more is refused.
 */
export function toBudgetState(budget: WindowAmounts & { thresholdsBps: readonly number[]; action: "notify" | "block" }): BudgetState {
  if (budget.action === "block" && leftOf(budget) === 0n) return "blocked";
  if (budget.settledNano >= budget.limitNano) return "past_limit";
  return crossedThresholds(budget, budget.thresholdsBps).length > 0 ? "watch" : "under_limit";
}

/**
 * Cost at the window's end if it goes on as it did since money was first spent in it (`sinceMs`); null in the first day of that, when a
 * forecast would be a guess, and where nothing was spent.
 */
export function forecastNano(input: { settledNano: NanoUsd; sinceMs: number | null; endMs: number; nowMs: number }): NanoUsd | null {
  const { settledNano, sinceMs, endMs, nowMs } = input;
  if (sinceMs === null || settledNano === 0n || nowMs - sinceMs < DAY_MS) return null;
  return settledNano + (settledNano * BigInt(Math.max(0, endMs - nowMs))) / BigInt(nowMs - sinceMs);
}
