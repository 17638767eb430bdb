import { AppError } from "@/lib/core/errors";
import type { AuditDraft } from "../audit";
import { applyMove, type Tx, toAuditDraft } from "./apply-move";
import { closeExperiment, type LastLook } from "./close-experiment";
import { type ExperimentRow, findExperiment, lockExperiment, toState } from "./store";

/** The experiment of this id or number, locked until the transaction ends; null: the project has none. Taken before its endpoint's row. */
export async function lockForHandOver(tx: Tx, projectId: string, id: string): Promise<ExperimentRow | null> {
  const row = await findExperiment(tx, projectId, id);
  return row === null ? null : lockExperiment(tx, projectId, row.id);
}

interface HandOver {
  readonly now: Date;
  readonly actorName: string;
  readonly reason: string;
  /** The rollout that takes its traffic over in the same transaction. */
  readonly rollout: number;
  readonly last: LastLook | null;
}

/**
 * Concludes a running experiment for its treatment, inside the transaction that gives its endpoint to the treatment's rollout: in no
 * snapshot between does anybody who had the treatment lose it. Returns what the audit trail is to say of the experiment.
 * @throws AppError state_conflict when it does not run any more
 */
export async function handOver(tx: Tx, row: ExperimentRow, { now, actorName, reason, rollout, last }: HandOver): Promise<AuditDraft> {
  if (toState(row.state) !== "running")
    throw new AppError("state_conflict", `Experiment ${row.number} ended at the same moment. Read it again.`);
  const judge = await closeExperiment(tx, row, { now, cause: "stopped_early", last });
  const decision = "deploy_treatment";
  const end = { state: "concluded" as const, concludedAt: now, decision, decisionReason: reason, stoppedAt: now, deadlineAt: null, judge };
  const details = { decision, verdict: judge.verdict, rollout };
  const move = { kind: "concluded" as const, change: end, reason, details };
  await applyMove(tx, row, { ...move, actorName, now });
  return toAuditDraft(row, move);
}
