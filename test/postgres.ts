import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { OWNER_ROLE, postgresUrl } from "../scripts/services/postgres";

export interface TestDatabase {
  /** for the runtime role, as web and worker have it: it owns nothing */
  databaseUrl: string;
  /** for the role that owns the tables */
  ownerUrl: string;
  /** ends all sessions and removes the database */
  drop(): Promise<void>;
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl(inject("testPostgres"), "superuser", "postgres") });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A migrated, empty database of its own; integration tests only. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const postgres = inject("testPostgres");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asSuperuser(`create database ${name} template ${postgres.template} owner ${OWNER_ROLE}`);
  await asSuperuser(`revoke all on database ${name} from public; grant connect, temporary on database ${name} to switchyard_app`);
  return {
    databaseUrl: postgresUrl(postgres, "app", name),
    ownerUrl: postgresUrl(postgres, "owner", name),
    drop: () => asSuperuser(`drop database if exists ${name} with (force)`),
  };
}
