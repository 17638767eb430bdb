import { uuidOfId } from "@/lib/core/ids";
import type { NewScore } from "./api";
import { toEventDays } from "./rules/event-days";
import {
  applyDeltas,
  countPending,
  insertScores,
  joinPending,
  lockScores,
  type Posting,
  type Run,
  replaceValues,
  type ScoreKey,
} from "./store";
import { dropForeignComments, listChangeable, saveComments } from "./store/feedback";

interface Taking {
  readonly projectId: string;
  /** Each request, metric and evaluator once. */
  readonly given: readonly NewScore[];
  readonly now: Date;
  /** The only environment whose requests may be scored; a request of another one is as unknown. null: any of the project. */
  readonly environment: string | null;
}

const keyOf = ({ requestId, metric, evaluator }: ScoreKey) => `${requestId} ${metric} ${evaluator}`;

/** Brings scores in, on the caller's transaction: new ones, and other values of known ones. */
export async function takeScores(run: Run, { projectId, given, now, environment }: Taking) {
  const scores = given.map((s) => ({ ...s, requestId: uuidOfId(s.requestId) ?? "", value: String(s.value) }));
  const project = uuidOfId(projectId) ?? "";
  const days = toEventDays(given.map((s) => s.requestId));
  const posting = { scores, now, days, environment };
  const added = await insertScores(run, project, posting);
  const known = added.created === given.length ? null : await takeKnown(run, project, posting);
  await saveComments(
    run,
    project,
    scores.flatMap((s) => (typeof s.comment === "string" && known?.kept.has(keyOf(s)) !== false ? [{ ...s, comment: s.comment }] : [])),
  );
  await applyDeltas(run, [...added.deltas, ...(known?.deltas ?? [])]);
  const { created } = added;
  const replaced = known?.replaced ?? 0;
  const pending = known?.pending ?? added.pending;
  return { taken: given.length, created, replaced, unchanged: given.length - created - replaced, pending };
}

/** Some of the scores were there before: their values are replaced, and what of all of them waits is joined where it can be. */
async function takeKnown(run: Run, project: string, posting: Posting) {
  await lockScores(run, project, posting.scores);
  const scores = await listChangeable(run, project, posting);
  await dropForeignComments(run, project, { ...posting, scores });
  const { replaced, deltas } = await replaceValues(run, project, { ...posting, scores });
  const keys = scores.map((s) => ({ project_id: project, request_id: s.requestId, metric: s.metric, evaluator: s.evaluator }));
  const joined = await joinPending(run, keys, posting.days);
  const pending = await countPending(run, project, posting.scores);
  return { replaced, deltas: [...deltas, ...joined], pending, kept: new Set(scores.map(keyOf)) };
}
