import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { countBuckets, freeBuckets, LayerChoice, takeBuckets } from "./layers";

describe("the buckets of a layer", () => {
  it("are given from the lowest free one, round what others have, and never out of the holdout", () => {
    const taken = [[0, 1_000] as const, [2_000, 5_000] as const];
    expect(freeBuckets({ holdoutBps: 1_000, taken })).toEqual([
      [1_000, 2_000],
      [5_000, 9_000],
    ]);
    expect(takeBuckets({ holdoutBps: 1_000, taken }, 1_500)).toEqual([
      [1_000, 2_000],
      [5_000, 5_500],
    ]);
    expect(takeBuckets({ holdoutBps: 1_000, taken }, 5_000)).toHaveLength(2);
    expect(takeBuckets({ holdoutBps: 1_000, taken }, 5_001)).toBeNull();
  });

  it("are nobody's twice, however experiments begin and end, and a share is had whole or not at all", () => {
    const wishes = fc.array(fc.record({ shareBps: fc.integer({ min: 1, max: 6_000 }), ends: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(wishes, fc.integer({ min: 0, max: 9_999 }), (list, holdoutBps) => {
        const running = new Map<number, [number, number][]>();
        list.forEach(({ shareBps, ends }, i) => {
          const taken = [...running.values()].flat();
          const free = countBuckets(freeBuckets({ holdoutBps, taken }));
          expect(free).toBe(10_000 - holdoutBps - countBuckets(taken));
          const given = takeBuckets({ holdoutBps, taken }, shareBps);
          expect(given === null).toBe(shareBps > free);
          if (given !== null) {
            expect(countBuckets(given)).toBe(shareBps);
            running.set(
              i,
              given.map(([from, to]) => [from, to]),
            );
          }
          const all = [...running.values()].flat().sort((a, b) => a[0] - b[0]);
          all.forEach(([from, to], k) => {
            expect(to).toBeLessThanOrEqual(all[k + 1]?.[0] ?? 10_000 - holdoutBps);
            expect(from).toBeLessThan(to);
          });
          if (ends) running.delete([...running.keys()][0] ?? -1);
        });
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    [{ name: "Checkout", shareBps: 1 }, "name"],
    [{ name: "checkout", shareBps: 0 }, "shareBps"],
    [{ name: "checkout", shareBps: 10_001 }, "shareBps"],
    [{ name: "checkout", shareBps: 1, holdoutBps: 10_000 }, "holdoutBps"],
  ])("cannot be asked for as %j", (choice, field) => {
    expect(LayerChoice.safeParse(choice).error?.issues.map((issue) => issue.path[0])).toEqual([field]);
  });
});
