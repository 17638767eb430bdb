import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { CommandError } from "../errors";
import { FOLDERS } from "./names";
import { isOurs } from "./write-yaml";

export interface Written {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
}

const TEMPORARY = ".switchyard-export-";
const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : null);

async function kindOf(full: string): Promise<"file" | "folder" | "link" | "other" | "absent"> {
  try {
    const found = await lstat(full);
    if (found.isSymbolicLink()) return "link";
    if (found.isFile()) return "file";
    return found.isDirectory() ? "folder" : "other";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return "absent";
    throw error;
  }
}

/** Why a file may not be written: a link on its way would lead out of the directory. */
async function findHindrance(root: string, file: string): Promise<string | null> {
  const parts = file.split("/");
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join("/");
    const is = await kindOf(path.join(root, part));
    if (is === "absent") return null;
    const wanted = i === parts.length ? "file" : "folder";
    if (is !== wanted) return `${part} is in the way: it is a ${is}, and a ${wanted} is needed there`;
  }
  return null;
}

/** The files below a kind's folder that carry our first line. */
async function listOurs(root: string): Promise<string[]> {
  const ours: string[] = [];
  const open = Object.values(FOLDERS);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if ((await kindOf(path.join(root, at))) !== "folder") continue;
    for (const entry of await readdir(path.join(root, at), { withFileTypes: true })) {
      const full = `${at}/${entry.name}`;
      if (entry.isDirectory()) open.push(full);
      else if (entry.isFile() && entry.name.endsWith(".yaml") && isOurs(await readFile(path.join(root, full), "utf8"))) ours.push(full);
    }
  }
  return ours.sort();
}

async function writeDurably(full: string, text: string): Promise<void> {
  await mkdir(path.dirname(full), { recursive: true });
  const handle = await open(full, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Folders that a removal left empty; one that still holds something stays. */
async function removeEmptyFolders(root: string, file: string): Promise<void> {
  for (let at = path.posix.dirname(file); at.includes("/"); at = path.posix.dirname(at)) {
    try {
      await rmdir(path.join(root, at));
    } catch {
      return;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** What an export that was killed had prepared. */
async function removeLeftOvers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = name.startsWith(TEMPORARY) ? Number(name.slice(TEMPORARY.length)) : Number.NaN;
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid))) await rm(path.join(root, name), { recursive: true, force: true });
  }
}

/**
 * Puts the files in place: all of them are written beside their places first, then moved there one by one, so that no file is ever half
 * written, and a full disk or a kill before the first move leaves the directory as it was. Files of ours that are no longer named go away.
 * @throws CommandError where a file that is not ours, or a link, is in the way
 */
export async function writeFolder(root: string, files: ReadonlyMap<string, string>, { isForced }: { isForced: boolean }): Promise<Written> {
  const hindrances: string[] = [];
  const written: string[] = [];
  const unchanged: string[] = [];
  for (const [file, text] of files) {
    const hindrance = await findHindrance(root, file);
    if (hindrance !== null) hindrances.push(hindrance);
    else if ((await kindOf(path.join(root, file))) === "absent") written.push(file);
    else {
      const there = await readFile(path.join(root, file), "utf8");
      if (there === text) unchanged.push(file);
      else if (isOurs(there) || isForced) written.push(file);
      else hindrances.push(`${file} was not written by this command; --force writes over it`);
    }
  }
  if (hindrances.length > 0) throw new CommandError("Nothing was written.", [...new Set(hindrances)]);
  const removed = (await listOurs(root)).filter((file) => !files.has(file));
  await mkdir(root, { recursive: true });
  await removeLeftOvers(root);
  const temporary = path.join(root, `${TEMPORARY}${process.pid}`);
  try {
    for (const file of written) await writeDurably(path.join(temporary, file), files.get(file) ?? "");
    for (const file of removed) await rm(path.join(root, file));
    for (const file of removed) await removeEmptyFolders(root, file);
    for (const file of written) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await rename(path.join(temporary, file), path.join(root, file));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { written, unchanged, removed };
}
