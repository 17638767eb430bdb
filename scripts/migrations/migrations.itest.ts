import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../test/postgres";
import { projectRoot } from "../data-folder";
import { APP_ROLE } from "../services/postgres";
import { deployMigrations } from "./deploy";
import { type Engine, filters, listMigrations, readSchema, withEngine } from "./engine";

async function difference(ownerUrl: string, to: Engine.DiffTarget): Promise<string> {
  const from: Engine.DiffTarget = { tag: "migrations", ...listMigrations() };
  const result = await withEngine(ownerUrl, (engine) => engine.diff({ from, to, script: false, exitCode: true, filters }));
  return result.exitCode === 0 ? "none" : (result.stdout ?? "unknown");
}

describe("migrations", () => {
  it("the folder says what schema.prisma says: none was forgotten", async () => {
    const { ownerUrl, drop } = await createTestDatabase();
    expect(await difference(ownerUrl, { tag: "schemaDatamodel", ...readSchema() })).toBe("none");
    await drop();
  });

  it("a migrated database is what the folder says, and a second deploy finds nothing to do", async () => {
    const { ownerUrl, drop } = await createTestDatabase();
    expect(await difference(ownerUrl, { tag: "schemaDatasource", ...readSchema(), configDir: projectRoot })).toBe("none");
    expect(await deployMigrations({ ownerUrl, appRole: APP_ROLE })).toEqual([]);
    await drop();
  });

  it("the whole run has migrations and grants to test against", () => {
    expect(listMigrations().migrationDirectories.length).toBeGreaterThan(0);
    expect(existsSync(path.join(projectRoot, "prisma", "grants.sql"))).toBe(true);
    expect(inject("testPostgres").template).not.toBe("");
  });
});
