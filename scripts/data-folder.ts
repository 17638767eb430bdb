import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "..");

const MARKER = "switchyard-data.json";
const KIND = "switchyard-data-folder";

/** `SWITCHYARD_DATA_DIR`, by default `.switchyard` in the project; relative paths count from the project. */
export function dataFolderPath(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(projectRoot, env.SWITCHYARD_DATA_DIR || ".switchyard");
}

function isOurs(folder: string): boolean {
  try {
    const marker: unknown = JSON.parse(readFileSync(path.join(folder, MARKER), "utf8"));
    return typeof marker === "object" && marker !== null && "kind" in marker && marker.kind === KIND;
  } catch {
    return false;
  }
}

/** Why this folder cannot be the data folder, null when it can. */
export function dataFolderProblem(folder: string): string | null {
  if (!existsSync(folder)) return null;
  if (!statSync(folder).isDirectory()) return `${folder} is not a folder: name another one in SWITCHYARD_DATA_DIR.`;
  if (readdirSync(folder).length === 0 || isOurs(folder)) return null;
  return `${folder} is not empty and was not made by Switchyard (it has no ${MARKER}): name another folder in SWITCHYARD_DATA_DIR, or empty this one yourself.`;
}

function assertOurs(folder: string): void {
  const problem = dataFolderProblem(folder);
  if (problem !== null) throw new Error(problem);
}

/** Makes the folder and its marker where they are missing; refuses a folder that holds something else. */
export function openDataFolder(folder: string): void {
  assertOurs(folder);
  mkdirSync(path.join(folder, "logs"), { recursive: true });
  if (!isOurs(folder)) writeFileSync(path.join(folder, MARKER), `${JSON.stringify({ kind: KIND, version: 1 })}\n`);
}

/** Removes what the folder holds, but for what the caller writes just now: `kept` are paths inside the folder. */
export function emptyDataFolder(folder: string, kept: string[]): void {
  assertOurs(folder);
  const keep = new Set([MARKER, ...kept]);
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const holdsKept = [...keep].some((name) => name === entry || name.startsWith(entry + path.sep));
    if (!holdsKept) rmSync(path.join(folder, entry), { recursive: true, force: true });
  }
}
