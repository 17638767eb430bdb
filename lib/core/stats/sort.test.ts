import { expect, test } from "vitest";
import { createPrng, drawNormal } from "@/lib/core/prng";
import { fc } from "@/test/property";
import { toSortedValues } from "./sort";

const awkward = [0, -0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1];

/** The words of an array: tells −0 from 0. */
function bitsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
}

test("sorts small and large arrays as the engine does, bit for bit, and leaves the caller's array alone", () => {
  const values = fc.float64Array({ noNaN: true, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.constantFrom(1, 200, 700), (drawn, copies) => {
      const repeated = Float64Array.from({ length: drawn.length * copies }, (_, i) => drawn[i % drawn.length] ?? 0);
      const before = repeated.slice();
      expect(bitsOf(toSortedValues(repeated))).toEqual(bitsOf(repeated.slice().sort()));
      expect(bitsOf(repeated)).toEqual(bitsOf(before));
    }),
    { numRuns: 40 },
  );
});

test("sorts a hundred thousand values with every awkward one among them", () => {
  const prng = createPrng(7);
  const values = Float64Array.from({ length: 100_000 }, (_, i) => awkward[i % 1000] ?? drawNormal(prng, 0, 10 ** (i % 12)));
  expect(bitsOf(toSortedValues(values))).toEqual(bitsOf(values.slice().sort()));
});

test("sorts a subarray without reaching past its ends", () => {
  const values = Float64Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 10_007).subarray(1000, 9000);
  expect(toSortedValues(values)).toEqual(values.slice().sort());
});
