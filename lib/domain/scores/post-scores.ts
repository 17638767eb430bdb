import { AppError, type FieldError } from "@/lib/core/errors";
import { uuidOfId } from "@/lib/core/ids";
import { command, query } from "../command";
import { listScoreMetrics as listMetricsSpec, listScores as listSpec, type NewScore, postScores as postSpec } from "./api";
import { pageScoreMetrics, pageScores } from "./queries";
import { toEventDays } from "./rules/event-days";
import { applyDeltas, countPending, insertScores, joinPending, lockScores, type Run, replaceValues, runIn, type ScoreInput } from "./store";

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
  const scores = given.map((s) => ({ ...s, requestId: uuidOfId(s.requestId) ?? "", value: String(s.value) }));
  const project = uuidOfId(projectId) ?? "";
  const run = runIn(tx);
  const days = toEventDays(given.map((s) => s.requestId));
  const added = await insertScores(run, project, { scores, now, days });
  const known = added.created === given.length ? null : await takeKnown(run, { project, scores, now, days });
  await applyDeltas(run, [...added.deltas, ...(known?.deltas ?? [])]);
  const { created } = added;
  const replaced = known?.replaced ?? 0;
  const pending = known?.pending ?? added.pending;
  return { result: { taken: given.length, created, replaced, unchanged: given.length - created - replaced, pending }, isData: true };
});

interface Known {
  readonly project: string;
  readonly scores: readonly ScoreInput[];
  readonly now: Date;
  readonly days: readonly string[];
}

/** Some of the scores were there before: their values are replaced, and what of all of them waits is joined where it can be. */
async function takeKnown(run: Run, { project, scores, now, days }: Known) {
  await lockScores(run, project, scores);
  const { replaced, deltas } = await replaceValues(run, project, { scores, now });
  const keys = scores.map((s) => ({ project_id: project, request_id: s.requestId, metric: s.metric, evaluator: s.evaluator }));
  const joined = await joinPending(run, keys, days);
  return { replaced, deltas: [...deltas, ...joined], pending: await countPending(run, project, scores) };
}
