import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import type { AnswerCounts } from "../operations/answer-meter";

/** A complete answer of a backend, as it came. */
export interface StoredAnswer {
  /** Unix milliseconds by the gateway that stored it. */
  readonly atMs: number;
  readonly contentType: string;
  /** What its backend counted, for what a hit saves. */
  readonly counts: AnswerCounts;
  /** The bytes of a whole answer; the events of a stream with the usage that is always asked for. */
  readonly body: Buffer;
}

const deflate = promisify(deflateRaw);
const VERSION = 1;
const PLAIN = 0;
const DEFLATED = 1;
const HEAD_BYTES = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Smaller ones gain nothing. */
const DEFLATE_FROM_BYTES = 1_024;
/** Beyond any entry that settings allow: damage. */
const MOST_BYTES = 16 * 1_048_576;

/**
 * Text form of an entry: version, whether it is deflated, nonce, tag, then AES-256-GCM over the length of the description, the
 * description as JSON, and the body. `name` binds it to its place: an entry that was moved does not open.
 */
export async function sealAnswer(key: Buffer, name: string, { body, ...about }: StoredAnswer): Promise<Buffer> {
  const description = Buffer.from(JSON.stringify(about));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(description.length);
  const plain = Buffer.concat([length, description, body]);
  const isDeflated = plain.length >= DEFLATE_FROM_BYTES;
  const packed = isDeflated ? await deflate(plain, { level: 1 }) : plain;
  const head = Buffer.from([VERSION, isDeflated ? DEFLATED : PLAIN]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.concat([head, Buffer.from(name)]));
  const sealed = [cipher.update(packed), cipher.final()];
  return Buffer.concat([head, nonce, cipher.getAuthTag(), ...sealed]);
}

function open(key: Buffer, name: string, sealed: Buffer): StoredAnswer {
  const head = sealed.subarray(0, HEAD_BYTES);
  const tagAt = HEAD_BYTES + NONCE_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(HEAD_BYTES, tagAt), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.concat([head, Buffer.from(name)]))
    .setAuthTag(sealed.subarray(tagAt, tagAt + TAG_BYTES));
  const packed = Buffer.concat([decipher.update(sealed.subarray(tagAt + TAG_BYTES)), decipher.final()]);
  const plain = head[1] === DEFLATED ? inflateRawSync(packed, { maxOutputLength: MOST_BYTES }) : packed;
  const bodyAt = 4 + plain.readUInt32LE(0);
  // Written above: nobody else has the key.
  const about: Omit<StoredAnswer, "body"> = JSON.parse(plain.subarray(4, bodyAt).toString("utf8"));
  return { ...about, body: plain.subarray(bodyAt) };
}

/** The answer of an entry; null when it is damaged, of another place or key, or of a version that this gateway does not know. */
export function openAnswer(key: Buffer, name: string, sealed: Buffer): StoredAnswer | null {
  if (sealed[0] !== VERSION) return null;
  try {
    return open(key, name, sealed);
  } catch {
    return null;
  }
}
