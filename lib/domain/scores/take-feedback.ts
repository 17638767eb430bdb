import { FEEDBACK_EVALUATOR, type FeedbackEntry } from "@/lib/contracts/feedback";
import type { NewScore } from "./api";
import { inScoreTransaction } from "./store";
import { readClock } from "./store/feedback";
import { takeScores } from "./take-scores";

/**
 * Brings in what applications' users said, oldest first: of one thing said twice the last counts. A project at a time, each whole; taken
 * again it changes nothing.
 */
export async function takeFeedback(entries: readonly FeedbackEntry[]): Promise<void> {
  const projects = new Map<string, Map<string, NewScore>>();
  for (const { projectId, request_id: requestId, metric, value, comment } of entries) {
    const scores = projects.get(projectId) ?? new Map<string, NewScore>();
    const key = `${requestId} ${metric}`;
    // As between two calls: who says nothing leaves what was said before.
    scores.set(key, { requestId, metric, value, comment: comment ?? scores.get(key)?.comment, evaluator: FEEDBACK_EVALUATOR });
    projects.set(projectId, scores);
  }
  for (const [projectId, scores] of projects)
    await inScoreTransaction(async (run) => takeScores(run, { projectId, given: [...scores.values()], now: await readClock(run) }));
}
