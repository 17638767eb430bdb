import { drawChance, drawIndex, drawNormal, type Prng } from "@/lib/core/prng";
import {
  createCoMoments,
  createMoments,
  cuped,
  liftIntervalFromSummary,
  powerForMeans,
  ratioSummary,
  relativeLift,
  sampleSizeForMeans,
  summaryOf,
  twoProportionZTest,
  welchTTest,
  welchTTestFromSummary,
} from "@/lib/core/stats";
import type { Draw } from "./peeking";

type Interval = readonly [low: number, high: number] | null;

const arm = (prng: Prng, n: number, draw: Draw) => Float64Array.from({ length: n }, () => draw(prng));
const holds = (interval: Interval, truth: number) => interval !== null && interval[0] <= truth && truth <= interval[1];

/** Share of runs whose 95 % interval holds the truth. */
function shareOf(runs: number, run: () => boolean): number {
  let count = 0;
  for (let i = 0; i < runs; i++) count += Number(run());
  return count / runs;
}

const CONTROL_MEAN = 10;
const TREATMENT_MEAN = 10.5;

/** Coverage of each kind of interval, where its conditions hold: unequal sizes and spreads, normal or binary values. */
export function simulateCoverage(prng: Prng, runs: number): Record<string, number> {
  const control = () => arm(prng, 200, (p) => drawNormal(p, CONTROL_MEAN, 2));
  const treatment = () => arm(prng, 300, (p) => drawNormal(p, TREATMENT_MEAN, 3));
  const lift = TREATMENT_MEAN / CONTROL_MEAN - 1;
  const count = (n: number, share: number) => Array.from({ length: n }, () => Number(drawChance(prng, share))).reduce((a, b) => a + b, 0);
  return {
    difference: shareOf(runs, () => holds(welchTTest(control(), treatment()).confidenceInterval, TREATMENT_MEAN - CONTROL_MEAN)),
    lift: shareOf(runs, () => holds(relativeLift(control(), treatment()).confidenceInterval, lift)),
    lift_fieller: shareOf(runs, () => {
      const [c, t] = [summaryOf(createMoments(control())), summaryOf(createMoments(treatment()))];
      return c !== null && t !== null && holds(liftIntervalFromSummary(c, t), lift);
    }),
    proportions: shareOf(runs, () => holds(twoProportionZTest(count(500, 0.1), 500, count(600, 0.13), 600).confidenceInterval, 0.03)),
  };
}

/** Welch's interval of lognormal values (σ = 1.5, half of everything in the top twentieth), two arms of `n`. */
export function simulateHeavyTails(prng: Prng, runs: number, n: number): number {
  const draw: Draw = (p) => Math.exp(drawNormal(p, 0, 1.5));
  const shift = 0.5;
  return shareOf(runs, () =>
    holds(
      welchTTest(
        arm(prng, n, draw),
        arm(prng, n, (p) => draw(p) + shift),
      ).confidenceInterval,
      shift,
    ),
  );
}

/** Subjects of 1 to 20 requests that share a level of their own: taken as requests, as subjects' means, and as a ratio of sums. */
export function simulateClusters(prng: Prng, runs: number): { requests: number; subjects: number; ratio: number } {
  const covered = { requests: 0, subjects: 0, ratio: 0 };
  const truth = 0;
  for (let run = 0; run < runs; run++) {
    const [control, treatment] = [drawClusters(prng), drawClusters(prng)];
    covered.requests += Number(holds(welchTTest(control.requests, treatment.requests).confidenceInterval, truth));
    covered.subjects += Number(holds(welchTTest(control.means, treatment.means).confidenceInterval, truth));
    const [c, t] = [control, treatment].map(({ sums, counts }) => ratioSummary(createCoMoments([sums, counts])));
    covered.ratio += Number(c && t ? holds(welchTTestFromSummary(c, t).confidenceInterval, truth) : 0);
  }
  return { requests: covered.requests / runs, subjects: covered.subjects / runs, ratio: covered.ratio / runs };
}

const SUBJECTS = 200;

function drawClusters(prng: Prng): { requests: number[]; means: number[]; sums: number[]; counts: number[] } {
  const subjects = Array.from({ length: SUBJECTS }, () => {
    const level = drawNormal(prng, 5, 1);
    return Array.from(
      {
        length:
          1 +
          drawIndex(
            prng,
            Array.from({ length: 20 }, () => 1 / 20),
          ),
      },
      () => level + drawNormal(prng, 0, 1),
    );
  });
  const sums = subjects.map((requests) => requests.reduce((a, b) => a + b, 0));
  const counts = subjects.map(({ length }) => length);
  return { requests: subjects.flat(), means: sums.map((sum, index) => sum / (counts[index] ?? 1)), sums, counts };
}

/** Planned power and how often the test of the planned size then found the effect. */
export function simulatePower(prng: Prng, runs: number): readonly { effectSize: number; planned: number; found: number }[] {
  return [0.2, 0.5, 1].map((effectSize) => {
    const n = Math.ceil(sampleSizeForMeans({ effectSize, power: 0.8 }));
    const found = shareOf(runs, () => {
      const { pValue } = welchTTest(
        arm(prng, n, (p) => drawNormal(p, 0, 1)),
        arm(prng, n, (p) => drawNormal(p, effectSize, 1)),
      );
      return pValue !== null && pValue < 0.05;
    });
    return { effectSize, planned: powerForMeans({ effectSize, n1: n }), found };
  });
}

/** CUPED with a correlation of pre and post: mean share of variance that is gone (theory: its square), and the interval's coverage. */
export function simulateCuped(prng: Prng, runs: number, correlation: number): { reduction: number; coverage: number } {
  const own = Math.sqrt(1 - correlation * correlation);
  const drawArm = (n: number, shift: number) => {
    const pre = arm(prng, n, (p) => drawNormal(p, 0, 1));
    return { pre, post: pre.map((value) => shift + correlation * value + own * drawNormal(prng, 0, 1)) };
  };
  let [reduction, covered] = [0, 0];
  for (let run = 0; run < runs; run++) {
    // Pooled within the arms: their shift is an effect, not a slope.
    const result = cuped(drawArm(300, 0), drawArm(300, 0.1), { theta: "within" });
    if (result.status !== "ok") throw new Error("both arms have spread");
    reduction += ((result.control.varianceReduction ?? 0) + (result.treatment.varianceReduction ?? 0)) / 2 / runs;
    covered += Number(holds(result.welch.confidenceInterval, 0.1));
  }
  return { reduction, coverage: covered / runs };
}
