import { AppError } from "@/lib/core/errors";
import { command, query, toAuditActor } from "../command";
import {
  getModelAlias as getSpec,
  getModelAliasHistory as historySpec,
  listModelAliases as listSpec,
  moveModelAlias as moveSpec,
  removeModelAlias as removeSpec,
  restoreModelAlias as restoreSpec,
} from "./api";
import { type Moved, movePointer, removePointer, restorePointer } from "./move-pointer";
import { pageMoves, readPointerAt } from "./read-pointer";
import { findOwnerId, listPointers, type PointerRef, type Reader } from "./store";

async function getModelRef(reader: Reader, projectId: string, name: string): Promise<Omit<PointerRef, "name">> {
  const ownerId = await findOwnerId(reader, "model-alias", { projectId, name });
  if (ownerId === null) throw new AppError("not_found", `The project has no model ${name}.`);
  return { kind: "model-alias", projectId, ownerId, ownerName: name };
}

const getAliasRef = async (reader: Reader, projectId: string, params: { name: string; alias: string }): Promise<PointerRef> => ({
  ...(await getModelRef(reader, projectId, params.name)),
  name: params.alias,
});

const toAlias = (alias: string, row: { number: number; revision: number; movedAt: Date }) => ({
  alias,
  version: row.number,
  revision: row.revision,
  movedAt: row.movedAt.toISOString(),
});

export const listModelAliases = query(listSpec, async ({ reader, projectId, params }) => {
  const rows = await listPointers(reader, await getModelRef(reader, projectId, params.name));
  return { result: { items: rows.map((row) => toAlias(row.name, row)), nextCursor: null } };
});

export const getModelAlias = query(getSpec, async ({ reader, projectId, params, query: when }) => {
  const found = await readPointerAt(reader, await getAliasRef(reader, projectId, params), when);
  if (found === null)
    throw new AppError("not_found", `${params.name} has no alias ${params.alias}${when.at === undefined ? "" : " at that time"}.`);
  return { result: toAlias(params.alias, { ...found, movedAt: found.since }), etag: String(found.revision) };
});

function draftOf(ref: PointerRef, moved: Moved, reason: string, action: "moved" | "removed" | "restored") {
  const { from, to, approval, voided } = moved;
  return {
    action: `model-alias.${action}`,
    objectKind: "model",
    objectId: ref.ownerId,
    objectName: `${ref.ownerName} ${ref.name}`,
    reason,
    details: { alias: ref.name, from, to, approval, voided },
  };
}

export const moveModelAlias = command(moveSpec, async ({ tx, projectId, params, body, actor, ifMatch }) => {
  const ref = await getAliasRef(tx, projectId, params);
  const outcome = await movePointer(tx, ref, { ...body, by: toAuditActor(actor), ifMatch });
  if (outcome.kind === "unchanged") return { result: toAlias(ref.name, outcome.row), unchanged: true, etag: String(outcome.row.revision) };
  const { moved } = outcome;
  return {
    result: toAlias(ref.name, { ...moved, number: body.version }),
    etag: String(moved.revision),
    audit: draftOf(ref, moved, body.reason, "moved"),
  };
});

export const removeModelAlias = command(removeSpec, async ({ tx, projectId, params, query: { reason }, actor, ifMatch }) => {
  const ref = await getAliasRef(tx, projectId, params);
  const moved = await removePointer(tx, ref, { reason, by: toAuditActor(actor), ifMatch });
  return { result: { removed: true as const }, audit: draftOf(ref, moved, reason, "removed") };
});

export const restoreModelAlias = command(restoreSpec, async ({ tx, projectId, params, body, actor, ifMatch }) => {
  const ref = await getAliasRef(tx, projectId, params);
  const moved = await restorePointer(tx, ref, { ...body, by: toAuditActor(actor), ifMatch });
  return {
    result: toAlias(ref.name, { ...moved, number: moved.to ?? 0 }),
    etag: String(moved.revision),
    audit: draftOf(ref, moved, body.reason, "restored"),
  };
});

export const getModelAliasHistory = query(historySpec, async ({ reader, projectId, params, query: page }) => {
  const { items, nextCursor } = await pageMoves(reader, await getAliasRef(reader, projectId, params), page);
  if (items.length === 0 && page.cursor === undefined)
    throw new AppError("not_found", `${params.name} never had an alias ${params.alias}.`);
  return { result: { items: items.map(({ name: _, ...move }) => move), nextCursor } };
});
