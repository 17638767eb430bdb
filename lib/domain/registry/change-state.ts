import { parseNumberCursor, toPage } from "@/lib/core/cursor";
import { consumeApproval, lockSubjectsOf } from "../approvals";
import { command, query, toAuditActor } from "../command";
import { changeModelVersionState as changeSpec, listModelVersionTransitions as listSpec } from "./api";
import { APPROVE_VERSION, approvalSubjectOf, howToAskFor } from "./approve-version";
import { noVersion } from "./manage-models";
import { assertMayMove, moveState } from "./move-state";
import { toModelVersion, toTransition } from "./queries";
import { findApprovalNumbers, findVersionId, listTransitionRows, lockModelVersion, type ModelVersionRow, type Tx } from "./store/versions";

/** Uses up the approval of exactly this version, whoever calls. @throws AppError approval_required */
function findCover(tx: Tx, row: ModelVersionRow): Promise<{ id: string; number: number }> {
  const guarded = { projectId: row.projectId, kind: APPROVE_VERSION, subjectId: approvalSubjectOf(row.id), targetId: row.id };
  return consumeApproval(tx, guarded, howToAskFor(row.model.name, row.number));
}

export const changeModelVersionState = command(changeSpec, async ({ tx, projectId, params, body, actor }) => {
  const version = await findVersionId(tx, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  // Locks are taken in this order everywhere: subjects, the version's state, approvals.
  await lockSubjectsOf(tx, { projectId, subjectId: approvalSubjectOf(version.id), targetId: version.id });
  const row = await lockModelVersion(tx, projectId, params.name, params.version);
  if (row === null) throw noVersion(params);
  assertMayMove(row, body.to);
  const approval = body.to === "approved" ? await findCover(tx, row) : null;
  const moved = await moveState(tx, { row, to: body.to, by: toAuditActor(actor), reason: body.reason, approval });
  const after = await lockModelVersion(tx, projectId, params.name, params.version);
  return {
    result: toModelVersion(after ?? row),
    audit: {
      action: `model-version.${body.to}`,
      objectKind: "model-version",
      objectId: row.id,
      objectName: `${row.model.name} v${row.number}`,
      reason: body.reason,
      details: { ...moved },
    },
  };
});

export const listModelVersionTransitions = query(listSpec, async ({ reader, projectId, params, query: { cursor, limit } }) => {
  const version = await findVersionId(reader, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const rows = await listTransitionRows(reader, { versionId: version.id, below: parseNumberCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.revision]);
  const numbers = await findApprovalNumbers(reader, items);
  return { result: { items: items.map((row) => toTransition(row, numbers)), nextCursor } };
});
