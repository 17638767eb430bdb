import { AppError, type FieldError } from "@/lib/core/errors";
import { command, query } from "../command";
import { listScoreMetrics as listMetricsSpec, listScores as listSpec, type NewScore, postScores as postSpec } from "./api";
import { pageScoreMetrics, pageScores } from "./queries";
import { runIn } from "./store";
import { takeScores } from "./take-scores";

export const listScores = query(listSpec, async ({ projectId, query: page }) => ({ result: await pageScores(projectId, page) }));

export const listScoreMetrics = query(listMetricsSpec, async ({ projectId, query: page }) => ({
  result: await pageScoreMetrics(projectId, page),
}));

/** Which of two values of one score is meant cannot be known inside one batch. */
function findTwice(scores: readonly NewScore[]): FieldError[] {
  const first = new Map<string, number>();
  return scores.flatMap((score, i) => {
    const key = `${score.requestId} ${score.metric} ${score.evaluator}`;
    const earlier = first.get(key);
    if (earlier !== undefined)
      return [{ pointer: `/scores/${i}`, detail: `is the same request, metric and evaluator as /scores/${earlier}` }];
    first.set(key, i);
    return [];
  });
}

/**
 * Takes scores whole or not at all: new ones are joined to their request's event or wait for it, known ones get the new value, and those whose
 * event is in the log are brought into the sums of their arm, all in one transaction.
 */
export const postScores = command(postSpec, async ({ tx, projectId, body, now }) => {
  const given = "scores" in body ? body.scores : [body];
  const errors = findTwice(given);
  if (errors.length > 0)
    throw new AppError("invalid_request", "A score stands twice in this batch. Send each request, metric and evaluator once.", { errors });
  return { result: await takeScores(runIn(tx), { projectId, given, now, environment: null }), isData: true };
});
