import { retireExperiments } from "@/lib/domain/experiments";
import type { WorkerContext } from "../context";

/** Deletes rows of subjects and raw scores that are past their time. */
export async function retireExperimentsJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { cleared, failures } = await retireExperiments();
  if (cleared > 0) logger.info({ cleared }, "rows of ended experiments deleted");
  for (const { experimentId, error } of failures)
    logger.warn({ err: error, experimentId }, "rows of an ended experiment not deleted this time");
}
