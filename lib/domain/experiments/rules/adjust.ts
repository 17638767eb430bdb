import type { MetricComparison, MetricFigures, Rules } from "@/lib/core/experiments";
import { type CoMoments, cupedRatioFromMoments, type Summary } from "@/lib/core/stats";
import type { ExperimentMetric } from "./metrics";
import type { ExperimentPlan } from "./plan";
import type { ArmName } from "./reasons";
import { type Adjustment, toInterval } from "./results";
import { beforeOf, type ExperimentSums, figuresOf } from "./sums";

/** Of fewer subjects an arm nothing of before is believed: the slope would be noise. */
const FEWEST_BEFORE = 100;

/** What CUPED does to one metric of a treatment; `moments` only where it is adjusted. */
export interface Adjusting {
  readonly status: Adjustment["status"];
  readonly subjects: { readonly control: number; readonly treatment: number };
  readonly moments: { readonly control: CoMoments; readonly treatment: CoMoments } | null;
}

/** null: the plan does not ask. Whether a metric is adjusted depends on what happened before the start alone, never on what came out. */
function findAdjusting(
  sums: ExperimentSums,
  { plan, metric, rules }: { readonly plan: ExperimentPlan; readonly metric: ExperimentMetric; readonly rules: Rules },
  treatment: ArmName,
): Adjusting | null {
  if (plan.cuped === undefined || metric.quantile !== undefined) return null;
  const [c, t] = [beforeOf(sums, metric, "control"), beforeOf(sums, metric, treatment)];
  if (c === null || t === null) return { status: "not_read", subjects: { control: 0, treatment: 0 }, moments: null };
  const subjects = { control: c.subjects, treatment: t.subjects };
  if (Math.min(c.subjects, t.subjects) < FEWEST_BEFORE || c.moments === null || t.moments === null)
    return { status: "too_few", subjects, moments: null };
  // Where all do the same, what is left after an adjustment is rounding.
  const isConstant = (arm: ArmName) => figuresOf(sums, { metric, rules }, arm).summary?.variance === 0;
  if (rules > 1 && isConstant("control") && isConstant(treatment)) return { status: "no_spread", subjects, moments: null };
  const { status } = cupedRatioFromMoments(c.moments, t.moments);
  if (status !== "ok") return { status: "no_spread", subjects, moments: null };
  return { status, subjects, moments: { control: c.moments, treatment: t.moments } };
}

/** The same for several treatments: all are adjusted or none, so that they are compared with one control. */
export function findAdjustings(sums: ExperimentSums, about: Parameters<typeof findAdjusting>[1], names: readonly ArmName[]) {
  const all = names.map((name) => findAdjusting(sums, about, name));
  const failed = all.find((each) => each !== null && each.moments === null);
  return all.map((each) => (each === null || failed == null ? each : { ...each, status: failed.status, moments: null }));
}

/** Both arms of a metric as the tests take them, adjusted where they are to be. */
export function toFigures(
  adjusting: Adjusting | null,
  arms: { readonly control: Summary; readonly treatment: Summary },
): { control: MetricFigures; treatment: MetricFigures } {
  const moments = adjusting?.moments ?? null;
  if (moments === null) return { control: { kind: "mean", summary: arms.control }, treatment: { kind: "mean", summary: arms.treatment } };
  return {
    control: { kind: "cuped_ratio", moments: moments.control },
    treatment: { kind: "cuped_ratio", moments: moments.treatment },
  };
}

/** What is shown of it, with the comparison as it would be without. */
export function toAdjustment(
  { status, subjects, moments }: Adjusting,
  arms: { readonly control: Summary; readonly treatment: Summary },
  plain: MetricComparison | undefined,
): Adjustment {
  const error = (of: { control: Pick<Summary, "variance" | "n">; treatment: Pick<Summary, "variance" | "n"> }) =>
    of.control.variance / of.control.n + of.treatment.variance / of.treatment.n;
  const adjusted = moments === null ? null : cupedRatioFromMoments(moments.control, moments.treatment);
  const before = error(arms);
  const left = adjusted === null || adjusted.control === null || !(before > 0) ? null : error(adjusted) / before;
  return {
    status,
    subjects,
    varianceReduction: left === null ? null : 1 - left,
    unadjusted: {
      difference: plain?.difference ?? null,
      interval: toInterval(plain?.interval ?? null),
      pValue: plain?.pValue ?? null,
      liftRatio: plain?.lift ?? null,
      liftInterval: toInterval(plain?.liftInterval ?? null),
    },
  };
}

/** Welch's test and the lift of an adjusted metric. */
export function testAdjusted({ control, treatment }: NonNullable<Adjusting["moments"]>, confidence: number) {
  return cupedRatioFromMoments(control, treatment, { confidence });
}
