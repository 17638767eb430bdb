/**
 * The secrets of one installation: made once in the data folder's secrets.json (readable by its owner only), then loaded.
 * Environment variables win over the file. On a server they come from an env file instead: deploy/make-env.sh.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const secretsSchema = z.object({
  /** signs browser sessions */
  sessionSecret: z.string().min(32),
  /** key-encryption key: 32 bytes, base64 */
  kek: z.string().refine((value) => Buffer.from(value, "base64").length === 32, "must be 32 bytes in base64"),
  /** keys of before, newest first: they only open what is still sealed with them */
  kekAlso: z.array(z.string()).max(3).optional(),
  /** Ed25519, PKCS #8 in PEM: signs snapshots; only the worker gets it */
  signingKey: z.string().min(1),
  /** Ed25519, SPKI in base64: what gateways check signatures with */
  publicKey: z.string().min(1),
  /** Ed25519, PKCS #8 in PEM: signs web's own calls of models; absent in a file of before they were */
  internalKey: z.string().min(1).optional(),
  /** what a gateway shows to web when it polls for snapshots */
  gatewayToken: z.string().min(32),
  postgres: z.object({ superuser: z.string().min(16), owner: z.string().min(16), app: z.string().min(16) }),
  redis: z.string().min(16),
});

type Stored = z.infer<typeof secretsSchema>;
export interface Secrets extends Stored {
  kekAlso: string[];
  internalKey: string;
  /** Ed25519, SPKI in base64: what gateways check web's own calls with */
  internalPublicKey: string;
}

const token = () => randomBytes(32).toString("base64url");

/** The public half of a signing key, SPKI in base64. */
function publicHalf(signingKey: string): string {
  const pem = signingKey.includes("-----BEGIN") ? signingKey.replaceAll("\\n", "\n") : Buffer.from(signingKey, "base64").toString();
  return createPublicKey(createPrivateKey(pem)).export({ type: "spki", format: "der" }).toString("base64");
}

const generateKey = () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

function generateSecrets(): Stored {
  const signingKey = generateKey();
  return {
    sessionSecret: token(),
    kek: randomBytes(32).toString("base64"),
    signingKey,
    publicKey: publicHalf(signingKey),
    internalKey: generateKey(),
    gatewayToken: token(),
    postgres: { superuser: token(), owner: token(), app: token() },
    redis: token(),
  };
}

function writePartial(file: string, secrets: Stored): string {
  const partial = `${file}.${process.pid}`;
  const handle = openSync(partial, "w", 0o600);
  try {
    writeSync(handle, `${JSON.stringify(secrets, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return partial;
}

/** Never overwrites: without its key-encryption key the installation's stored keys could not be read again. */
function writeOnce(file: string, secrets: Stored): void {
  const partial = writePartial(file, secrets);
  try {
    linkSync(partial, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(partial, { force: true });
  }
}

function readSecrets(file: string): Stored {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(
      `${file} cannot be used: ${reason}\nRestore it from a backup; it is not made anew, since what it encrypted would be lost.`,
    );
  }
}

/** A file of before gets the key that it lacks; everything else in it stays as it is. */
function readWhole(file: string): Stored & { internalKey: string } {
  const stored = readSecrets(file);
  if (stored.internalKey !== undefined) return { ...stored, internalKey: stored.internalKey };
  const whole = { ...stored, internalKey: generateKey() };
  renameSync(writePartial(file, whole), file);
  return whole;
}

/** Puts a new key-encryption key into the folder; the ones of before go on opening. Ids are the first 8 hex digits of the keys' SHA-256. */
export function addKek(dataFolder: string): { kek: string; kekAlso: string[] } {
  const file = path.join(dataFolder, "secrets.json");
  const stored = readWhole(file);
  const kek = randomBytes(32).toString("base64");
  const kekAlso = [stored.kek, ...(stored.kekAlso ?? [])];
  if (kekAlso.length > 3)
    throw new Error("Three keys of before are kept already: end the rotation that was begun, then drop them (npm run keys:drop).");
  renameSync(writePartial(file, { ...stored, kek, kekAlso }), file);
  return { kek, kekAlso };
}

/** Forgets the keys of before. What is still sealed with one of them can then never be opened. */
export function dropOldKeks(dataFolder: string): string[] {
  const file = path.join(dataFolder, "secrets.json");
  const { kekAlso = [], ...rest } = readWhole(file);
  if (kekAlso.length > 0) renameSync(writePartial(file, rest), file);
  return kekAlso;
}

/** Loads the folder's secrets, makes them first where there are none, and lets the environment win. */
export function loadSecrets(dataFolder: string, env: NodeJS.ProcessEnv = process.env): Secrets {
  const file = path.join(dataFolder, "secrets.json");
  if (!existsSync(file)) writeOnce(file, generateSecrets());
  const stored = readWhole(file);
  const internalKey = env.SWITCHYARD_INTERNAL_KEY || stored.internalKey;
  const signingKey = env.SWITCHYARD_SIGNING_KEY || stored.signingKey;
  return {
    ...stored,
    sessionSecret: env.SWITCHYARD_SECRET || stored.sessionSecret,
    kek: env.SWITCHYARD_KEK || stored.kek,
    kekAlso: env.SWITCHYARD_KEK_ALSO?.split(",").filter(Boolean) ?? stored.kekAlso ?? [],
    signingKey,
    publicKey: env.SWITCHYARD_PUBLIC_KEYS || (env.SWITCHYARD_SIGNING_KEY ? publicHalf(signingKey) : stored.publicKey),
    internalKey,
    internalPublicKey: env.SWITCHYARD_INTERNAL_PUBLIC_KEYS || publicHalf(internalKey),
    gatewayToken: env.SWITCHYARD_GATEWAY_TOKEN || stored.gatewayToken,
  };
}
