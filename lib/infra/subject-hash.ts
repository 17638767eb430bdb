import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
/** Subjects come again: their hashes are kept for a while; long ones are computed each time. */
const MAX_KNOWN = 2_048;
const MAX_KNOWN_LENGTH = 128;

/** RFC 2104 with the key's two pads made once: an HMAC object for every request costs more than the hashing, in garbage above all. */
class SubjectHasher {
  readonly #inner: Buffer;
  readonly #outer: Buffer;
  readonly #known = new Map<string, string>();

  constructor(key: string) {
    const bytes = Buffer.from(key, "utf8");
    const block = Buffer.alloc(BLOCK_BYTES);
    (bytes.length > BLOCK_BYTES ? hash("sha256", bytes, "buffer") : bytes).copy(block);
    this.#inner = Buffer.from(block.map((byte) => byte ^ 0x36));
    this.#outer = Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
  }

  hash(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const hashed = this.#compute(text);
    if (text.length > MAX_KNOWN_LENGTH) return hashed;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(text, hashed);
    return hashed;
  }

  #compute(text: string): string {
    const digest = hash("sha256", Buffer.concat([this.#inner, Buffer.from(text, "utf8")]), "buffer");
    digest.copy(this.#outer, BLOCK_BYTES);
    return hash("sha256", this.#outer, "hex");
  }
}

/** Few projects, so few keys; the bound only guards against a caller that makes keys up. */
const MAX_KEYS = 1_000;
const hashers = new Map<string, SubjectHasher>();

/**
 * The only stored form of a subject: lower-case hex HMAC-SHA-256 over its UTF-8 text. `projectKey` is the project's opened subject key,
 * used as the UTF-8 bytes of its text. Erasure finds a person by computing the same.
 */
export function hashSubject(projectKey: string, subject: string): string {
  let hasher = hashers.get(projectKey);
  if (hasher === undefined) {
    if (hashers.size >= MAX_KEYS) hashers.clear();
    hasher = new SubjectHasher(projectKey);
    hashers.set(projectKey, hasher);
  }
  return hasher.hash(subject);
}
