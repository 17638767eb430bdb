import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process as it can be written to a file: a pid alone may belong to another program after a crash or a reboot. */
export interface ProcessRecord {
  pid: number;
  /** When the process began, in whatever notation the system has; only ever compared for equality. */
  startedAt: string;
}

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function linuxStart(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the command in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return null;
  return `${readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}/${fields[19] ?? ""}`;
}

function portableStart(pid: number): string | null {
  try {
    return (
      execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || null
    );
  } catch {
    return null;
  }
}

/** The record of a living process, null when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessRecord | null {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const startedAt = process.platform === "linux" ? linuxStart(pid) : portableStart(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export function isAlive(record: ProcessRecord): boolean {
  return identify(record.pid)?.startedAt === record.startedAt;
}

/** The command line of a process with blanks between its words, "" when it is not known. */
export function commandLineOf(pid: number): string {
  if (process.platform === "linux") return (readOrNull(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Waits until the process is gone; false when it still lives after `timeoutMs`. */
export async function waitForEnd(record: ProcessRecord, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(record)) {
    if (Date.now() >= deadline) return false;
    await delay(25);
  }
  return true;
}

/** Asks a process to end, and kills it when it has not within `timeoutMs`. */
export async function endProcess(record: ProcessRecord, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!isAlive(record)) return;
  sendSignal(record.pid, signal);
  if (await waitForEnd(record, timeoutMs)) return;
  if (isAlive(record)) sendSignal(record.pid, "SIGKILL");
  await waitForEnd(record, 5_000);
}
