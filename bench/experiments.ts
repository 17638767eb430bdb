/**
 * Whether the statistics of experiments keep what they promise, by seeded simulation: how often A/A experiments that are looked at again and
 * again claim a difference, how often intervals hold the truth, whether planned power is had, what CUPED takes off. Then Welch's test of 10^7
 * values beside scipy's. Shares are 0..1.
 *
 * After that, or alone with `--scores N`, one experiment of N scores (a million unless said): its page, a look at it, and how fast the API
 * takes further ones. PostgreSQL writes log and scores, the code of ingest and API adds them up.
 */
import { parseArgs } from "node:util";
import { createPrng, drawLogNormal, drawNormal } from "@/lib/core/prng";
import { simulateClusters, simulateCoverage, simulateCuped, simulateHeavyTails, simulatePower } from "./experiments/coverage";
import { type Draw, simulatePeeking } from "./experiments/peeking";
import { measureScale } from "./experiments/scale";
import { compareWithScipy } from "./experiments/scipy";
import { simulateVerdicts } from "./experiments/verdicts";

const PEEKING = { runs: 10_000, every: 100, upTo: 10_000, alpha: 0.05, tuning: 5_000 };
const SCORES = 1_000_000;
const HEAVY_RUNS = 2_000;
const COVERAGE_RUNS = 20_000;
const CLUSTER_RUNS = 2_000;
const CUPED_RUNS = 4_000;
const VERDICT_RUNS = 2_000;
const CORRELATION = 0.6;

const report = (figure: string, value: number, unit = "share"): void => {
  process.stdout.write(`${JSON.stringify({ figure: `experiments.${figure}`, value: Number(value.toPrecision(4)), unit })}\n`);
};

function simulate(): void {
  const populations: [name: string, runs: number, draw: Draw][] = [
    ["", PEEKING.runs, (prng) => drawNormal(prng, 0, 1)],
    ["_heavy_tails", HEAVY_RUNS, (prng) => drawLogNormal(prng, 0, 1.5)],
    ["_rare_events", HEAVY_RUNS, (prng) => Number(prng.next() < 0.02)],
  ];
  for (const [name, runs, draw] of populations) {
    const { sequential, naive, fixed } = simulatePeeking(createPrng(20_261_121), draw, { ...PEEKING, runs });
    report(`aa_false_positive_sequential${name}`, sequential);
    report(`aa_false_positive_naive${name}`, naive);
    report(`aa_false_positive_one_look${name}`, fixed);
  }

  for (const [kind, share] of Object.entries(simulateCoverage(createPrng(1), COVERAGE_RUNS))) {
    report(kind === "difference" ? "coverage" : `coverage_${kind}`, share);
  }
  for (const n of [100, 1_000, 10_000]) report(`coverage_heavy_tails_${n}`, simulateHeavyTails(createPrng(2), HEAVY_RUNS, n));
  const clusters = simulateClusters(createPrng(3), CLUSTER_RUNS);
  report("coverage_clustered_requests", clusters.requests);
  report("coverage_clustered_subjects", clusters.subjects);
  report("coverage_clustered_ratio", clusters.ratio);

  for (const { effectSize, planned, found } of simulatePower(createPrng(4), COVERAGE_RUNS)) {
    report(`power_planned_${effectSize}`, planned);
    report(`power_found_${effectSize}`, found);
  }

  const { reduction, coverage } = simulateCuped(createPrng(5), CUPED_RUNS, CORRELATION);
  report("cuped_variance_reduction", reduction);
  report("cuped_variance_reduction_theory", CORRELATION ** 2);
  report("coverage_cuped", coverage);

  const NOTHING = { quality: 0, cost: 0, lost: 0 };
  const end = (truth: Partial<typeof NOTHING>, verdict: string) =>
    simulateVerdicts(createPrng(6), VERDICT_RUNS, { ...NOTHING, ...truth })[verdict] ?? 0;
  const equal = simulateVerdicts(createPrng(6), VERDICT_RUNS, NOTHING);
  report("verdict_false_deploy", equal.deploy_treatment ?? 0);
  report("verdict_false_keep", equal.keep_control ?? 0);
  report("verdict_deploy_of_better", end({ quality: 0.06 }, "deploy_treatment"));
  report("verdict_keep_of_worse", end({ quality: -0.06 }, "keep_control"));
  report("verdict_keep_of_costlier", end({ quality: 0.06, cost: 0.15 }, "keep_control"));
  report("verdict_cannot_tell_of_lost", end({ quality: 0.06, lost: 1 / 3 }, "cannot_tell"));

  const scipy = compareWithScipy();
  if (scipy === null) process.stdout.write("python3 with scipy is not here: the comparison with it is left out\n");
  else {
    report("welch_1e7_scipy_p", scipy.pValue, "p");
    report("welch_1e7_error", scipy.testError, "relative");
    report("moments_1e7_error", scipy.streamedError, "relative");
    report("welch_1e7_time_vs_scipy", scipy.timeRatio, "ratio");
  }
}

const { values } = parseArgs({ args: process.argv.slice(3), options: { scores: { type: "string" } } });
if (values.scores === undefined) simulate();
await measureScale(report, Number(values.scores ?? SCORES));
