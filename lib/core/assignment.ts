/**
 * Sticky assignment of a subject to a bucket and of a bucket to a variant. Published with test vectors in docs/assignment.md, so that
 * any other service computes the same. Never change it: every running rollout and experiment would be shuffled.
 */

/** Number of buckets of an endpoint's layer; one bucket is one basis point of its traffic. */
export const BUCKET_COUNT = 10_000;

/** Between salt and subject: U+001F (unit separator), which no slug holds, so that no other pair of salt and subject joins to the same text. */
const SEPARATOR = "\u001f";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Coprime to BUCKET_COUNT, so it permutes the buckets: neighbours in a release's range spread over all its variants. */
const VARIANT_STRIDE = 7_919;

const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, FNV_PRIME);

function stepCodePoint(hash: number, point: number): number {
  if (point < 0x80) return step(hash, point);
  if (point < 0x800) return step(step(hash, 0xc0 | (point >> 6)), 0x80 | (point & 0x3f));
  const tail = (h: number) => step(step(h, 0x80 | ((point >> 6) & 0x3f)), 0x80 | (point & 0x3f));
  if (point < 0x10000) return tail(step(hash, 0xe0 | (point >> 12)));
  return tail(step(step(hash, 0xf0 | (point >> 18)), 0x80 | ((point >> 12) & 0x3f)));
}

/**
 * FNV-1a, 32 bit, over the UTF-8 form of the text (lone surrogates count as U+FFFD), 0..2^32−1.
 * Source: draft-eastlake-fnv, section 2.
 */
export function fnv1a32(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      hash = step(hash, unit);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      hash = stepCodePoint(hash, unit);
    } else {
      const point = text.codePointAt(i) ?? 0xfffd;
      if (point > 0xffff) i++;
      hash = stepCodePoint(hash, point > 0xffff ? point : 0xfffd);
    }
  }
  return hash >>> 0;
}

/** Bucket 0..9,999 of a subject in the layer with this salt. Any text is a subject, the empty one too. */
export function assignBucket(salt: string, subject: string): number {
  return fnv1a32(String(fnv1a32(salt + SEPARATOR + subject))) % BUCKET_COUNT;
}

/** Place 0..9,999 of a bucket inside the variants of its release; it depends on the bucket alone, so a growing release moves nobody. */
export function toVariantPosition(bucket: number): number {
  return (bucket * VARIANT_STRIDE) % BUCKET_COUNT;
}

/** Index of the variant whose share of the cumulated weights (basis points, summing to 10,000) holds the position. A weight of 0 is never chosen. */
export function assignVariant(bucket: number, weightsBps: readonly number[]): number {
  const position = toVariantPosition(bucket);
  let upper = 0;
  for (let i = 0; i < weightsBps.length; i++) {
    upper += weightsBps[i] ?? 0;
    if (position < upper) return i;
  }
  throw new RangeError(`the weights sum to ${upper}, not to ${BUCKET_COUNT}`);
}
