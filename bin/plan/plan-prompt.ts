import { toCanonicalJson } from "@/lib/core/canonical";
import { type Include, readPromptText, toReference } from "@/lib/core/composition";
import { composePrompt, type IncludedVersion, MAX_COMPOSITION_DEPTH, type PromptPart } from "@/lib/domain/prompts/rules/compose";
import { promptContent, promptHash } from "../files/content";
import type { Entry } from "../files/read-folder";
import type { PromptFile, PromptVersionFile } from "../files/shapes";
import type { RemotePrompt } from "../remote/read-project";
import type { Draft } from "./draft";
import { planPointers } from "./plan-pointers";
import type { RemoteProject } from "./types";

const ABSENT: RemotePrompt = { description: "", labels: new Map(), versions: new Map() };

/** The prompts that a version takes in. Templates were read before, so that none of them can fail here. */
const listIncludes = (version: PromptVersionFile): Include[] => listTaken(promptContent(version));
const listTaken = ({ messages }: Pick<PromptPart, "messages">): Include[] =>
  messages.flatMap((message) => [...readPromptText(message.content).includes]);

interface Known {
  readonly files: ReadonlyMap<string, Entry<PromptFile>>;
  readonly remote: RemoteProject;
}

/** Whether a reference means something on the server already, and whether it will once the import is done. */
function findTarget({ files, remote }: Known, include: Include): { isThere: boolean; step: string | null } {
  const outline = remote.outlines.get(include.name);
  const file = files.get(include.name)?.value;
  if ("version" in include.which) {
    const { version } = include.which;
    const isThere = version <= (outline?.latestVersion ?? 0);
    const isPlanned = file?.versions.some((v) => v.number === version) ?? false;
    return { isThere, step: !isThere && isPlanned ? `register prompt ${include.name} v${version}` : null };
  }
  const { label } = include.which;
  const isPlanned = file !== undefined && Object.hasOwn(file.labels, label);
  return { isThere: outline?.labels.has(label) ?? false, step: isPlanned ? `move label ${include.name} ${label}` : null };
}

interface Wanted {
  readonly after: string[];
  readonly preferAfter: string[];
  /** Why the server would refuse it, with pointers into the version. */
  readonly mistakes: { pointer: string; detail: string }[];
}

/** What a new version's references ask of the order, and what speaks against them. */
function planIncludes(name: string, version: PromptVersionFile, known: Known): Wanted {
  const wanted: Wanted = { after: [], preferAfter: [], mistakes: [] };
  for (const include of listIncludes(version)) {
    const { isThere, step } = findTarget(known, include);
    if (step !== null) (isThere ? wanted.preferAfter : wanted.after).push(step);
    else if (!isThere)
      wanted.mistakes.push({
        pointer: "",
        detail: `takes in ${toReference(include)}, which is neither on the server nor in the directory`,
      });
  }
  if (wanted.mistakes.length > 0) return wanted;
  const { mistakes } = composePrompt(name, promptContent(version), readMeanings(version, known));
  return { ...wanted, mistakes };
}

/** What a reference will mean once the import is done; null where it means nothing. */
function findMeaning(include: Include, { files, remote }: Known): IncludedVersion | null {
  const { name, which } = include;
  const own = files.get(name)?.value;
  const there = remote.prompts.get(name);
  const number = "version" in which ? which.version : (own?.labels[which.label] ?? there?.labels.get(which.label)?.version);
  const version = own?.versions.find((v) => v.number === number) ?? (number === undefined ? undefined : there?.versions.get(number));
  if (version === undefined) return null;
  const { kind, messages, variables } = promptContent(version);
  return { versionId: "", name, number: version.number, contentHash: promptHash(version), kind, messages, variables };
}

/** All that a version takes in, and what that takes in: as deep as a composition may reach. */
function readMeanings(version: PromptVersionFile, known: Known): Map<string, IncludedVersion | null> {
  const meanings = new Map<string, IncludedVersion | null>();
  let wanted = listIncludes(version);
  for (let depth = 0; depth <= MAX_COMPOSITION_DEPTH && wanted.length > 0; depth++) {
    const next: Include[] = [];
    for (const include of wanted) {
      const reference = toReference(include);
      if (meanings.has(reference)) continue;
      const meaning = findMeaning(include, known);
      meanings.set(reference, meaning);
      if (meaning !== null) next.push(...listTaken(meaning));
    }
    wanted = next;
  }
  return meanings;
}

/** The moves of labels that a version takes in, and what those take in. */
function listLabelMoves(first: { name: string; number: number }, { files, remote }: Known): string[] {
  const moves = new Set<string>();
  const seen = new Set<string>();
  const open = [first];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { name, number } = at;
    if (seen.has(`${name}#${number}`)) continue;
    seen.add(`${name}#${number}`);
    const own = files.get(name)?.value.versions.find((v) => v.number === number);
    const version = own ?? remote.prompts.get(name)?.versions.get(number);
    for (const include of version === undefined ? [] : listIncludes(version)) {
      if ("version" in include.which) open.push({ name: include.name, number: include.which.version });
      else {
        const { label } = include.which;
        const to = files.get(include.name)?.value.labels[label] ?? remote.prompts.get(include.name)?.labels.get(label)?.version;
        moves.add(`move label ${include.name} ${label}`);
        if (to !== undefined) open.push({ name: include.name, number: to });
      }
    }
  }
  return [...moves];
}

const contentOf = ({ number: _n, contentHash: _h, note: _o, ...content }: PromptVersionFile): Record<string, unknown> => content;

function listDifferences(server: PromptVersionFile, own: PromptVersionFile): string[] {
  const [theirs, ours] = [contentOf(server), contentOf(own)];
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)]), "note"];
  const at = (version: PromptVersionFile, content: Record<string, unknown>, field: string) =>
    toCanonicalJson(field === "note" ? version.note : (content[field] ?? null));
  return names.filter((field) => at(server, theirs, field) !== at(own, ours, field));
}

interface Side {
  readonly server: RemotePrompt;
  readonly hash: string;
  /** The number that the server gives next, once what stands before is registered. */
  readonly next: number;
  /** A number that neither side has used. */
  readonly free: number;
}

/** What is to be done with a version: nothing, registering it, or a person. */
function compare(version: PromptVersionFile, { server, hash, next, free }: Side): "same" | "new" | { conflict: string } {
  const { number } = version;
  const there = server.versions.get(number);
  if (there !== undefined) {
    const differs = listDifferences(there, version);
    if (differs.length === 0) return "same";
    const mend = there.contentHash === hash ? "" : `give yours the next number (${free}), or `;
    return {
      conflict: `version ${number} differs from the server's in ${differs.join(", ")}. A version never changes: ${mend}take the server's with export`,
    };
  }
  const twin = [...server.versions.values()].find(({ contentHash }) => contentHash === hash);
  if (twin !== undefined)
    return {
      conflict: `version ${number} has the content of version ${twin.number} on the server, and one content is one version: take it out, and point labels at ${twin.number}`,
    };
  const kind = server.versions.values().next().value?.kind ?? version.kind;
  if (kind !== version.kind)
    return {
      conflict: `version ${number} is a ${version.kind}, and those on the server are each a ${kind}: another kind is another prompt`,
    };
  if (number !== next) return { conflict: `version ${number} cannot be: the server gives numbers in order, and the next one is ${next}` };
  return "new";
}

/** Adds what one prompt's file asks for. */
export function planPrompt(draft: Draft, entry: Entry<PromptFile>, known: Known): void {
  const { name, value } = entry;
  const there = known.remote.prompts.get(name);
  const server = there ?? ABSENT;
  const conflict = (pointer: string, detail: string) => draft.conflict({ of: "prompt", entry, pointer, detail });
  const created = `create prompt ${name}`;
  if (there === undefined) draft.step({ kind: "create", of: "prompt", name, id: created, after: [], preferAfter: [] });
  else if (there.description !== value.description)
    draft.notice({
      of: "prompt",
      name,
      detail: "the description differs: it is said once, when the prompt is created, and stays as it is",
    });

  const numbers = new Set([...server.versions.keys(), ...value.versions.map((v) => v.number)]);
  const free = Math.max(0, ...numbers) + 1;
  let next = Math.max(0, ...server.versions.keys()) + 1;
  let previous = there === undefined ? [created] : [];
  const indexed = value.versions.map((version, index) => ({ version, index })).sort((a, b) => a.version.number - b.version.number);
  for (const { version, index } of indexed) {
    const hash = promptHash(version);
    const outcome = compare(version, { server, hash, next, free });
    if (outcome === "same") draft.countSame();
    else if (outcome !== "new") {
      conflict(`/versions/${index}`, outcome.conflict);
      next = Math.max(next, version.number + 1);
    } else {
      const { number } = version;
      next++;
      const { after, preferAfter, mistakes } = planIncludes(name, version, known);
      for (const { pointer, detail } of mistakes) conflict(`/versions/${index}${pointer}`, detail);
      const id = `register prompt ${name} v${number}`;
      draft.step({ kind: "register", of: "prompt", name, version: number, hash, id, after: [...previous, ...after], preferAfter });
      previous = [id];
    }
  }
  const own = new Set(value.versions.map((v) => v.number));
  for (const version of server.versions.keys()) if (!own.has(version)) draft.onlyOnServer({ of: "prompt", name, version });
  planPointers(draft, {
    of: "prompt",
    entry,
    wanted: value.labels,
    server: server.labels,
    numbers,
    approvalOf: known.remote.approvalOf,
    // A label that a text takes in moves first: its move afterwards would make void what was asked for.
    afterMove: (number) => ({ after: [`register prompt ${name} v${number}`], preferAfter: listLabelMoves({ name, number }, known) }),
    objectionTo: () => null,
  });
}
