import { createHmac } from "node:crypto";

/**
 * The only stored form of a subject: lower-case hex HMAC-SHA-256 over its UTF-8 text. `projectKey` is the project's opened subject key,
 * used as the UTF-8 bytes of its text. Erasure finds a person by computing the same.
 */
export function hashSubject(projectKey: string, subject: string): string {
  return createHmac("sha256", projectKey).update(subject, "utf8").digest("hex");
}
