import type { SeriesTone } from "@/components/ui/tone";
import { toneOrder } from "@/components/ui/tone";
import { guardrailSubjects } from "@/lib/core/experiments/design";
import type { Words } from "@/lib/core/words";
import { dash, formatChange, formatMillis, formatMoney, formatNumber, formatPercent, formatPoints } from "@/lib/core/words/format";
import type { Analysis, ArmName, ArmResult, Experiment, Comparison as Result, TreatmentName } from "@/lib/domain/experiments/api";
import { armResult, armText, marginDigits, scoreDigits } from "./experiment-look";

type Metric = Result["metric"];
type Plan = Experiment["plan"];
type Named = Pick<Metric, "source" | "name" | "evaluator" | "quantile">;

export interface ArmView {
  readonly key: ArmName;
  /** `Control` */
  readonly group: string;
  /** `r2, variant short` */
  readonly name: string;
  readonly tone: SeriesTone;
}

/** The control first, then the treatments in the plan's order. */
export function listArms({ arms }: Pick<Experiment, "arms">, words: Words): ArmView[] {
  return [arms.control, ...arms.treatments].map((arm, index) => ({
    key: arm.key,
    group: words.experiments[arm.key],
    name: armText(arm, words),
    tone: toneOrder[index] ?? "f",
  }));
}

/** One metric of one treatment against the control. */
export interface Comparison {
  readonly id: string;
  readonly role: Result["role"];
  readonly metric: Metric;
  readonly treatment: TreatmentName;
  readonly control: ArmResult;
  readonly arm: ArmResult;
  /** Subjects that a guardrail still lacks in the arm that has fewer before anything is said of it. */
  readonly missing: number;
  /** A check failed: how the numbers were measured cannot be believed, so none of them says better or worse. */
  readonly isDoubtful?: boolean;
  readonly result: Omit<Result, "role" | "metric" | "control" | "treatment" | "treated">;
}

/** Every metric of every treatment; an analysis of before there were several metrics has the primary one alone. */
export function listComparisons(analysis: Analysis, metric: Metric, plan: Pick<Plan, "alpha" | "minSubjectsPerArm">): Comparison[] {
  const all: readonly Result[] = analysis.comparisons.length > 0 ? analysis.comparisons : toOnlyMetric(analysis, metric, plan.alpha);
  const isDoubtful = analysis.checks.some(({ status }) => status === "fail");
  return all.map(({ role, metric: each, treatment, control, treated, ...result }) => ({
    id: `${role} ${metricKey(each)} ${treatment}`,
    role,
    metric: each,
    treatment,
    control,
    arm: treated,
    missing: role === "guardrail" ? Math.max(0, guardrailSubjects(plan) - Math.min(control.subjects, treated.subjects)) : 0,
    isDoubtful,
    result,
  }));
}

function toOnlyMetric(analysis: Analysis, metric: Metric, alpha: number): Result[] {
  return analysis.primary.map(({ treatment, test, lift }) => {
    const isSure = test.pValue !== null && test.pValue < alpha;
    const isBetter = (metric.direction === "higher") === (test.difference ?? 0) > 0;
    return {
      treatment,
      role: "primary",
      metric,
      control: armResult(analysis, "control"),
      treated: armResult(analysis, treatment),
      status: test.status,
      difference: test.difference,
      interval: test.interval,
      pValue: test.pValue,
      adjustedPValue: test.pValue,
      liftRatio: lift.ratio,
      liftInterval: lift.interval,
      effect: test.pValue === null ? "unknown" : isSure ? (isBetter ? "better" : "worse") : "none",
    };
  });
}

/** What an address calls a metric: `accuracy.auto`, `usage.latency_ms.p95`. */
export function metricKey({ source, name, evaluator, quantile }: Named): string {
  const base = source === "usage" ? `usage.${name}` : `${name}.${evaluator}`;
  return quantile === undefined ? base : `${base}.${quantileText(quantile)}`;
}

/** `p95` */
const quantileText = (quantile: number) => `p${Number((quantile * 100).toFixed(6))}`;

/** `Cost per request`, `Latency, p95`, `accuracy`, `accuracy (judge)` */
export function metricText({ source, name, evaluator, quantile }: Named, words: Words): string {
  const { measures, times, quantileOf }: MeasureWords = words.experimentResults;
  if (source === "usage" && quantile !== undefined) return quantileOf({ metric: times[name] ?? name, quantile: quantileText(quantile) });
  if (source === "usage") return measures[name] ?? name;
  const label = evaluator === "auto" ? name : `${name} (${evaluator})`;
  return quantile === undefined ? label : quantileOf({ metric: label, quantile: quantileText(quantile) });
}

/** The same inside of a sentence: `the p95 latency`, `the share of errors`, `accuracy`. */
export function spokenMetric(metric: Named, words: Words): string {
  const { spoken, spokenTimes, spokenTime, spokenQuantile }: SpokenWords = words.experimentResults;
  const { source, name, quantile } = metric;
  if (quantile === undefined) return source === "usage" ? (spoken[name] ?? name) : metricText(metric, words);
  const about = { quantile: quantileText(quantile) };
  if (source === "usage") return spokenTime({ ...about, metric: spokenTimes[name] ?? name });
  return spokenQuantile({ ...about, metric: metricText({ ...metric, quantile: undefined }, words) });
}

type Names = Readonly<Record<string, string>>;
type SpokenWords = {
  spoken: Names;
  spokenTimes: Names;
  spokenTime: (p: { metric: string; quantile: string }) => string;
  spokenQuantile: (p: { metric: string; quantile: string }) => string;
};
type MeasureWords = { measures: Names; times: Names; quantileOf: (p: { metric: string; quantile: string }) => string };

export const STANDINGS = [
  "early",
  "unmeasured",
  "few",
  "doubtful",
  "better",
  "worse",
  "equal",
  "small",
  "unclear",
  "holds",
  "open",
  "broken",
] as const;
export type Standing = (typeof STANDINGS)[number];

type Judged = Pick<Comparison, "role" | "metric" | "missing" | "isDoubtful" | "result">;

/**
 * Where a metric of a treatment stands, by the rules of lib/core/experiments. `isEarly`: the one look that decides has not been made, so nothing
 * is said of what can still turn.
 */
export function standingOf(row: Judged, isEarly: boolean): Standing {
  const { status, effect, difference } = row.result;
  const isConstant = row.role === "guardrail" && status === "zero_variance" && difference !== null;
  if (effect === "unknown" && !isConstant) return "unmeasured";
  if (row.missing > 0) return "few";
  if (isEarly) return "early";
  if (row.isDoubtful === true) return "doubtful";
  return row.role === "guardrail" ? guardrailStanding(row) : outcomeStanding(row);
}

const isTrifle = ({ metric: { practicalMargin }, result: { liftRatio } }: Judged) =>
  practicalMargin > 0 && liftRatio !== null && Math.abs(liftRatio) < practicalMargin;

/** Where nobody differs from anybody else in their arm, any difference is a sure one. */
function guardrailStanding(row: Judged): Standing {
  const { metric, result } = row;
  const isHarm = result.effect === "worse" || (result.effect === "unknown" && isWorse(metric, result.difference));
  if (isHarm && !isTrifle(row)) return "broken";
  if (metric.practicalMargin === 0) return "holds";
  const harmOf = ({ low, high }: { low: number; high: number }) => (metric.direction === "higher" ? -low : high);
  // Of a baseline of 0 no margin is a share: any harm has to be excluded.
  if (result.liftInterval === null)
    return result.status === "ok" && (result.interval === null || harmOf(result.interval) > 0) ? "open" : "holds";
  return harmOf(result.liftInterval) > metric.practicalMargin ? "open" : "holds";
}

function outcomeStanding(row: Judged): Standing {
  const { effect, liftInterval } = row.result;
  const margin = row.metric.practicalMargin;
  const isInside = margin > 0 && liftInterval !== null && Math.max(Math.abs(liftInterval.low), Math.abs(liftInterval.high)) <= margin;
  if (isInside) return "equal";
  if (effect === "none") return "unclear";
  if (effect === "worse") return "worse";
  return isTrifle(row) ? "small" : "better";
}

const isWorse = ({ direction }: Metric, difference: number | null) =>
  difference !== null && (direction === "higher" ? difference < 0 : difference > 0);

const RATIOS: readonly string[] = ["error_ratio", "refused_ratio", "blocked_ratio", "fallback_ratio"];
/** Whether a metric is a share of requests: its differences are in percentage points. */
export const isRatio = ({ source, name }: Pick<Metric, "source" | "name">) => source === "usage" && RATIOS.includes(name);
const TIMES: readonly string[] = ["latency_ms", "ttft_ms", "tpot_ms"];

/** A value of a metric in its unit; `beside`: values that it is to be told apart from. */
export function valueText(
  { source, name }: Pick<Metric, "source" | "name">,
  value: number | null,
  beside: readonly (number | null)[],
): string {
  if (value === null) return dash;
  if (source === "usage") {
    if (name === "cost_per_request") return formatMoney(value.toFixed(18));
    if (RATIOS.includes(name)) return formatPercent(value, { digits: 2 });
    if (TIMES.some((time) => name.startsWith(time))) return formatMillis(value);
    return formatNumber(value, { digits: value < 100 ? 1 : 0 });
  }
  return formatNumber(value, { digits: scoreDigits([value, ...beside]) });
}

/** A difference of two values of a metric, signed, in its unit. */
export function differenceText(
  metric: Pick<Metric, "source" | "name">,
  difference: number | null,
  beside: readonly (number | null)[],
): string {
  if (difference === null) return dash;
  if (isRatio(metric)) return formatPoints(difference, { digits: 2 });
  const size = valueText(metric, Math.abs(difference), beside);
  return difference === 0 ? size : `${difference > 0 ? "+" : "\u2212"}${size}`;
}

/** A lift with as many decimals as its interval is sure of. */
export function liftChange(ratio: number | null, interval: { low: number; high: number } | null): string {
  return formatChange(ratio, { digits: interval !== null && interval.high - interval.low < 0.005 ? 2 : 1 });
}

/** `+10 %`: what a guardrail may be worse by; null where none is said. */
export function limitOf({ role, metric }: Pick<Comparison, "role" | "metric">): { ratio: number; text: string } | null {
  if (role !== "guardrail" || metric.practicalMargin === 0) return null;
  const ratio = metric.direction === "lower" ? metric.practicalMargin : -metric.practicalMargin;
  return { ratio, text: formatChange(ratio, { digits: marginDigits(metric.practicalMargin, 0) }) };
}

/** `guardrail, at most +10 %` */
export function guardrailLimit(metric: Metric, words: Words): string {
  const text = words.experimentResults.metrics;
  const limit = limitOf({ role: "guardrail", metric });
  if (limit === null) return text.guardrailAny;
  return metric.direction === "lower" ? text.guardrail({ limit: limit.text }) : text.guardrailLeast({ limit: limit.text });
}
