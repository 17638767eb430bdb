import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { assignBucket, assignVariant, BUCKET_COUNT, fnv1a32, toVariantPosition } from "./assignment";

interface Vector {
  salt: string;
  subject: string;
  first: number;
  bucket: number;
  position: number;
}

const page = readFileSync(path.join(import.meta.dirname, "../../docs/assignment.md"), "utf8");
const ROW = /^\| `(".*")` \| `(".*")` \| (\d+) \| (\d+) \| (\d+) \|$/gm;
const vectors: Vector[] = [...page.matchAll(ROW)].map(([, salt = "", subject = "", first, bucket, position]) => ({
  salt: JSON.parse(salt),
  subject: JSON.parse(subject),
  first: Number(first),
  bucket: Number(bucket),
  position: Number(position),
}));

/** Straight from the definition, over bytes. */
function fnvOfBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash);
}

describe("the published assignment", () => {
  it("has vectors in ASCII, Hangul, empty and emoji", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(12);
    expect(vectors.some((v) => v.subject === "")).toBe(true);
    expect(vectors.some((v) => /\p{Script=Hangul}/u.test(v.subject))).toBe(true);
    expect(vectors.some((v) => /\p{Emoji_Presentation}/u.test(v.subject))).toBe(true);
  });

  it.each(vectors)("gives bucket $bucket to $subject in layer $salt", (v) => {
    expect(fnv1a32(`${v.salt}\u001f${v.subject}`)).toBe(v.first);
    expect(assignBucket(v.salt, v.subject)).toBe(v.bucket);
    expect(toVariantPosition(v.bucket)).toBe(v.position);
  });

  it("hashes the UTF-8 bytes of any text, lone surrogates as U+FFFD", () => {
    expect(fnv1a32("foobar").toString(16)).toBe("bf9cf968");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((u) => String.fromCharCode(...u)),
    );
    fc.assert(fc.property(text, (s) => fnv1a32(s) === fnvOfBytes(new TextEncoder().encode(s))));
  });
});

describe("the split", () => {
  const subjects = Array.from({ length: 100_000 }, (_, i) => `user-${i}`);

  it.each([100, 1_000, 5_000])("gives %d basis points of 100,000 subjects within sampling error", (bps) => {
    const share = bps / BUCKET_COUNT;
    const got = subjects.filter((s) => assignBucket("ept-sampling", s) < bps).length;
    const deviation = Math.sqrt(subjects.length * share * (1 - share));
    expect(Math.abs(got - subjects.length * share)).toBeLessThan(3.9 * deviation);
  });

  it("spreads 100,000 sequential subjects evenly over 100 groups of buckets", () => {
    const groups = Array.from({ length: 100 }, () => 0);
    for (const s of subjects) {
      const group = Math.floor(assignBucket("ept-even", s) / 100);
      groups[group] = (groups[group] ?? 0) + 1;
    }
    const chi = groups.reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    // 99 degrees of freedom: above 161 once in ten thousand.
    expect(chi).toBeLessThan(161);
  });

  it("never moves a subject back when the treatment grows, and never between variants", () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 9_999 }))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.string(), fc.string(), range, fc.integer({ min: 0, max: 10_000 }), (salt, subject, [small, large], first) => {
        const bucket = assignBucket(salt, subject);
        const weights = [first, BUCKET_COUNT - first];
        const before = bucket < small ? assignVariant(bucket, weights) : null;
        return before === null || (bucket < large && assignVariant(bucket, weights) === before);
      }),
      { numRuns: 2_000 },
    );
  });

  it("shares a release's range among its variants by weight, whatever part of the layer it has", () => {
    for (const [from, to] of [
      [0, 10_000],
      [0, 1_000],
      [9_000, 10_000],
      [3_333, 4_333],
    ] as const) {
      let first = 0;
      for (let bucket = from; bucket < to; bucket++) if (assignVariant(bucket, [3_000, 7_000]) === 0) first++;
      expect(first / (to - from)).toBeCloseTo(0.3, 1);
    }
  });

  it("gives nothing to a weight of 0 and refuses weights that do not reach 10,000", () => {
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) expect(assignVariant(bucket, [0, 10_000, 0])).toBe(1);
    expect(() => assignVariant(9_999, [10, 10])).toThrow(RangeError);
  });
});
