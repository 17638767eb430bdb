import {
  type ArmSums,
  effectSizesFromSummary,
  relativeLiftFromSummary,
  type Summary,
  summaryOfExactSums,
  welchTTestFromSummary,
} from "@/lib/core/stats";
import type { Analysis, ArmResult } from "../api";

const NOTHING: Summary = { n: 0, mean: 0, variance: 0 };

function toArm(sums: ArmSums, summary: Summary): ArmResult {
  return {
    subjects: sums.subjects,
    scores: sums.scores,
    mean: summary.n === 0 ? null : summary.mean,
    variance: summary.n < 2 ? null : summary.variance,
  };
}

const toInterval = (interval: readonly [number, number] | null) => (interval === null ? null : { low: interval[0], high: interval[1] });

/**
 * Welch's test, relative lift (delta method) and effect sizes of two arms across their subjects' means. Whatever cannot be computed is null
 * with a status that says why, never NaN.
 */
export function analyseArms(sums: { control: ArmSums; treatment: ArmSums }, { alpha, at }: { alpha: number; at: string }): Analysis {
  const control = summaryOfExactSums(sums.control) ?? NOTHING;
  const treatment = summaryOfExactSums(sums.treatment) ?? NOTHING;
  const confidence = 1 - alpha;
  const test = welchTTestFromSummary(control, treatment, { confidence });
  const lift = relativeLiftFromSummary(control, treatment, { confidence });
  const { cohensD, hedgesG } = effectSizesFromSummary(control, treatment);
  return {
    at,
    control: toArm(sums.control, control),
    treatment: toArm(sums.treatment, treatment),
    test: {
      status: test.status,
      t: test.t,
      df: test.df,
      pValue: test.pValue,
      difference: test.difference,
      interval: toInterval(test.confidenceInterval),
    },
    lift: { status: lift.status, ratio: lift.liftRatio, interval: toInterval(lift.confidenceInterval) },
    cohensD,
    hedgesG,
    confidence,
  };
}
