import { describe, expect, test } from "vitest";
import { type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { compareDistributions } from "./compare-distributions";
import { ksTest } from "./ks";
import { psi } from "./psi";

const { cases } = readOracle<{ name: string; input: { x: OracleSample; y: OracleSample } }>("ks_2sample");
const finite = (sample: OracleSample) =>
  Float64Array.from(sampleOf(sample).filter((value) => value !== null && Number.isFinite(value)) as number[]);
const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

describe("two columns compared", () => {
  test.each(cases)("give what the single functions give: $name", ({ input }) => {
    const [reference, current] = [finite(input.x), finite(input.y)];
    const compared = compareDistributions(reference, current);
    const ks = ksTest(reference, current);
    const stability = psi(reference, current);
    expect(compared.psi).toBe(stability.psi);
    expect(compared.bins).toEqual(stability.bins);
    expect(compared.ks?.statistic ?? null).toBe(ks.statistic);
    expect(compared.ks?.pValue ?? null).toBe(ks.pValue);
    const atOrBelow = compared.ks?.atOrBelow;
    if (atOrBelow) expect(Math.abs(atOrBelow.reference - atOrBelow.current)).toBeCloseTo(ks.statistic ?? -1, 12);
    else expect(compared.ks?.statistic ?? 0).toBe(0);
    expect([compared.reference.n, compared.current.n]).toEqual([reference.length, current.length]);
  });

  test.each(cases)("count every value into the picture once: $name", ({ input }) => {
    const [reference, current] = [finite(input.x), finite(input.y)];
    const { picture, ks } = compareDistributions(reference, current);
    if (ks === null) return expect(picture).toEqual([]);
    expect(total(picture.map((bin) => bin.referenceCount))).toBe(reference.length);
    expect(total(picture.map((bin) => bin.currentCount))).toBe(current.length);
    for (const [index, bin] of picture.entries()) if (index > 0) expect(bin.from).toBe(picture[index - 1]?.to);
  });

  test("do not depend on the order of values to the last digit", () => {
    const values = Float64Array.from({ length: 5_000 }, (_, i) => Math.sqrt(i * 7919) % 311);
    const other = Float64Array.from(values, (value) => value * 1.1 + 0.3);
    expect(compareDistributions(values.toReversed(), other.toReversed())).toEqual(compareDistributions(values, other));
  });

  test("one equal value on both sides is no change, another value is all of it", () => {
    const constant = (value: number) => new Float64Array(300).fill(value);
    expect(compareDistributions(constant(5), constant(5))).toMatchObject({
      psi: 0,
      ks: { statistic: 0, pValue: 1, location: null, sign: null },
    });
    const changed = compareDistributions(constant(5), constant(7));
    expect(changed.ks).toMatchObject({ statistic: 1, location: 5, sign: 1 });
    expect(changed.psi).toBeGreaterThan(9);
    expect(changed.picture.map((bin) => [bin.referenceCount, bin.currentCount]).filter(([a, b]) => a !== b)).toEqual([
      [300, 0],
      [0, 300],
    ]);
  });

  test("an empty side gives no figure at all, not even for the other", () => {
    const compared = compareDistributions(Float64Array.of(1, 2, 3), new Float64Array(0));
    expect(compared).toMatchObject({ psi: null, ks: null, bins: [], picture: [], reference: { n: 3, mean: 2 } });
    expect(compared.current).toEqual({ n: 0, mean: null, min: null, p50: null, p95: null, max: null });
  });
});
