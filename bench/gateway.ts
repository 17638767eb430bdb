/**
 * The gateway as a process of its own with everything on (key, split, metering, spool with fsync, usage to Redis, snapshot signed),
 * against the same backend called directly and against a bare node:http + undici pass-through, interleaved in one run.
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
import { quantile, runClosedLoop, runOpenLoop, type Timing, toRequest } from "./gateway/load";
import { type BenchProcess, pinSelf, startProgram } from "./gateway/process";

const ROUNDS = 5;
const ROUND_MS = 2_000;
const WARM_MS = 4_000;
const CONNECTIONS = 64;
const OPEN_RATE = 500;
const STREAMS = 50;
const CHUNKS_PER_STREAM = 66;

const median = (values: readonly number[]): number => quantile(values, 0.5);
const report = (figure: string, value: number, unit: string): void => {
  process.stdout.write(`${JSON.stringify({ figure: `gateway.${figure}`, value: Number(value.toPrecision(4)), unit })}\n`);
};

interface Target {
  readonly name: "direct" | "undici" | "gateway";
  readonly port: number;
  readonly process: BenchProcess;
}

interface Measured {
  readonly rps: number;
  readonly cpuUs: number;
  readonly timings: readonly Timing[];
}

async function measure(target: Target, load: () => Promise<Timing[]>): Promise<Measured> {
  const cpuBefore = target.process.cpuUs();
  const startMs = performance.now();
  const timings = await load();
  const tookMs = performance.now() - startMs;
  return { rps: (timings.length / tookMs) * 1_000, cpuUs: (target.process.cpuUs() - cpuBefore) / timings.length, timings };
}

/** Every target in every round, one after the other, so that whatever else the machine does falls on all alike. */
async function interleave(
  targets: readonly Target[],
  load: (target: Target) => Promise<Timing[]>,
): Promise<Record<Target["name"], Measured[]>> {
  const results: Record<Target["name"], Measured[]> = { direct: [], undici: [], gateway: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const target of targets) results[target.name].push(await measure(target, () => load(target)));
  return results;
}

const chat = {
  model: "chat",
  user: "bench-user-1",
  temperature: 0.7,
  messages: [
    { role: "system", content: "You are a helpful assistant. ".repeat(6).trim() },
    { role: "user", content: "Say something about a fox, and be brief about it, please." },
  ],
};

async function run(targets: readonly Target[], keyText: string): Promise<void> {
  const headers = { authorization: `Bearer ${keyText}` };
  const whole = toRequest(chat, headers);
  const streamed = toRequest({ ...chat, stream: true }, headers);
  for (const { port } of targets) await runClosedLoop({ port, request: whole, connections: CONNECTIONS, durationMs: WARM_MS });

  const full = await interleave(targets, ({ port }) =>
    runClosedLoop({ port, request: whole, connections: CONNECTIONS, durationMs: ROUND_MS }),
  );
  const of = (name: Target["name"], read: (m: Measured) => number) => median(full[name].map(read));
  report(
    "rps_per_core",
    of("gateway", (m) => m.rps),
    "1/s",
  );
  report(
    "undici_rps_per_core",
    of("undici", (m) => m.rps),
    "1/s",
  );
  report(
    "direct_rps",
    of("direct", (m) => m.rps),
    "1/s",
  );
  report(
    "cpu_us_per_request",
    of("gateway", (m) => m.cpuUs),
    "us",
  );
  report(
    "undici_cpu_us_per_request",
    of("undici", (m) => m.cpuUs),
    "us",
  );
  report("cpu_vs_undici", of("gateway", (m) => m.cpuUs) / of("undici", (m) => m.cpuUs), "ratio");

  const open = await interleave(targets, ({ port }) =>
    runOpenLoop({ port, request: whole, connections: 128, durationMs: ROUND_MS, ratePerSecond: OPEN_RATE }),
  );
  const at = (name: Target["name"], share: number) =>
    median(
      open[name].map((m) =>
        quantile(
          m.timings.map((t) => t.totalMs),
          share,
        ),
      ),
    );
  for (const [label, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    report(`direct_${label}_ms`, at("direct", share), "ms");
    report(`added_${label}_ms`, at("gateway", share) - at("direct", share), "ms");
    report(`undici_added_${label}_ms`, at("undici", share) - at("direct", share), "ms");
  }

  const streams = await interleave(targets, ({ port }) =>
    runClosedLoop({ port, request: streamed, connections: STREAMS, durationMs: ROUND_MS }),
  );
  const ttft = (name: Target["name"]) =>
    median(
      streams[name].map((m) =>
        quantile(
          m.timings.map((t) => t.firstByteMs),
          0.5,
        ),
      ),
    );
  const chunk = (name: Target["name"]) => median(streams[name].map((m) => m.cpuUs / CHUNKS_PER_STREAM));
  report("added_ttft_ms", ttft("gateway") - ttft("direct"), "ms");
  report("undici_added_ttft_ms", ttft("undici") - ttft("direct"), "ms");
  report("chunk_cpu_us", chunk("gateway"), "us");
  report("chunk_cpu_vs_undici", chunk("gateway") / chunk("undici"), "ratio");
  for (const { name, process: program } of targets) if (name === "gateway") report("rss_mb", program.residentMb(), "MB");
}

/** Acknowledges whatever arrives, as the ingest does after its commit: the spool is emptied while it is filled. */
function startAcknowledging(redis: Redis): NodeJS.Timeout {
  return setInterval(async () => {
    const [latest] = await redis.xrevrange(USAGE_STREAM, "+", "-", "COUNT", 1).catch(() => []);
    const [, gatewayId, , text] = latest?.[1] ?? [];
    if (gatewayId === undefined || text === undefined) return;
    const sequence = /"sequence":(\d+)(?!.*"sequence":)/.exec(text)?.[1];
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
const [redisPort = 0, upstreamPort = 0, passPort = 0, gatewayPort = 0] = await findFreePorts(4);
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
  const targets: Target[] = [
    { name: "direct", port: upstreamPort, process: upstream },
    { name: "undici", port: passPort, process: passthrough },
    { name: "gateway", port: gatewayPort, process: gateway },
  ];
  await run(targets, installation.keyText);
} finally {
  if (acknowledging !== null) clearInterval(acknowledging);
  redis?.disconnect();
  await Promise.all(programs.map((program) => program.stop()));
  await endProcess(redisProcess, "SIGKILL", 2_000);
  rmSync(folder, { recursive: true, force: true });
}
