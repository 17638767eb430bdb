import { uuidOfId } from "@/lib/core/ids";
import type { NewScore } from "./api";
import { toEventDays } from "./rules/event-days";
import { applyDeltas, countPending, insertScores, joinPending, lockScores, type Run, replaceValues, type ScoreInput } from "./store";
import { saveComments } from "./store/feedback";

interface Taking {
  readonly projectId: string;
  /** Each request, metric and evaluator once. */
  readonly given: readonly NewScore[];
  readonly now: Date;
}

/** Brings scores in, on the caller's transaction: new ones, and other values of known ones. */
export async function takeScores(run: Run, { projectId, given, now }: Taking) {
  const scores = given.map((s) => ({ ...s, requestId: uuidOfId(s.requestId) ?? "", value: String(s.value) }));
  const project = uuidOfId(projectId) ?? "";
  const days = toEventDays(given.map((s) => s.requestId));
  const added = await insertScores(run, project, { scores, now, days });
  const known = added.created === given.length ? null : await takeKnown(run, { project, scores, now, days });
  await saveComments(
    run,
    project,
    scores.flatMap((s) => (typeof s.comment === "string" ? [{ ...s, comment: s.comment }] : [])),
  );
  await applyDeltas(run, [...added.deltas, ...(known?.deltas ?? [])]);
  const { created } = added;
  const replaced = known?.replaced ?? 0;
  const pending = known?.pending ?? added.pending;
  return { taken: given.length, created, replaced, unchanged: given.length - created - replaced, pending };
}

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
