import { expect, it } from "vitest";
import { toCopyText } from "./copy-in";

it("writes values as COPY's text format reads them", () => {
  expect([null, undefined].map((value) => toCopyText(value, true))).toEqual(["\\N", "\\N"]);
  expect([true, 1.5, 10n, "2026-11-21"].map((value) => toCopyText(value, false))).toEqual(["true", "1.5", "10", "2026-11-21"]);
  expect(toCopyText("\\N", true)).toBe("\\\\N");
  expect(toCopyText("a\tb\nc\rd\be\ff\vg\\h 고객", true)).toBe("a\\tb\\nc\\rd\\be\\ff\\vg\\\\h 고객");
});
