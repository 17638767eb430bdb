import { expect, test } from "vitest";
import { fc } from "@/test/property";
import { countTokens, splitTokens } from "./tokens";

test.each([
  ["", 0],
  ["a", 1],
  ["abcd", 1],
  ["abcde", 2],
  ["한글", 2],
  ["주문을 취소해 주세요", 8],
])("%j counts %d tokens: UTF-8 bytes / 4, rounded up", (text, expected) => {
  expect(countTokens(text)).toBe(expected);
});

test("the first k pieces of any text are k tokens, and all pieces are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      const pieces = splitTokens(text);
      expect(pieces.join("")).toBe(text);
      for (let count = 0; count <= pieces.length; count += 1) expect(countTokens(pieces.slice(0, count).join(""))).toBe(count);
    }),
  );
});
