import { AppError } from "@/lib/core/errors";
import { endStaleApprovals } from "../approvals";
import type { VersionState } from "./api";
import { toModelVersionLine, toServing, toVersionState } from "./queries";
import { findMoveObjection } from "./rules/version-state";
import { databaseNow, type ModelVersionRow, moveVersionState, type Tx } from "./store/versions";

/** Why a version may not go there. Who may, and with which approval, is not asked here. @throws AppError state_conflict */
export function assertMayMove(row: ModelVersionRow, to: VersionState): void {
  const from = toVersionState(row.state?.state);
  const objection = findMoveObjection({ from, to, blockers: toModelVersionLine(row).blockers, serving: toServing(row) });
  if (objection !== null) throw new AppError("state_conflict", objection);
}

interface StateMove {
  /** Read under lockModelVersion, so that its state and blockers stay as they are. */
  readonly row: ModelVersionRow;
  readonly to: VersionState;
  readonly by: { readonly kind: string; readonly id: string; readonly name: string };
  readonly reason: string;
  /** What it executes; null where none is needed. */
  readonly approval: { readonly id: string; readonly number: number } | null;
}

/**
 * Moves a version's state with its history, and ends the requests that would use it as it was. Returns what the audit event says of it.
 * @throws AppError state_conflict
 */
export async function moveState(tx: Tx, { row, to, by, reason, approval }: StateMove) {
  assertMayMove(row, to);
  const from = toVersionState(row.state?.state);
  const at = await databaseNow(tx);
  const revision = row.state?.revision ?? 1;
  if (!(await moveVersionState(tx, { versionId: row.id, revision, from, to, at, by, reason, approvalId: approval?.id ?? null })))
    throw new AppError("state_conflict", "The version's state was changed at the same moment. Read it again.");
  const voided = await endStaleApprovals(tx, { projectId: row.projectId, targetId: row.id });
  return { from, to, digest: row.digest, approval: approval?.number ?? null, voided };
}
