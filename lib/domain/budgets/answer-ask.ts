import type { LeaseGrant, LeaseRequest } from "@/lib/contracts/budget-lease";
import { SILENT_AFTER_MS } from "@/lib/contracts/gateway-event";
import { newId } from "@/lib/infra/ids";
import { listHeardGateways } from "../gateways";
import { decideGrant, holdOf } from "./rules/lease";
import { type MonthWindow, monthWindow } from "./rules/month";
import { leftOf } from "./rules/window";
import {
  databaseNow,
  findLease,
  findOpenBudget,
  findWindow,
  inTransaction,
  lockWindow,
  openWindow,
  saveLease,
  takeFromWindow,
} from "./store";

/** How long a lease may be spent when nobody answers any more. */
const LEASE_MS = 60_000;

type Tx = Parameters<typeof findLease>[0];

interface Asked {
  readonly ask: LeaseRequest;
  readonly window: MonthWindow;
  readonly now: Date;
  readonly leaseMs: number;
  readonly liveGateways: number;
}

async function grant(tx: Tx, { ask, window, now, leaseMs, liveGateways }: Asked): Promise<LeaseGrant | null> {
  const windowStartsAt = new Date(window.startMs);
  const row = await lockWindow(tx, ask.budgetId, window.startMs);
  if (row === null) throw new Error(`budget ${ask.budgetId} has no window`);
  const key = { budgetId: ask.budgetId, windowStartsAt, gatewayId: ask.gatewayId, bootId: ask.bootId };
  const known = await findLease(tx, key);
  const was = { grantedNano: known?.grantedNano ?? 0n, settledNano: known?.settledNano ?? 0n };
  const toAnswer = (leaseId: string, grantedNano: bigint, leftNano: bigint): LeaseGrant => ({
    askId: ask.askId,
    leaseId,
    budgetId: ask.budgetId,
    amountNanoUsd: grantedNano.toString(),
    leftNanoUsd: leftNano.toString(),
    durationMs: Math.min(leaseMs, Math.max(1, window.endMs - now.getTime())),
    windowStartsAt: window.startMs,
    windowEndsAt: window.endMs,
  });
  if (known !== null && ask.number <= known.askNumber)
    return ask.number === known.askNumber ? toAnswer(known.id, known.grantedNano, leftOf(row)) : null;

  const grantedNano = decideGrant({
    leftNano: row.limitNano - row.settledNano - row.heldNano,
    grantedNano: was.grantedNano,
    committedNano: BigInt(ask.committedNanoUsd),
    wantNano: BigInt(ask.wantNanoUsd),
    leastNano: BigInt(ask.leastNanoUsd),
    liveGateways,
  });
  const more = holdOf({ ...was, grantedNano }) - holdOf(was);
  if (!(await takeFromWindow(tx, ask.budgetId, window.startMs, more))) return null;
  const durationMs = Math.min(leaseMs, Math.max(1, window.endMs - now.getTime()));
  const lease = await saveLease(tx, {
    ...key,
    id: newId("lease"),
    afterSequence: BigInt(ask.afterSequence),
    bootSequence: BigInt(ask.bootSequence),
    askNumber: ask.number,
    grantedNano,
    settledNano: was.settledNano,
    state: "active",
    grantedAt: now,
    expiresAt: new Date(now.getTime() + durationMs),
  });
  return toAnswer(lease.id, grantedNano, leftOf({ ...row, heldNano: row.heldNano + more }));
}

/**
 * Answers one gateway's ask for a lease, in one transaction under the window's lock. Null: there is nothing to say to it (no such budget,
 * or a newer ask was answered before). Answering twice gives the same answer.
 */
export async function answerAsk(ask: LeaseRequest, leaseMs = LEASE_MS): Promise<LeaseGrant | null> {
  const gateways = await listHeardGateways();
  const liveGateways = gateways.filter((g) => g.silentMs <= SILENT_AFTER_MS && g.id !== ask.gatewayId).length + 1;
  return inTransaction(async (tx) => {
    const budget = await findOpenBudget(tx, ask.budgetId);
    if (budget === null || budget.action !== "block") return null;
    const now = await databaseNow(tx);
    const window = monthWindow(now.getTime(), budget.zone);
    if ((await findWindow(tx, budget.id, window.startMs)) === null) await openWindow(tx, budget, window);
    if (ask.windowStartsAt === null || ask.windowStartsAt === window.startMs) return grant(tx, { ask, window, now, leaseMs, liveGateways });
    return {
      askId: ask.askId,
      leaseId: "",
      budgetId: ask.budgetId,
      amountNanoUsd: "0",
      leftNanoUsd: "0",
      durationMs: 0,
      windowStartsAt: window.startMs,
      windowEndsAt: window.endMs,
    };
  });
}
