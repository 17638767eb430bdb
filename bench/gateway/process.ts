import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { availableParallelism } from "node:os";

/** Kernel ticks a second, the unit of /proc/<pid>/stat. */
const TICKS = 100;

export interface BenchProcess {
  readonly pid: number;
  /** User and system time so far, microseconds. */
  cpuUs(): number;
  residentMb(): number;
  stop(): Promise<void>;
}

const canPin = (() => {
  if (availableParallelism() < 2) return false;
  try {
    execFileSync("taskset", ["-c", "0", "true"]);
    return true;
  } catch {
    return false;
  }
})();

/** Binds this process to a core, so that the one under test has the other for itself; where it cannot, figures are noisier. */
export function pinSelf(cpu: number): boolean {
  if (canPin) execFileSync("taskset", ["-a", "-c", "-p", String(cpu), String(process.pid)]);
  return canPin;
}

function waitForPort(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = performance.now() + 15_000;
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", () => {
        if (child.exitCode !== null || performance.now() > deadline)
          reject(new Error(`a process of the benchmark does not listen:\n${log()}`));
        else setTimeout(attempt, 50);
      });
    };
    attempt();
  });
}

/** Starts a bundled program on a core and waits until it listens on the port. */
export async function startProgram(options: {
  file: string;
  args?: string[];
  env?: Record<string, string>;
  /** null: any. */
  cpu: number | null;
  port: number;
  /** A program of the machine, not one for Node. */
  native?: boolean;
}): Promise<BenchProcess> {
  const program = [...(options.native ? [] : [process.execPath]), options.file, ...(options.args ?? [])];
  const [command = "", ...args] = canPin && options.cpu !== null ? ["taskset", "-c", String(options.cpu), ...program] : program;
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes: Buffer) => {
      log += bytes.toString();
    });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await waitForPort(options.port, child, () => log);
  const pid = child.pid ?? 0;
  return {
    pid,
    cpuUs() {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS;
    },
    residentMb: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024,
    stop() {
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 5_000).unref();
      return ended;
    },
  };
}
