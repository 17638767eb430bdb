/**
 * The PostgreSQL of the data folder by itself: npm run db -- <command>
 *   start | stop | status
 *   url [owner]   prints the address for the runtime role, or for the owner
 */
import path from "node:path";
import { dataFolderPath, openDataFolder } from "./data-folder";
import { isAlive } from "./process/identity";
import { isPortFree } from "./process/ports";
import { startInBackground, tailOf } from "./services/background";
import { DATABASE, endLocalPostgres, findLocalPostgres, localPostgres } from "./services/local";
import { ensureDatabase, postgresUrl, preparePostgres, waitForPostgres } from "./services/postgres";

const folder = dataFolderPath();
const logFile = path.join(folder, "logs", "postgres.log");

async function start(): Promise<void> {
  openDataFolder(folder);
  const options = localPostgres(folder);
  const running = findLocalPostgres(folder);
  if (running === null && !(await isPortFree(options.port)))
    throw new Error(`Port ${options.port} is in use by another program: set POSTGRES_PORT to a free port.`);
  const cluster = await preparePostgres(options);
  const server = running ?? startInBackground(cluster.command, logFile);
  try {
    await waitForPostgres(cluster, { timeoutMs: 60_000, isRunning: () => isAlive(server) });
  } catch (error) {
    console.error(tailOf(logFile, 15));
    throw error;
  }
  await ensureDatabase(cluster, DATABASE);
  console.log(`PostgreSQL runs on port ${options.port}`);
}

async function stop(): Promise<void> {
  console.log((await endLocalPostgres(folder)) ? "PostgreSQL has stopped" : "PostgreSQL was not running");
}

function status(): void {
  const server = findLocalPostgres(folder);
  console.log(server === null ? "PostgreSQL is not running" : `PostgreSQL runs, pid ${server.pid}`);
  if (server === null) process.exitCode = 3;
}

function printUrl(role: string | undefined): void {
  console.log(postgresUrl(localPostgres(folder), role === "owner" ? "owner" : "app", DATABASE));
}

const commands = new Map<string, () => void | Promise<void>>([
  ["start", start],
  ["stop", stop],
  ["status", status],
  ["url", () => printUrl(process.argv[3])],
]);

try {
  const command = commands.get(process.argv[2] ?? "start");
  if (!command) throw new Error(`unknown command ${process.argv[2]}: start, stop, status or url`);
  await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
