import type { Kind } from "../files/names";
import type { Entry } from "../files/read-folder";
import type { Pointer } from "../remote/read-project";
import type { Draft } from "./draft";
import type { NeededApproval } from "./types";

const WORD: Readonly<Record<Kind, { pointer: string; field: string }>> = {
  prompt: { pointer: "label", field: "labels" },
  model: { pointer: "alias", field: "aliases" },
};

interface Wanted {
  readonly of: Kind;
  readonly entry: Entry<unknown>;
  readonly wanted: Readonly<Record<string, number>>;
  readonly server: ReadonlyMap<string, Pointer>;
  /** Versions that there are, or will be. */
  readonly numbers: ReadonlySet<number>;
  readonly approvalOf: (pointer: string) => NeededApproval | null;
  /** Steps that a move to this version comes after, whether or not they are in the plan. */
  readonly afterMove: (version: number, pointer: string) => { readonly after: readonly string[]; readonly preferAfter: readonly string[] };
  /** Why it may not point there, in a sentence; null when it may. */
  readonly objectionTo: (version: number, pointer: string) => string | null;
}

/** Adds the moves of a prompt's labels or a model's aliases. */
export function planPointers(draft: Draft, { of, entry, wanted, server, numbers, approvalOf, afterMove, objectionTo }: Wanted): void {
  const { pointer: word, field } = WORD[of];
  const { name } = entry;
  for (const [pointer, to] of Object.entries(wanted).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const stands = server.get(pointer);
    if (stands?.version === to) continue;
    const objection = numbers.has(to) ? objectionTo(to, pointer) : `points at version ${to}, which there is not`;
    if (objection !== null) {
      draft.conflict({ of, entry, pointer: `/${field}/${pointer}`, detail: `${word} ${pointer} ${objection}` });
      continue;
    }
    const id = `move ${word} ${name} ${pointer}`;
    const [from, revision] = stands === undefined ? [null, null] : [stands.version, stands.revision];
    const approval = approvalOf(pointer);
    draft.step({ kind: "move", of, name, pointer, from, to, revision, approval, id, ...afterMove(to, pointer) });
  }
  for (const pointer of server.keys()) if (!Object.hasOwn(wanted, pointer)) draft.onlyOnServer({ of, name, pointer });
}
