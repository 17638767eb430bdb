import { describe, expect, it } from "vitest";
import { type ComparedScore, type ComparedVersion, compareVersions } from "./compare-versions";

const artifact = (uri: string, sha256: string, sizeBytes = 10) => ({ uri, sha256, sizeBytes, role: "weights" as const });
const score = (metric: string, value: number, parts: Partial<ComparedScore> = {}): ComparedScore => ({
  set: "support v14",
  metric,
  value,
  unit: null,
  better: "higher",
  cases: 412,
  measuredAt: "2026-11-01T00:00:00.000Z",
  ...parts,
});
const version = (parts: Partial<ComparedVersion> = {}): ComparedVersion => ({ artifacts: [], fields: {}, scores: [], ...parts });

describe("two versions", () => {
  it("that are one differ in nothing", () => {
    const one = version({
      artifacts: [artifact("s3://m/a", "1")],
      fields: { engine: "vllm", tags: ["a"] },
      scores: [score("accuracy", 0.9)],
    });
    const result = compareVersions(one, one);
    expect(result.fields.filter((f) => f.isChanged)).toEqual([]);
    expect(result.artifacts.map((a) => a.change)).toEqual(["same"]);
    expect(result.scores).toMatchObject([{ direction: "equal", difference: 0 }]);
  });

  it("differ in fields whatever the order of their keys, and an absent field is null", () => {
    const result = compareVersions(
      version({ fields: { lineage: { a: 1, b: 2 }, precision: "bf16" } }),
      version({ fields: { lineage: { b: 2, a: 1 }, precision: "fp8", licence: "mit" } }),
    );
    expect(result.fields.filter((f) => f.isChanged)).toEqual([
      { field: "precision", base: "bf16", other: "fp8", isChanged: true },
      { field: "licence", base: null, other: "mit", isChanged: true },
    ]);
  });

  it("match artifacts by file name, in their order where a name stands twice", () => {
    const result = compareVersions(
      version({
        artifacts: [
          artifact("s3://m/1/a.bin", "1"),
          artifact("s3://m/x/c.bin", "3"),
          artifact("s3://m/y/c.bin", "4"),
          artifact("s3://m/gone", "5"),
        ],
      }),
      version({
        artifacts: [
          artifact("s3://m/2/a.bin", "9"),
          artifact("s3://n/x/c.bin", "3"),
          artifact("s3://n/y/c.bin", "4"),
          artifact("s3://n/new", "6"),
        ],
      }),
    );
    expect(result.artifacts.map((a) => [a.name, a.change])).toEqual([
      ["a.bin", "changed"],
      ["c.bin", "same"],
      ["c.bin (2)", "same"],
      ["gone", "removed"],
      ["new", "added"],
    ]);
    expect(result.sizeBytes).toEqual({ base: 40, other: 40 });
  });

  it.each([
    ["higher", 0.9, 0.95, "better"],
    ["higher", 0.9, 0.85, "worse"],
    ["lower", 455, 412, "better"],
    ["lower", 412, 455, "worse"],
    ["lower", 412, 412, "equal"],
  ] as const)("with %s better, %d to %d is %s", (better, was, is, direction) => {
    const result = compareVersions(version({ scores: [score("m", was, { better })] }), version({ scores: [score("m", is, { better })] }));
    expect(result.scores).toMatchObject([{ direction, difference: is - was }]);
  });

  it("have no direction where one has no score, another unit, or the other sense: no data is never better", () => {
    const cases = [
      [[], [score("m", 1)]],
      [[score("m", 1)], []],
      [[score("m", 1, { unit: "ms" })], [score("m", 2, { unit: "s" })]],
      [[score("m", 1, { better: "lower" })], [score("m", 2)]],
    ] as const;
    for (const [base, other] of cases)
      expect(compareVersions(version({ scores: base }), version({ scores: other })).scores).toMatchObject([
        { direction: null, difference: null },
      ]);
    expect(compareVersions(version(), version()).sizeBytes).toEqual({ base: null, other: null });
  });
});
