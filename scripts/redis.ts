/**
 * The Redis of the data folder by itself: tsx scripts/redis.ts start | stop | status | url
 * With REDIS_URL given there is nothing to start, and `url` prints that one.
 */
import path from "node:path";
import { dataFolderPath, openDataFolder } from "./data-folder";
import { isAlive } from "./process/identity";
import { isPortFree } from "./process/ports";
import { startInBackground, tailOf } from "./services/background";
import { endLocalRedis, findLocalRedis, localRedis, noteLocalRedis } from "./services/local";
import { prepareRedis, waitForRedis } from "./services/redis";

const folder = dataFolderPath();
const logFile = path.join(folder, "logs", "redis.log");

async function start(): Promise<void> {
  openDataFolder(folder);
  const options = localRedis(folder);
  const running = findLocalRedis(folder);
  if (running === null && !(await isPortFree(options.port)))
    throw new Error(`Port ${options.port} is in use by another program: set REDIS_PORT to a free port.`);
  const redis = prepareRedis(options);
  const server = running ?? startInBackground(redis.command, logFile);
  noteLocalRedis(folder, server);
  try {
    await waitForRedis(redis.url, { timeoutMs: 30_000, isRunning: () => isAlive(server) });
  } catch (error) {
    console.error(tailOf(logFile, 15));
    throw error;
  }
  console.log(`Redis (${redis.program}) runs on port ${options.port}${redis.persistent ? "" : ", in memory only"}`);
}

async function stop(): Promise<void> {
  console.log((await endLocalRedis(folder)) ? "Redis has stopped" : "Redis was not running");
}

function status(): void {
  const server = findLocalRedis(folder);
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
