import canonicalize from "canonicalize";

/** RFC 8785 canonical JSON text: what every digest of ours is taken over. @throws on what JSON cannot hold (NaN, undefined at the top) */
export function toCanonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("the value has no JSON form");
  return text;
}
