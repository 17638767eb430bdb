import { call } from "@/lib/client/call";
import { requestApproval } from "@/lib/domain/approvals/api";
import { getModelAlias, moveModelAlias, type PointerKind, restoreModelAlias } from "@/lib/domain/pointers/api";
import { getPromptLabel, movePromptLabel, restorePromptLabel } from "@/lib/domain/prompts/api";

/** Whose pointers, and which of their names are protected. */
export interface PointerOwner {
  readonly kind: PointerKind;
  readonly name: string;
  readonly latestVersion: number;
  readonly pointers: readonly string[];
  readonly protectedNames: readonly string[];
}

export interface PointerWish {
  readonly pointer: string;
  readonly version: number;
  readonly reason: string;
}

/** Moves it as it was read a moment ago: refused if somebody else moved it since. */
export async function movePointer(project: string, owner: PointerOwner, { pointer, version, reason }: PointerWish) {
  const isThere = owner.pointers.includes(pointer);
  const body = { version, reason };
  if (owner.kind === "prompt-label") {
    const params = { name: owner.name, label: pointer };
    const current = isThere ? await call(getPromptLabel, { project, params }) : null;
    if (current !== null && !current.ok) return current;
    return call(movePromptLabel, { project, params, body, ifMatch: current?.etag ?? undefined });
  }
  const params = { name: owner.name, alias: pointer };
  const current = isThere ? await call(getModelAlias, { project, params }) : null;
  if (current !== null && !current.ok) return current;
  return call(moveModelAlias, { project, params, body, ifMatch: current?.etag ?? undefined });
}

/** Asks for the approval of exactly this. */
export function askForPointer(project: string, owner: PointerOwner, { pointer, version, reason }: PointerWish) {
  const subject: Record<string, string | number> =
    owner.kind === "prompt-label" ? { prompt: owner.name, label: pointer, version } : { model: owner.name, alias: pointer, version };
  return call(requestApproval, { project, body: { kind: owner.kind, subject, reason } });
}

/** Back to where it stood before its last move, whose revision the caller has read. */
export function restorePointer(project: string, owner: PointerOwner, back: { pointer: string; revision: number; reason: string }) {
  const parts = { project, body: { reason: back.reason }, ifMatch: String(back.revision) };
  return owner.kind === "prompt-label"
    ? call(restorePromptLabel, { ...parts, params: { name: owner.name, label: back.pointer } })
    : call(restoreModelAlias, { ...parts, params: { name: owner.name, alias: back.pointer } });
}
