import { describe, expect, test } from "vitest";
import { createPrng, drawLogNormal } from "@/lib/core/prng";
import { fc } from "@/test/property";
import { percentile } from "./percentile";
import { SKETCH_RELATIVE_ERROR, Sketch } from "./sketch";

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
const anyValue = fc.oneof(
  fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
  fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
  fc.constantFrom(0, 1, 1.02, 1.02 ** 50, 850),
);
const anySample = fc.array(anyValue, { maxLength: 60 });

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

/** Everything that must not depend on order; the sum may in its last bits. */
function shapeOf(sketch: Sketch) {
  return { count: sketch.count, min: sketch.min, max: sketch.max, buckets: sketch.buckets(), at: QUANTILES.map((q) => sketch.quantile(q)) };
}

describe("a sketch", () => {
  test("answers every quantile within 1 % of the true value", () => {
    expect(SKETCH_RELATIVE_ERROR).toBeLessThan(0.01);
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1, maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, quantile) => {
        const exact = percentile(values, quantile, "lower") ?? Number.NaN;
        const estimate = sketchOf(values).quantile(quantile) ?? Number.NaN;
        // A subnormal has too few bits to lie within 1 % of: one last place more.
        expect(Math.abs(estimate - exact) <= SKETCH_RELATIVE_ERROR * exact * (1 + 1e-9) + 5e-324).toBe(true);
      }),
    );
  });

  test("reaches from the smallest float64 to the largest", () => {
    const sketch = sketchOf([5e-324, 1, 2, 1e308, Number.MAX_VALUE]);
    expect([sketch.min, sketch.max]).toEqual([5e-324, Number.MAX_VALUE]);
    for (const [quantile, exact] of [
      [0.25, 1],
      [0.5, 2],
      [0.75, 1e308],
    ] as const) {
      expect(Math.abs((sketch.quantile(quantile) ?? 0) / exact - 1)).toBeLessThan(SKETCH_RELATIVE_ERROR * (1 + 1e-9));
    }
    expect(shapeOf(Sketch.fromBytes(sketch.toBytes()))).toEqual(shapeOf(sketch));
  });

  test("merges in any grouping and order to the sketch of everything", () => {
    fc.assert(
      fc.property(anySample, anySample, anySample, (a, b, c) => {
        const whole = shapeOf(sketchOf([...a, ...b, ...c]));
        expect(shapeOf(sketchOf(a).merge(sketchOf(b)).merge(sketchOf(c)))).toEqual(whole);
        expect(shapeOf(sketchOf(c).merge(sketchOf(a).merge(sketchOf(b))))).toEqual(whole);
        expect(shapeOf(sketchOf([...c, ...a, ...b].reverse()))).toEqual(whole);
      }),
    );
  });

  test("comes back from its bytes as it was, and bytes merge like sketches", () => {
    fc.assert(
      fc.property(anySample, anySample, (a, b) => {
        const [left, right] = [sketchOf(a), sketchOf(b)];
        const back = Sketch.fromBytes(left.toBytes());
        expect(shapeOf(back)).toEqual(shapeOf(left));
        expect(back.sum).toBe(left.sum);
        expect(back.toBytes()).toEqual(left.toBytes());
        expect(shapeOf(back.mergeBytes(right.toBytes()))).toEqual(shapeOf(left.merge(right)));
      }),
    );
  });

  test("leaves the merged one as it was, and can be merged into itself", () => {
    const [left, right] = [sketchOf([1, 2, 300]), sketchOf([0, 5])];
    const before = shapeOf(right);
    left.merge(right);
    expect(shapeOf(right)).toEqual(before);
    expect(right.merge(right).count).toBe(4);
    expect(right.sum).toBe(10);
  });

  test("counts a repeated value as often as it came", () => {
    expect(shapeOf(new Sketch().add(7, 3).add(0, 2).add(9, 0))).toEqual(shapeOf(sketchOf([7, 7, 7, 0, 0])));
    expect(new Sketch().add(4, 2 ** 40).quantile(0.5)).toBe(4);
    expect(Sketch.fromBytes(new Sketch().add(4, 2 ** 40).toBytes()).count).toBe(2 ** 40);
  });

  test("of nothing has no quantile, minimum, maximum or mean", () => {
    const empty = new Sketch();
    expect([empty.quantile(0.5), empty.min, empty.max, empty.mean, empty.count, empty.sum]).toEqual([null, null, null, null, 0, 0]);
    expect(Sketch.fromBytes(empty.toBytes()).count).toBe(0);
  });

  test("of ten thousand latencies takes under a kilobyte", () => {
    const prng = createPrng(11);
    const sketch = sketchOf(Array.from({ length: 10_000 }, () => drawLogNormal(prng, 6, 0.9)));
    expect(sketch.toBytes().length).toBeLessThan(1000);
  });

  test("has the documented bytes", () => {
    const float = (value: number) => [...new Uint8Array(Float64Array.of(value).buffer)];
    // 1 is in bucket 0; 1.03 (ln / ln 1.02 = 1.49) in bucket 2; 0.99 (−0.51) in bucket 0 as well.
    const bytes = sketchOf([0, 1, 0.5, 1.03]).toBytes();
    // 0.5: −35.003 → bucket −35, zigzag 69.
    expect([...bytes]).toEqual([1, 1, 3, ...float(1 + 0.5 + 1.03), ...float(0), ...float(1.03), 69, 1, 34, 1, 1, 1]);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses to add %f", (value) => {
    expect(() => new Sketch().add(value)).toThrow(expect.objectContaining({ code: "invalid_value" }));
  });

  test("refuses a count that is not a whole number", () => {
    expect(() => new Sketch().add(1, 1.5)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });

  test("refuses every cut or lengthened byte string and takes nothing from it", () => {
    const bytes = sketchOf([0, 1, 2, 3, 850, 1e9]).toBytes();
    const target = sketchOf([5]);
    const before = shapeOf(target);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => target.mergeBytes(bytes.slice(0, length))).toThrow(expect.objectContaining({ code: "invalid_bytes" }));
    }
    expect(() => target.mergeBytes(Uint8Array.of(...bytes, 0))).toThrow(expect.objectContaining({ code: "invalid_bytes" }));
    expect(() => target.mergeBytes(Uint8Array.of(2, ...bytes.slice(1)))).toThrow(expect.objectContaining({ code: "invalid_bytes" }));
    expect(shapeOf(target)).toEqual(before);
  });

  test("survives any bytes: a sketch that holds together, or a typed error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        const bytes = Uint8Array.of(1, ...noise);
        try {
          const sketch = Sketch.fromBytes(bytes);
          const held = sketch.buckets().reduce((total, bucket) => total + bucket.count, 0);
          expect(held).toBe(sketch.count);
        } catch (error) {
          expect(error).toMatchObject({ name: "StatsError", code: "invalid_bytes" });
        }
      }),
    );
  });
});
