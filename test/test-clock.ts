import pg from "pg";
import type { TestDomain } from "./factories";

export interface TestClock {
  set(ms: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * PostgreSQL's clock in the hand of a test: in this database alone, for connections that are opened from here on, `now()` and
 * `clock_timestamp()` are what was set last.
 */
export async function installTestClock({ ownerUrl }: Pick<TestDomain, "ownerUrl">, startMs: number): Promise<TestClock> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>("select current_database() as name");
  const name = client.escapeIdentifier(rows[0]?.name ?? "");
  await client.query(`
    create schema test_clock;
    create table test_clock.hand (at timestamptz not null);
    insert into test_clock.hand values (to_timestamp(${startMs} / 1000.0));
    create function test_clock.now() returns timestamptz language sql volatile as 'select at from test_clock.hand';
    create function test_clock.clock_timestamp() returns timestamptz language sql volatile as 'select at from test_clock.hand';
    grant usage on schema test_clock to public;
    grant select on test_clock.hand to public;
    alter database ${name} set search_path = test_clock, pg_catalog, public;
  `);
  return {
    async set(ms) {
      await client.query("update test_clock.hand set at = to_timestamp($1::double precision / 1000)", [ms]);
    },
    close: () => client.end(),
  };
}
