import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

function assertOurs(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !isOurs(folder))
    throw new Error(
      `${folder} is not empty and was not made by Switchyard (it has no ${MARKER}). Name another folder in SWITCHYARD_DATA_DIR, or empty this one yourself.`,
    );
}

/** Makes the folder and its marker where they are missing; refuses a folder that holds something else. */
export function openDataFolder(folder: string): void {
  assertOurs(folder);
  mkdirSync(path.join(folder, "logs"), { recursive: true });
  if (!isOurs(folder)) writeFileSync(path.join(folder, MARKER), `${JSON.stringify({ kind: KIND, version: 1 })}\n`);
}

/** Removes all that the folder holds; refuses a folder that holds something else. */
export function emptyDataFolder(folder: string): void {
  assertOurs(folder);
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) if (entry !== MARKER) rmSync(path.join(folder, entry), { recursive: true, force: true });
}
