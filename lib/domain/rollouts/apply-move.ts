import { saveActiveRelease } from "../endpoints";
import type { Decision } from "./rules/decide";
import { findRollout, insertRolloutEvent, type RolloutRow, saveMove } from "./store";

interface Move {
  readonly row: RolloutRow;
  readonly move: Extract<Decision, { kind: "move" }>;
  readonly now: Date;
  readonly actorName: string;
  readonly kind: string;
}

/**
 * Writes one move inside the caller's transaction: the row by compare-and-set, its event, and at a promotion the endpoint's active
 * release. Null when the row has moved on meanwhile; then nothing was written.
 */
export async function applyMove(tx: Parameters<typeof saveMove>[0], { row, move, now, actorName, kind }: Move): Promise<RolloutRow | null> {
  if (!(await saveMove(tx, row, move, now))) return null;
  await insertRolloutEvent(tx, {
    rolloutId: row.id,
    epoch: row.epoch + 1,
    at: now,
    kind,
    from: row.state,
    to: move.to,
    stepIndex: move.stepIndex,
    weightBps: move.weightBps,
    actorName,
    reason: move.reason,
    evidence: { judge: move.judge },
  });
  if (move.to === "promoted")
    await saveActiveRelease(tx, { endpointId: row.endpointId, releaseId: row.toReleaseId, expected: row.fromReleaseId });
  return findRollout(tx, row.projectId, row.id);
}
