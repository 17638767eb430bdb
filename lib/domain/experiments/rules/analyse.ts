import {
  CHECK_LIMITS,
  compareMetrics,
  type ExperimentDesign,
  type Finding,
  type MetricComparison,
  type MetricData,
  type Rules,
  runChecks,
  type WholeDay,
} from "@/lib/core/experiments";
import { effectSizesFromSummary, relativeLiftFromSummary, type Summary, welchTTestFromSummary } from "@/lib/core/stats";
import { type Adjusting, findAdjustings, testAdjusted, toAdjustment, toFigures } from "./adjust";
import { listWholeDays } from "./days";
import { type ExperimentMetric, listMetrics, metricLabel, type OtherMetrics } from "./metrics";
import { findHalves } from "./novelty";
import type { ExperimentPlan } from "./plan";
import { ARM_NAMES, type ArmName, type Check, TREATMENT_NAMES, type TreatmentName } from "./reasons";
import { type Analysis, type ArmResult, type Comparison, type PrimaryResult, toInterval } from "./results";
import { type ArmFigures, type ExperimentSums, figuresOf, withCut } from "./sums";

const NOTHING: Summary = { n: 0, mean: 0, variance: 0 };

/** What was planned, as the analysis needs it. */
export interface Design {
  readonly rules: Rules;
  readonly metric: ExperimentMetric;
  readonly others: OtherMetrics;
  readonly plan: ExperimentPlan;
  /** Planned shares of the arms that there are, basis points. */
  readonly shares: { readonly control: number } & Readonly<Partial<Record<TreatmentName, number>>>;
}

/** The arms of a plan, the control first. */
export function armsOf({ shares }: Pick<Design, "shares">): ArmName[] {
  return ARM_NAMES.filter((name) => shares[name] !== undefined);
}

export function treatmentsOf({ shares }: Pick<Design, "shares">): TreatmentName[] {
  return TREATMENT_NAMES.filter((name) => shares[name] !== undefined);
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
export function toExperimentDesign({ rules, metric, others, plan }: Design): ExperimentDesign {
  return {
    rules,
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

/** When a look is taken, of which time. */
interface Span {
  readonly at: string;
  readonly startedAtMs: number;
  /** The moment of the look, or the end. */
  readonly untilMs: number;
}

/**
 * Everything that the sums say: every metric tested and corrected, the primary one with all its figures, and the checks. Whatever cannot be
 * computed is null with a status that says why, never NaN.
 */
export function analyse(sums: ExperimentSums, design: Design, { at, startedAtMs, untilMs }: Span): Analysed {
  const elapsedSeconds = Math.max(0, (untilMs - startedAtMs) / 1_000);
  const known = listMetrics(design).map(({ role, metric }) => ({ role, metric, arms: readArms(sums, design, metric) }));
  const compare = (isAdjusted: boolean) =>
    compareMetrics(
      toExperimentDesign(design),
      known.map(({ metric, arms }) => toData(metric, arms, isAdjusted)),
    );
  const comparisons = compare(true);
  const plain = design.plan.cuped === undefined ? comparisons : compare(false);
  const days = listWholeDays(sums, { startedAtMs, untilMs });
  const findings = runChecks({ ...toCheckInput(sums, design, elapsedSeconds), daily: { metric: metricLabel(design.metric), days } });
  const shown = known.flatMap(({ role, metric, arms }) =>
    arms.treated.map(({ name, figures, adjusting }): Comparison => {
      const find = (list: readonly MetricComparison[]) => list.find((c) => c.treatment === name && c.metric.name === metricLabel(metric));
      const summaries = { control: arms.control.summary ?? NOTHING, treatment: figures.summary ?? NOTHING };
      const adjustment = adjusting === null ? {} : { adjustment: toAdjustment(adjusting, summaries, find(plain)) };
      const results = { control: toArm(arms.control, metric), treated: toArm(figures, metric) };
      return { treatment: name, role, metric, ...results, ...toResult(find(comparisons), design.plan.alpha), ...adjustment };
    }),
  );
  return {
    analysis: {
      at,
      ...analysePrimary(sums, design),
      comparisons: shown,
      checks: toChecks(findings, { hasTenure: sums.tenure !== undefined, days }),
    },
    comparisons,
    withoutOutliers: compareCut(sums, design),
    findings,
  };
}

/** A metric of all arms. */
interface ReadArms {
  readonly control: ArmFigures;
  readonly treated: readonly { readonly name: TreatmentName; readonly figures: ArmFigures; readonly adjusting: Adjusting | null }[];
}

function readArms(sums: ExperimentSums, design: Design, metric: ExperimentMetric): ReadArms {
  const names = treatmentsOf(design);
  const adjustings = findAdjustings(sums, { plan: design.plan, metric, rules: design.rules }, names);
  const treated = names.map((name, i) => ({
    name,
    figures: figuresOf(sums, { metric, rules: design.rules }, name),
    adjusting: adjustings[i] ?? null,
  }));
  return { control: figuresOf(sums, { metric, rules: design.rules }, "control"), treated };
}

/** As the tests take it; the control's part of an adjustment is the same beside every treatment. */
function toData(metric: ExperimentMetric, { control, treated }: ReadArms, isAdjusted: boolean): MetricData {
  const pairs = treated.map(({ name, figures, adjusting }) => {
    const summaries = { control: control.summary ?? NOTHING, treatment: figures.summary ?? NOTHING };
    return { name, figures: toFigures(isAdjusted ? adjusting : null, summaries) };
  });
  return {
    metric: metricLabel(metric),
    control: pairs[0]?.figures.control ?? { kind: "mean", summary: control.summary ?? NOTHING },
    treatments: Object.fromEntries(pairs.map(({ name, figures }) => [name, figures.treatment])),
  };
}

function compareCut(sums: ExperimentSums, design: Design): MetricComparison[] {
  const cut = withCut(sums, design.metric);
  if (cut === null) return [];
  const arms = readArms(cut, design, design.metric);
  if (arms.control.summary === null || arms.treated.some(({ figures }) => figures.summary === null)) return [];
  return comparePrimary(design, arms);
}

function comparePrimary(design: Design, arms: ReadArms): MetricComparison[] {
  const alone = toExperimentDesign({ ...design, others: { guardrails: [], signals: [] } });
  return compareMetrics(alone, [toData(design.metric, arms, true)]);
}

function toResult(comparison: MetricComparison | undefined, alpha: number) {
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
  const arms = armsOf(design).map((name) => {
    const { subjects = 0, requests = 0, elsewhere = 0 } = sums.exposures[name] ?? {};
    return { name, weight: design.shares[name] ?? 0, subjects, requests, servedElsewhere: elsewhere };
  });
  const scored = listMetrics(design)
    .filter(({ metric }) => metric.source === "score")
    .map(({ role, metric }) => ({
      metric: metricLabel(metric),
      isPrimary: role === "primary",
      arms: arms.map(({ name, subjects }) => ({
        name,
        subjects,
        scored: Math.min(subjects, figuresOf(sums, { metric, rules: design.rules }, name).subjects),
      })),
    }));
  return {
    arms,
    crossedSubjects: sums.crossedSubjects,
    scored,
    halves: findHalves(sums, { metric: design.metric, treatments: treatmentsOf(design) }),
    elapsedSeconds,
    sequential: design.rules > 1 && design.plan.mode === "sequential" ? { tuning: toExperimentDesign(design).tuning } : null,
  };
}

const NO_DETAILS = { arm: null, metric: null, share: null, otherShare: null, pValue: null, days: null };

/** Every check with what it found; one that found nothing passed. */
function toChecks(findings: readonly Finding[], { hasTenure, days }: { hasTenure: boolean; days: readonly WholeDay[] }): Check[] {
  const always = ["sample_ratio", "crossed_subjects", "served_elsewhere", "missing_scores", "partial_week"] as const;
  const seen = { quiet_days: days.length >= CHECK_LIMITS.fewestDays, novelty: hasTenure };
  const codes = [...always, ...(["quiet_days", "novelty"] as const).filter((code) => seen[code])];
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
    case "quiet_days":
      return { ...NO_DETAILS, code: finding.code, status, metric: finding.metric, dates: [...finding.dates] };
    case "novelty":
      return { ...NO_DETAILS, code: finding.code, status, metric: finding.metric, pValue: finding.pValue };
  }
}

const toArmName = (name: string) => ARM_NAMES.find((known) => known === name) ?? null;

/** The primary metric with everything that is shown of it; in a sequential plan p-values and intervals are right at every look. */
function analysePrimary(sums: ExperimentSums, design: Design): Pick<Analysis, "arms" | "primary" | "confidence"> {
  const { metric, plan } = design;
  const arms = readArms(sums, design, metric);
  const control = arms.control.summary ?? NOTHING;
  // Several treatments are as many chances to be lucky: their intervals cover together.
  const confidence = 1 - plan.alpha / Math.max(1, arms.treated.length);
  const sequences = plan.mode === "fixed" ? [] : comparePrimary(design, arms);
  const primary = arms.treated.map(({ name, figures, adjusting }): PrimaryResult => {
    const treatment = figures.summary ?? NOTHING;
    const { test, lift } = testPrimary(adjusting?.moments ?? null, { control, treatment, confidence, rules: design.rules });
    const { cohensD, hedgesG } = effectSizesFromSummary(control, treatment);
    const sequence = sequences.find((each) => each.treatment === name);
    return {
      treatment: name,
      test: {
        status: test.status,
        t: test.t,
        df: test.df,
        pValue: sequence === undefined ? test.pValue : sequence.pValue,
        difference: test.difference,
        interval: toInterval(sequence === undefined ? test.confidenceInterval : sequence.interval),
      },
      lift: {
        status: lift.status,
        ratio: lift.liftRatio,
        interval: toInterval(sequence === undefined ? lift.confidenceInterval : sequence.liftInterval),
      },
      // A quantile has no spread to hold a difference against.
      cohensD: metric.quantile === undefined ? cohensD : null,
      hedgesG: metric.quantile === undefined ? hedgesG : null,
    };
  });
  const treated = arms.treated.map(({ name, figures }) => ({ arm: name, ...toArm(figures, metric) }));
  return { arms: [{ arm: "control", ...toArm(arms.control, metric) }, ...treated], primary, confidence };
}

/** Welch's test with the lift, of the adjusted metric where it is adjusted: relative to the control's mean as it was. */
function testPrimary(
  moments: Parameters<typeof testAdjusted>[0] | null,
  {
    control,
    treatment,
    confidence,
    rules,
  }: { readonly control: Summary; readonly treatment: Summary; readonly confidence: number; readonly rules: Rules },
) {
  const plain = {
    test: welchTTestFromSummary(control, treatment, { confidence }),
    lift: relativeLiftFromSummary(control, treatment, { confidence, baseline: rules === 1 ? "signed" : "absolute" }),
  };
  const adjusted = moments === null ? null : testAdjusted(moments, confidence);
  if (adjusted === null || adjusted.welch === null || adjusted.lift === null) return plain;
  const { liftRatio, confidenceInterval } = adjusted.lift;
  return { test: adjusted.welch, lift: { status: "ok" as const, liftRatio, confidenceInterval } };
}
