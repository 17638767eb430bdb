import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import { ContentText } from "../contracts/content";

const deflate = promisify(deflateRaw);
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Beyond anything that is sealed here: damage. */
const MOST_BYTES = 4 * 1_048_576;

/** Whose content it is: it opens at no other place. */
export interface ContentPlace {
  readonly projectId: string;
  readonly requestId: string;
}

const aadOf = ({ projectId, requestId }: ContentPlace) => Buffer.from(`content/v${VERSION}/${projectId}/${requestId}`);

/** Of the project's subject key, so that one project's content means nothing to another. */
export function toContentKey(subjectKey: string): Buffer {
  return Buffer.from(hkdfSync("sha256", subjectKey, "", "switchyard/request-content/v1", 32));
}

/** Version, nonce, tag, then AES-256-GCM over the deflated JSON. */
export async function sealContent(key: Buffer, place: ContentPlace, content: ContentText): Promise<Buffer> {
  const packed = await deflate(Buffer.from(JSON.stringify(content)), { level: 1 });
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aadOf(place));
  const sealed = [cipher.update(packed), cipher.final()];
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), ...sealed]);
}

/** null when it is damaged, of another place or key, or of a version that is not known here. */
export function openContent(key: Buffer, place: ContentPlace, sealed: Buffer): ContentText | null {
  if (sealed[0] !== VERSION) return null;
  const tagAt = 1 + NONCE_BYTES;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, tagAt), { authTagLength: TAG_BYTES })
      .setAAD(aadOf(place))
      .setAuthTag(sealed.subarray(tagAt, tagAt + TAG_BYTES));
    const packed = Buffer.concat([decipher.update(sealed.subarray(tagAt + TAG_BYTES)), decipher.final()]);
    return ContentText.parse(JSON.parse(inflateRawSync(packed, { maxOutputLength: MOST_BYTES }).toString("utf8")));
  } catch {
    return null;
  }
}
