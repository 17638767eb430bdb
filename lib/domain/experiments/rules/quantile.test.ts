import { describe, expect, it } from "vitest";
import { SKETCH_GAMMA, SKETCH_ZERO_BUCKET } from "@/lib/core/stats";
import { summarizeMeans, summarizeTimes, type TimeQuantile } from "./quantile";

/** Draws in a stated order. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Times of each subject, as the database counts them: subject i is in group i % 256. */
function count(subjects: readonly (readonly number[])[], quantile: number): TimeQuantile {
  const bucketOf = (ms: number) => (ms > 0 ? Math.ceil(Math.log(ms) / Math.log(SKETCH_GAMMA)) : SKETCH_ZERO_BUCKET);
  const rows = subjects.flatMap((times, i) => times.map((ms) => ({ group: i % 256, bucket: bucketOf(ms) })));
  const counts = new Map<number, number>();
  for (const { bucket } of rows) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const rank = Math.floor(quantile * (rows.length - 1));
  const at = sorted.find(([bucket]) => rows.filter((row) => row.bucket <= bucket).length > rank)?.[0] ?? 0;
  const groups = [...new Set(rows.map(({ group }) => group))].map((group) => {
    const own = rows.filter((row) => row.group === group);
    return { y: own.length, b: own.filter((row) => row.bucket < at).length, i: own.filter((row) => row.bucket === at).length };
  });
  const sum = (of: (g: { y: number; b: number; i: number }) => number) => groups.reduce((total, g) => total + of(g), 0);
  return {
    counts: sorted,
    groups: groups.length,
    b: sum((g) => g.b),
    i: sum((g) => g.i),
    y: sum((g) => g.y),
    bb: sum((g) => g.b * g.b),
    bi: sum((g) => g.b * g.i),
    by: sum((g) => g.b * g.y),
    ii: sum((g) => g.i * g.i),
    iy: sum((g) => g.i * g.y),
    yy: sum((g) => g.y * g.y),
  };
}

/** Subjects whose requests are alike: each has a pace of its own. */
function draw(seed: number, { subjects, each }: { subjects: number; each: number }): number[][] {
  const next = mulberry32(seed);
  return Array.from({ length: subjects }, () => {
    const pace = 100 * (1 + 3 * next());
    return Array.from({ length: each }, () => pace * (1 + 0.2 * next()));
  });
}

const deviation = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1));
};

describe("a p95 of requests", () => {
  it("lies within a bucket of the sorted values", () => {
    const subjects = draw(1, { subjects: 400, each: 5 });
    const sorted = subjects.flat().sort((a, b) => a - b);
    const exact = sorted[Math.floor(0.95 * (sorted.length - 1))] ?? 0;
    const { mean, n } = summarizeTimes(count(subjects, 0.95), { quantile: 0.95, subjects: 400 }) ?? { mean: 0, n: 0 };
    expect(n).toBe(400);
    expect(Math.abs(mean / exact - 1)).toBeLessThan(0.01);
  });

  it("has the standard error that it really varies by, which taking requests for independent would not find", () => {
    const runs = Array.from({ length: 120 }, (_, seed) => {
      const summary = summarizeTimes(count(draw(seed, { subjects: 300, each: 12 }), 0.9), { quantile: 0.9, subjects: 300 });
      if (summary === null) throw new Error("no summary");
      return { value: summary.mean, error: Math.sqrt(summary.variance / summary.n) };
    });
    const real = deviation(runs.map(({ value }) => value));
    const said = runs.reduce((sum, { error }) => sum + error, 0) / runs.length;
    expect(said / real).toBeGreaterThan(0.85);
    expect(said / real).toBeLessThan(1.2);
    // Of the same number of independent requests.
    const alone = Array.from({ length: 5 }, (_, seed) => draw(seed, { subjects: 3_600, each: 1 }));
    const naive = alone.map((subjects) =>
      Math.sqrt((summarizeTimes(count(subjects, 0.9), { quantile: 0.9, subjects: 1 })?.variance ?? 0) / 1),
    );
    expect(naive.reduce((a, b) => a + b, 0) / naive.length).toBeLessThan(0.5 * said);
  });

  it("says nothing where an end of its interval lies beyond the values, or without requests", () => {
    const few = draw(3, { subjects: 8, each: 2 });
    expect(summarizeTimes(count(few, 0.95), { quantile: 0.95, subjects: 8 })).toBeNull();
    const none = { counts: [], groups: 0, b: 0, i: 0, y: 0, bb: 0, bi: 0, by: 0, ii: 0, iy: 0, yy: 0 };
    expect(summarizeTimes(none, { quantile: 0.5, subjects: 0 })).toBeNull();
  });

  it("of one and the same time has no error", () => {
    const same = Array.from({ length: 300 }, () => [0, 0]);
    expect(summarizeTimes(count(same, 0.5), { quantile: 0.5, subjects: 300 })).toEqual({ n: 300, mean: 0, variance: 0 });
  });
});

describe("a quantile of mean scores", () => {
  it("takes its error from the ends of the interval of order statistics", () => {
    const { mean, variance } = summarizeMeans({ subjects: 100, value: "0.8", low: "0.7", high: "0.9" }) ?? { mean: 0, variance: 0 };
    expect(mean).toBe(0.8);
    expect(Math.sqrt(variance / 100)).toBeCloseTo(0.1 / 1.959963984540054, 12);
    expect(summarizeMeans({ subjects: 3, value: "0.8", low: null, high: null })).toBeNull();
  });
});
