import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { projectRoot } from "../data-folder";
import { filters, listMigrations, withEngine } from "./engine";

export interface DeployTarget {
  /** of the role that owns the tables */
  ownerUrl: string;
  /** name of the role that web and worker use */
  appRole: string;
}

const GRANTS_LOCK = 715_517_001;

/** Gives the runtime role its rights: prisma/grants.sql with `:app_role` filled in, as one transaction. */
export async function applyGrants({ ownerUrl, appRole }: DeployTarget): Promise<boolean> {
  const file = path.join(projectRoot, "prisma", "grants.sql");
  if (!existsSync(file)) return false;
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const sql = readFileSync(file, "utf8").replaceAll(/(?<!:):app_role\b/g, () => client.escapeIdentifier(appRole));
    await client.query("begin");
    // Two deploys at once would otherwise meet on the same catalog rows.
    await client.query("select pg_advisory_xact_lock($1)", [GRANTS_LOCK]);
    // The engine's reset makes the schema anew, and then nobody but its owner may look into it.
    await client.query(`grant usage on schema public to ${client.escapeIdentifier(appRole)}`);
    await client.query(sql);
    await client.query("commit");
    return true;
  } finally {
    await client.end();
  }
}

/** Applies what is missing and the grants; returns the names of the migrations applied now. */
export async function deployMigrations(target: DeployTarget): Promise<string[]> {
  const { appliedMigrationNames } = await withEngine(target.ownerUrl, (engine) =>
    engine.applyMigrations({ migrationsList: listMigrations(), filters }),
  );
  await applyGrants(target);
  return appliedMigrationNames;
}

/** The role a connection address signs in as. */
export function roleOf(databaseUrl: string): string {
  const role = decodeURIComponent(new URL(databaseUrl).username);
  if (!role) throw new Error("the database address names no role (postgresql://role:password@host/database)");
  return role;
}
