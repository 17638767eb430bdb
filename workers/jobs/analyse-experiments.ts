import { analyseExperiments } from "@/lib/domain/experiments";
import type { WorkerContext } from "../context";

/** One look at every running experiment. */
export async function analyseExperimentsJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { failures } = await analyseExperiments();
  for (const { experimentId, error } of failures) logger.warn({ err: error, experimentId }, "experiment not analysed this time");
}
