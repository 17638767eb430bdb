/** Whether an If-None-Match header names this entity tag (RFC 9110, 13.1.2: weak comparison). `etag` is without quotes. */
export function matchesEtag(header: string | null | undefined, etag: string): boolean {
  if (header === null || header === undefined) return false;
  return header.split(",").some((part) => {
    const tag = part.trim().replace(/^W\//, "");
    return tag === "*" || tag === `"${etag}"` || tag === etag;
  });
}
