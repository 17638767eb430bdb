import { z } from "zod";
import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import { addPromptComment as addSpec, listPromptComments as listSpec, type PromptComment, removePromptComment as removeSpec } from "./api";
import { getPromptName } from "./manage-prompts";
import { type CommentRow, findComment, findVersion, insertComment, listCommentRows, type Reader, saveCommentRemoval } from "./store";

function toComment(row: CommentRow, readerId: string): PromptComment {
  const isOwn = row.authorId === readerId;
  return {
    id: row.id,
    body: row.removedAt === null ? row.body : null,
    author: row.authorName,
    isOwn,
    createdAt: row.createdAt.toISOString(),
  };
}

/** @throws AppError not_found */
async function getVersionRow(reader: Reader, projectId: string, { name, version }: { name: string; version: number }) {
  const prompt = await getPromptName(reader, projectId, name);
  const row = await findVersion(reader, prompt.id, version);
  if (row === null) throw new AppError("not_found", `${name} has no version ${version}.`);
  return row;
}

/** Instant (Unix milliseconds) and id of the page's last comment. */
const CommentCursor = z.tuple([z.int().min(0).max(253_402_300_799_999), z.string().max(40)]);

function parseCommentCursor(cursor: string | undefined) {
  if (cursor === undefined) return null;
  const parsed = CommentCursor.safeParse(parseCursor(cursor, 2));
  if (!parsed.success) throw toCursorError();
  return { createdAt: new Date(parsed.data[0]), id: parsed.data[1] };
}

export const listPromptComments = query(listSpec, async ({ reader, projectId, params, query: page, actor }) => {
  const version = await getVersionRow(reader, projectId, params);
  const after = parseCommentCursor(page.cursor);
  const rows = await listCommentRows(reader, { versionId: version.id, after, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.createdAt.getTime(), r.id]);
  return { result: { items: items.map((row) => toComment(row, toAuditActor(actor).id)), nextCursor } };
});

export const addPromptComment = command(addSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const version = await getVersionRow(tx, projectId, params);
  const author = toAuditActor(actor);
  const row = await insertComment(tx, {
    id: newId("promptComment"),
    versionId: version.id,
    body: body.body,
    authorId: author.id,
    authorName: author.name,
    createdAt: now,
  });
  return {
    result: toComment(row, author.id),
    audit: {
      action: "prompt-comment.added",
      objectKind: "prompt-version",
      objectId: version.id,
      objectName: `${params.name} v${params.version}`,
      details: { comment: row.id },
    },
  };
});

export const removePromptComment = command(removeSpec, async ({ tx, projectId, params, actor, now }) => {
  const version = await getVersionRow(tx, projectId, params);
  const row = await findComment(tx, version.id, params.comment);
  if (row === null) throw new AppError("not_found", `Version ${params.version} of ${params.name} has no such comment.`);
  const author = toAuditActor(actor);
  if (row.authorId !== author.id) throw new AppError("forbidden", "Only who wrote a comment can take it back.");
  if (row.removedAt !== null) return { result: toComment(row, author.id), unchanged: true };
  const removed = await saveCommentRemoval(tx, row.id, now);
  return {
    result: toComment(removed, author.id),
    audit: {
      action: "prompt-comment.removed",
      objectKind: "prompt-version",
      objectId: version.id,
      objectName: `${params.name} v${params.version}`,
      details: { comment: row.id },
    },
  };
});
