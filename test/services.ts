import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { deployMigrations } from "../scripts/migrations/deploy";
import { endProcess, identify, isAlive, type ProcessRecord, sendSignal } from "../scripts/process/identity";
import { findFreePorts } from "../scripts/process/ports";
import { startInBackground, tailOf } from "../scripts/services/background";
import {
  APP_ROLE,
  ensureDatabase,
  type PostgresPasswords,
  postgresUrl,
  preparePostgres,
  waitForPostgres,
} from "../scripts/services/postgres";

declare module "vitest" {
  interface ProvidedContext {
    testFolder: string;
    testPostgres: { port: number; passwords: PostgresPasswords; template: string };
  }
}

const PREFIX = "switchyard-test-";
const TEMPLATE = "switchyard_template";

/** Pid files that the tests' servers leave in the run's folder, one `*.pid.json` each. */
function serversOf(folder: string): ProcessRecord[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".pid.json"));
  return names.map((name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")));
}

function clearNow(folder: string): void {
  for (const server of serversOf(folder)) if (isAlive(server)) sendSignal(server.pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** A run that was killed leaves its servers behind: end those whose run is gone. */
function sweepFormerRuns(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = path.join(tmpdir(), name, "run.json");
    if (name.startsWith(PREFIX) && existsSync(owner) && !isAlive(JSON.parse(readFileSync(owner, "utf8")))) clearNow(path.dirname(owner));
  }
}

function openFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX));
  // As root the PostgreSQL server runs as another user, who must be able to enter.
  chmodSync(folder, 0o711);
  writeFileSync(path.join(folder, "run.json"), JSON.stringify(identify(process.pid)));
  return folder;
}

async function startPostgres(folder: string) {
  const [port = 0] = await findFreePorts(1);
  const secret = () => randomBytes(16).toString("hex");
  const passwords = { superuser: secret(), owner: secret(), app: secret() };
  const cluster = await preparePostgres({ folder, port, passwords, disposable: true });
  const logFile = path.join(folder, "postgres.log");
  const server = startInBackground(cluster.command, logFile);
  writeFileSync(path.join(folder, "postgres.pid.json"), JSON.stringify(server));
  await waitForPostgres(cluster, { timeoutMs: 30_000, isRunning: () => isAlive(server) }).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}\n${tailOf(logFile, 15)}`);
  });
  return { cluster, server };
}

/** Migrated once, by the owner as in production, and closed to sessions so that it can be copied at any time. */
async function makeTemplate({ cluster }: Awaited<ReturnType<typeof startPostgres>>): Promise<void> {
  await ensureDatabase(cluster, TEMPLATE);
  await deployMigrations({ ownerUrl: postgresUrl(cluster, "owner", TEMPLATE), appRole: APP_ROLE });
  const admin = new pg.Client({ connectionString: postgresUrl(cluster, "superuser", "postgres") });
  await admin.connect();
  await admin.query(`alter database ${TEMPLATE} with is_template true allow_connections false`);
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [TEMPLATE]);
  await admin.end();
}

/** vitest's global setup of the integration project: one private PostgreSQL for the run, with a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  sweepFormerRuns();
  const folder = openFolder();
  const clearAtExit = () => clearNow(folder);
  process.once("exit", clearAtExit);
  const postgres = await startPostgres(folder);
  await makeTemplate(postgres);
  project.provide("testFolder", folder);
  project.provide("testPostgres", { port: postgres.cluster.port, passwords: postgres.cluster.passwords, template: TEMPLATE });
  return async () => {
    // SIGQUIT: an immediate stop, nothing of it is kept.
    await endProcess(postgres.server, "SIGQUIT", 5_000);
    for (const server of serversOf(folder)) await endProcess(server, "SIGKILL", 2_000);
    process.off("exit", clearAtExit);
    clearNow(folder);
  };
}
