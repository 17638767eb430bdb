import { sweepScores } from "@/lib/domain/scores";
import type { WorkerContext } from "../context";

export async function sweepScoresJob(_payload: Record<string, never>, { logger }: WorkerContext): Promise<void> {
  const { joined, setAside } = await sweepScores();
  if (joined > 0 || setAside > 0) logger.info({ joined, setAside }, "scores swept");
}
