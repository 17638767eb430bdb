import { z } from "zod";
import { Instant } from "@/lib/contracts/page";
import { AppError } from "@/lib/core/errors";
import { writeOutbox } from "@/lib/infra/outbox";
import { consumeApproval, endStaleApprovals, lockSubject } from "../approvals";
import { assertVersion } from "../command";
import type { PointerKind } from "./api";
import {
  databaseNow,
  findLastMove,
  findMove,
  findPointer,
  findVersionId,
  isProtectedName,
  lockOwner,
  type MoveRow,
  type PointerRef,
  type PointerRow,
  savePointer,
  type Tx,
} from "./store";

export const WORD: Record<PointerKind, { pointer: string; owner: string }> = {
  "prompt-label": { pointer: "label", owner: "prompt" },
  "model-alias": { pointer: "alias", owner: "model" },
};

export const subjectIdOf = (ref: PointerRef): string => `${ref.kind}:${ref.ownerId}/${ref.name}`;

/** How to ask for what is protected, ready to be sent. */
function howToAsk(ref: PointerRef, version: number | null): string {
  const { owner, pointer } = WORD[ref.kind];
  const body = { kind: ref.kind, subject: { [owner]: ref.ownerName, [pointer]: ref.name, version }, reason: "…" };
  return `The ${pointer} ${ref.name} is protected: it moves with an approval of exactly this target. Ask for one: POST /api/v1/approvals ${JSON.stringify(body)}`;
}

export interface Mover {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

export interface Wish {
  /** null takes it away. */
  readonly toVersionId: string | null;
  readonly toNumber: number | null;
  readonly reason: string;
  readonly by: Mover;
  readonly validFrom?: Date | null;
  /** The approval that is being executed; absent: one is looked for where the name is protected. */
  readonly approval?: { readonly id: string; readonly number: number };
}

export interface Moved {
  readonly revision: number;
  readonly movedAt: Date;
  readonly from: number | null;
  readonly to: number | null;
  readonly approval: number | null;
  /** Numbers of other requests that this made void. */
  readonly voided: readonly number[];
}

/** Locks a pointer's owner and reads where it stands. Locks are taken in this order everywhere: subject, owner, approvals. */
async function open(tx: Tx, ref: PointerRef): Promise<{ current: PointerRow | null; last: MoveRow | null }> {
  await lockSubject(tx, subjectIdOf(ref));
  await lockOwner(tx, ref);
  return { current: await findPointer(tx, ref), last: await findLastMove(tx, ref) };
}

/**
 * The one way in which a pointer changes: first setting, move, restore, removal, and what an approval executes.
 * @throws AppError approval_required where the name is protected and no approval covers exactly this
 */
export async function applyMove(tx: Tx, ref: PointerRef, wish: Wish): Promise<Moved> {
  const cover = wish.approval === undefined ? await findCover(tx, ref, wish) : null;
  const approval = wish.approval ?? cover;
  const { current, last } = await open(tx, ref);
  const now = await databaseNow(tx);
  // The clock may have been read before another move's lock was let go: what is written later is never older.
  const recordedAt = last !== null && last.recordedAt > now ? last.recordedAt : now;
  const validFrom = wish.validFrom ?? cover?.validFrom ?? recordedAt;
  if (validFrom > recordedAt)
    throw new AppError("invalid_request", "validFrom lies in the future. A pointer is moved when it shall move.", {
      errors: [{ pointer: "/validFrom", detail: "lies in the future" }],
    });
  const revision = (last?.revision ?? 0) + 1;
  await savePointer(tx, ref, {
    fromVersionId: current?.versionId ?? null,
    toVersionId: wish.toVersionId,
    revision,
    recordedAt,
    validFrom,
    actor: wish.by,
    reason: wish.reason,
    approvalId: approval?.id ?? null,
  });
  // Gateways serve labelled prompts to applications, on whichever way the label moved.
  if (ref.kind === "prompt-label") await writeOutbox(tx, [{ job: "publish-snapshot", payload: {} }]);
  const voided = await endStaleApprovals(tx, { projectId: ref.projectId, subjectId: subjectIdOf(ref) });
  const from = current?.number ?? null;
  return { revision, movedAt: recordedAt, from, to: wish.toNumber, approval: approval?.number ?? null, voided };
}

/** What an approval that waits for the call may say of the move, beside its target. */
const Approved = z.looseObject({ validFrom: Instant.nullish() });

/** The approval that this call uses up, with what it says of the time; null where the name is not protected. @throws AppError approval_required */
async function findCover(tx: Tx, ref: PointerRef, wish: Wish): Promise<{ id: string; number: number; validFrom: Date | null } | null> {
  if (!(await isProtectedName(tx, ref.projectId, ref.name))) return null;
  const how = howToAsk(ref, wish.toNumber);
  if (wish.validFrom != null)
    throw new AppError("approval_required", `validFrom belongs to what is approved: name it in the subject. ${how}`);
  const guarded = { projectId: ref.projectId, kind: ref.kind, subjectId: subjectIdOf(ref), targetId: wish.toVersionId };
  const { id, number, subject } = await consumeApproval(tx, guarded, how);
  const { validFrom } = Approved.parse(subject);
  return { id, number, validFrom: validFrom == null ? null : new Date(validFrom) };
}

export interface MoveCall {
  readonly version: number;
  readonly reason: string;
  readonly validFrom?: string | undefined;
  readonly by: Mover;
  readonly ifMatch: string | null;
}

/** What a PUT asks for: `unchanged` when it stands there already. @throws AppError */
export async function movePointer(
  tx: Tx,
  ref: PointerRef,
  call: MoveCall,
): Promise<{ kind: "unchanged"; row: PointerRow } | { kind: "moved"; moved: Moved }> {
  const { current } = await open(tx, ref);
  if (current !== null) assertVersion(call.ifMatch, String(current.revision));
  const toVersionId = await findVersionId(tx, ref, call.version);
  if (toVersionId === null)
    throw new AppError("invalid_reference", `${ref.ownerName} has no version ${call.version}.`, {
      errors: [{ pointer: "/version", detail: "does not exist" }],
    });
  if (current !== null && current.versionId === toVersionId && call.validFrom === undefined) return { kind: "unchanged", row: current };
  const { version: toNumber, reason, by } = call;
  const validFrom = call.validFrom === undefined ? null : new Date(call.validFrom);
  return { kind: "moved", moved: await applyMove(tx, ref, { toVersionId, toNumber, reason, by, validFrom }) };
}

/** @throws AppError not_found when it is not there */
export async function removePointer(tx: Tx, ref: PointerRef, call: { reason: string; by: Mover; ifMatch: string | null }): Promise<Moved> {
  const { current } = await open(tx, ref);
  if (current === null) throw new AppError("not_found", `${ref.ownerName} has no ${WORD[ref.kind].pointer} ${ref.name}.`);
  assertVersion(call.ifMatch, String(current.revision));
  return applyMove(tx, ref, { toVersionId: null, toNumber: null, reason: call.reason, by: call.by });
}

/**
 * Puts it back where it stood after an earlier move; absent: where it stood before the last one.
 * @throws AppError not_found, state_conflict
 */
export async function restorePointer(
  tx: Tx,
  ref: PointerRef,
  call: { revision?: number | undefined; reason: string; by: Mover; ifMatch: string | null },
): Promise<Moved> {
  const { current, last } = await open(tx, ref);
  if (last === null) throw new AppError("not_found", `${ref.ownerName} has no ${WORD[ref.kind].pointer} ${ref.name}.`);
  assertVersion(call.ifMatch, String(last.revision));
  const then = call.revision === undefined ? null : await findMove(tx, ref, call.revision);
  if (call.revision !== undefined && then === null)
    throw new AppError("invalid_reference", `${ref.name} has no move ${call.revision}.`, {
      errors: [{ pointer: "/revision", detail: "does not exist" }],
    });
  const toVersionId = then === null ? last.fromVersionId : then.toVersionId;
  const toNumber = then === null ? last.from : then.to;
  if (toVersionId === null || toNumber === null)
    throw new AppError("state_conflict", "It pointed nowhere then. To take it away, remove it.");
  if (current?.versionId === toVersionId) throw new AppError("state_conflict", `${ref.name} stands on version ${toNumber} already.`);
  return applyMove(tx, ref, { toVersionId, toNumber, reason: call.reason, by: call.by });
}
