import {
  compareMetrics,
  decideExperiment,
  type ExperimentDesign,
  type MetricData,
  type MetricFigures,
  RULES,
  runChecks,
} from "@/lib/core/experiments";
import { drawChance, drawNormal, type Prng } from "@/lib/core/prng";
import { createMoments, type Moments, mergeMoments, summaryOf } from "@/lib/core/stats";

/** What is true of an experiment: relative effects on the metric that decides and on the cost that can veto, and the share of subjects lost. */
export interface Truth {
  readonly quality: number;
  readonly cost: number;
  /** Share of the treatment's subjects that are never counted. */
  readonly lost: number;
}

const DAY_SECONDS = 86_400;
const DAYS = 21;
const SUBJECTS_PER_DAY = 150;

const DESIGN: ExperimentDesign = {
  rules: RULES,
  alpha: 0.05,
  mode: "sequential",
  tuning: 2 * SUBJECTS_PER_DAY * DAYS,
  minSubjectsPerArm: 1_000,
  minDurationSeconds: 7 * DAY_SECONDS,
  isAa: false,
  metrics: [
    { name: "quality", role: "primary", direction: "higher", practicalMargin: 0 },
    { name: "cost", role: "guardrail", direction: "lower", practicalMargin: 0.05 },
  ],
};

interface Arm {
  subjects: number;
  quality: Moments;
  cost: Moments;
}

/** How often each verdict ends an experiment that is looked at every day for three weeks and stopped at the first verdict that ends it. */
export function simulateVerdicts(prng: Prng, runs: number, truth: Truth): Record<string, number> {
  const ends: Record<string, number> = {};
  for (let run = 0; run < runs; run++) {
    const verdict = runExperiment(prng, truth);
    ends[verdict] = (ends[verdict] ?? 0) + 1 / runs;
  }
  return ends;
}

function runExperiment(prng: Prng, { quality, cost, lost }: Truth): string {
  const arms: Record<"control" | "treatment", Arm> = { control: emptyArm(), treatment: emptyArm() };
  for (let day = 1; day <= DAYS; day++) {
    addDay(arms.control, prng, { quality: 1, cost: 1, lost: 0 });
    addDay(arms.treatment, prng, { quality: 1 + quality, cost: 1 + cost, lost });
    const comparisons = compareMetrics(DESIGN, [dataOf("quality", arms), dataOf("cost", arms)]);
    const elapsedSeconds = day * DAY_SECONDS;
    const { verdict } = decideExperiment(DESIGN, {
      findings: runChecks({
        arms: (["control", "treatment"] as const).map((name) => {
          return { name, weight: 1, subjects: arms[name].subjects, requests: arms[name].subjects, servedElsewhere: 0 };
        }),
        crossedSubjects: 0,
        scored: [],
        halves: [],
        elapsedSeconds,
        sequential: DESIGN,
      }),
      comparisons,
      withoutOutliers: [],
      subjectsPerArm: Math.min(arms.control.subjects, arms.treatment.subjects),
      elapsedSeconds,
      ended: day === DAYS ? "deadline_reached" : null,
    });
    if (verdict !== "keep_running") return verdict;
  }
  throw new Error("the last day ends every experiment");
}

function emptyArm(): Arm {
  return { subjects: 0, quality: createMoments(), cost: createMoments() };
}

function addDay(arm: Arm, prng: Prng, { quality, cost, lost }: Truth): void {
  const [scores, costs]: [number[], number[]] = [[], []];
  for (let i = 0; i < SUBJECTS_PER_DAY; i++) {
    if (drawChance(prng, lost)) continue;
    scores.push(drawNormal(prng, 0.7 * quality, 0.25));
    costs.push(drawNormal(prng, 3 * cost, 0.8));
  }
  arm.subjects += scores.length;
  arm.quality = mergeMoments(arm.quality, createMoments(scores));
  arm.cost = mergeMoments(arm.cost, createMoments(costs));
}

function dataOf(metric: "quality" | "cost", arms: Record<"control" | "treatment", Arm>): MetricData {
  return { metric, control: figuresOf(arms.control[metric]), treatments: { treatment: figuresOf(arms.treatment[metric]) } };
}

function figuresOf(moments: Moments): MetricFigures {
  const summary = summaryOf(moments);
  if (summary === null) throw new Error("a day has more than one subject");
  return { kind: "mean", summary };
}
