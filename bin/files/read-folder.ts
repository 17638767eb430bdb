import { lstat, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { findPromptMistakes } from "@/lib/domain/prompts/rules/content";
import { CommandError } from "../errors";
import { promptContent, promptHash } from "./content";
import { FOLDERS, FORMAT_FILE, fromFile, type Kind } from "./names";
import { type Mistake, type Place, readYaml } from "./read-yaml";
import { FormatFile, ModelFile, PromptFile } from "./shapes";

/** A prompt or model as its file says it. */
export interface Entry<T> {
  readonly name: string;
  /** From the directory's top, with `/`. */
  readonly file: string;
  readonly value: T;
  readonly placeOf: (pointer: string) => Place;
}

export interface Folder {
  readonly prompts: readonly Entry<PromptFile>[];
  readonly models: readonly Entry<ModelFile>[];
}

const nowhere = { line: 1, column: 1, pointer: "" };
const isAbsent = (error: unknown) => error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** Every file below a folder, sorted; links are named and never followed. */
async function walk(root: string, folder: string): Promise<{ files: string[]; links: string[] }> {
  const files: string[] = [];
  const links: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await readdir(path.join(root, at), { withFileTypes: true })) {
      const full = `${at}/${entry.name}`;
      if (entry.isSymbolicLink()) links.push(full);
      else if (entry.isDirectory() && !entry.name.startsWith(".")) open.push(full);
      else if (entry.isFile()) files.push(full);
    }
  }
  return { files: files.sort(), links: links.sort() };
}

/** What the top of a kind's folder is: a folder of its own, nothing, or something that is not read. */
async function look(root: string, folder: string): Promise<"folder" | "absent" | "other"> {
  try {
    return (await lstat(path.join(root, folder))).isDirectory() ? "folder" : "other";
  } catch (error) {
    if (isAbsent(error)) return "absent";
    throw error;
  }
}

async function readKind<T>(root: string, kind: Kind, read: (name: string, file: string, bytes: Uint8Array) => Entry<T> | Mistake[]) {
  const entries: Entry<T>[] = [];
  const mistakes: Mistake[] = [];
  const folder = FOLDERS[kind];
  const is = await look(root, folder);
  if (is === "other") mistakes.push({ file: folder, ...nowhere, detail: "is not a folder (links are not followed)" });
  if (is !== "folder") return { entries, mistakes };
  const { files, links } = await walk(root, folder);
  for (const file of links) mistakes.push({ file, ...nowhere, detail: "is a symbolic link, and links are not followed" });
  for (const file of files) {
    if (/\.yml$/i.test(file)) mistakes.push({ file, ...nowhere, detail: "ends in .yml: name it .yaml" });
    if (!file.endsWith(".yaml") || path.posix.basename(file).startsWith(".")) continue;
    const named = fromFile(kind, file);
    if ("mistake" in named) {
      mistakes.push({ file, ...nowhere, detail: named.mistake });
      continue;
    }
    const got = read(named.name, file, await readFile(path.join(root, file)));
    if (Array.isArray(got)) mistakes.push(...got);
    else entries.push(got);
  }
  return { entries, mistakes };
}

interface Numbered {
  readonly versions: readonly { readonly number: number }[];
}

function findNumberMistakes({ versions }: Numbered): { pointer: string; detail: string }[] {
  return versions.flatMap(({ number }, i) =>
    versions.findIndex((v) => v.number === number) < i
      ? [{ pointer: `/versions/${i}/number`, detail: `version ${number} stands twice` }]
      : [],
  );
}

/** What the server would refuse of a prompt's versions, or would take for something else. */
export function findPromptFileMistakes(prompt: PromptFile): { pointer: string; detail: string }[] {
  const seen = new Map<string, number>();
  const found = findNumberMistakes(prompt);
  const kind = prompt.versions[0]?.kind;
  prompt.versions.forEach((version, i) => {
    const at = `/versions/${i}`;
    if (version.kind !== kind)
      found.push({
        pointer: `${at}/kind`,
        detail: `version ${version.number} is a ${version.kind}, the others are not: another kind is another prompt`,
      });
    const own = findPromptMistakes(promptContent(version)).map(({ pointer, detail }) => ({ pointer: `${at}${pointer}`, detail }));
    found.push(...own);
    if (own.length > 0) return;
    const hash = promptHash(version);
    const same = seen.get(hash);
    if (same !== undefined)
      found.push({ pointer: at, detail: `version ${version.number} has the content of version ${same}, and one content is one version` });
    seen.set(hash, version.number);
    if (version.contentHash !== undefined && version.contentHash !== hash)
      found.push({
        pointer: `${at}/contentHash`,
        detail: `version ${version.number} was edited: its content is not that of this hash. A version never changes. Put it back, and add the edited one as the next number without a contentHash`,
      });
  });
  return found;
}

function toEntry<T>(
  read: { value: T; placeOf: (pointer: string) => Place },
  at: { name: string; file: string },
  found: readonly { pointer: string; detail: string }[],
): Entry<T> | Mistake[] {
  if (found.length > 0) return found.map((f) => ({ file: at.file, ...read.placeOf(f.pointer), ...f }));
  return { ...at, ...read };
}

/** Two anchors in one sentence: which file says that this is such a directory. @throws CommandError when there is none */
async function readFormat(root: string): Promise<readonly Mistake[]> {
  const full = path.join(root, FORMAT_FILE);
  try {
    if (!(await lstat(full)).isFile()) return [{ file: FORMAT_FILE, ...nowhere, detail: "is not a file (links are not followed)" }];
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new CommandError(`${root} holds no ${FORMAT_FILE}.`, [
      "Name the directory that `switchyard export` wrote, or begin one with a file of one line: format: 1",
    ]);
  }
  const read = readYaml(FORMAT_FILE, await readFile(full), FormatFile);
  return "mistakes" in read ? read.mistakes : [];
}

/** Reads and checks all of a directory before anything is done with it. Only what lies in it is read. */
export async function readFolder(root: string): Promise<Folder | { readonly mistakes: readonly Mistake[] }> {
  const format = await readFormat(root);
  if (format.length > 0) return { mistakes: format };
  const prompts = await readKind<PromptFile>(root, "prompt", (name, file, bytes) => {
    const read = readYaml(file, bytes, PromptFile);
    return "mistakes" in read ? [...read.mistakes] : toEntry(read, { name, file }, findPromptFileMistakes(read.value));
  });
  const models = await readKind<ModelFile>(root, "model", (name, file, bytes) => {
    const read = readYaml(file, bytes, ModelFile);
    return "mistakes" in read ? [...read.mistakes] : toEntry(read, { name, file }, findNumberMistakes(read.value));
  });
  const mistakes = [...prompts.mistakes, ...models.mistakes];
  return mistakes.length > 0 ? { mistakes } : { prompts: prompts.entries, models: models.entries };
}
