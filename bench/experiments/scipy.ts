import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { createPrng, drawNormal } from "@/lib/core/prng";
import { createMoments, type Moments, mergeMoments, summaryOf, welchTTest, welchTTestFromSummary } from "@/lib/core/stats";

const VALUES = 10_000_000;
/** Values held at once by the streaming form. */
const BLOCK = 65_536;
const ROUNDS = 3;

const SCRIPT = `
import json, sys, time
import numpy as np
from scipy import stats
a, b = (np.fromfile(path, dtype="<f8") for path in sys.argv[1:3])
best = None
for _ in range(${ROUNDS}):
    start = time.perf_counter()
    result = stats.ttest_ind(b, a, equal_var=False)
    seconds = time.perf_counter() - start
    best = seconds if best is None else min(best, seconds)
print(json.dumps({"t": result.statistic, "p": result.pvalue, "seconds": best, "means": [a.mean(), b.mean()], "variances": [a.var(ddof=1), b.var(ddof=1)]}))
`;

const Answer = z.object({ t: z.number(), p: z.number(), seconds: z.number(), means: z.array(z.number()), variances: z.array(z.number()) });

export interface ScipyComparison {
  readonly pValue: number;
  /** Largest relative distances from scipy, of the test over all values and of the one from moments merged block by block. */
  readonly testError: number;
  readonly streamedError: number;
  /** Our time over scipy's, the best of the rounds each, both reading the same values in memory. */
  readonly timeRatio: number;
}

/** Welch's test of two samples of 10^7 values against scipy's on the same bytes; null where python3 with scipy is not to be had. */
export function compareWithScipy(): ScipyComparison | null {
  if (spawnSync("python3", ["-c", "import scipy.stats"], { stdio: "ignore" }).status !== 0) return null;
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-scipy-"));
  try {
    const prng = createPrng(7);
    const control = new Float64Array(VALUES).map(() => drawNormal(prng, 1_000, 20));
    const treatment = new Float64Array(VALUES).map(() => drawNormal(prng, 1_000.12, 25));
    const files = ["control", "treatment"].map((name) => path.join(folder, name));
    for (const [index, values] of [control, treatment].entries()) writeFileSync(files[index] ?? "", new Uint8Array(values.buffer));
    const { stdout, stderr, status } = spawnSync("python3", ["-c", SCRIPT, ...files], { encoding: "utf8" });
    if (status !== 0) throw new Error(`scipy failed: ${stderr}`);
    const scipy = Answer.parse(JSON.parse(stdout));
    let seconds = Number.POSITIVE_INFINITY;
    let test = welchTTest([1, 2], [1, 3]);
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      test = welchTTest(control, treatment);
      seconds = Math.min(seconds, (performance.now() - start) / 1_000);
    }
    const [c, t] = [summaryOf(streamed(control)), summaryOf(streamed(treatment))];
    if (c === null || t === null) throw new Error("both samples have a variance");
    const fromStream = welchTTestFromSummary(c, t);
    const apart = (got: number | null, want: number | undefined) => Math.abs((got ?? Number.NaN) / (want ?? Number.NaN) - 1);
    return {
      pValue: scipy.p,
      testError: Math.max(apart(test.t, scipy.t), apart(test.pValue, scipy.p)),
      streamedError: Math.max(
        apart(fromStream.t, scipy.t),
        apart(fromStream.pValue, scipy.p),
        apart(c.variance, scipy.variances[0]),
        apart(t.variance, scipy.variances[1]),
      ),
      timeRatio: seconds / scipy.seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function streamed(values: Float64Array): Moments {
  let moments = createMoments();
  for (let from = 0; from < values.length; from += BLOCK) {
    moments = mergeMoments(moments, createMoments(values.subarray(from, from + BLOCK)));
  }
  return moments;
}
