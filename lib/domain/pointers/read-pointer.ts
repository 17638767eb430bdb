import { z } from "zod";
import { RowNumber } from "@/lib/contracts/page";
import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { type PointerMove, PointerName } from "./api";
import { databaseNow, findMoveAt, findPointer, listMoveRows, type MoveRow, type PointerRef, type Reader } from "./store";

export function toMove(row: MoveRow): PointerMove {
  return {
    revision: row.revision,
    from: row.from,
    to: row.to,
    validFrom: row.validFrom.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    actor: row.actorName,
    reason: row.reason,
    approval: row.approval,
  };
}

/** Instant (Unix milliseconds), name and revision of the page's last move. */
const MoveCursor = z.tuple([z.int().min(0).max(253_402_300_799_999), PointerName, RowNumber]);

function parseMoveCursor(cursor: string | undefined) {
  if (cursor === undefined) return null;
  const parsed = MoveCursor.safeParse(parseCursor(cursor, 3));
  if (!parsed.success) throw toCursorError();
  const [at, name, revision] = parsed.data;
  return { at: new Date(at), name, revision };
}

/** One page of moves of one pointer, or of all that a model or prompt has; newest first. */
export async function pageMoves(
  reader: Reader,
  ref: Omit<PointerRef, "name"> & { name?: string | undefined },
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: (PointerMove & { name: string })[]; nextCursor: string | null }> {
  const after = parseMoveCursor(page.cursor);
  const rows = await listMoveRows(reader, ref, { name: ref.name, after, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (m) => [m.recordedAt.getTime(), m.name, m.revision]);
  return { items: items.map((m) => ({ name: m.name, ...toMove(m) })), nextCursor };
}

/** Where it was at an instant, by what was known at another one (both now if absent). Null: it was not there. */
export async function readPointerAt(
  reader: Reader,
  ref: PointerRef,
  when: { at?: string | undefined; knownAt?: string | undefined },
): Promise<{ versionId: string; number: number; revision: number; since: Date } | null> {
  if (when.at === undefined && when.knownAt === undefined) {
    const row = await findPointer(reader, ref);
    return row === null ? null : { ...row, since: row.movedAt };
  }
  const now = await databaseNow(reader);
  const at = when.at === undefined ? now : new Date(when.at);
  const knownAt = when.knownAt === undefined ? now : new Date(when.knownAt);
  const move = await findMoveAt(reader, ref, { at, knownAt });
  if (move === null || move.toVersionId === null || move.to === null) return null;
  return { versionId: move.toVersionId, number: move.to, revision: move.revision, since: move.validFrom };
}
