import { expect, test } from "vitest";
import { readOracle } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { roundHalfEven } from "./rounding";

interface RoundingCase {
  name: string;
  input: { x: number; digits: number };
  expected: { python_round_half_even: number };
}

const { cases } = readOracle<RoundingCase>("rounding");

test.each(cases)("$name: rounds as Python does", ({ input, expected }) => {
  // + 0: a rounded −0 counts as 0 here.
  expect(roundHalfEven(input.x, input.digits) + 0).toBe(expected.python_round_half_even + 0);
});

test("is never further away than half a unit, and an exact half goes to the even digit", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 6 }), (eighths, decimals) => {
      const value = eighths / 8;
      const rounded = roundHalfEven(value, decimals);
      expect(Math.abs(rounded - value) <= 0.5 * 10 ** -decimals * (1 + 1e-9)).toBe(true);
      if (decimals === 0 && Math.abs(value % 1) === 0.5) expect(Math.abs(rounded % 2)).toBe(0);
    }),
  );
});

test("refuses decimals that toFixed cannot do", () => {
  expect(() => roundHalfEven(1, 21)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  expect(() => roundHalfEven(1, 1.5)).toThrow(expect.objectContaining({ code: "invalid_option" }));
});
