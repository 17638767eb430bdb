import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createModel } from "@/lib/domain/registry";
import { db } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
import { signText } from "@/lib/infra/signing";
import {
  asOwner,
  call,
  callRefused,
  createTestProject,
  freshName,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { provideAnchors, verifyChain, writeAnchors } from ".";
import { type StoredEvent, toAnchorText, toHashedText } from "./rules/chain";

function newSigner() {
  const pair = generateKeyPairSync("ed25519");
  return {
    signingKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: pair.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
  };
}

const EVENTS = 8;
const signer = newSigner();
let domain: TestDomain;
let project: TestProject;
let directory: string;

beforeAll(async () => {
  domain = await openTestDomain();
  directory = mkdtempSync(path.join(tmpdir(), "switchyard-anchors-"));
  provideAnchors({ directory, publicKeys: [signer.publicKey] });
});
afterAll(async () => {
  provideAnchors(null);
  rmSync(directory, { recursive: true });
  await domain.close();
});

/** A project with eight events: its creation and seven models. */
beforeEach(async () => {
  project = await createTestProject(domain);
  for (let i = 1; i < EVENTS; i++) await call(createModel, project.engineer, { body: { name: freshName("model"), description: "처음" } });
});

const anchorNow = () => writeAnchors({ directory, signingKey: signer.signingKey, now: new Date() });

/** As the owner of the tables, with the triggers that keep the rows from being changed switched off. `$1` is the project's chain. */
async function tamper(sql: string, ...values: unknown[]): Promise<void> {
  await asOwner(domain, "alter table audit_event disable trigger user");
  await asOwner(domain, sql, [project.id, ...values]);
  await asOwner(domain, "alter table audit_event enable trigger user");
}

async function readChain(): Promise<StoredEvent[]> {
  const rows = await db().prisma.auditEvent.findMany({ where: { chain: project.id }, orderBy: { sequence: "asc" } });
  return rows.map((r) => ({ ...r, sequence: Number(r.sequence), at: r.at.toISOString() }));
}

/** What somebody with the tables in hand and this source in mind would do: recompute every hash, and the head. */
async function rehash(change: (event: StoredEvent) => StoredEvent): Promise<void> {
  let prevHash = "0".repeat(64);
  for (const event of await readChain()) {
    const next = { ...change(event), prevHash };
    const hash = sha256Hex(toHashedText(next));
    await tamper(
      "update audit_event set details = $3, prev_hash = $4, hash = $5 where chain = $1 and sequence = $2",
      next.sequence,
      JSON.stringify(next.details),
      prevHash,
      hash,
    );
    prevHash = hash;
  }
  await tamper("update audit_head set hash = $2 where chain = $1", prevHash);
}

describe("an untouched chain", () => {
  it("verifies, with and without anchors", async () => {
    expect(await verifyChain(project.id)).toMatchObject({
      intact: true,
      checked: EVENTS,
      lastSequence: EVENTS,
      anchors: { checked: 0 },
      fault: null,
    });
    await anchorNow();
    expect(await verifyChain(project.id)).toMatchObject({ intact: true, checked: EVENTS, anchors: { checked: 1, lastSequence: EVENTS } });
  });

  it("has no gap and no fork after many changes at once, of which some are refused", async () => {
    const name = freshName("contested");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, (_, i) =>
        call(createModel, project.engineer, { body: { name: i % 3 === 0 ? name : freshName("model") } }),
      ),
    );
    const made = outcomes.filter((o) => o.status === "fulfilled").length;
    expect(made).toBe(17);
    expect(await verifyChain(project.id)).toMatchObject({ intact: true, checked: EVENTS + made });
  });

  it("gains no event from a change that is refused", async () => {
    await callRefused(createModel, project.viewer, { body: { name: freshName("model") } });
    await callRefused(createModel, project.engineer, { body: { name: "Not A Name" } });
    expect((await readChain()).length).toBe(EVENTS);
  });
});

describe("tampering by whoever owns the tables", () => {
  it.each([
    ["details", `'{"tags":["quietly changed"]}'::jsonb`],
    ["actor_name", "'Somebody else'"],
    ["actor_id", "'usr_other'"],
    ["action", "'model.deleted'"],
    ["object_name", "'another'"],
    ["reason", "'a reason that nobody gave'"],
    ["at", "at + interval '1 millisecond'"],
    ["request_id", "'other-request'"],
  ])("is seen when an event's %s is edited", async (column, value) => {
    await tamper(`update audit_event set ${column} = ${value} where chain = $1 and sequence = 4`);
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, checked: 3, fault: { kind: "edited", sequence: 4 } });
  });

  it("is seen when an event is deleted", async () => {
    await tamper("delete from audit_event where chain = $1 and sequence = 4");
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "missing", sequence: 4 } });
  });

  it("is seen when the gap of a deleted event is closed by renumbering", async () => {
    await tamper("delete from audit_event where chain = $1 and sequence = 4");
    for (let n = 5; n <= EVENTS; n++) await tamper("update audit_event set sequence = $2 where chain = $1 and sequence = $3", n - 1, n);
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "edited", sequence: 4 } });
  });

  it("is seen when an event is put in between", async () => {
    for (let n = EVENTS; n >= 4; n--) await tamper("update audit_event set sequence = $2 where chain = $1 and sequence = $3", n + 1, n);
    const [, , third] = await readChain();
    if (third === undefined) throw new Error("the chain is too short");
    const forged = { ...third, id: "aud_forged", sequence: 4, objectName: "put in", prevHash: third.hash };
    await tamper(
      `insert into audit_event (chain, sequence, id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name, reason, details, request_id, prev_hash, hash)
       select chain, 4, 'aud_forged', at, actor_kind, actor_id, actor_name, action, object_kind, object_id, 'put in', reason, details, request_id, $2, $3 from audit_event where chain = $1 and sequence = 3`,
      third.hash,
      sha256Hex(toHashedText(forged)),
    );
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, checked: 4, fault: { kind: "edited", sequence: 5 } });
  });

  it("is seen when a well-hashed event that follows another chain's is put at a place", async () => {
    const [, , , fourth] = await readChain();
    if (fourth === undefined) throw new Error("the chain is too short");
    const forged = { ...fourth, prevHash: "f".repeat(64) };
    await tamper(
      "update audit_event set prev_hash = $2, hash = $3 where chain = $1 and sequence = 4",
      forged.prevHash,
      sha256Hex(toHashedText(forged)),
    );
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "reordered", sequence: 4 } });
  });

  it("is seen when two events are swapped", async () => {
    await tamper("update audit_event set sequence = 1000 where chain = $1 and sequence = 4");
    await tamper("update audit_event set sequence = 4 where chain = $1 and sequence = 5");
    await tamper("update audit_event set sequence = 5 where chain = $1 and sequence = 1000");
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "edited", sequence: 4 } });
  });

  it("is seen when the newest events are cut off", async () => {
    await tamper("delete from audit_event where chain = $1 and sequence > 5");
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, checked: 5, fault: { kind: "cut", sequence: 5 } });
  });

  it("is seen when the newest events are cut off and the head is set back: against the anchor alone", async () => {
    await anchorNow();
    await tamper("delete from audit_event where chain = $1 and sequence > 5");
    await tamper(
      "update audit_head set sequence = 5, hash = (select hash from audit_event where chain = $1 and sequence = 5) where chain = $1",
    );
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, checked: 5, fault: { kind: "cut", sequence: 5 } });
    provideAnchors(null);
    expect(await verifyChain(project.id)).toMatchObject({ intact: true, anchors: { checked: 0 } });
    provideAnchors({ directory, publicKeys: [signer.publicKey] });
  });

  it("is seen when an event is edited and everything after it is hashed anew: against the anchor alone", async () => {
    await anchorNow();
    await rehash((event) => (event.sequence === 4 ? { ...event, details: { quietly: "changed" } } : event));
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "anchor", sequence: EVENTS } });
  });

  it("is seen when the whole chain is gone, its head with it", async () => {
    await anchorNow();
    await tamper("delete from audit_event where chain = $1");
    await tamper("delete from audit_head where chain = $1");
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, checked: 0, fault: { kind: "cut" } });
  });

  it("is seen when the head names another link", async () => {
    await tamper("update audit_head set hash = repeat('a', 64) where chain = $1");
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "head", sequence: EVENTS } });
  });

  it("is seen when an anchor is signed by another key", async () => {
    const head = (await readChain()).at(-1);
    const text = toAnchorText({ chain: project.id, sequence: EVENTS, hash: head?.hash ?? "", at: new Date().toISOString() });
    const line = { text, signature: signText(newSigner().signingKey, text) };
    appendFileSync(path.join(directory, `${project.id}.jsonl`), `${JSON.stringify(line)}\n`);
    expect(await verifyChain(project.id)).toMatchObject({ intact: false, fault: { kind: "anchor" } });
  });

  it("does not touch the verdict on another project's chain", async () => {
    const bystander = await createTestProject(domain);
    await tamper("update audit_event set reason = 'changed' where chain = $1 and sequence = 1");
    expect((await verifyChain(project.id)).intact).toBe(false);
    expect(await verifyChain(bystander.id)).toMatchObject({ intact: true, checked: 1 });
  });
});

describe("the tables themselves", () => {
  it.each(["update audit_event set reason = 'changed'", "delete from audit_event"])("refuse even their owner: %s", async (sql) => {
    await expect(asOwner(domain, sql)).rejects.toThrow("immutable");
  });
});

describe("the role that the product runs as", () => {
  it.each([
    "update audit_event set reason = 'changed'",
    "delete from audit_event",
    "truncate audit_event",
    "delete from audit_head",
    "alter table audit_event disable trigger all",
  ])("may not: %s", async (sql) => {
    await expect(db().pool.query(sql)).rejects.toMatchObject({ code: "42501" });
    expect((await verifyChain(project.id)).intact).toBe(true);
  });
});

describe("npm run audit:verify", () => {
  it("prints a line a chain, fails when one is broken or gone, and says when it cannot tell", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "switchyard-verify-"));
    const run = (databaseUrl: string) =>
      spawnSync(process.execPath, ["--import", "tsx", "scripts/verify-audit.ts"], {
        encoding: "utf8",
        env: { ...process.env, DATABASE_URL: databaseUrl, SWITCHYARD_DATA_DIR: folder, SWITCHYARD_PUBLIC_KEYS: signer.publicKey },
      });
    await tamper("delete from audit_event where chain <> $1");
    await tamper("delete from audit_head where chain <> $1");
    await writeAnchors({ directory: path.join(folder, "audit-anchors"), signingKey: signer.signingKey, now: new Date() });
    const good = run(domain.databaseUrl);
    expect(good.stdout).toBe(
      `${project.id}: ${EVENTS} events, 1 anchors, intact\n1 chains, ${EVENTS} events, 1 anchors checked; 0 broken\n`,
    );
    expect(good.status).toBe(0);
    await tamper("update audit_event set reason = 'changed' where chain = $1 and sequence = 4");
    const edited = run(domain.databaseUrl);
    expect(edited.stdout).toContain("BROKEN (edited) at event 4");
    expect(edited.status).toBe(1);
    await tamper("delete from audit_event where chain = $1");
    await tamper("delete from audit_head where chain = $1");
    const gone = run(domain.databaseUrl);
    expect(gone.stdout).toContain("BROKEN (cut)");
    expect(gone.status).toBe(1);
    expect(run("postgresql://nobody@127.0.0.1:1/none").status).toBe(2);
    rmSync(folder, { recursive: true });
  });
});
