import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The place on disk that belongs to one gateway. */
export interface GatewayHome {
  /** Names this gateway to everybody else; the same after every restart on the same disk, another one when the disk was lost. */
  readonly gatewayId: string;
  readonly folder: string;
  /** Gives the folder free for another process. */
  release(): void;
}

const readText = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
};

/** The text in the file, made once. Exclusive creation: two processes that start together agree. */
function readOrCreate(file: string, create: () => string): string {
  const known = readText(file);
  if (known !== null && known !== "") return known;
  try {
    writeFileSync(file, `${create()}\n`, { flag: known === "" ? "w" : "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readText(file) ?? create();
}

/** When the process with this id began, as the kernel counts; null where there is none (or it has ended and only waits to be collected). */
function startOf(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
}

function isRunning(pid: number, start: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Without /proc (not Linux) the id alone must do.
  return startOf(process.pid) === null || startOf(pid) === start;
}

const heldHere = new Set<string>();

/** Two processes writing one spool would destroy it. A lock whose owner was killed is taken over. @throws when another process is alive in it */
function lock(folder: string): () => void {
  const file = path.join(folder, "lock.json");
  if (heldHere.has(file)) throw new Error(`the gateway folder ${folder} is already used by this process`);
  const owner: unknown = JSON.parse(readText(file) || "null");
  if (typeof owner === "object" && owner !== null && "pid" in owner && typeof owner.pid === "number" && owner.pid !== process.pid) {
    const start = "start" in owner && typeof owner.start === "string" ? owner.start : null;
    if (isRunning(owner.pid, start))
      throw new Error(`the gateway folder ${folder} is used by process ${owner.pid}; give each gateway its own GATEWAY_ID`);
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }), { mode: 0o600 });
  heldHere.add(file);
  return () => {
    if (heldHere.delete(file)) rmSync(file, { force: true });
  };
}

/**
 * Opens a gateway's folder below the data folder. The id ends with a mark that is made with the folder: sequences of usage begin at 1 on
 * a fresh disk, and under the old id the control plane would take them for records that it has.
 */
export function openGatewayHome(dataDir: string, configuredId: string | null): GatewayHome {
  const root = path.join(dataDir, "gateway");
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const name = configuredId ?? readOrCreate(path.join(root, "id"), () => `gw-${randomBytes(4).toString("hex")}`);
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = lock(folder);
  const mark = readOrCreate(path.join(folder, "mark"), () => randomBytes(3).toString("hex"));
  return { gatewayId: `${name}-${mark}`, folder, release };
}
