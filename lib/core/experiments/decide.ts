import type { Finding } from "./checks";
import type { Interval, MetricComparison } from "./compare";
import { type ExperimentDesign, FEWEST_SUBJECTS, guardrailSubjects, type MetricDesign, type Rules } from "./design";

export type ExperimentVerdict = "deploy_treatment" | "keep_control" | "no_meaningful_difference" | "keep_running" | "cannot_tell";

export type DecisionReason =
  | Finding
  | { readonly code: "subjects_missing"; readonly missing: number }
  | { readonly code: "time_missing"; readonly seconds: number }
  | { readonly code: "guardrail_broken"; readonly metric: string; readonly pValue: number; readonly lift: number | null }
  /** Harm of the margin's size can not be excluded; `worst` null: nor of any size. */
  | { readonly code: "guardrail_open"; readonly metric: string; readonly worst: number | null; readonly margin: number }
  /** The primary metric has not been measured. */
  | { readonly code: "no_data" }
  | { readonly code: "no_test"; readonly metric: string; readonly status: "insufficient_data" | "zero_variance" }
  | { readonly code: "inside_margin"; readonly interval: Interval; readonly margin: number }
  | { readonly code: "significant_gain" | "significant_harm"; readonly pValue: number; readonly lift: number | null }
  | { readonly code: "gain_below_margin"; readonly lift: number | null; readonly margin: number }
  | { readonly code: "not_significant"; readonly pValue: number }
  /** The gain is not there once the largest values are cut to the 99.9th percentile. */
  | { readonly code: "rests_on_outliers"; readonly metric: string }
  | { readonly code: "aa_difference"; readonly metric: string; readonly pValue: number }
  | { readonly code: "ended"; readonly cause: "deadline_reached" | "stopped_early" };

/** What is said of one treatment, or of the experiment; reasons in the order in which they decided. */
export interface Decision {
  readonly verdict: ExperimentVerdict;
  readonly reasons: readonly DecisionReason[];
}

export interface ExperimentDecision extends Decision {
  /** The treatment to deploy; null with every other verdict. */
  readonly winner: string | null;
  readonly treatments: Readonly<Record<string, Decision>>;
}

export interface Evidence {
  readonly findings: readonly Finding[];
  readonly comparisons: readonly MetricComparison[];
  /** The primary metric with its largest values cut, where that was computed. */
  readonly withoutOutliers: readonly MetricComparison[];
  /** Subjects of the smallest arm. */
  readonly subjectsPerArm: number;
  readonly elapsedSeconds: number;
  /** Why no more data come; null while it runs. */
  readonly ended: "deadline_reached" | "stopped_early" | null;
}

/** An always-valid interval trusts the standard error, so that before this share of the plan's subjects (and under the fewest) it stops nothing. */
const EARLIEST_SHARE = 0.2;

/**
 * The verdict by fixed rules, in this order: a check that blocks; an A/A difference; a broken guardrail; the plan; the primary metric; guardrails that
 * are still open; outliers. A fixed design says nothing before its plan is reached; a sequential one may stop early for harm, never for a gain.
 */
export function decideExperiment(design: ExperimentDesign, evidence: Evidence): ExperimentDecision {
  const blocking = evidence.findings.filter(({ blocks }) => blocks);
  const names = [...new Set(evidence.comparisons.map(({ treatment }) => treatment))];
  const treatments = Object.fromEntries(names.map((name) => [name, decideTreatment(design, evidence, name)]));
  const best = names
    .filter((name) => treatments[name]?.verdict === "deploy_treatment")
    .toSorted((a, b) => gainOf(evidence, b) - gainOf(evidence, a))[0];
  if (best !== undefined) return { verdict: "deploy_treatment", reasons: treatments[best]?.reasons ?? [], winner: best, treatments };
  // The most open of the treatments' verdicts is the experiment's: while one may still win, it is not over.
  const order = ["cannot_tell", "keep_running", "no_meaningful_difference", "keep_control"] as const;
  const all = Object.values(treatments);
  const verdict = order.find((candidate) => all.some((decision) => decision.verdict === candidate));
  if (verdict === undefined) {
    const nothing: Decision =
      blocking.length > 0
        ? { verdict: "cannot_tell", reasons: blocking }
        : waitOrGiveUp(evidence, [...missingOf(design, evidence), { code: "no_data" }]);
    return { ...nothing, winner: null, treatments };
  }
  return { verdict, reasons: all.find((decision) => decision.verdict === verdict)?.reasons ?? [], winner: null, treatments };
}

function decideTreatment(design: ExperimentDesign, evidence: Evidence, name: string): Decision {
  const blocking = evidence.findings.filter(({ blocks }) => blocks);
  if (blocking.length > 0) return { verdict: "cannot_tell", reasons: blocking };
  const missing = missingOf(design, evidence);
  const measured = evidence.comparisons.filter(({ treatment }) => treatment === name);
  const own = design.rules === 1 ? measured : measured.filter((comparison) => isEnough(comparison, design));
  const mayStop = missing.length === 0 || design.mode === "sequential";
  if (design.isAa) return decideAa(design, evidence, { own, missing });
  const isPlanned = missing.length === 0;
  const earliest = design.rules === 1 ? 0 : Math.max(FEWEST_SUBJECTS, EARLIEST_SHARE * design.minSubjectsPerArm);
  const mayHarm = (comparison: MetricComparison) => isPlanned || comparison.subjects >= earliest;
  const broken = own
    .filter(mayHarm)
    .flatMap((comparison) => [...brokenGuardrail(comparison, design.alpha), ...(isPlanned ? constantHarm(comparison) : [])]);
  if (mayStop && broken.length > 0) return { verdict: "keep_control", reasons: broken };
  const primary = own.find(({ metric }) => metric.role === "primary");
  if (primary === undefined) return waitOrGiveUp(evidence, [...missing, { code: "no_data" }]);
  const judged = judgePrimary(primary, design.alpha);
  const isHarm = judged.verdict === "keep_control";
  if (missing.length > 0) return isHarm && mayStop && mayHarm(primary) ? judged : waitOrGiveUp(evidence, missing);
  if (judged.verdict === "keep_running") return waitOrGiveUp(evidence, judged.reasons);
  if (judged.verdict !== "deploy_treatment") return judged;
  const open = design.metrics.flatMap((metric) =>
    openGuardrail(
      metric,
      own.find((comparison) => comparison.metric.name === metric.name),
      design.rules,
    ),
  );
  if (open.length > 0) return waitOrGiveUp(evidence, open);
  const cut = evidence.withoutOutliers.find(({ treatment, metric }) => treatment === name && metric.name === primary.metric.name);
  if (cut !== undefined && judgePrimary(cut, design.alpha).verdict !== "deploy_treatment")
    return waitOrGiveUp(evidence, [{ code: "rests_on_outliers", metric: primary.metric.name }]);
  return judged;
}

/** One metric by itself: inside the margin, harm, gain, in this order. `keep_running` says that it does not decide. */
export function judgePrimary(comparison: MetricComparison, alpha: number): Decision {
  const { metric, status, difference, adjustedPValue: pValue, lift, liftInterval } = comparison;
  if (status !== "ok" || difference === null || pValue === null)
    return {
      verdict: "keep_running",
      reasons: [{ code: "no_test", metric: metric.name, status: status === "ok" ? "insufficient_data" : status }],
    };
  const margin = metric.practicalMargin;
  if (margin > 0 && liftInterval !== null && Math.max(Math.abs(liftInterval[0]), Math.abs(liftInterval[1])) <= margin)
    return { verdict: "no_meaningful_difference", reasons: [{ code: "inside_margin", interval: liftInterval, margin }] };
  if (pValue >= alpha) return { verdict: "keep_running", reasons: [{ code: "not_significant", pValue }] };
  if (!isBetter(comparison)) return { verdict: "keep_control", reasons: [{ code: "significant_harm", pValue, lift }] };
  if (margin > 0 && (lift === null || Math.abs(lift) < margin))
    return { verdict: "keep_running", reasons: [{ code: "gain_below_margin", lift, margin }] };
  return { verdict: "deploy_treatment", reasons: [{ code: "significant_gain", pValue, lift }] };
}

/** An A/A test finds nothing, or finds a fault: whatever its primary metric shows is not the treatment's. */
function decideAa(
  design: ExperimentDesign,
  evidence: Evidence,
  { own, missing }: { own: readonly MetricComparison[]; missing: readonly DecisionReason[] },
): Decision {
  if (missing.length > 0) return waitOrGiveUp(evidence, missing);
  const primary = own.find(({ metric }) => metric.role === "primary");
  const pValue = primary?.adjustedPValue ?? null;
  if (primary === undefined || pValue === null) return waitOrGiveUp(evidence, []);
  if (pValue < design.alpha) return { verdict: "cannot_tell", reasons: [{ code: "aa_difference", metric: primary.metric.name, pValue }] };
  return { verdict: "no_meaningful_difference", reasons: [{ code: "not_significant", pValue }] };
}

/** Harm beyond the margin, surely. */
function brokenGuardrail(comparison: MetricComparison, alpha: number): DecisionReason[] {
  const { metric, adjustedPValue: pValue, lift } = comparison;
  if (metric.role !== "guardrail" || pValue === null || pValue >= alpha || isBetter(comparison)) return [];
  return isTrifle(comparison) ? [] : [{ code: "guardrail_broken", metric: metric.name, pValue, lift }];
}

/**
 * Nobody differs from anybody else in their arm, as where every request costs the same: there is no chance left for a test to weigh. Only once
 * the plan is reached, since two subjects are soon alike.
 */
function constantHarm(comparison: MetricComparison): DecisionReason[] {
  const { status, metric, difference, lift } = comparison;
  const isWorse = status === "zero_variance" && difference !== null && difference !== 0 && !isBetter(comparison);
  if (metric.role !== "guardrail" || !isWorse || isTrifle(comparison)) return [];
  return [{ code: "guardrail_broken", metric: metric.name, pValue: 0, lift }];
}

const isTrifle = ({ metric, lift }: MetricComparison): boolean =>
  metric.practicalMargin > 0 && lift !== null && Math.abs(lift) < metric.practicalMargin;

/** A guardrail of a few subjects is not measured. */
const isEnough = ({ metric, subjects }: MetricComparison, design: ExperimentDesign): boolean =>
  metric.role !== "guardrail" || subjects >= guardrailSubjects(design);

/**
 * No data is never success: a guardrail without a test, or with a margin that its interval still reaches past on the bad side. Of a baseline of 0 no margin is a
 * share, so that any harm has to be excluded.
 */
function openGuardrail(metric: MetricDesign, comparison: MetricComparison | undefined, rules: Rules): DecisionReason[] {
  if (metric.role !== "guardrail") return [];
  if (comparison === undefined || comparison.status === "insufficient_data")
    return [{ code: "no_test", metric: metric.name, status: "insufficient_data" }];
  const { liftInterval, interval, status } = comparison;
  if (metric.practicalMargin === 0) return [];
  if (liftInterval === null) {
    // Where nobody differs from anybody else in their arm, harm was found before.
    const isKept = rules === 1 || status === "zero_variance" || (interval !== null && harmOf(metric, interval) <= 0);
    return isKept ? [] : [{ code: "guardrail_open", metric: metric.name, worst: null, margin: metric.practicalMargin }];
  }
  const worst = harmOf(metric, liftInterval);
  return worst > metric.practicalMargin ? [{ code: "guardrail_open", metric: metric.name, worst, margin: metric.practicalMargin }] : [];
}

/** The end of an interval on the bad side, as a size of harm. */
const harmOf = ({ direction }: MetricDesign, [low, high]: Interval): number => (direction === "higher" ? -low : high);

function isBetter({ metric, difference }: MetricComparison): boolean {
  return difference !== null && (metric.direction === "higher" ? difference > 0 : difference < 0);
}

function missingOf(design: ExperimentDesign, { subjectsPerArm, elapsedSeconds }: Evidence): DecisionReason[] {
  const subjects = design.minSubjectsPerArm - subjectsPerArm;
  const seconds = Math.ceil(design.minDurationSeconds - elapsedSeconds);
  return [
    ...(subjects > 0 ? [{ code: "subjects_missing" as const, missing: subjects }] : []),
    ...(seconds > 0 ? [{ code: "time_missing" as const, seconds }] : []),
  ];
}

/** Undecided: go on while data come, else nobody can tell. */
function waitOrGiveUp({ ended }: Evidence, reasons: readonly DecisionReason[]): Decision {
  if (ended === null) return { verdict: "keep_running", reasons };
  return { verdict: "cannot_tell", reasons: [...reasons, { code: "ended", cause: ended }] };
}

/** The size of the primary gain, to choose among winners. */
function gainOf({ comparisons }: Evidence, name: string): number {
  const primary = comparisons.find(({ treatment, metric }) => treatment === name && metric.role === "primary");
  return Math.abs(primary?.difference ?? 0);
}
