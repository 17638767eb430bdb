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
  /** Steps that a move to this version comes after; ids of steps that are not in the plan do no harm. */
  readonly afterMove: (version: number, pointer: string) => readonly string[];
}

/** Adds the moves of a prompt's labels or a model's aliases. */
export function planPointers(draft: Draft, { of, entry, wanted, server, numbers, approvalOf, afterMove }: Wanted): void {
  const { pointer: word, field } = WORD[of];
  const { name } = entry;
  for (const [pointer, to] of Object.entries(wanted).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const stands = server.get(pointer);
    if (stands?.version === to) continue;
    if (!numbers.has(to)) {
      draft.conflict({
        of,
        entry,
        pointer: `/${field}/${pointer}`,
        detail: `${word} ${pointer} points at version ${to}, which there is not`,
      });
      continue;
    }
    const id = `move ${word} ${name} ${pointer}`;
    const [from, revision] = stands === undefined ? [null, null] : [stands.version, stands.revision];
    draft.step({
      kind: "move",
      of,
      name,
      pointer,
      from,
      to,
      revision,
      approval: approvalOf(pointer),
      id,
      after: afterMove(to, pointer),
      preferAfter: [],
    });
  }
  for (const pointer of server.keys()) if (!Object.hasOwn(wanted, pointer)) draft.onlyOnServer({ of, name, pointer });
}
