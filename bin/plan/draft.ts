import type { Kind } from "../files/names";
import type { Entry } from "../files/read-folder";
import type { Conflict, Notice, OnlyOnServer, Step } from "./types";

/** A plan while it is made: what each prompt and model adds to it. */
export interface Draft {
  step(step: Step): void;
  conflict(at: { of: Kind; entry: Entry<unknown>; pointer: string; detail: string }): void;
  onlyOnServer(what: OnlyOnServer): void;
  notice(notice: Notice): void;
  countSame(): void;
}

export interface Drafted {
  readonly steps: Step[];
  readonly conflicts: Conflict[];
  readonly onlyOnServer: OnlyOnServer[];
  readonly notices: Notice[];
  sameVersions: number;
}

export function openDraft(): { draft: Draft; drafted: Drafted } {
  const drafted: Drafted = { steps: [], conflicts: [], onlyOnServer: [], notices: [], sameVersions: 0 };
  const draft: Draft = {
    step: (step) => drafted.steps.push(step),
    conflict: ({ of, entry, pointer, detail }) =>
      drafted.conflicts.push({ file: entry.file, ...entry.placeOf(pointer), of, name: entry.name, detail }),
    onlyOnServer: (what) => drafted.onlyOnServer.push(what),
    notice: (notice) => drafted.notices.push(notice),
    countSame: () => drafted.sameVersions++,
  };
  return { draft, drafted };
}
