import { z } from "zod";
import { RowNumber } from "@/lib/contracts/page";
import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { assertVersion, command, query, toAuditActor } from "../command";
import {
  getPromptLabel as getLabelSpec,
  LabelName,
  listPromptLabelMoves as listMovesSpec,
  movePromptLabel as moveSpec,
  removePromptLabel as removeSpec,
} from "./api";
import { getPromptRow } from "./manage-prompts";
import { toPromptVersion } from "./queries";
import { findLabel, findVersion, lastRevision, listMoveRows, lockPrompt, saveLabel } from "./store";

export const getPromptLabel = query(getLabelSpec, async ({ reader, projectId, params }) => {
  const prompt = await getPromptRow(reader, projectId, params.name);
  const row = await findLabel(reader, prompt.id, params.label);
  if (row === null) throw new AppError("not_found", `${params.name} has no label ${params.label}.`);
  const { labels: _, ...content } = toPromptVersion(row.version);
  return {
    result: { label: row.label, version: content.number, revision: row.revision, movedAt: row.movedAt.toISOString(), content },
    etag: String(row.revision),
  };
});

export const movePromptLabel = command(moveSpec, async ({ tx, projectId, params, body, actor, now, ifMatch }) => {
  const prompt = await getPromptRow(tx, projectId, params.name);
  await lockPrompt(tx, prompt.id);
  const current = await findLabel(tx, prompt.id, params.label);
  if (current !== null) assertVersion(ifMatch, String(current.revision));
  const target = await findVersion(tx, prompt.id, body.version);
  if (target === null)
    throw new AppError("invalid_reference", `${params.name} has no version ${body.version}.`, {
      errors: [{ pointer: "/version", detail: "does not exist" }],
    });
  const shown = (revision: number, movedAt: Date) => ({
    label: params.label,
    version: body.version,
    revision,
    movedAt: movedAt.toISOString(),
  });
  if (current?.versionId === target.id)
    return { result: shown(current.revision, current.movedAt), unchanged: true, etag: String(current.revision) };
  const revision = (await lastRevision(tx, prompt.id, params.label)) + 1;
  await saveLabel(tx, {
    promptId: prompt.id,
    label: params.label,
    fromVersionId: current?.versionId ?? null,
    toVersionId: target.id,
    revision,
    at: now,
    actorName: toAuditActor(actor).name,
    reason: body.reason,
  });
  return {
    result: shown(revision, now),
    etag: String(revision),
    audit: {
      action: "prompt-label.moved",
      objectKind: "prompt",
      objectId: prompt.id,
      objectName: `${prompt.name} ${params.label}`,
      reason: body.reason,
      details: { label: params.label, from: current?.version.number ?? null, to: body.version },
    },
  };
});

export const removePromptLabel = command(removeSpec, async ({ tx, projectId, params, query: { reason }, actor, now, ifMatch }) => {
  const prompt = await getPromptRow(tx, projectId, params.name);
  await lockPrompt(tx, prompt.id);
  const current = await findLabel(tx, prompt.id, params.label);
  if (current === null) throw new AppError("not_found", `${params.name} has no label ${params.label}.`);
  assertVersion(ifMatch, String(current.revision));
  await saveLabel(tx, {
    promptId: prompt.id,
    label: params.label,
    fromVersionId: current.versionId,
    toVersionId: null,
    revision: current.revision + 1,
    at: now,
    actorName: toAuditActor(actor).name,
    reason,
  });
  return {
    result: { removed: true as const },
    audit: {
      action: "prompt-label.removed",
      objectKind: "prompt",
      objectId: prompt.id,
      objectName: `${prompt.name} ${params.label}`,
      reason,
      details: { label: params.label, from: current.version.number, to: null },
    },
  };
});

/** Instant (Unix milliseconds), label and revision of the page's last move. */
const MoveCursor = z.tuple([z.int().min(0).max(253_402_300_799_999), LabelName, RowNumber]);

function parseMoveCursor(cursor: string | undefined) {
  if (cursor === undefined) return null;
  const parsed = MoveCursor.safeParse(parseCursor(cursor, 3));
  if (!parsed.success) throw toCursorError();
  const [at, label, revision] = parsed.data;
  return { at: new Date(at), label, revision };
}

export const listPromptLabelMoves = query(listMovesSpec, async ({ reader, projectId, params, query: page }) => {
  const prompt = await getPromptRow(reader, projectId, params.name);
  const after = parseMoveCursor(page.cursor);
  const rows = await listMoveRows(reader, { promptId: prompt.id, label: page.label, after, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (m) => [m.at.getTime(), m.label, m.revision]);
  return {
    result: {
      items: items.map((m) => ({
        label: m.label,
        revision: m.revision,
        from: m.from,
        to: m.to,
        at: m.at.toISOString(),
        actor: m.actorName,
        reason: m.reason,
      })),
      nextCursor,
    },
  };
});
