import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { chooseFitting, SNAPSHOT_SHARE } from "./snapshot-share";

const { bytes, bytesOfOne } = SNAPSHOT_SHARE;

describe("a project's share of the snapshot", () => {
  it("takes what fits in order; what does not fit takes no room of later ones", () => {
    const full = Array.from({ length: bytes / bytesOfOne }, () => bytesOfOne);
    expect(chooseFitting(full).every((why) => why === null)).toBe(true);
    const [tooLarge, ...rest] = chooseFitting([bytesOfOne + 1, ...full, 1]);
    expect(tooLarge).toContain("up to 512 KiB");
    expect(rest.slice(0, -1).every((why) => why === null)).toBe(true);
    expect(rest.at(-1)).toContain("the oldest prompts come first");
  });

  it("is never exceeded, and an older prompt is never left out for a newer one", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytesOfOne * 2 }), { maxLength: 40 }), fc.nat({ max: 39 }), (sizes, cut) => {
        const chosen = chooseFitting(sizes);
        const taken = sizes.filter((_, i) => chosen[i] === null);
        expect(taken.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes);
        expect(chooseFitting(sizes.slice(0, cut))).toEqual(chosen.slice(0, cut));
      }),
    );
  });
});
