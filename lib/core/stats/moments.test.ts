import { describe, expect, test } from "vitest";
import { isClose } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { addToMoments, createMoments, type Moments, mergeMoments, summaryOf } from "./moments";

const offset = fc.constantFrom(0, -3, 1e9, 1e15);
const steps = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 });

/** Exact mean and squared deviations of whole numbers, by bigint: n·Σx² − (Σx)² over n. */
function exactMoments(values: readonly number[]): { meanTimesCount: bigint; m2: number } {
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  const squares = values.reduce((total, value) => total + BigInt(value) * BigInt(value), 0n);
  return { meanTimesCount: sum, m2: Number(BigInt(values.length) * squares - sum * sum) / values.length };
}

function expectExact(moments: Moments, values: readonly number[]): void {
  const { meanTimesCount, m2 } = exactMoments(values);
  expect(moments.count).toBe(values.length);
  const count = BigInt(values.length);
  const mean = Number(meanTimesCount / count) + Number(meanTimesCount % count) / values.length;
  expect(isClose(moments.mean + moments.meanLow, mean, { rel: 2 ** -51 }), `got ${moments.mean}, expected ${mean}`).toBe(true);
  expect(isClose(moments.m2, m2, { rel: 1e-11, abs: 1e-9 }), `got ${moments.m2}, expected ${m2}`).toBe(true);
}

describe("moments", () => {
  test("of a sample are exact 10^15 away from 0", () => {
    fc.assert(
      fc.property(offset, steps, (start, drawn) =>
        expectExact(
          createMoments(drawn.map((step) => start + step)),
          drawn.map((step) => start + step),
        ),
      ),
    );
  });

  test("built one value at a time equal those of the whole sample", () => {
    fc.assert(
      fc.property(offset, steps, (start, drawn) => {
        const values = drawn.map((step) => start + step);
        expectExact(values.reduce<Moments>(addToMoments, createMoments()), values);
      }),
    );
  });

  test("merge in any grouping and order to the same thing", () => {
    fc.assert(
      fc.property(offset, steps, steps, steps, (start, a, b, c) => {
        const [left, middle, right] = [a, b, c].map((part) => createMoments(part.map((step) => start + step)));
        if (!left || !middle || !right) throw new Error("three parts were drawn");
        const values = [...a, ...b, ...c].map((step) => start + step);
        expectExact(mergeMoments(mergeMoments(left, middle), right), values);
        expectExact(mergeMoments(left, mergeMoments(middle, right)), values);
        expectExact(mergeMoments(right, mergeMoments(left, middle)), values);
      }),
    );
  });

  test("of nothing are the neutral element and have no summary", () => {
    const some = createMoments([1, 2, 4]);
    expect(mergeMoments(createMoments(), some)).toEqual(some);
    expect(mergeMoments(some, createMoments([]))).toEqual(some);
    expect(summaryOf(createMoments([5]))).toBeNull();
    expect(summaryOf(some)).toMatchObject({ n: 3, variance: expect.closeTo(7 / 3, 12) });
  });

  test("survive JSON", () => {
    const moments = createMoments([1e15, 1e15 + 1, 1e15 + 5]);
    expect(JSON.parse(JSON.stringify(moments))).toEqual(moments);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("refuse %s", (value) => {
    expect(() => addToMoments(createMoments(), value)).toThrow(expect.objectContaining({ code: "non_finite" }));
  });

  test("count a constant that binary cannot hold as spread of exactly 0", () => {
    expect(createMoments(new Float64Array(1000).fill(0.1)).m2).toBe(0);
  });
});
