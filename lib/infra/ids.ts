import { randomBytes } from "node:crypto";
import { type IdKind, toId } from "@/lib/core/ids";

/** A new id of this kind from the wall clock and the system's random source. */
export function newId(kind: IdKind): string {
  return toId(kind, Date.now(), randomBytes(10));
}
