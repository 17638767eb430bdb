import {
  benjaminiHochberg,
  type CupedResult,
  compareQuantiles,
  confidenceSequence,
  cupedFromMoments,
  cupedRatioFromMoments,
  holm,
  normalUpperQuantile,
  ratioSummary,
  relativeLiftFromSummary,
  type Summary,
  tUpperQuantile,
  type WelchResult,
  welchTTestFromSummary,
} from "../stats";
import type { ExperimentDesign, MetricData, MetricDesign, MetricFigures, MetricRole } from "./design";

export type Interval = readonly [low: number, high: number];

/** One metric of one treatment against the control. Figures are null where `status` is not ok; `lift` too on a baseline of 0. */
export interface MetricComparison {
  readonly metric: MetricDesign;
  readonly treatment: string;
  readonly status: "ok" | "insufficient_data" | "zero_variance";
  /** Subjects that were measured in the smaller of the two arms. */
  readonly subjects: number;
  readonly difference: number | null;
  readonly interval: Interval | null;
  readonly pValue: number | null;
  /** Corrected over the family: Holm over primaries and over guardrails, Benjamini and Hochberg over signals. */
  readonly adjustedPValue: number | null;
  /** Relative to the size of the control's value; its interval has the family's level too. */
  readonly lift: number | null;
  readonly liftInterval: Interval | null;
}

/** An estimate with what its interval needs; df null for normal ones. */
interface Effect {
  readonly status: MetricComparison["status"];
  readonly n: number;
  readonly smaller: number;
  readonly difference: number | null;
  readonly standardError: number | null;
  readonly df: number | null;
  readonly pValue: number | null;
  readonly lift: number | null;
  readonly liftError: number | null;
}

type QuantileFigures = Extract<MetricFigures, { kind: "quantile" }>;

type Tested = Omit<MetricComparison, "adjustedPValue">;

/**
 * Every metric of every treatment, tested and corrected. A family is all metrics of one role over all treatments; its intervals are at
 * alpha / tests for primaries and guardrails (Bonferroni, no narrower than Holm's decisions) and at alpha for signals.
 */
export function compareMetrics(design: ExperimentDesign, data: readonly MetricData[]): MetricComparison[] {
  return (["primary", "guardrail", "signal"] as const).flatMap((role) => compareFamily(design, data, role));
}

function compareFamily(design: ExperimentDesign, data: readonly MetricData[], role: MetricRole): MetricComparison[] {
  const family = data.flatMap(({ metric: name, control, treatments }) => {
    const metric = design.metrics.find((known) => known.name === name && known.role === role);
    return metric === undefined ? [] : Object.entries(treatments).map(([treatment, figures]) => ({ metric, treatment, control, figures }));
  });
  const alpha = role === "signal" ? design.alpha : design.alpha / Math.max(1, family.length);
  const tested = family.map(({ metric, treatment, control, figures }): Tested => {
    return { metric, treatment, ...describe(effectOf(control, figures), { design, alpha }) };
  });
  const adjust = role === "signal" ? benjaminiHochberg : holm;
  const adjusted = adjust(tested.map(({ pValue }) => pValue));
  return tested.map((comparison, index) => ({ ...comparison, adjustedPValue: adjusted[index] ?? null }));
}

function describe(effect: Effect, { design, alpha }: { design: ExperimentDesign; alpha: number }): Omit<Tested, "metric" | "treatment"> {
  const { status, n, smaller: subjects, difference, standardError, df, lift, liftError } = effect;
  const nothing = { interval: null, pValue: null, lift, liftInterval: null };
  if (status !== "ok" || difference === null || standardError === null) return { status, subjects, difference, ...nothing };
  const widen = (estimate: number | null, error: number | null) => {
    if (estimate === null || error === null) return null;
    const half = design.mode === "fixed" ? error * quantileOf(alpha / 2, df) : sequentialHalf({ estimate, error, n }, { design, alpha });
    return [estimate - half, estimate + half] as const;
  };
  const sequence = confidenceSequence({ estimate: difference, standardError, n }, { alpha, tuning: design.tuning });
  return {
    status,
    subjects,
    difference,
    interval: widen(difference, standardError),
    pValue: design.mode === "fixed" ? effect.pValue : sequence.pValue,
    lift,
    liftInterval: widen(lift, liftError),
  };
}

function quantileOf(tail: number, df: number | null): number {
  return df === null ? normalUpperQuantile(tail) : tUpperQuantile(tail, df);
}

function sequentialHalf(
  { estimate, error, n }: { estimate: number; error: number; n: number },
  { design, alpha }: { design: ExperimentDesign; alpha: number },
): number {
  if (error === 0) return 0;
  const { confidenceInterval } = confidenceSequence({ estimate, standardError: error, n }, { alpha, tuning: design.tuning });
  return confidenceInterval === null ? Number.POSITIVE_INFINITY : confidenceInterval[1] - estimate;
}

function effectOf(control: MetricFigures, treatment: MetricFigures): Effect {
  if (control.kind === "mean" && treatment.kind === "mean") return effectOfMeans(control.summary, treatment.summary);
  if (control.kind === "ratio" && treatment.kind === "ratio") {
    const [c, t] = [ratioSummary(control.moments), ratioSummary(treatment.moments)];
    return c === null || t === null ? NO_EFFECT : effectOfMeans(c, t);
  }
  // Pooled within the arms: what the treatment does is not to look like a slope.
  if (control.kind === "cuped" && treatment.kind === "cuped")
    return effectOfCuped(cupedFromMoments(control.moments, treatment.moments, { theta: "within" }));
  if (control.kind === "cuped_ratio" && treatment.kind === "cuped_ratio")
    return effectOfCuped(cupedRatioFromMoments(control.moments, treatment.moments));
  if (control.kind === "quantile" && treatment.kind === "quantile") return effectOfQuantiles(control, treatment);
  throw new TypeError("all arms of a metric have figures of one kind");
}

const NO_EFFECT: Effect = {
  status: "insufficient_data",
  n: 0,
  smaller: 0,
  difference: null,
  standardError: null,
  df: null,
  pValue: null,
  lift: null,
  liftError: null,
};

/** The lift's error is the delta method's, as for means. */
function effectOfQuantiles(control: QuantileFigures, treatment: QuantileFigures): Effect {
  const { status, difference, standardError, pValue, ...arms } = compareQuantiles(control.arm, treatment.arm, control);
  const n = arms.control.n + arms.treatment.n;
  const smaller = Math.min(arms.control.n, arms.treatment.n);
  const effect = { status, n, smaller, difference, standardError, df: null, pValue };
  const base = arms.control.value;
  if (difference === null || base === null || base === 0) return { ...effect, lift: null, liftError: null };
  const growth = 1 + difference / base;
  const liftError = Math.hypot(arms.treatment.standardError ?? 0, growth * (arms.control.standardError ?? 0)) / Math.abs(base);
  return { ...effect, lift: difference / Math.abs(base), liftError };
}

function effectOfMeans(control: Summary, treatment: Summary): Effect {
  const lift = relativeLiftFromSummary(control, treatment, { baseline: "absolute" });
  return effectOfWelch(welchTTestFromSummary(control, treatment), { lift: lift.liftRatio, liftError: lift.standardError });
}

function effectOfCuped({ welch, lift }: CupedResult): Effect {
  return welch === null ? NO_EFFECT : effectOfWelch(welch, { lift: lift?.liftRatio ?? null, liftError: lift?.standardError ?? null });
}

function effectOfWelch(welch: WelchResult, lift: Pick<Effect, "lift" | "liftError">): Effect {
  const { status, difference, standardError, df, pValue } = welch;
  const [control, treatment] = [welch.control.n, welch.treatment.n];
  return { status, n: control + treatment, smaller: Math.min(control, treatment), difference, standardError, df, pValue, ...lift };
}
