import { describe, expect, it } from "vitest";
import { SKETCH_GAMMA, SKETCH_ZERO_BUCKET, type Summary, welchTTestFromSummary } from "@/lib/core/stats";
import { type ScorePlace, type ScoreQuantile, summarizeMeans, summarizeTimes, type TimeQuantile } from "./quantile";
import { sizePerArm } from "./size";

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
  const groups = new Map<number, number[]>();
  const counts = new Map<number, number>();
  for (const [i, times] of subjects.entries()) {
    const buckets = times.map(bucketOf);
    groups.set(i % 256, [...(groups.get(i % 256) ?? []), ...buckets]);
    for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((all, [, n]) => all + n, 0);
  let [lower, upper, upto]: [number | null, number | null, number] = [null, null, 0];
  for (const [bucket, n] of sorted) {
    if (upto + n / 2 <= quantile * total) lower = bucket;
    else upper ??= bucket;
    upto += n;
  }
  const own = [...groups.values()].map((buckets) => {
    const has = (test: (bucket: number) => boolean) => buckets.filter(test).length;
    const first = lower ?? upper ?? 0;
    return { y: buckets.length, b: has((x) => x < first), i: has((x) => x === lower), j: has((x) => x === upper) };
  });
  const sum = (one: "b" | "i" | "j" | "y", two: "b" | "i" | "j" | "y") => own.reduce((all, g) => all + g[one] * g[two], 0);
  const [b, i, j, y] = (["b", "i", "j", "y"] as const).map((key) => own.reduce((all, g) => all + g[key], 0));
  return {
    ...{ counts: sorted, lower, upper, groups: own.length, b: b ?? 0, i: i ?? 0, j: j ?? 0, y: y ?? 0 },
    ...{ bb: sum("b", "b"), bi: sum("b", "i"), bj: sum("b", "j"), by: sum("b", "y"), ii: sum("i", "i") },
    ...{ ij: sum("i", "j"), iy: sum("i", "y"), jj: sum("j", "j"), jy: sum("j", "y"), yy: sum("y", "y") },
  };
}

/** Mean scores of subjects, as the database finds the places among them. */
function find(means: readonly number[], quantile: number): ScoreQuantile {
  const sorted = [...means].sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (const mean of sorted) counts.set(mean, (counts.get(mean) ?? 0) + 1);
  let upto = 0;
  const ties = [...counts].map(([mean, n]) => {
    upto += n;
    return { mean, n, below: upto - n };
  });
  const placeAt = (share: number): ScorePlace => {
    const under = ties.filter(({ below, n }) => below + n / 2 <= share * means.length);
    const [lower, upper] = [under.at(-1), ties[under.length]];
    const toTie = (tie: typeof lower) => (tie === undefined ? null : ([String(tie.mean), tie.n] as const));
    return { below: lower?.below ?? 0, lower: toTie(lower), upper: toTie(upper) };
  };
  const half = 1.959963984540054 * Math.sqrt((quantile * (1 - quantile)) / means.length);
  const ends = quantile - half > 0 && quantile + half < 1 ? ([placeAt(quantile - half), placeAt(quantile + half)] as const) : null;
  return { subjects: means.length, at: placeAt(quantile), ends };
}

/** How often arms that are alike are said to differ at 5 %. */
function claims(runs: number, arm: (run: number) => Summary | null): number {
  const found = Array.from({ length: runs }, (_, run) => {
    const [control, treatment] = [arm(2 * run), arm(2 * run + 1)];
    if (control === null || treatment === null) throw new Error("no summary");
    return welchTTestFromSummary(control, treatment).pValue ?? 1;
  });
  return found.filter((p) => p < 0.05).length / runs;
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
    expect(summarizeTimes(count([], 0.5), { quantile: 0.5, subjects: 0 })).toBeNull();
  });

  it("of one and the same time has no error", () => {
    const same = Array.from({ length: 300 }, () => [0, 0]);
    expect(summarizeTimes(count(same, 0.5), { quantile: 0.5, subjects: 300 })).toEqual({ n: 300, mean: 0, variance: 0 });
  });
});

describe("arms that are alike", () => {
  it("have times that differ no more often than stated, with so many requests that the interval is narrower than a bucket", () => {
    // The median stands at the edge between two buckets.
    const arm = (run: number) => {
      const next = mulberry32(run);
      const subjects = Array.from({ length: 2_560 }, () => [100 + 10 * next(), 100 + 10 * next()]);
      return summarizeTimes(count(subjects, 0.5), { quantile: 0.5, subjects: 2_560 });
    };
    expect(claims(150, arm)).toBeLessThan(0.1);
  });

  it("have times in whole milliseconds that differ no more often than stated", () => {
    const arm = (run: number) => {
      const next = mulberry32(run);
      return summarizeTimes(
        count(
          Array.from({ length: 2_560 }, () => [20 + Math.floor(2 * next() + 0.5)]),
          0.5,
        ),
        { quantile: 0.5, subjects: 2_560 },
      );
    };
    expect(claims(150, arm)).toBeLessThan(0.1);
  });

  it.each([0.5, 0.51, 0.52])("have scores of 4 and 5, a share of %d of them 4, that differ no more often than stated", (share) => {
    const arm = (run: number) => {
      const next = mulberry32(run);
      return summarizeMeans(
        find(
          Array.from({ length: 1_000 }, () => (next() < share ? 4 : 5)),
          0.5,
        ),
        0.5,
      );
    };
    expect(claims(300, arm)).toBeLessThan(0.09);
  });

  it("of which one has a tenth more of the better score are told apart", () => {
    const arm = (share: number) => {
      const next = mulberry32(1);
      return (
        summarizeMeans(
          find(
            Array.from({ length: 1_000 }, () => (next() < share ? 4 : 5)),
            0.5,
          ),
          0.5,
        ) ?? { n: 0, mean: 0, variance: 0 }
      );
    };
    const { pValue, difference } = welchTTestFromSummary(arm(0.55), arm(0.45));
    expect(pValue).toBeLessThan(0.001);
    expect(difference).toBeCloseTo(0.1, 1);
  });
});

describe("a quantile of mean scores", () => {
  it("lies between the middles of its neighbours, with the error that it really varies by", () => {
    const draws = Array.from({ length: 300 }, (_, run) => {
      const next = mulberry32(run);
      const summary = summarizeMeans(
        find(
          Array.from({ length: 400 }, () => Math.ceil(5 * next() ** 0.6)),
          0.3,
        ),
        0.3,
      );
      return { value: summary?.mean ?? 0, error: Math.sqrt((summary?.variance ?? 0) / 400) };
    });
    const real = deviation(draws.map(({ value }) => value));
    const said = draws.reduce((sum, { error }) => sum + error, 0) / draws.length;
    expect(said / real).toBeGreaterThan(0.9);
    expect(said / real).toBeLessThan(1.15);
    const half = { below: 0, lower: ["4", 50], upper: ["5", 50] } as const;
    expect(summarizeMeans({ subjects: 100, at: half, ends: [half, half] }, 0.5)).toMatchObject({ n: 100, mean: 4.5 });
    expect(summarizeMeans({ subjects: 3, at: half, ends: null }, 0.5)).toBeNull();
  });
});

const [BASELINES, EXPERIMENTS] = [40, 20];
describe("an experiment planned for a quantile", () => {
  /** Lognormal times, half of whose spread is the subject's own; each is `more` longer. */
  const draws = (next: () => number, subjects: number, more: number) =>
    Array.from({ length: subjects }, () => {
      const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      const pace = 0.4 * normal();
      return [0, 1].map(() => more + Math.exp(6 + pace + 0.4 * normal()));
    });
  const times: Arm = (next, subjects, more) => summarizeTimes(count(draws(next, subjects, more), 0.9), { quantile: 0.9, subjects });
  const scores: Arm = (next, subjects, more) => {
    const means = draws(next, subjects, more).map(([first = 0, second = 0]) => (first + second) / 2);
    return summarizeMeans(find(means, 0.9), 0.9);
  };
  type Arm = (next: () => number, subjects: number, more: number) => Summary | null;

  it.each([
    ["requests' times, two of each subject", times],
    ["subjects' mean scores", scores],
  ])("finds its difference with the plan's power, whatever baseline it happens to measure: the p90 of %s", (_, draw) => {
    const next = mulberry32(7);
    const arm = (subjects: number, more: number) => {
      const summary = draw(next, subjects, more);
      if (summary === null) throw new Error("no summary");
      return summary;
    };
    const plan = { alpha: 0.05, power: 0.8, mode: "fixed", treatments: 1, controlBps: 5_000, treatmentBps: 5_000 } as const;
    const found = Array.from({ length: BASELINES }, () => {
      const { mean, variance } = arm(20_000, 0);
      const basis = { minimumDetectableEffect: 0.1, baselineMean: mean, baselineDeviation: Math.sqrt(variance) };
      const size = sizePerArm({ basis, ...plan }) ?? 0;
      const finds = () => (welchTTestFromSummary(arm(size, 0), arm(size, 0.1 * mean)).pValue ?? 1) < plan.alpha;
      return Array.from({ length: EXPERIMENTS }, finds).filter(Boolean).length / EXPERIMENTS;
    });
    const power = found.reduce((sum, share) => sum + share, 0) / BASELINES;
    expect(power).toBeGreaterThan(0.77);
    expect(power).toBeLessThan(0.83);
  });
});

describe("a quantile that evidence keeps in its first form", () => {
  it("has the figures of that form for ever", () => {
    const few = { counts: [[230, 4] as const, [240, 3] as const, [250, 2] as const], groups: 3, b: 4, i: 3, y: 9 };
    expect(summarizeTimes({ ...few, bb: 6, bi: 4, by: 12, ii: 3, iy: 9, yy: 27 }, { quantile: 0.5, subjects: 9 })).toEqual({
      n: 9,
      mean: 114.7413219336083,
      variance: 1225.4655795849244,
    });
    const many = { counts: [[230, 400] as const, [240, 300] as const, [250, 200] as const], groups: 100, b: 400, i: 300, y: 900 };
    const products = { bb: 1_700, bi: 1_150, by: 3_620, ii: 1_000, iy: 2_680, yy: 8_120 };
    expect(summarizeTimes({ ...many, ...products }, { quantile: 0.45, subjects: 90 })).toEqual({
      n: 90,
      mean: 114.7413219336083,
      variance: 2488.7925449425506,
    });
    const { mean, variance } = summarizeMeans({ subjects: 100, value: "0.8", low: "0.7", high: "0.9" }, 0.5) ?? { mean: 0, variance: 0 };
    expect(mean).toBe(0.8);
    expect(Math.sqrt(variance / 100)).toBeCloseTo(0.1 / 1.959963984540054, 12);
    expect(summarizeMeans({ subjects: 3, value: "0.8", low: null, high: null }, 0.5)).toBeNull();
  });
});
