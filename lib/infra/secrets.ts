import { createCipheriv, createDecipheriv, createHash, createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Envelope encryption of stored secrets: each secret has its own data key (AES-256-GCM), wrapped by the installation's key-encryption
 * key (KEK). Text form: `v1.<kek id>.<base64url wrapped data key>.<base64url ciphertext>`; both parts are nonce (12) + tag (16) + data.
 * `aad` binds a secret to its place (project and row), so it cannot be moved to another.
 */
const VERSION = "v1";

export class SecretError extends Error {
  override readonly name = "SecretError";
}

export interface Kek {
  /** First 8 hex digits of the key's SHA-256: names the key without showing it. */
  readonly id: string;
  readonly key: Buffer;
}

export function toKek(base64: string): Kek {
  const key = Buffer.from(base64, "base64");
  if (key.length !== 32) throw new SecretError("a key-encryption key has 32 bytes");
  return { id: createHash("sha256").update(key).digest("hex").slice(0, 8), key };
}

function encrypt(key: Buffer, plain: Buffer, aad: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(aad));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer, aad: string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

export function sealSecret(kek: Kek, plain: string, aad: string): string {
  const dataKey = randomBytes(32);
  const wrapped = encrypt(kek.key, dataKey, `${kek.id}|${aad}`);
  const body = encrypt(dataKey, Buffer.from(plain, "utf8"), aad);
  return [VERSION, kek.id, wrapped.toString("base64url"), body.toString("base64url")].join(".");
}

/** @throws SecretError when the text is damaged, of another place (`aad`), or sealed with a key that is not at hand */
export function openSecret(keks: readonly Kek[], sealed: string, aad: string): string {
  const [version, kekId, wrapped, body, ...rest] = sealed.split(".");
  if (version !== VERSION || kekId === undefined || wrapped === undefined || body === undefined || rest.length > 0)
    throw new SecretError("not a sealed secret");
  const kek = keks.find((k) => k.id === kekId);
  if (kek === undefined) throw new SecretError(`sealed with key ${kekId}, which is not configured`);
  try {
    const dataKey = decrypt(kek.key, Buffer.from(wrapped, "base64url"), `${kek.id}|${aad}`);
    return decrypt(dataKey, Buffer.from(body, "base64url"), aad).toString("utf8");
  } catch {
    throw new SecretError("the sealed secret is damaged or belongs elsewhere");
  }
}

/** Id of the key that a sealed text is wrapped with. @throws SecretError when it is no sealed text */
export function kekIdOf(sealed: string): string {
  const [version, kekId, ...rest] = sealed.split(".");
  if (version !== VERSION || kekId === undefined || rest.length !== 2) throw new SecretError("not a sealed secret");
  return kekId;
}

/**
 * The same secret with its data key wrapped by `to`: the secret itself is not opened, its ciphertext stays byte for byte.
 * @throws SecretError as openSecret
 */
export function rewrapSecret({ keks, to }: { keks: readonly Kek[]; to: Kek }, sealed: string, aad: string): string {
  const kekId = kekIdOf(sealed);
  const [version, , wrapped = "", body] = sealed.split(".");
  const kek = keks.find((k) => k.id === kekId);
  if (kek === undefined) throw new SecretError(`sealed with key ${kekId}, which is not configured`);
  let dataKey: Buffer;
  try {
    dataKey = decrypt(kek.key, Buffer.from(wrapped, "base64url"), `${kek.id}|${aad}`);
  } catch {
    throw new SecretError("the sealed secret is damaged or belongs elsewhere");
  }
  return [version, to.id, encrypt(to.key, dataKey, `${to.id}|${aad}`).toString("base64url"), body].join(".");
}

/** Where a sealed value lives, as its additional authenticated data. */
export const secretPlace = {
  subjectKey: (projectId: string) => `project/${projectId}/subject-key`,
  backendKey: (projectId: string, backendId: string) => `project/${projectId}/backend/${backendId}/api-key`,
};

/** Lower-case hex SHA-256, the stored form of tokens and keys (they carry ≥ 192 random bits, so no slow hash is needed). */
export function sha256Hex(text: string): string {
  return hash("sha256", text);
}

/** Lower-case hex HMAC-SHA-256 under a key that is the KEK's for this one purpose: tells equal texts without letting them be guessed. */
export function keyedHashHex(kek: Kek, purpose: string, text: string): string {
  const key = createHmac("sha256", kek.key).update(`keyed-hash/${purpose}`).digest();
  return createHmac("sha256", key).update(text).digest("hex");
}

export function equalHex(a: string, b: string): boolean {
  const x = Buffer.from(a, "hex");
  const y = Buffer.from(b, "hex");
  return x.length === y.length && x.length > 0 && timingSafeEqual(x, y);
}

/** `<prefix>_<43 base64url characters>`: 256 random bits. Shown once, stored as sha256Hex. */
export function createKeyText(prefix: string): string {
  return `${prefix}${randomBytes(32).toString("base64url")}`;
}
