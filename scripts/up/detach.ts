import { spawn } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";
import { openDataFolder, projectRoot } from "../data-folder";
import { sendSignal } from "../process/identity";
import type { Settings } from "./settings";

const CHILD_MARK = "SWITCHYARD_UP_DETACHED";
/** What a detached supervisor says, in the data folder's logs. */
export const UP_LOG = "up.log";
const POLL_MS = 150;

/** Whether this process is the one that goes on after `npm run up -- --detach` has returned. */
export const isDetachedChild = () => process.env[CHILD_MARK] === "1";

/** Tells the waiting terminal, if there is one, that everything is ready. */
export function tellParent(message: { ready: string[] }): void {
  if (!isDetachedChild() || !process.connected) return;
  process.send?.(message, () => process.disconnect());
}

/** Prints what is added to a file from its present end on. */
function follow(file: string, from: number): { stop: () => void } {
  const handle = openSync(file, "r");
  const buffer = Buffer.alloc(64 * 1024);
  let position = from;
  const drain = () => {
    for (let length = 1; length > 0; ) {
      length = readSync(handle, buffer, 0, buffer.length, position);
      position += length;
      process.stdout.write(buffer.subarray(0, length));
    }
  };
  const timer = setInterval(drain, POLL_MS);
  return {
    stop() {
      clearInterval(timer);
      drain();
      closeSync(handle);
    },
  };
}

/** Starts the supervisor in a session of its own and shows what it says until it is ready or has given up. */
export async function followDetached({ dataFolder }: Settings, args: string[], stop: AbortSignal): Promise<number> {
  openDataFolder(dataFolder);
  const logFile = path.join(dataFolder, "logs", UP_LOG);
  const log = openSync(logFile, "w", 0o600);
  const child = spawn(process.execPath, [path.join(projectRoot, "scripts", "up.mjs"), ...args], {
    cwd: projectRoot,
    env: { ...process.env, [CHILD_MARK]: "1" },
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const shown = follow(logFile, 0);
  const pass = () => {
    if (child.pid !== undefined) sendSignal(child.pid, "SIGTERM");
  };
  stop.addEventListener("abort", pass, { once: true });
  const code = await new Promise<number>((resolve) => {
    child.once("message", () => resolve(0));
    child.once("exit", (status) => resolve(status ?? 1));
    child.once("error", () => resolve(1));
  });
  shown.stop();
  stop.removeEventListener("abort", pass);
  if (child.connected) child.disconnect();
  child.unref();
  return code;
}
