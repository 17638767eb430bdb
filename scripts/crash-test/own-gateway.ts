import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "../process/ports";
import { type Copy, isOk, pidOf } from "./copy";

/** A second gateway of a copy, which no supervisor starts again. */
export interface OwnGateway {
  readonly url: string;
  /** SIGKILL, and again from its own disk; milliseconds from the start of the process to the first answer of /readyz. */
  restart(): Promise<number>;
  kill(): void;
}

const READY_LIMIT_MS = 60_000;
const LOOK_MS = 10;

/** What the copy's own gateway was started with; only Linux says. */
function readStart(pid: number): { args: string[]; env: Record<string, string> } {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").filter(Boolean);
  const env = Object.fromEntries(read("environ").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  return { args: read("cmdline").slice(1), env };
}

/** Starts a gateway beside the copy's own, with the same program and secrets, another port and a folder of its own. */
export async function startOwnGateway(copy: Copy, id: string): Promise<OwnGateway> {
  const { args, env } = readStart(pidOf(copy, "gateway"));
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const own: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    ...env,
    GATEWAY_PORT: String(port),
    GATEWAY_ID: id,
    SWITCHYARD_DATA_DIR: path.join(copy.folder, id),
  };
  let child: ChildProcess | null = null;
  const start = async (): Promise<number> => {
    const startedAt = performance.now();
    child = spawn(process.execPath, args, { env: own, cwd: path.join(import.meta.dirname, "../.."), stdio: "ignore" });
    while (performance.now() - startedAt < READY_LIMIT_MS) {
      if (await isOk(`${url}/readyz`).catch(() => false)) return performance.now() - startedAt;
      await sleep(LOOK_MS);
    }
    throw new Error(`the gateway ${id} was not ready in time`);
  };
  const kill = () => {
    child?.kill("SIGKILL");
  };
  await start();
  return {
    url,
    kill,
    restart() {
      kill();
      return start();
    },
  };
}
