import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { fc } from "@/test/property";
import { hashSubject } from "./subject-hash";

it("is HMAC-SHA-256 of any subject under any key", () => {
  const hmac = (key: string, subject: string) => createHmac("sha256", key).update(subject, "utf8").digest("hex");
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.string({ unit: "grapheme" }),
      (key, subject) => hashSubject(key, subject) === hmac(key, subject),
    ),
  );
  // RFC 4231, test case 2.
  expect(hashSubject("Jefe", "what do ya want for nothing?")).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
});
