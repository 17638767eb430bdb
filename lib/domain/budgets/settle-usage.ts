import type { SpooledEvent } from "@/lib/contracts/gateway-event";
import { settleCosts, toWindowCosts } from "./rules/settle";
import { type Connection, lockLeases, lockWindows, readScopes, saveSettlement } from "./store";

/**
 * Counts new requests of one gateway into the budgets that cover them, in the transaction that puts them into the log: each request once,
 * as often as it may be delivered. What a request cost frees as much of its gateway's lease.
 */
export async function settleUsage(client: Connection, gatewayId: string, fresh: readonly SpooledEvent[]): Promise<void> {
  const projectIds = [...new Set(fresh.map((s) => s.event.projectId))].sort();
  const scopes = await readScopes(client, projectIds);
  if (scopes.length === 0) return;
  // The ingest has no clock of its own to offer; a day more or less does not matter here.
  const windows = toWindowCosts(scopes, fresh, Date.now());
  if (windows.length === 0) return;
  await lockWindows(client, windows);
  for (const window of windows)
    await saveSettlement(client, window, settleCosts(window.costs, await lockLeases(client, gatewayId, window)));
}
