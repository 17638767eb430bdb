import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { sendSignal } from "./identity";

/** How to start a program: everything a supervisor, a command line tool or a test needs. */
export interface Command {
  command: string;
  args: string[];
  cwd: string;
  /** The whole environment: nothing is inherited beside it. */
  env: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
}

interface RunOptions {
  /** Ends the program and all that it started. */
  signal?: AbortSignal;
  /** Called with each line of output that is not empty; without it the output is only kept for the error message. */
  onLine?: (line: string) => void;
}

const KEPT_OUTPUT = 8_000;

/** The variables of the caller's environment that any program needs to run at all. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SystemRoot", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const found = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { NODE_ENV: "production", ...Object.fromEntries(found) };
}

/** Signals a program started with `detached` together with everything it started itself. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32" || !sendSignal(-child.pid, signal)) child.kill(signal);
}

/** Runs a program to its end; throws with the last part of its output when it fails. */
export async function runCommand(command: Command, { signal, onLine }: RunOptions = {}): Promise<void> {
  signal?.throwIfAborted();
  const { command: file, args, cwd, env, uid, gid } = command;
  // Its own process group, so that an abort reaches what it starts and a Ctrl-C at the terminal is ours to pass on.
  const child = spawn(file, args, { cwd, env, uid, gid, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      output = `${output}${line}\n`.slice(-KEPT_OUTPUT);
      if (line.trim()) onLine?.(line);
    });
  const abort = () => {
    signalGroup(child, "SIGTERM");
    setTimeout(() => signalGroup(child, "SIGKILL"), 5_000).unref();
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status, killedBy) => resolve(status ?? killedBy));
    });
    signal?.throwIfAborted();
    if (code === 0) return;
    const shown = onLine ? "see above" : `its output ends with:\n${output.trim().split("\n").slice(-20).join("\n")}`;
    throw new Error(`${path.basename(file)} ${args.filter((arg) => !arg.startsWith("-")).join(" ")} failed (${code}); ${shown}`);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
