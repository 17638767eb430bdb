import { readSegments } from "@/lib/domain/experiments";
import type { WorkerContext } from "../context";

/** Reads the segments of experiments where it is time. */
export async function readSegmentsJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { failures } = await readSegments();
  for (const { experimentId, error } of failures) logger.warn({ err: error, experimentId }, "segments not read this time");
}
