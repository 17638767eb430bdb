import { FEEDBACK_EVALUATOR, type FeedbackEntry } from "@/lib/contracts/feedback";
import type { NewScore } from "./api";
import { inScoreTransaction } from "./store";
import { readClock } from "./store/feedback";
import { takeScores } from "./take-scores";

interface Said {
  readonly projectId: string;
  readonly environment: string | null;
  readonly scores: Map<string, NewScore>;
}

/**
 * Brings in what applications' users said, oldest first: of one thing said twice the last counts. A project's environment at a time, each whole; taken
 * again it changes nothing. A key scores the requests of its own environment.
 */
export async function takeFeedback(entries: readonly FeedbackEntry[]): Promise<void> {
  const places = new Map<string, Said>();
  for (const { projectId, environment = null, request_id: requestId, metric, value, comment } of entries) {
    const place = `${projectId} ${environment ?? ""}`;
    const said = places.get(place) ?? { projectId, environment, scores: new Map<string, NewScore>() };
    const { scores } = said;
    const key = `${requestId} ${metric}`;
    // As between two calls: who says nothing leaves what was said before.
    scores.set(key, { requestId, metric, value, comment: comment ?? scores.get(key)?.comment, evaluator: FEEDBACK_EVALUATOR });
    places.set(place, said);
  }
  for (const { scores, ...from } of places.values())
    await inScoreTransaction(async (run) => takeScores(run, { ...from, given: [...scores.values()], now: await readClock(run) }));
}
