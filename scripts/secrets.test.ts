import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withFiles } from "@/lib/infra/env";
import { addKek, dropOldKeks, loadSecrets } from "./secrets";

const none: NodeJS.ProcessEnv = { NODE_ENV: "test" };
let folder = "";
const file = () => path.join(folder, "secrets.json");

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "switchyard-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("loadSecrets", () => {
  it("makes them once: a second start has the same, and only their owner can read them", () => {
    const first = loadSecrets(folder, none);
    expect(loadSecrets(folder, none)).toEqual(first);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(Buffer.from(first.kek, "base64")).toHaveLength(32);
    expect(new Set([first.sessionSecret, first.gatewayToken, first.redis, ...Object.values(first.postgres)]).size).toBe(6);
  });

  it("two installations share none", () => {
    const other = mkdtempSync(path.join(tmpdir(), "switchyard-secrets-"));
    const [one, two] = [loadSecrets(folder, none), loadSecrets(other, none)];
    rmSync(other, { recursive: true });
    expect(one.kek).not.toBe(two.kek);
    expect(one.publicKey).not.toBe(two.publicKey);
  });

  it("lets the environment win, and derives the public key of a signing key given there, as PEM or its base64", () => {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const expected = createPublicKey(pem).export({ type: "spki", format: "der" }).toString("base64");
    for (const SWITCHYARD_SIGNING_KEY of [pem, Buffer.from(pem).toString("base64"), pem.replaceAll("\n", "\\n")]) {
      const loaded = loadSecrets(folder, { ...none, SWITCHYARD_SIGNING_KEY, SWITCHYARD_SECRET: "given" });
      expect(loaded.publicKey).toBe(expected);
      expect(loaded.sessionSecret).toBe("given");
    }
    expect(loadSecrets(folder, none).publicKey).not.toBe(expected);
  });

  it("gives a file of before internal calls the key that it lacks, once, and leaves the rest of it as it is", () => {
    const first = loadSecrets(folder, none);
    const { internalKey, ...before } = JSON.parse(readFileSync(file(), "utf8"));
    writeFileSync(file(), JSON.stringify(before));
    const second = loadSecrets(folder, none);
    expect(second.internalKey).not.toBe(internalKey);
    expect(loadSecrets(folder, none)).toEqual(second);
    expect(second).toEqual({ ...first, internalKey: second.internalKey, internalPublicKey: second.internalPublicKey });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const expected = createPublicKey(second.internalKey).export({ type: "spki", format: "der" }).toString("base64");
    expect(second.internalPublicKey).toBe(expected);
    expect(second.internalPublicKey).not.toBe(second.publicKey);
  });

  it("never replaces a file that it cannot read: what its key encrypted would be lost", () => {
    loadSecrets(folder, none);
    for (const broken of ["", "{", '{"kek":"short"}']) {
      writeFileSync(file(), broken);
      expect(() => loadSecrets(folder, none)).toThrow(/Restore it from a backup/);
      expect(readFileSync(file(), "utf8")).toBe(broken);
    }
  });
});

describe("another key-encryption key", () => {
  it("keeps the one of before to open with until it is dropped, and changes nothing else", () => {
    const before = loadSecrets(folder, none);
    const { kek } = addKek(folder);
    const after = loadSecrets(folder, none);
    expect(after).toEqual({ ...before, kek, kekAlso: [before.kek] });
    expect(kek).not.toBe(before.kek);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(dropOldKeks(folder)).toEqual([before.kek]);
    expect(loadSecrets(folder, none)).toEqual({ ...before, kek, kekAlso: [] });
  });

  it("is refused while three of before are kept: one of them may be all that opens something", () => {
    loadSecrets(folder, none);
    for (let i = 0; i < 3; i++) addKek(folder);
    const kept = readFileSync(file(), "utf8");
    expect(() => addKek(folder)).toThrow("Three keys of before");
    expect(readFileSync(file(), "utf8")).toBe(kept);
  });

  it("may stand in a file that the environment names; what the environment says itself wins", () => {
    const keys = path.join(folder, "keys");
    writeFileSync(keys, "first\nsecond\n");
    expect(withFiles({ SWITCHYARD_KEK_ALSO_FILE: keys }).SWITCHYARD_KEK_ALSO).toBe("first,second");
    expect(withFiles({ SWITCHYARD_KEK_FILE: keys, SWITCHYARD_KEK: "mine" }).SWITCHYARD_KEK).toBe("mine");
    expect(() => withFiles({ SWITCHYARD_KEK_FILE: path.join(folder, "absent") })).toThrow("SWITCHYARD_KEK_FILE");
  });
});
