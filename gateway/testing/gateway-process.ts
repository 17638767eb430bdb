import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import path from "node:path";
import type { TestInstallation } from "./test-installation";

export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it has logged, one JSON line each. */
  readonly log: () => string;
  /** Sends the signal and waits for the end; gives back the exit code, null when a signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

export interface GatewayProcessOptions {
  readonly installation: TestInstallation;
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly webUrl?: string;
  readonly gatewayId?: string;
}

function findFreePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function waitUntilAlive(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}:\n${log()}`);
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the gateway does not answer:\n${log()}`);
}

/** The real process, gateway/main.ts, on a free port. It can be killed on any line. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Between finding a free port and taking it, somebody else may have.
      if (attempt === 5 || !String(error).includes("EADDRINUSE")) throw error;
    }
  }
}

async function startOnce(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const root = path.join(import.meta.dirname, "../..");
  const port = await findFreePort();
  const child = spawn(process.execPath, ["--import", "tsx", path.join(root, "gateway/main.ts")], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      LOG_LEVEL: "info",
      GATEWAY_PORT: String(port),
      // Tests count what their backends are asked.
      BACKEND_PROBE_SECONDS: "0",
      GATEWAY_ID: options.gatewayId ?? "killed",
      REDIS_URL: options.redisUrl,
      WEB_URL: options.webUrl ?? "http://127.0.0.1:9",
      SWITCHYARD_DATA_DIR: options.dataDir,
      SWITCHYARD_KEK: options.installation.kekBase64,
      SWITCHYARD_PUBLIC_KEYS: options.installation.publicKey,
      SWITCHYARD_GATEWAY_TOKEN: randomBytes(36).toString("base64"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (log += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const url = `http://127.0.0.1:${port}`;
  await waitUntilAlive(url, child, () => log);
  return {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
