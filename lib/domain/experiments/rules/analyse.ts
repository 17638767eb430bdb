import {
  CHECK_LIMITS,
  compareMetrics,
  type ExperimentDesign,
  type Finding,
  type MetricComparison,
  type MetricFigures,
  runChecks,
} from "@/lib/core/experiments";
import { effectSizesFromSummary, relativeLiftFromSummary, type Summary, welchTTestFromSummary } from "@/lib/core/stats";
import { findAdjusting, testAdjusted, toAdjustment, toFigures } from "./adjust";
import { type ExperimentMetric, listMetrics, metricLabel, type OtherMetrics } from "./metrics";
import type { ExperimentPlan } from "./plan";
import { ARM_NAMES, type Check } from "./reasons";
import { type Analysis, type ArmResult, type MetricResult, toInterval } from "./results";
import { type ArmFigures, type ExperimentSums, figuresOf, withCut } from "./sums";

const NOTHING: Summary = { n: 0, mean: 0, variance: 0 };

/** What was planned, as the analysis needs it. */
export interface Design {
  readonly metric: ExperimentMetric;
  readonly others: OtherMetrics;
  readonly plan: ExperimentPlan;
  /** Planned shares, basis points. */
  readonly shares: { readonly control: number; readonly treatment: number };
}

export interface Analysed {
  readonly analysis: Analysis;
  readonly comparisons: readonly MetricComparison[];
  /** The primary metric with its largest values cut, where that was looked at. */
  readonly withoutOutliers: readonly MetricComparison[];
  readonly findings: readonly Finding[];
}

function toArm({ summary, subjects, scores }: ArmFigures, { quantile }: ExperimentMetric): ArmResult {
  return {
    subjects,
    scores,
    mean: summary === null || summary.n === 0 ? null : summary.mean,
    variance: summary === null || summary.n < 2 || quantile !== undefined ? null : summary.variance,
  };
}

const finite = (value: number | null) => (value === null || !Number.isFinite(value) ? null : value);

/** The plan as the rules of lib/core/experiments take it: there a metric's name is its label. */
export function toExperimentDesign({ metric, others, plan }: Design): ExperimentDesign {
  return {
    alpha: plan.alpha,
    mode: plan.mode,
    tuning: 2 * plan.minSubjectsPerArm,
    minSubjectsPerArm: plan.minSubjectsPerArm,
    minDurationSeconds: plan.minDurationSeconds,
    isAa: plan.isAa,
    metrics: listMetrics({ metric, others }).map(({ role, metric: each }) => ({
      name: metricLabel(each),
      role,
      direction: each.direction,
      practicalMargin: each.practicalMargin,
    })),
  };
}

/**
 * Everything that the sums say: every metric tested and corrected, the primary one with all its figures, and the checks. Whatever cannot be
 * computed is null with a status that says why, never NaN.
 */
export function analyse(sums: ExperimentSums, design: Design, { at, elapsedSeconds }: { at: string; elapsedSeconds: number }): Analysed {
  const known = listMetrics(design).map(({ role, metric }) => {
    const [control, treatment] = [figuresOf(sums, metric, "control"), figuresOf(sums, metric, "treatment")];
    const summaries = { control: control.summary ?? NOTHING, treatment: treatment.summary ?? NOTHING };
    return { role, metric, control, treatment, summaries, adjusting: findAdjusting(sums, { plan: design.plan, metric }, "treatment") };
  });
  const compare = (isAdjusted: boolean) =>
    compareMetrics(
      toExperimentDesign(design),
      known.map(({ metric, adjusting, summaries }) => {
        const figures = toFigures(isAdjusted ? adjusting : null, summaries);
        return { metric: metricLabel(metric), control: figures.control, treatments: { treatment: figures.treatment } };
      }),
    );
  const comparisons = compare(true);
  const plain = design.plan.cuped === undefined ? comparisons : compare(false);
  const findings = runChecks(toCheckInput(sums, design, elapsedSeconds));
  const comparisonOf = (list: readonly MetricComparison[], metric: ExperimentMetric) =>
    list.find((c) => c.metric.name === metricLabel(metric));
  const metrics = known.map(({ role, metric, control, treatment, summaries, adjusting }): MetricResult => {
    const arms = { control: toArm(control, metric), treatment: toArm(treatment, metric) };
    const adjustment = adjusting === null ? {} : { adjustment: toAdjustment(adjusting, summaries, comparisonOf(plain, metric)) };
    return { role, metric, ...arms, ...toMetricResult(comparisonOf(comparisons, metric), design.plan.alpha), ...adjustment };
  });
  return {
    analysis: { ...analysePrimary(sums, design, at), metrics, checks: toChecks(findings) },
    comparisons,
    withoutOutliers: compareCut(sums, design),
    findings,
  };
}

function compareCut(sums: ExperimentSums, design: Design): MetricComparison[] {
  const cut = withCut(sums, design.metric);
  if (cut === null) return [];
  const [control, treatment] = [figuresOf(cut, design.metric, "control").summary, figuresOf(cut, design.metric, "treatment").summary];
  if (control === null || treatment === null) return [];
  const figures = toFigures(findAdjusting(cut, design, "treatment"), { control, treatment });
  return comparePrimary(design, figures.control, figures.treatment);
}

function comparePrimary(design: Design, control: MetricFigures, treatment: MetricFigures): MetricComparison[] {
  const alone = toExperimentDesign({ ...design, others: { guardrails: [], signals: [] } });
  return compareMetrics(alone, [{ metric: metricLabel(design.metric), control, treatments: { treatment } }]);
}

function toMetricResult(comparison: MetricComparison | undefined, alpha: number) {
  const pValue = comparison?.pValue ?? null;
  const adjustedPValue = comparison?.adjustedPValue ?? null;
  const difference = comparison?.difference ?? null;
  const isBetter = (comparison?.metric.direction === "higher") === (difference ?? 0) > 0;
  const isSure = adjustedPValue !== null && adjustedPValue < alpha;
  return {
    status: comparison?.status ?? ("insufficient_data" as const),
    difference,
    interval: toInterval(comparison?.interval ?? null),
    pValue,
    adjustedPValue,
    liftRatio: finite(comparison?.lift ?? null),
    liftInterval: toInterval(comparison?.liftInterval ?? null),
    effect: pValue === null ? ("unknown" as const) : isSure ? (isBetter ? ("better" as const) : ("worse" as const)) : ("none" as const),
  };
}

function toCheckInput(sums: ExperimentSums, design: Design, elapsedSeconds: number) {
  const arms = ARM_NAMES.map((name) => {
    const { subjects = 0, requests = 0, elsewhere = 0 } = sums.exposures[name] ?? {};
    return { name, weight: design.shares[name], subjects, requests, servedElsewhere: elsewhere };
  });
  const scored = listMetrics(design)
    .filter(({ metric }) => metric.source === "score")
    .map(({ role, metric }) => ({
      metric: metricLabel(metric),
      isPrimary: role === "primary",
      arms: arms.map(({ name, subjects }) => ({ name, subjects, scored: Math.min(subjects, figuresOf(sums, metric, name).subjects) })),
    }));
  return { arms, crossedSubjects: sums.crossedSubjects, scored, halves: [], elapsedSeconds };
}

const NO_DETAILS = { arm: null, metric: null, share: null, otherShare: null, pValue: null, days: null };

/** Every check with what it found; one that found nothing passed. */
function toChecks(findings: readonly Finding[]): Check[] {
  const codes = ["sample_ratio", "crossed_subjects", "served_elsewhere", "missing_scores", "partial_week"] as const;
  return codes.flatMap((code): Check[] => {
    const found = findings.filter((finding) => finding.code === code);
    return found.length === 0 ? [{ code, status: "pass", ...NO_DETAILS }] : found.map(toCheck);
  });
}

export function toCheck(finding: Finding): Check {
  const status = finding.blocks ? "fail" : "warn";
  switch (finding.code) {
    case "sample_ratio":
      return {
        ...NO_DETAILS,
        code: finding.code,
        status,
        arm: toArmName(finding.arm),
        share: finding.seen,
        otherShare: finding.planned,
        pValue: finding.pValue,
      };
    case "crossed_subjects":
      return { ...NO_DETAILS, code: finding.code, status, share: finding.share, otherShare: CHECK_LIMITS.crossedBlock };
    case "served_elsewhere":
      return {
        ...NO_DETAILS,
        code: finding.code,
        status,
        arm: toArmName(finding.arm),
        share: finding.share,
        otherShare: CHECK_LIMITS.servedElsewhereBlock,
      };
    case "missing_scores": {
      const { metric, share, otherShare } = finding;
      return { ...NO_DETAILS, code: finding.code, status, arm: toArmName(finding.arm), metric, share, otherShare };
    }
    case "partial_week":
      return { ...NO_DETAILS, code: finding.code, status, days: finding.days };
    case "novelty":
      return { ...NO_DETAILS, code: finding.code, status, metric: finding.metric, pValue: finding.pValue };
  }
}

const toArmName = (name: string) => ARM_NAMES.find((known) => known === name) ?? null;

/** The primary metric with everything that is shown of it; in a sequential plan p-value and intervals are right at every look. */
function analysePrimary(sums: ExperimentSums, design: Design, at: string): Omit<Analysis, "metrics" | "checks"> {
  const { metric, plan } = design;
  const arms = { control: figuresOf(sums, metric, "control"), treatment: figuresOf(sums, metric, "treatment") };
  const [control, treatment] = [arms.control.summary ?? NOTHING, arms.treatment.summary ?? NOTHING];
  const confidence = 1 - plan.alpha;
  const adjusting = findAdjusting(sums, design, "treatment");
  const { test, lift } = testPrimary(adjusting?.moments ?? null, { control, treatment, confidence });
  const { cohensD, hedgesG } = effectSizesFromSummary(control, treatment);
  const figures = toFigures(adjusting, { control, treatment });
  const [sequential] = plan.mode === "fixed" ? [] : comparePrimary(design, figures.control, figures.treatment);
  return {
    at,
    control: toArm(arms.control, metric),
    treatment: toArm(arms.treatment, metric),
    test: {
      status: test.status,
      t: test.t,
      df: test.df,
      pValue: sequential === undefined ? test.pValue : sequential.pValue,
      difference: test.difference,
      interval: toInterval(sequential === undefined ? test.confidenceInterval : sequential.interval),
    },
    lift: {
      status: lift.status,
      ratio: lift.liftRatio,
      interval: toInterval(sequential === undefined ? lift.confidenceInterval : sequential.liftInterval),
    },
    // A quantile has no spread to hold a difference against.
    cohensD: metric.quantile === undefined ? cohensD : null,
    hedgesG: metric.quantile === undefined ? hedgesG : null,
    confidence,
  };
}

/** Welch's test with the lift, of the adjusted metric where it is adjusted: relative to the control's mean as it was. */
function testPrimary(
  moments: Parameters<typeof testAdjusted>[0] | null,
  { control, treatment, confidence }: { readonly control: Summary; readonly treatment: Summary; readonly confidence: number },
) {
  const plain = {
    test: welchTTestFromSummary(control, treatment, { confidence }),
    lift: relativeLiftFromSummary(control, treatment, { confidence }),
  };
  const adjusted = moments === null ? null : testAdjusted(moments, confidence);
  if (adjusted === null || adjusted.welch === null || adjusted.lift === null) return plain;
  const { liftRatio, confidenceInterval } = adjusted.lift;
  return { test: adjusted.welch, lift: { status: "ok" as const, liftRatio, confidenceInterval } };
}
