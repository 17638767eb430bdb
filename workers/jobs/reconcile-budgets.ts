import { reconcileBudgets } from "@/lib/domain/budgets";
import type { WorkerContext } from "../context";

/** One look at every budget: opens months, notes thresholds, takes back what ended leases did not spend. */
export async function reconcileBudgetsJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { failures } = await reconcileBudgets();
  for (const { id, error } of failures) logger.warn({ err: error, id }, "budget or lease not looked at this time");
}
