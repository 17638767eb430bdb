import { reconcileVerifications } from "@/lib/domain/registry";
import type { WorkerContext } from "../context";

/** One look at the open verifications: a killed worker and an emptied queue are made up for here. */
export async function reconcileVerificationsJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { ended, asked } = await reconcileVerifications();
  if (ended + asked > 0) logger.info({ ended, asked }, "verifications asked for again, or ended at their deadline");
}
