import { AppError } from "./errors";

/** Largest number of a version, release or rollout: PostgreSQL's integer. */
export const MAX_ROW_NUMBER = 2_147_483_647;

/** An opaque place in a list: the sort values of the last item, as base64url JSON. */
export function toCursor(values: readonly (string | number)[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(values));
  let binary = "";
  for (const b of bytes) binary += String.fromCharCode(b);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** For a cursor that cannot have come from the list it was sent to. */
export function toCursorError(): AppError {
  return new AppError("invalid_request", "The cursor is not one that this list gave. Start again without it.", {
    errors: [{ pointer: "?cursor", detail: "is not a cursor of this list" }],
  });
}

/** @throws AppError invalid_request for a cursor that no list of ours gave */
export function parseCursor(cursor: string, length: number): (string | number)[] {
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const values: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (c) => c.charCodeAt(0))));
    if (Array.isArray(values) && values.length === length && values.every((v) => typeof v === "string" || typeof v === "number"))
      return values;
  } catch {}
  throw toCursorError();
}

/** The name or id that a page starts after; null at the list's start. @throws AppError invalid_request */
export function parseTextCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const [value] = parseCursor(cursor, 1);
  if (typeof value !== "string" || value.includes("\0")) throw toCursorError();
  return value;
}

/** The row number (PostgreSQL integer) that a page starts after; null at the list's start. @throws AppError invalid_request */
export function parseNumberCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const [value] = parseCursor(cursor, 1);
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > MAX_ROW_NUMBER) throw toCursorError();
  return value;
}

/** Cuts `limit + 1` fetched rows to a page. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  key: (row: T) => readonly (string | number)[],
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? toCursor(key(last)) : null };
}
