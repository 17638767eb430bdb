import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { diffLines, toHunks } from "./line-diff";

const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });

/** Length of the longest common subsequence, by the textbook's table. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const [up, left, diagonal] = [table[i - 1]?.[j] ?? 0, table[i]?.[j - 1] ?? 0, table[i - 1]?.[j - 1] ?? 0];
      const row = table[i] ?? [];
      row[j] = a[i - 1] === b[j - 1] ? diagonal + 1 : Math.max(up, left);
    }
  return table[a.length]?.[b.length] ?? 0;
}

describe("the difference of two texts", () => {
  it("leads from one to the other, with as many lines kept as can be", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(before, after);
        expect(diff.filter((l) => l.sign !== "+").map((l) => l.text)).toEqual(before);
        expect(diff.filter((l) => l.sign !== "-").map((l) => l.text)).toEqual(after);
        expect(diff.filter((l) => l.sign === " ")).toHaveLength(longestCommon(before, after));
      }),
      { numRuns: 200 },
    );
  });

  it("of texts that have nothing in common is still exact where it is not the shortest", () => {
    const before = Array.from({ length: 800 }, (_, i) => `a${i}`);
    const after = Array.from({ length: 800 }, (_, i) => `b${i}`);
    expect(diffLines(before, after)).toHaveLength(1600);
  });

  it("shows changed lines with a little around them", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const after = ["1", "2", "3", "4", "5x", "6", "7", "8"];
    expect(toHunks(diffLines(before, after), 1)).toEqual(["  4", "- 5", "+ 5x", "  6", "…"]);
  });
});
