import type { JobPayload } from "@/lib/contracts/jobs";
import { runDriftMonitor } from "@/lib/domain/drift";
import type { WorkerContext } from "../context";
import { startComparer } from "../threads/start-comparer";

/** Reads a drift run's two windows, compares them in a thread and writes the report. */
export async function runDriftMonitorJob({ runId }: JobPayload<"run-drift-monitor">, { logger }: WorkerContext): Promise<void> {
  const comparer = startComparer();
  try {
    const end = await runDriftMonitor(runId, comparer);
    logger.info({ runId, end }, "drift run");
  } finally {
    await comparer.close();
  }
}
