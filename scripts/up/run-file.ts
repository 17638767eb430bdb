import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { endProcess, isAlive, type ProcessRecord } from "../process/identity";

/** A child of the supervisor, in the order of starting. */
export interface ChildRecord {
  name: string;
  process: ProcessRecord;
  stopSignal: NodeJS.Signals;
}

/** What runs for a data folder, on disk in up.json so that `down` and a later `up` find it. */
export interface RunRecord {
  supervisor: ProcessRecord;
  isReady: boolean;
  /** lines that say where everything is */
  summary: string[];
  children: ChildRecord[];
}

const ORPHAN_GRACE_MS = 15_000;

export const RUN_FILE = "up.json";
const fileOf = (dataFolder: string) => path.join(dataFolder, RUN_FILE);

export function readRun(dataFolder: string): RunRecord | null {
  const file = fileOf(dataFolder);
  if (!existsSync(file)) return null;
  try {
    const record: RunRecord = JSON.parse(readFileSync(file, "utf8"));
    return record;
  } catch {
    throw new Error(`${file} cannot be read. If nothing of Switchyard runs any more, remove it.`);
  }
}

/** Takes the data folder for this run; false when another run was quicker. */
export function claimRun(dataFolder: string, run: RunRecord): boolean {
  try {
    writeFileSync(fileOf(dataFolder), `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (existsSync(fileOf(dataFolder))) return false;
    throw error;
  }
}

/** Written whole or not at all, and before anything else happens to the child it names. */
export function writeRun(dataFolder: string, run: RunRecord): void {
  const file = fileOf(dataFolder);
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeRun(dataFolder: string): void {
  rmSync(fileOf(dataFolder), { force: true });
}

/** The run whose supervisor lives, null when there is none. */
export function findLivingRun(dataFolder: string): RunRecord | null {
  const run = readRun(dataFolder);
  return run !== null && isAlive(run.supervisor) ? run : null;
}

/** Ends, last started first, what a killed supervisor left behind; returns the names of those that still lived. */
export async function endOrphans(dataFolder: string): Promise<string[]> {
  const run = readRun(dataFolder);
  if (run === null || isAlive(run.supervisor)) return [];
  const orphans = run.children.filter((child) => isAlive(child.process)).reverse();
  for (const { process, stopSignal } of orphans) await endProcess(process, stopSignal, ORPHAN_GRACE_MS);
  removeRun(dataFolder);
  return orphans.map(({ name }) => name);
}
