import { scheduleDriftRuns } from "@/lib/domain/drift";
import type { WorkerContext } from "../context";

/** Makes the drift runs that are due, and takes up those that hang. */
export async function scheduleDriftRunsJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { failures, ...counts } = await scheduleDriftRuns();
  if (counts.requeued + counts.failed > 0) logger.warn(counts, "drift runs taken up again or ended");
  for (const { id, error } of failures) logger.warn({ err: error, id }, "drift monitor or run not looked after this time");
}
