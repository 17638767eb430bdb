import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import { openSecret, secretPlace, toKek } from "@/lib/infra/secrets";
import { eventually } from "@/test/eventually";
import { createTestBackend, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const next = randomBytes(32).toString("base64");
const root = path.resolve(import.meta.dirname, "..");

/** npm run keys:rotate, one row a transaction. */
function startRotation(): { child: ChildProcess; ended: Promise<number | null>; text: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/keys.ts", "rotate", "--reason", "a test", "--batch", "1"], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? "",
      NODE_ENV: "test",
      DATABASE_URL: domain.databaseUrl,
      SWITCHYARD_KEK: next,
      SWITCHYARD_KEK_ALSO: domain.kek.key.toString("base64"),
    },
  });
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  child.stderr.on("data", (piece: Buffer) => pieces.push(piece));
  return { child, ended: new Promise((resolve) => child.on("close", resolve)), text: () => Buffer.concat(pieces).toString() };
}

const rows = () => db().prisma.backend.findMany({ orderBy: { id: "asc" } });
const kekIds = async () => (await rows()).map((row) => row.apiKeySealed?.split(".")[1]);
const isWaiting = async () => {
  const { rows: found } = await db().pool.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return (found[0]?.n ?? 0) > 0;
};

describe("a rotation that is killed in the middle", () => {
  it("leaves every secret readable, and the next run ends what it began", async () => {
    for (let i = 0; i < 6; i++) await createTestBackend(project, { apiKey: `secret-text-${i}` });
    const stopAt = (await rows())[3];
    const [from, to] = [domain.kek.id, toKek(next).id];

    // It waits for the fourth row, which is held here, and is killed while it does.
    const holder = new pg.Client({ connectionString: domain.databaseUrl });
    await holder.connect();
    await holder.query("begin");
    await holder.query("select 1 from backend where id = $1 for update", [stopAt?.id]);
    const first = startRotation();
    await eventually(async () => expect(await isWaiting()).toBe(true));
    first.child.kill("SIGKILL");
    await first.ended;
    await holder.query("rollback");
    await holder.end();
    expect(await kekIds()).toEqual([to, to, to, from, from, from]);
    const read = async () =>
      (await rows()).map((row) =>
        openSecret([toKek(next), domain.kek], row.apiKeySealed ?? "", secretPlace.backendKey(project.id, row.id)),
      );
    expect(await read()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `secret-text-${i}`));

    const second = startRotation();
    expect(await second.ended, second.text()).toBe(0);
    expect(await kekIds()).toEqual([to, to, to, to, to, to]);
    expect(await read()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `secret-text-${i}`));
    // The first three and the project's own were done before; each batch is in the trail once.
    expect(second.text()).toMatch(/^3 stored secrets are now wrapped/m);
    expect(await db().prisma.auditEvent.count({ where: { action: "keys.rotated" } })).toBe(7);
    for (const text of [first.text(), second.text()]) {
      expect(text).not.toContain("secret-text");
      expect(text).not.toContain(next);
    }
  }, 120_000);
});
