import { afterEach, describe, expect, it } from "vitest";
import { createPrng, drawLogNormal } from "@/lib/core/prng";
import { compareDistributions } from "@/lib/core/stats";
import { type Comparer, startComparer } from "./start-comparer";

let comparer: Comparer;
afterEach(() => comparer.close());

const draw = (count: number, seed: number) => {
  const prng = createPrng(seed);
  return Float64Array.from({ length: count }, () => drawLogNormal(prng, 6, 0.4));
};

describe("the comparing thread", () => {
  it("finds to the last digit what the function finds, several times over", async () => {
    comparer = startComparer();
    for (const [n, m] of [
      [500, 700],
      [5_000, 4_999],
      [0, 10],
      [1, 1],
    ] as const)
      expect(await comparer.compare(draw(n, 1), draw(m, 2))).toEqual(compareDistributions(draw(n, 1), draw(m, 2)));
  });

  it("lets this thread's event loop turn while it compares a million values with a million", async () => {
    comparer = startComparer();
    await comparer.compare(draw(10, 1), draw(10, 2));
    const [reference, current] = [draw(1_000_000, 3), draw(1_000_000, 4)];
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const comparison = await comparer.compare(reference, current);
    clearImmediate(next);
    expect(comparison.reference.n).toBe(1_000_000);
    // In this thread it would be one turn or two: the comparison has no pause in it.
    expect(turns).toBeGreaterThan(100);
    expect([reference.length, current.length], "handed over, not copied").toEqual([0, 0]);
  });

  it("says what went wrong in it, and goes on", async () => {
    comparer = startComparer();
    await expect(comparer.compare(Float64Array.of(1, Number.POSITIVE_INFINITY), Float64Array.of(1))).rejects.toThrow(/infinite/);
    expect((await comparer.compare(Float64Array.of(1), Float64Array.of(1))).ks?.statistic).toBe(0);
  });

  it("that is ended lets nobody wait for it", async () => {
    comparer = startComparer();
    const waiting = comparer.compare(draw(10, 1), draw(10, 2));
    await Promise.all([expect(waiting).rejects.toThrow(/ended/), comparer.close()]);
  });
});
