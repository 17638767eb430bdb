import { AppError, type FieldError } from "@/lib/core/errors";
import { uuidOfId } from "@/lib/core/ids";
import { command, query } from "../command";
import { listScores as listSpec, type NewScore, postScores as postSpec } from "./api";
import { pageScores } from "./queries";
import { toEventDays } from "./rules/event-days";
import { applyDeltas, countPending, insertPending, joinPending, lockScores, replaceValues, runIn } from "./store";

export const listScores = query(listSpec, async ({ projectId, query: page }) => ({ result: await pageScores(projectId, page) }));

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
 * Takes scores whole or not at all: new ones wait for their request's event, known ones get the new value, and those whose event is in the
 * log are brought into the sums of their arm, all in one transaction.
 */
export const postScores = command(postSpec, async ({ tx, projectId, body, now }) => {
  const given = "scores" in body ? body.scores : [body];
  const errors = findTwice(given);
  if (errors.length > 0)
    throw new AppError("invalid_request", "A score stands twice in this batch. Send each request, metric and evaluator once.", { errors });
  const scores = given.map((s) => ({ ...s, requestId: uuidOfId(s.requestId) ?? "", value: String(s.value) }));
  const project = uuidOfId(projectId) ?? "";
  const run = runIn(tx);
  const created = await insertPending(run, project, { scores, now });
  await lockScores(run, project, scores);
  const { replaced, deltas } = await replaceValues(run, project, { scores, now });
  const keys = scores.map((s) => ({ project_id: project, request_id: s.requestId, metric: s.metric, evaluator: s.evaluator }));
  const joined = await joinPending(run, keys, toEventDays(given.map((s) => s.requestId)));
  await applyDeltas(run, [...deltas, ...joined]);
  const pending = await countPending(run, project, scores);
  return {
    result: { taken: given.length, created, replaced, unchanged: given.length - created - replaced, pending },
    isData: true,
  };
});
