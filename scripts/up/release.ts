import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../data-folder";
import { identify, isAlive } from "../process/identity";

const runs = path.join(projectRoot, "dist", "run");

function isUsed(folder: string): boolean {
  const users = path.join(folder, "users");
  if (!existsSync(users)) return false;
  return readdirSync(users).some((name) => isAlive(JSON.parse(readFileSync(path.join(users, name), "utf8"))));
}

/**
 * A copy of what was built, so that a later build in the same checkout does not pull the files from under a copy that runs.
 * Copies that nothing runs from any more are removed.
 */
export function takeRelease(): string {
  const hash = readFileSync(path.join(projectRoot, "dist", ".build-hash"), "utf8")
    .trim()
    .slice(0, 16);
  const folder = path.join(runs, hash);
  mkdirSync(runs, { recursive: true });
  for (const name of readdirSync(runs)) {
    const other = path.join(runs, name);
    if (other !== folder && !name.endsWith(".new") && !isUsed(other)) rmSync(other, { recursive: true, force: true });
  }
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}.new`;
    cpSync(path.join(projectRoot, ".next", "standalone"), path.join(partial, "web"), { recursive: true, verbatimSymlinks: true });
    for (const name of readdirSync(path.join(projectRoot, "dist")))
      if (/\.mjs(\.map)?$/.test(name)) cpSync(path.join(projectRoot, "dist", name), path.join(partial, name));
    if (existsSync(folder)) rmSync(partial, { recursive: true });
    else renameSync(partial, folder);
  }
  mkdirSync(path.join(folder, "users"), { recursive: true });
  writeFileSync(path.join(folder, "users", `${process.pid}.json`), JSON.stringify(identify(process.pid)));
  return folder;
}
