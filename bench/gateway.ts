/**
 * The gateway as a process of its own with everything on (key, split, metering, spool with fsync, usage to Redis, snapshot signed),
 * against the same backend called directly, a bare node:http + undici pass-through and, where the machine can have them, nginx and
 * Portkey's gateway, interleaved in one run.
 * The process under test has core 0 for itself; load, backend and Redis share core 1. Medians of the rounds are printed.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { Redis } from "ioredis";
import { SNAPSHOT_KEY } from "@/lib/contracts/gateway-config";
import { USAGE_STREAM, usageAckKey } from "@/lib/contracts/gateway-event";
import { createTestInstallation, simpleConfig } from "../gateway/testing/test-installation";
import { endProcess, isAlive } from "../scripts/process/identity";
import { findFreePorts } from "../scripts/process/ports";
import { startInBackground } from "../scripts/services/background";
import { prepareRedis, waitForRedis } from "../scripts/services/redis";
import { measureAll, type Target } from "./gateway/figures";
import { startNginx, startPortkey } from "./gateway/peers";
import { type BenchProcess, pinSelf, startProgram } from "./gateway/process";

/** Acknowledges whatever arrives, as the ingest does after its commit: the spool is emptied while it is filled. */
function startAcknowledging(redis: Redis): NodeJS.Timeout {
  return setInterval(async () => {
    const [latest] = await redis.xrevrange(USAGE_STREAM, "+", "-", "COUNT", 1).catch(() => []);
    const [, gatewayId, , text] = latest?.[1] ?? [];
    if (gatewayId === undefined || text === undefined) return;
    // An entry holds 300 kB: a search that went back and forth in it would hold up the load, which runs in this process.
    const sequence = /\d+/.exec(text.slice(text.lastIndexOf('"sequence":')))?.[0];
    if (sequence !== undefined) await redis.set(usageAckKey(gatewayId), sequence);
  }, 250);
}

async function bundle(folder: string): Promise<void> {
  const root = path.join(import.meta.dirname, "..");
  const entryPoints = {
    gateway: path.join(root, "gateway/main.ts"),
    upstream: path.join(root, "bench/gateway/upstream.ts"),
    passthrough: path.join(root, "bench/gateway/passthrough.ts"),
  };
  const banner = {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  };
  await build({
    entryPoints,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    tsconfig: path.join(root, "tsconfig.json"),
    banner,
    logLevel: "error",
  });
}

const folder = mkdtempSync(path.join(tmpdir(), "switchyard-bench-"));
const [redisPort = 0, upstreamPort = 0, passPort = 0, gatewayPort = 0, nginxPort = 0, portkeyPort = 0] = await findFreePorts(6);
const server = prepareRedis({ folder: path.join(folder, "redis"), port: redisPort, password: null, appendOnly: false });
const redisProcess = startInBackground(server.command, path.join(folder, "redis.log"));
const programs: BenchProcess[] = [];
let redis: Redis | null = null;
let acknowledging: NodeJS.Timeout | null = null;
try {
  await waitForRedis(server.url, { timeoutMs: 10_000, isRunning: () => isAlive(redisProcess) });
  await bundle(folder);
  const pinned = pinSelf(1);
  const upstream = await startProgram({
    file: path.join(folder, "upstream.mjs"),
    args: [String(upstreamPort)],
    cpu: 1,
    port: upstreamPort,
  });
  const passthrough = await startProgram({
    file: path.join(folder, "passthrough.mjs"),
    args: [String(passPort), String(upstreamPort)],
    cpu: 0,
    port: passPort,
  });
  programs.push(upstream, passthrough);
  const installation = createTestInstallation();
  redis = new Redis(server.url);
  await redis.set(SNAPSHOT_KEY, installation.signText(simpleConfig(installation, `http://127.0.0.1:${upstreamPort}`)));
  acknowledging = startAcknowledging(redis);
  const env = {
    GATEWAY_PORT: String(gatewayPort),
    REDIS_URL: server.url,
    WEB_URL: "http://127.0.0.1:9",
    LOG_LEVEL: "warn",
    SWITCHYARD_DATA_DIR: path.join(folder, "data"),
    SWITCHYARD_KEK: installation.kekBase64,
    SWITCHYARD_PUBLIC_KEYS: installation.publicKey,
    SWITCHYARD_GATEWAY_TOKEN: randomBytes(36).toString("base64"),
  };
  const gateway = await startProgram({ file: path.join(folder, "gateway.mjs"), env, cpu: 0, port: gatewayPort });
  programs.push(gateway);
  while (!(await fetch(`http://127.0.0.1:${gatewayPort}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 100));
  if (!pinned) process.stderr.write("taskset or a second core is missing: the processes share cores, figures are noisier\n");
  const nginx = await startNginx({ folder, port: nginxPort, upstreamPort });
  const portkey = await startPortkey({ folder, port: portkeyPort, upstreamPort });
  const peers = [nginx, portkey].filter((peer) => peer !== null);
  programs.push(...peers.map((peer) => peer.process));
  const targets: Target[] = [
    { name: "direct", port: upstreamPort, process: upstream, headers: {} },
    { name: "undici", port: passPort, process: passthrough, headers: {} },
    ...peers,
    { name: "gateway", port: gatewayPort, process: gateway, headers: { authorization: `Bearer ${installation.keyText}` } },
  ];
  await measureAll(targets);
} finally {
  if (acknowledging !== null) clearInterval(acknowledging);
  redis?.disconnect();
  await Promise.all(programs.map((program) => program.stop()));
  await endProcess(redisProcess, "SIGKILL", 2_000);
  rmSync(folder, { recursive: true, force: true });
}
