import { processOf } from "@/lib/contracts/budget-lease";
import { formatUsd, fromNanoUsd } from "@/lib/core/money";
import { newId } from "@/lib/infra/ids";
import { appendEvent } from "../audit";
import { type HeardGateway, listHeardGateways } from "../gateways";
import { decideReturn, holdOf } from "./rules/lease";
import { monthWindow } from "./rules/month";
import { crossedThresholds } from "./rules/window";
import {
  type BudgetRow,
  endLease,
  findWindow,
  insertCrossing,
  inTransaction,
  listCrossings,
  listEndedLeases,
  listOpenBudgets,
  lockWindow,
  openWindow,
  readNow,
  saveExpired,
  takeFromWindow,
} from "./store";

const CONTROLLER = "budget-controller";

type EndedLease = Awaited<ReturnType<typeof listEndedLeases>>[number];

/** Opens the present month and notes the thresholds that it has passed, each once, with an audit event. */
async function watchBudget(budget: BudgetRow, now: Date): Promise<void> {
  const window = monthWindow(now.getTime(), budget.zone);
  await inTransaction(async (tx) => {
    await openWindow(tx, budget, window);
    const row = await findWindow(tx, budget.id, window.startMs);
    if (row === null) return;
    const noted = new Set((await listCrossings(tx, budget.id, window.startMs)).map((c) => c.thresholdBps));
    const fresh = crossedThresholds(row, budget.thresholdsBps).filter((t) => !noted.has(t));
    for (const thresholdBps of fresh) {
      const amounts = { settledNano: row.settledNano, limitNano: row.limitNano };
      if (!(await insertCrossing(tx, { budgetId: budget.id, windowStartsAt: row.startsAt, thresholdBps, at: now, ...amounts }))) continue;
      await appendEvent(tx, {
        chain: budget.projectId,
        actor: { kind: "system", id: CONTROLLER, name: CONTROLLER },
        requestId: newId("request"),
        draft: {
          action: "budget.threshold_passed",
          objectKind: "budget",
          objectId: budget.id,
          objectName: `${budget.name} (${budget.environmentName})`,
          details: {
            thresholdBps,
            month: row.startsAt.toISOString(),
            settledUsd: formatUsd(fromNanoUsd(row.settledNano)),
            limitUsd: formatUsd(fromNanoUsd(row.limitNano)),
          },
        },
      });
    }
  });
}

/** Gives back what an ended lease has not spent, once nothing can be spent under it any more. */
async function endOne(lease: EndedLease, heard: ReadonlyMap<string, HeardGateway>, now: Date): Promise<boolean> {
  const gateway = heard.get(lease.gateway_id);
  const decision = decideReturn({
    nowMs: now.getTime(),
    expiresAtMs: lease.expires_at.getTime(),
    ackedSequence: Number(lease.acked),
    newerBootSequence: lease.newer_boot_sequence === null ? null : Number(lease.newer_boot_sequence),
    heard: gateway?.bootId === processOf(lease.boot_id) ? { ...gateway, atMs: now.getTime() - gateway.silentMs } : null,
  });
  if (decision === "keep") {
    if (lease.state === "active") await saveExpired(lease.id, lease.expires_at);
    return false;
  }
  return inTransaction(async (tx) => {
    await lockWindow(tx, lease.budget_id, lease.window_starts_at.getTime());
    const ended = await endLease(tx, { id: lease.id, expiresAt: lease.expires_at });
    if (ended === null) return false;
    await takeFromWindow(tx, lease.budget_id, lease.window_starts_at.getTime(), -holdOf(ended));
    return true;
  });
}

export interface ReconcileResult {
  readonly returned: number;
  readonly failures: readonly { readonly id: string; readonly error: unknown }[];
}

/** One look at every budget and every ended lease; one that fails does not stop the others. Running it twice changes nothing. */
export async function reconcileBudgets(): Promise<ReconcileResult> {
  const now = await readNow();
  const failures: { id: string; error: unknown }[] = [];
  let returned = 0;
  for (const budget of await listOpenBudgets())
    await watchBudget(budget, now).catch((error: unknown) => failures.push({ id: budget.id, error }));
  const ended = await listEndedLeases(now);
  const heard = new Map(ended.length === 0 ? [] : (await listHeardGateways()).map((g) => [g.id, g]));
  for (const lease of ended)
    try {
      if (await endOne(lease, heard, now)) returned++;
    } catch (error) {
      failures.push({ id: lease.id, error });
    }
  return { returned, failures };
}
