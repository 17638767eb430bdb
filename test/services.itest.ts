import { Redis } from "ioredis";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { createTestDatabase } from "./postgres";
import { createTestRedis } from "./redis";

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("test databases", () => {
  it("a test database is its own: another one does not see its tables", async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(one.ownerUrl, "create table only_here (id int)");
    await expect(query(one.ownerUrl, "select count(*)::int as n from only_here")).resolves.toEqual([{ n: 0 }]);
    await expect(query(other.ownerUrl, "select * from only_here")).rejects.toThrow(/does not exist/);
    await Promise.all([one.drop(), other.drop()]);
    await expect(query(one.ownerUrl, "select 1")).rejects.toThrow(/does not exist/);
  });

  it("the runtime role owns nothing: it can neither create tables nor change those of the owner", async () => {
    const database = await createTestDatabase();
    await query(database.ownerUrl, "create table owned (id int)");
    await expect(query(database.databaseUrl, "create table mine (id int)")).rejects.toThrow(/permission denied/);
    await expect(query(database.databaseUrl, "drop table owned")).rejects.toThrow(/must be owner/);
    await expect(
      query(database.databaseUrl, "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"),
    ).resolves.toEqual([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false }]);
    await database.drop();
  });
});

describe("test Redis", () => {
  it("a killed Redis refuses connections, and comes back on the same address", async () => {
    const server = await createTestRedis({ appendOnly: true });
    const client = new Redis(server.redisUrl, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on("error", () => undefined);
    await client.set("kept", "1");
    await server.kill();
    await expect(client.get("kept")).rejects.toThrow();
    await server.restart();
    const again = new Redis(server.redisUrl);
    expect(await again.get("kept")).toBe(server.persistent ? "1" : null);
    await server.flush();
    expect(await again.dbsize()).toBe(0);
    again.disconnect();
    await server.close();
  });
});
