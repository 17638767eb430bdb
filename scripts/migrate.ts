/**
 * Migrations: npm run migrate -- <command>
 *   deploy        apply what is missing, then prisma/grants.sql
 *   new <name>    write a migration from the difference between schema.prisma and the folder
 *   status        what the database has, with exit code 1 when it is behind or differs
 *   check         schema.prisma, migrations and database say the same, else exit code 1
 *   reset         empty the database and deploy (refused when NODE_ENV is production)
 *
 * Connects with DATABASE_OWNER_URL, else DATABASE_URL; the role of DATABASE_URL gets the runtime rights.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { projectRoot } from "./data-folder";
import { deployMigrations, roleOf } from "./migrations/deploy";
import {
  type Engine,
  filters,
  lastPanic,
  listMigrations,
  migrationLock,
  migrationsFolder,
  readSchema,
  withEngine,
} from "./migrations/engine";

function databaseUrls(): { ownerUrl: string; appRole: string } {
  const appUrl = process.env.DATABASE_URL;
  const ownerUrl = process.env.DATABASE_OWNER_URL || appUrl;
  if (!ownerUrl) throw new Error("Neither DATABASE_OWNER_URL nor DATABASE_URL is set.");
  return { ownerUrl, appRole: roleOf(appUrl || ownerUrl) };
}

async function deploy(): Promise<void> {
  const applied = await deployMigrations(databaseUrls());
  console.log(applied.length > 0 ? `applied: ${applied.join(", ")}` : "nothing to apply");
}

async function writeNew(engine: Engine.SchemaEngine, name: string): Promise<void> {
  // createMigration and evaluateDataLoss only read a cache that this call fills.
  const { action } = await engine.devDiagnostic({ migrationsList: listMigrations(), filters });
  if (action.tag === "reset") throw new Error(`the database does not match the migrations folder: ${action.reason}`);
  const schema = readSchema();
  const made = await engine.createMigration({ draft: false, migrationName: name, migrationsList: listMigrations(), schema, filters });
  const loss = await engine.evaluateDataLoss({ migrationsList: listMigrations(), schema, filters });
  for (const warning of [...loss.warnings, ...loss.unexecutableSteps]) console.log(`warning: ${warning.message}`);
  if (!made.migrationScript) {
    console.log("schema.prisma and migrations already agree");
    return;
  }
  const folder = path.join(migrationsFolder, made.generatedMigrationName);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "migration.sql"), made.migrationScript);
  if (!existsSync(migrationLock))
    writeFileSync(
      migrationLock,
      `# Written by the migration command; belongs under version control.\nprovider = "${made.connectorType}"\n`,
    );
  console.log(`wrote ${path.relative(projectRoot, folder)}/migration.sql`);
}

async function showStatus(engine: Engine.SchemaEngine): Promise<void> {
  const found = await engine.diagnoseMigrationHistory({ migrationsList: listMigrations(), optInToShadowDatabase: false, filters });
  console.log(JSON.stringify(found, null, 2));
  if (found.history || found.failedMigrationNames.length > 0 || found.editedMigrationNames.length > 0) process.exitCode = 1;
}

async function check(engine: Engine.SchemaEngine): Promise<void> {
  const schema = readSchema();
  const migrations: Engine.DiffTarget = { tag: "migrations", ...listMigrations() };
  const targets: [string, Engine.DiffTarget][] = [
    ["migrations -> schema.prisma", { tag: "schemaDatamodel", ...schema }],
    ["migrations -> database", { tag: "schemaDatasource", ...schema, configDir: projectRoot }],
  ];
  for (const [label, to] of targets) {
    const result = await engine.diff({ from: migrations, to, script: false, exitCode: true, filters });
    if (result.exitCode === 2) process.exitCode = 1;
    console.log(result.exitCode === 2 ? `DIFFERENT ${label}:\n${result.stdout}` : `same: ${label}`);
  }
}

async function reset(): Promise<void> {
  if (process.env.NODE_ENV === "production") throw new Error("refusing to empty a database when NODE_ENV is production");
  const client = new pg.Client({ connectionString: databaseUrls().ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select nspname as name from pg_namespace where nspname <> 'information_schema' and nspname !~ '^pg_' and nspname <> 'public' and pg_has_role(nspowner, 'usage')",
    );
    for (const { name } of rows) await client.query(`drop schema ${client.escapeIdentifier(name)} cascade`);
  } finally {
    await client.end();
  }
  await withEngine(databaseUrls().ownerUrl, (engine) => engine.reset({ filter: filters }));
  await deploy();
}

function newMigration(): Promise<void> {
  const name = process.argv[3];
  if (!name) throw new Error("usage: migrate new <name>");
  return withEngine(databaseUrls().ownerUrl, (engine) => writeNew(engine, name));
}

const commands = new Map<string, () => Promise<void>>([
  ["deploy", deploy],
  ["new", async () => newMigration()],
  ["status", () => withEngine(databaseUrls().ownerUrl, showStatus)],
  ["check", () => withEngine(databaseUrls().ownerUrl, check)],
  ["reset", reset],
]);

function fail(error: unknown): never {
  console.error(lastPanic() || (error instanceof Error ? error.message : String(error)));
  process.exit(1);
}

process.on("uncaughtException", fail);
const command = commands.get(process.argv[2] ?? "status");
if (!command) fail(`unknown command ${process.argv[2]}: deploy, new, status, check or reset`);
command().then(() => process.exit(process.exitCode ?? 0), fail);
