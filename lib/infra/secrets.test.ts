import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { kekIdOf, openSecret, rewrapSecret, SecretError, sealSecret, toKek } from "./secrets";

const [old, next, third] = [1, 2, 3].map(() => toKek(randomBytes(32).toString("base64"))) as [
  ReturnType<typeof toKek>,
  ReturnType<typeof toKek>,
  ReturnType<typeof toKek>,
];

describe("a sealed secret", () => {
  it("comes back as it was under another key, its ciphertext byte for byte, and the old key opens it no more", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: "binary" }), fc.string({ minLength: 1, maxLength: 40 }), (plain, place) => {
        const sealed = sealSecret(old, plain, place);
        const moved = rewrapSecret({ keks: [next, old], to: next }, sealed, place);
        expect(kekIdOf(moved)).toBe(next.id);
        expect(moved.split(".")[3]).toBe(sealed.split(".")[3]);
        expect(openSecret([next], moved, place)).toBe(openSecret([old], sealed, place));
        expect(() => openSecret([old], moved, place)).toThrow(SecretError);
      }),
    );
  });

  it("is not moved to another place, nor with a key that is not at hand, nor when a byte of it is another", () => {
    const sealed = sealSecret(old, "secret", "here");
    expect(() => rewrapSecret({ keks: [old], to: next }, sealed, "there")).toThrow(SecretError);
    expect(() => rewrapSecret({ keks: [third], to: next }, sealed, "here")).toThrow(`sealed with key ${old.id}`);
    const parts = sealed.split(".");
    const bytes = Buffer.from(parts[2] ?? "", "base64url");
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      expect(() =>
        rewrapSecret({ keks: [old], to: next }, [parts[0], parts[1], damaged.toString("base64url"), parts[3]].join("."), "here"),
      ).toThrow(SecretError);
    }
    for (const text of ["", "v1", "v2.a.b.c", "v1.a.b", "v1.a.b.c.d"]) expect(() => kekIdOf(text)).toThrow(SecretError);
  });
});
