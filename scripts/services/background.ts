import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { identify, type ProcessRecord } from "../process/identity";
import type { Command } from "../process/run-command";

/** Starts a program that outlives this one, its output going to the end of `logFile`. */
export function startInBackground(command: Command, logFile: string): ProcessRecord {
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o600);
  try {
    const { command: file, args, cwd, env, uid, gid } = command;
    const child = spawn(file, args, { cwd, env, uid, gid, detached: true, stdio: ["ignore", log, log] });
    child.once("error", () => undefined);
    child.unref();
    const record = child.pid === undefined ? null : identify(child.pid);
    if (record === null) throw new Error(`${file} could not be started`);
    return record;
  } finally {
    closeSync(log);
  }
}

/** The end of a log file, "" when there is none. */
export function tailOf(logFile: string, lines: number): string {
  return existsSync(logFile) ? readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n") : "";
}
