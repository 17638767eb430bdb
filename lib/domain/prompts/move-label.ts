import { AppError } from "@/lib/core/errors";
import { command, query, toAuditActor } from "../command";
import { type Moved, movePointer, type PointerRef, pageMoves, readPointerAt, removePointer, restorePointer as restore } from "../pointers";
import {
  getPromptLabel as getLabelSpec,
  getPromptLabelHistory as historySpec,
  listPromptLabelMoves as listMovesSpec,
  movePromptLabel as moveSpec,
  removePromptLabel as removeSpec,
  restorePromptLabel as restoreSpec,
} from "./api";
import { getPromptName } from "./manage-prompts";
import { toPromptVersion } from "./queries";
import { getVersionById, type Reader } from "./store";

async function getLabelRef(reader: Reader, projectId: string, params: { name: string; label: string }): Promise<PointerRef> {
  const prompt = await getPromptName(reader, projectId, params.name);
  return { kind: "prompt-label", projectId, ownerId: prompt.id, ownerName: prompt.name, name: params.label };
}

export const getPromptLabel = query(getLabelSpec, async ({ reader, projectId, params, query: when }) => {
  const ref = await getLabelRef(reader, projectId, params);
  const found = await readPointerAt(reader, ref, when);
  if (found === null)
    throw new AppError(
      "not_found",
      `${params.name} ${when.at === undefined ? "has" : "had"} no label ${params.label}${when.at === undefined ? "" : " then"}.`,
    );
  const { labels: _, ...content } = toPromptVersion(await getVersionById(reader, found.versionId));
  return {
    result: { label: ref.name, version: found.number, revision: found.revision, movedAt: found.since.toISOString(), content },
    etag: String(found.revision),
  };
});

function draftOf(ref: PointerRef, moved: Moved, reason: string, action: "moved" | "removed" | "restored") {
  const { from, to, approval, voided } = moved;
  return {
    action: `prompt-label.${action}`,
    objectKind: "prompt",
    objectId: ref.ownerId,
    objectName: `${ref.ownerName} ${ref.name}`,
    reason,
    details: { label: ref.name, from, to, approval, voided },
  };
}

const toLabel = (ref: PointerRef, row: { number: number; revision: number; movedAt: Date }) => ({
  label: ref.name,
  version: row.number,
  revision: row.revision,
  movedAt: row.movedAt.toISOString(),
});

export const movePromptLabel = command(moveSpec, async ({ tx, projectId, params, body, actor, ifMatch }) => {
  const ref = await getLabelRef(tx, projectId, params);
  const outcome = await movePointer(tx, ref, { ...body, by: toAuditActor(actor), ifMatch });
  if (outcome.kind === "unchanged") return { result: toLabel(ref, outcome.row), unchanged: true, etag: String(outcome.row.revision) };
  const { moved } = outcome;
  return {
    result: toLabel(ref, { ...moved, number: body.version }),
    etag: String(moved.revision),
    audit: draftOf(ref, moved, body.reason, "moved"),
  };
});

export const removePromptLabel = command(removeSpec, async ({ tx, projectId, params, query: { reason }, actor, ifMatch }) => {
  const ref = await getLabelRef(tx, projectId, params);
  const moved = await removePointer(tx, ref, { reason, by: toAuditActor(actor), ifMatch });
  return { result: { removed: true as const }, audit: draftOf(ref, moved, reason, "removed") };
});

export const restorePromptLabel = command(restoreSpec, async ({ tx, projectId, params, body, actor, ifMatch }) => {
  const ref = await getLabelRef(tx, projectId, params);
  const moved = await restore(tx, ref, { ...body, by: toAuditActor(actor), ifMatch });
  return {
    result: toLabel(ref, { ...moved, number: moved.to ?? 0 }),
    etag: String(moved.revision),
    audit: draftOf(ref, moved, body.reason, "restored"),
  };
});

export const getPromptLabelHistory = query(historySpec, async ({ reader, projectId, params, query: page }) => {
  const { items, nextCursor } = await pageMoves(reader, await getLabelRef(reader, projectId, params), page);
  if (items.length === 0 && page.cursor === undefined) throw new AppError("not_found", `${params.name} never had a label ${params.label}.`);
  return { result: { items: items.map(({ name: _, ...move }) => move), nextCursor } };
});

export const listPromptLabelMoves = query(listMovesSpec, async ({ reader, projectId, params, query: page }) => {
  const prompt = await getPromptName(reader, projectId, params.name);
  const of = { kind: "prompt-label" as const, projectId, ownerId: prompt.id, ownerName: prompt.name, name: page.label };
  const { items, nextCursor } = await pageMoves(reader, of, page);
  return { result: { items: items.map(({ name: label, ...move }) => ({ label, ...move })), nextCursor } };
});
