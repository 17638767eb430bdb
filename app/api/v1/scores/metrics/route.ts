import { listScoreMetrics } from "@/lib/domain/scores";
import { handle } from "@/lib/http/handle";

export const GET = handle(listScoreMetrics);
