import { describe, expect, it } from "vitest";
import { assignBucket } from "@/lib/core/assignment";
import { fc } from "@/test/property";
import { decideSplit, type Layer, type SplitArm, type SplitRelease, type SplitVariant, toArmTable, toGateTable } from "./split";

type Release = SplitRelease<SplitVariant>;
type Arm = SplitArm<SplitVariant, Release>;
type Ranges = readonly (readonly [number, number])[];

const release = (id: string, weightsBps: number[]): Release => ({
  id,
  weightsBps,
  variants: weightsBps.map((_, i) => ({ id: `${id}-v${i}` })),
});
const old = release("old", [10_000]);
const fresh = release("fresh", [4_000, 6_000]);
const arm = (to: Release, parts: Partial<Arm> = {}): Arm => ({ release: to, variant: null, deadman: null, ...parts });
const layer = (arms: readonly [Arm, Ranges][]) => ({
  salt: "s",
  arms: arms.map(([a]) => a),
  armOfBucket: toArmTable(arms.map(([, ranges]) => ranges)),
  gate: null,
});
const canary = (bps: number, parts: Partial<Arm> = {}) =>
  layer([
    [arm(fresh, parts), [[0, bps]]],
    [arm(old), [[bps, 10_000]]],
  ]);
const decide = (l: Layer<Arm>, subject: string, unheardMs = 0) => decideSplit<SplitVariant, Release, Arm>(l, subject, unheardMs);

describe("the split of an endpoint", () => {
  it("gives 100,000 subjects at 10 % within sampling error", () => {
    const tenth = canary(1_000);
    let treated = 0;
    for (let i = 0; i < 100_000; i++) if (decide(tenth, `subject-${i}`)?.assigned.release === fresh) treated++;
    expect(Math.abs(treated - 10_000)).toBeLessThan(3.9 * Math.sqrt(100_000 * 0.1 * 0.9));
  });

  it("moves nobody back and nobody between variants when a canary grows from 10 to 50 %", () => {
    const [small, large] = [canary(1_000), canary(5_000)];
    fc.assert(
      fc.property(fc.string(), (subject) => {
        const before = decide(small, subject)?.assigned;
        if (before?.release !== fresh) return true;
        return decide(large, subject)?.assigned.variant === before.variant;
      }),
      { numRuns: 5_000 },
    );
  });

  it("lets an experiment's arm name its variant", () => {
    const experiment = layer([[arm(fresh, { variant: fresh.variants[1] ?? null }), [[0, 10_000]]]]);
    for (let i = 0; i < 200; i++) expect(decide(experiment, `s${i}`)?.assigned.variant.id).toBe("fresh-v1");
  });

  it("gives a canary's share back when the control plane has not heard the gateway, and keeps the assignment on record", () => {
    const guarded = canary(9_999, { deadman: { afterMs: 60_000, release: old } });
    expect(decide(guarded, "x", 59_999)?.served.release).toBe(fresh);
    const expired = decide(guarded, "x", 60_000);
    expect(expired?.served).toEqual({ release: old, variant: old.variants[0] });
    expect(expired?.assigned.release).toBe(fresh);
    expect(decide(guarded, "x", Number.POSITIVE_INFINITY)?.served.release).toBe(old);
  });

  it("decides nothing without arms", () => {
    expect(decide({ salt: "s", arms: [], armOfBucket: new Uint16Array(10_000), gate: null }, "x")).toBeNull();
  });

  it.each([
    ["a gap", [[[0, 5_000]], [[5_001, 10_000]]], /bucket 5000 belongs to no arm/],
    ["an overlap", [[[0, 5_001]], [[5_000, 10_000]]], /claimed by two/],
    ["an empty range", [[[0, 0]], [[0, 10_000]]], /empty range/],
    ["nothing", [], /belongs to no arm/],
  ] as [string, [number, number][][], RegExp][])("refuses arms with %s", (_name, ranges, message) => {
    expect(() => toArmTable(ranges)).toThrow(message);
  });
});

describe("experiments of two endpoints on one layer", () => {
  const outside = arm(old);
  /** Halves of what the layer's buckets let in, by the endpoint's own salt. */
  const halves = (salt: string, ranges: Ranges): Layer<Arm> => ({
    ...layer([
      [arm(fresh), [[0, 5_000]]],
      [arm(old), [[5_000, 10_000]]],
    ]),
    salt,
    gate: { salt: "layer", holds: toGateTable(ranges), outside },
  });
  const first = halves("one", [[0, 3_000]]);
  const second = halves("two", [
    [3_000, 4_000],
    [6_000, 9_000],
  ]);
  const isIn = (l: Layer<Arm>, subject: string) => decide(l, subject)?.arm !== outside;

  it("have no subject in both, and let in exactly the layer's buckets that are theirs", () => {
    fc.assert(
      fc.property(fc.string(), (subject) => {
        const bucket = assignBucket("layer", subject);
        expect([isIn(first, subject), isIn(second, subject)]).toEqual([
          bucket < 3_000,
          (bucket >= 3_000 && bucket < 4_000) || (bucket >= 6_000 && bucket < 9_000),
        ]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("give those who are in the arms that they would have had without a layer, and the others the release that runs", () => {
    const open = { ...first, gate: null };
    fc.assert(
      fc.property(fc.string(), (subject) => {
        const { arm: given, bucket, served } = decide(first, subject) ?? {};
        expect(bucket).toBe(assignBucket("one", subject));
        if (isIn(first, subject)) expect(given).toBe(decide(open, subject)?.arm);
        else expect(served?.release).toBe(old);
      }),
      { numRuns: 2_000 },
    );
  });

  it("split what the layer lets in as planned: its buckets say nothing of the endpoint's", () => {
    let [treated, all] = [0, 0];
    for (let i = 0; i < 100_000; i++) {
      if (!isIn(first, `subject-${i}`)) continue;
      all++;
      if (decide(first, `subject-${i}`)?.assigned.release === fresh) treated++;
    }
    expect(Math.abs(all - 30_000)).toBeLessThan(3.9 * Math.sqrt(100_000 * 0.3 * 0.7));
    expect(Math.abs(treated - all / 2)).toBeLessThan(3.9 * Math.sqrt(all / 4));
  });

  it("have no empty part", () => {
    expect(() => toGateTable([[5, 5]])).toThrow(RangeError);
  });
});
