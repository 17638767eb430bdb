/**
 * The Redis of the data folder by itself: tsx scripts/redis.ts start | stop | status | url
 * With REDIS_URL given there is nothing to start, and `url` prints that one.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { dataFolderPath, openDataFolder } from "./data-folder";
import { endProcess, isAlive, type ProcessRecord } from "./process/identity";
import { isPortFree } from "./process/ports";
import { startInBackground, tailOf } from "./services/background";
import { localRedis } from "./services/local";
import { prepareRedis, waitForRedis } from "./services/redis";

const folder = dataFolderPath();
const logFile = path.join(folder, "logs", "redis.log");
const pidFile = path.join(folder, "redis", "server.json");

function findRunning(): ProcessRecord | null {
  if (!existsSync(pidFile)) return null;
  const record: ProcessRecord = JSON.parse(readFileSync(pidFile, "utf8"));
  return isAlive(record) ? record : null;
}

async function start(): Promise<void> {
  openDataFolder(folder);
  const options = localRedis(folder);
  const running = findRunning();
  if (running === null && !(await isPortFree(options.port)))
    throw new Error(`Port ${options.port} is in use by another program: set REDIS_PORT to a free port.`);
  const redis = prepareRedis(options);
  const server = running ?? startInBackground(redis.command, logFile);
  writeFileSync(pidFile, JSON.stringify(server));
  try {
    await waitForRedis(redis.url, { timeoutMs: 30_000, isRunning: () => isAlive(server) });
  } catch (error) {
    console.error(tailOf(logFile, 15));
    throw error;
  }
  console.log(`Redis (${redis.program}) runs on port ${options.port}${redis.persistent ? "" : ", in memory only"}`);
}

async function stop(): Promise<void> {
  const server = findRunning();
  if (server !== null) await endProcess(server, "SIGTERM", 10_000);
  rmSync(pidFile, { force: true });
  console.log(server === null ? "Redis was not running" : "Redis has stopped");
}

function status(): void {
  const server = findRunning();
  console.log(server === null ? "Redis is not running" : `Redis runs, pid ${server.pid}`);
  if (server === null) process.exitCode = 3;
}

const external = process.env.REDIS_URL;
const commands = new Map<string, () => void | Promise<void>>([
  ["start", () => (external ? console.log("REDIS_URL is given: nothing to start") : start())],
  ["stop", stop],
  ["status", status],
  ["url", () => console.log(external || prepareRedis(localRedis(folder)).url)],
]);

try {
  const command = commands.get(process.argv[2] ?? "start");
  if (!command) throw new Error(`unknown command ${process.argv[2]}: start, stop, status or url`);
  await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
