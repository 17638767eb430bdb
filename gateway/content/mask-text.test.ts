import { describe, expect, it } from "vitest";
import { MASK_KINDS, type MaskKind } from "@/lib/contracts/content";
import { fc } from "@/test/property";
import { createMasker, maskText, passesLuhn } from "./mask-text";

function mask(text: string, kinds: readonly MaskKind[] = MASK_KINDS) {
  const masker = createMasker(kinds);
  return { text: maskText(text, masker), counts: masker.counts };
}

/** Digits that pass the check, of 13 to 19. */
const cards = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 }).map(
  (digits) =>
    ["0123456789"]
      .join("")
      .split("")
      .map((last) => digits.join("") + last)
      .find(passesLuhn) ?? "",
);
/** Text around it that no part of a number or an address stands in. */
const around = fc.stringMatching(/^[a-z가-힣 ,:;!?"(){}<>\n]{0,20}$/);

describe("what is masked", () => {
  it.each([
    ["write to alice@example.com.", "write to [email]."],
    ["메일은 kim.lee+a@회사.example.co.kr 아니고 kim@example.co.kr로", "메일은 kim.lee+a@회사.example.co.kr 아니고 [email]로"],
    ["a@b.co,c@d.org", "[email],[email]"],
    ["call 010-1234-5678 now", "call [phone] now"],
    ["01012345678", "[phone]"],
    ["+82 10 1234 5678", "[phone]"],
    ["(02) 123-4567", "([phone]"],
    ["4111 1111 1111 1111", "[card]"],
    ["card 5500-0000-0000-0004 12/27 123", "card [card] 12/27 123"],
    ["key sk-proj-abcdefghijklmnopqrst.", "key [secret]"],
    ["Authorization: Bearer abc.def-ghi_jkl", "Authorization: [secret]"],
    ["t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end", "t=[secret] end"],
    ["AKIAIOSFODNN7EXAMPLE", "[secret]"],
    ["x\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\ny", "x\n[secret]\ny"],
    ["-----BEGIN PRIVATE KEY-----\nMIIE without an end", "[secret]"],
  ])("%j becomes %j", (text, masked) => expect(mask(text).text).toBe(masked));

  it.each([
    "on 2026-11-21 20:05",
    "it costs 12,345 won",
    "order 12345678",
    "3.14159",
    "user@localhost",
    "a task-based list",
    "risk-averse",
    "",
  ])("%j stays as it is", (text) => expect(mask(text)).toEqual({ text, counts: { email: 0, phone: 0, card: 0, secret: 0 } }));

  it("is counted by kind, and only the kinds that are asked for", () => {
    const text = "a@b.co c@d.org 4111111111111111 010-1234-5678 sk-abcdefghijklmnopqrstuvwx";
    expect(mask(text).counts).toEqual({ email: 2, phone: 1, card: 1, secret: 1 });
    expect(mask(text, ["email"]).text).toBe("[email] [email] 4111111111111111 010-1234-5678 sk-abcdefghijklmnopqrstuvwx");
    expect(mask(text, []).text).toBe(text);
  });

  it("is masked once: what is masked stays the same when it is masked again", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.emailAddress(), cards, around), { maxLength: 8 }), (parts) => {
        const { text } = mask(parts.join(" "));
        expect(mask(text).text).toBe(text);
      }),
    );
  });

  it("no e-mail address survives, wherever it stands", () => {
    fc.assert(
      fc.property(around, fc.emailAddress(), around, (before, address, after) => {
        const { text, counts } = mask(`${before} ${address} ${after}`);
        expect(text).not.toContain(address);
        expect(counts.email).toBeGreaterThan(0);
      }),
    );
  });

  it("no card's number survives, plain or in groups", () => {
    fc.assert(
      fc.property(around, cards, fc.constantFrom("", " ", "-"), around, (before, card, separator, after) => {
        const written = card.replaceAll(/\d{4}(?=\d)/g, (group) => group + separator);
        const { text, counts } = mask(`${before}${written}${after}`);
        expect(text).not.toContain(written);
        expect(counts.card).toBe(1);
      }),
    );
  });

  it("texts that are made to hold it up are read to their end", () => {
    const size = 200_000;
    for (const piece of [
      "a",
      "a.",
      "@",
      "a@",
      "a@b.",
      "1",
      "1 ",
      "4111111111111111 ",
      "eyJ",
      "eyJ.",
      "sk-",
      "-----BEGIN PRIVATE KEY-----",
      "Bearer ",
      "+",
      "(",
    ])
      expect(mask(piece.repeat(Math.ceil(size / piece.length))).text.length).toBeLessThanOrEqual(size + piece.length);
  });
});
