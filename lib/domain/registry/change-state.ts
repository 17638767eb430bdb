import { parseNumberCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { type Actor, authorize } from "@/lib/core/policy/authorize";
import { type CommandContext, command, query, toAuditActor } from "../command";
import { changeModelVersionState as changeSpec, listModelVersionTransitions as listSpec, type VersionState } from "./api";
import { noVersion } from "./manage-models";
import { toModelVersion, toModelVersionLine, toServing, toTransition, toVersionState } from "./queries";
import { findMoveObjection } from "./rules/version-state";
import {
  findAuthorUserId,
  findVersionId,
  listTransitionRows,
  lockModelVersion,
  type ModelVersionRow,
  moveVersionState,
} from "./store/versions";

type Tx = CommandContext<typeof changeSpec>["tx"];

interface StateMove {
  /** Read under lockModelVersion, so that its state and blockers stay as they are. */
  readonly row: ModelVersionRow;
  readonly to: VersionState;
  readonly actor: Actor;
  readonly reason: string;
  readonly now: Date;
}

/**
 * Who may approve: an approver, never a token, never the person who registered the version, not even through a token of theirs. Approving
 * goes through here and nowhere else.
 * @throws AppError forbidden
 */
async function assertMayApprove(tx: Tx, { row, actor }: StateMove): Promise<void> {
  authorize(actor, "registry:approve", { projectId: row.projectId });
  const author = await findAuthorUserId(tx, row.createdById);
  if (actor.kind === "user" && actor.userId === author)
    throw new AppError("forbidden", "You registered this version, so somebody else must approve it.");
}

/** Moves a version's state with its history, and gives the audit event's details. @throws AppError state_conflict, forbidden */
async function moveState(tx: Tx, move: StateMove): Promise<{ action: string; details: Record<string, string> }> {
  const { row, to, reason, now } = move;
  const from = toVersionState(row.state?.state);
  if (to === "approved") await assertMayApprove(tx, move);
  const objection = findMoveObjection({ from, to, blockers: toModelVersionLine(row).blockers, serving: toServing(row) });
  if (objection !== null) throw new AppError("state_conflict", objection);
  const by = toAuditActor(move.actor);
  const revision = row.state?.revision ?? 1;
  if (!(await moveVersionState(tx, { versionId: row.id, revision, from, to, at: now, by, reason })))
    throw new AppError("state_conflict", "The version's state was changed at the same moment. Read it again.");
  return { action: `model-version.${to}`, details: { from, to, digest: row.digest } };
}

export const changeModelVersionState = command(changeSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const row = await lockModelVersion(tx, projectId, params.name, params.version);
  if (row === null) throw noVersion(params);
  const { action, details } = await moveState(tx, { row, to: body.to, actor, reason: body.reason, now });
  const moved = await lockModelVersion(tx, projectId, params.name, params.version);
  return {
    result: toModelVersion(moved ?? row),
    audit: {
      action,
      objectKind: "model-version",
      objectId: row.id,
      objectName: `${row.model.name} v${row.number}`,
      reason: body.reason,
      details,
    },
  };
});

export const listModelVersionTransitions = query(listSpec, async ({ reader, projectId, params, query: { cursor, limit } }) => {
  const version = await findVersionId(reader, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const rows = await listTransitionRows(reader, { versionId: version.id, below: parseNumberCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.revision]);
  return { result: { items: items.map(toTransition), nextCursor } };
});
