import { expect, test } from "vitest";
import { createPrng } from "@/lib/core/prng";
import { expand, fnv1a, type GeneratorSpec, readOracle } from "@/test/oracles/oracle";

type PrngCase =
  | { name: string; seed: number; expected: { u32: number[] } }
  | { name: string; input: GeneratorSpec; expected: { first_10: number[] } };

const { cases } = readOracle<PrngCase>("prng");

test.each(cases)("$name gives the reference stream, bit for bit", (oracle) => {
  if ("seed" in oracle) {
    const prng = createPrng(oracle.seed);
    expect(oracle.expected.u32.map(() => prng.nextUint32())).toEqual(oracle.expected.u32);
    return;
  }
  const values = expand(oracle.input);
  expect(values.slice(0, 10)).toEqual(oracle.expected.first_10);
  expect(fnv1a(values)).toBe(oracle.input.checksum.fnv1a);
  expect(values).toHaveLength(oracle.input.n);
});

test("two streams of one seed agree and stay in [0, 1)", () => {
  const one = createPrng(20_261_120);
  const two = createPrng(20_261_120);
  for (let i = 0; i < 10_000; i++) {
    const value = one.next();
    expect(value).toBe(two.next());
    expect(value >= 0 && value < 1).toBe(true);
  }
});
