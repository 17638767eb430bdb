import { AppError } from "@/lib/core/errors";
import type { AuditDraft } from "../audit";
import type { PresentContent } from "./compose";
import { readPresent } from "./compose";
import { type Execution, findKind } from "./kinds";
import { decideExecution, findEnd } from "./rules/decide";
import {
  type ApprovalRow,
  databaseNow,
  listOpen,
  lockApproval,
  lockSubject,
  type OpenFilter,
  saveApproval,
  type Tx,
  toContent,
  toFacts,
  toLockOrder,
} from "./store";

export const OBJECT_KIND = "approval";

export function draftOf(
  row: Pick<ApprovalRow, "id" | "number" | "title" | "digest">,
  action: string,
  more: Pick<AuditDraft, "reason" | "details"> = {},
): AuditDraft {
  return {
    action: `approval.${action}`,
    objectKind: OBJECT_KIND,
    objectId: row.id,
    objectName: `${row.title} #${row.number}`,
    reason: more.reason ?? null,
    details: { digest: row.digest, ...more.details },
  };
}

/** Why a request became void, in a sentence that says what changed. */
export function toVoidReason(present: PresentContent): string {
  if (present.impossible !== null) return `What was shown has changed: ${present.impossible}`;
  return `What was shown has changed: ${present.differences.slice(0, 5).join(", ")}${present.differences.length > 5 ? " …" : ""}.`;
}

/** Writes the end that an open request has come to by itself. */
export function saveEnd(
  tx: Tx,
  row: ApprovalRow,
  { state, present, now }: { state: "expired" | "void"; present: PresentContent; now: Date },
): Promise<ApprovalRow> {
  return state === "expired"
    ? saveApproval(tx, row, { state, endedAt: now, endReason: "Nobody decided in time." })
    : saveApproval(tx, row, { state, endedAt: now, endReason: toVoidReason(present), differences: [...present.differences] });
}

interface Executing extends Pick<Execution, "actor" | "requestId" | "prepared"> {
  readonly present: PresentContent;
  readonly now: Date;
  readonly glass?: { readonly id: string; readonly name: string; readonly reason: string };
}

/** Does what an approved request asks for, in this transaction. `row` is approved and its content was just seen to be still true. */
export async function execute(
  tx: Tx,
  row: ApprovalRow,
  { present, now, glass, ...call }: Executing,
): Promise<{ row: ApprovalRow; done: Readonly<Record<string, unknown>> }> {
  const kind = findKind(row.kind);
  if (kind === null || present.composed === null) throw new Error(`approval ${row.id} cannot be executed here`);
  const executed = await saveApproval(tx, row, {
    state: "executed",
    endedAt: now,
    ...(glass === undefined ? {} : { breakGlassById: glass.id, breakGlassByName: glass.name, breakGlassReason: glass.reason }),
  });
  const by = toContent(row).requestedBy;
  const done = await kind.execute(tx, {
    projectId: row.projectId,
    raw: row.subject,
    described: present.composed.described,
    approval: { id: row.id, number: row.number },
    by: glass === undefined ? by : { kind: "user", id: glass.id, name: glass.name },
    reason: glass?.reason ?? row.reason,
    ...call,
  });
  return { row: executed, done };
}

export interface Guarded {
  readonly projectId: string;
  readonly kind: string;
  readonly subjectId: string;
  /** Exactly what it is about to become; null: taken away. */
  readonly targetId: string | null;
}

/**
 * Uses up the approval that covers a change, inside the transaction that makes it, for whoever asks: person, admin, token or system.
 * @throws AppError approval_required when none does
 */
export async function consumeApproval(tx: Tx, guarded: Guarded, how: string): Promise<{ id: string; number: number; subject: unknown }> {
  const { projectId, subjectId, targetId } = guarded;
  await lockSubject(tx, subjectId);
  const now = await databaseNow(tx);
  const near: string[] = [];
  for (const row of await listOpen(tx, { projectId, subjectId })) {
    if (row.kind !== guarded.kind || row.targetId !== targetId) continue;
    const present = await readPresent(tx, row, now);
    const outcome = decideExecution(toFacts(row), present, now.getTime());
    if (outcome === "execute") {
      await saveApproval(tx, row, { state: "executed", endedAt: now });
      return { id: row.id, number: row.number, subject: row.subject };
    }
    if (outcome === "void") near.push(`Approval ${row.number} no longer fits. ${toVoidReason(present)}`);
    else near.push(outcome === "expired" ? `Approval ${row.number} is expired.` : `Approval ${row.number} still waits for a decision.`);
  }
  throw new AppError("approval_required", [...near, how].join(" "));
}

/** Ends the open requests on a subject, or for a target, that has just changed: what they showed is no longer so. Returns their numbers. */
export async function endStaleApprovals(tx: Tx, where: OpenFilter): Promise<number[]> {
  const ended: number[] = [];
  const open = await listOpen(tx, where);
  for (const subjectId of toLockOrder(open.map((r) => r.subjectId))) await lockSubject(tx, subjectId);
  const now = await databaseNow(tx);
  for (const { id, projectId } of open) {
    const row = await lockApproval(tx, projectId, id);
    if (row === null) continue;
    const present = await readPresent(tx, row, now);
    const state = findEnd(toFacts(row), present, now.getTime());
    if (state === null) continue;
    await saveEnd(tx, row, { state, present, now });
    ended.push(row.number);
  }
  return ended;
}
