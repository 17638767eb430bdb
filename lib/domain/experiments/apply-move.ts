import { AppError } from "@/lib/core/errors";
import type { AuditDraft } from "../audit";
import type { ExperimentState } from "./rules/states";
import { type ExperimentChange, type ExperimentRow, findExperiment, insertExperimentEvent, saveExperiment } from "./store";

export type Tx = Parameters<typeof saveExperiment>[0];

export interface Move {
  readonly kind: "started" | "extended" | "superseded" | "stopped" | "concluded";
  readonly change: ExperimentChange & { readonly state: ExperimentState };
  readonly reason: string;
  readonly details: Record<string, unknown>;
  /** Whose move it is. */
  readonly actorName: string;
  readonly now: Date;
}

/** What the audit trail says of a move. */
export function toAuditDraft(was: ExperimentRow, { kind, change, reason, details }: Omit<Move, "actorName" | "now">): AuditDraft {
  return {
    action: `experiment.${kind}`,
    objectKind: "experiment",
    objectId: was.id,
    objectName: `${was.endpoint.name} #${was.number}`,
    reason,
    details: { from: was.state, to: change.state, ...details },
  };
}

/**
 * Writes a move with its event; answers with the experiment as it is then.
 * @throws AppError state_conflict when somebody else moved it first
 */
export async function applyMove(tx: Tx, row: ExperimentRow, move: Move): Promise<ExperimentRow> {
  const { kind, change, reason, details, actorName, now } = move;
  if (!(await saveExperiment(tx, row, change)))
    throw new AppError("state_conflict", "The experiment moved at the same moment. Read it again.");
  const event = { experimentId: row.id, epoch: row.epoch + 1, at: now, kind, from: row.state, to: change.state };
  await insertExperimentEvent(tx, { ...event, actorName, reason, details });
  const moved = await findExperiment(tx, row.projectId, row.id);
  if (moved === null) throw new Error(`experiment ${row.id} is gone`);
  return moved;
}
