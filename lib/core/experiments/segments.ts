import { cochranQ, type Heterogeneity, holm, type Summary, sequentialHeterogeneity, welchTTestFromSummary } from "../stats";
import { compareMetrics, type MetricComparison } from "./compare";
import type { ExperimentDesign, MetricDesign } from "./design";

/** Of fewer subjects in an arm a segment is not tested. */
const FEWEST_IN_SEGMENT = 100;

/** One metric within one value of a dimension: means over the subjects that have it there. */
export interface SegmentData {
  readonly dimension: string;
  readonly value: string;
  /** Named before the start: tested and corrected. The others are only looked at. */
  readonly isDeclared: boolean;
  readonly metric: MetricDesign;
  readonly control: Summary;
  readonly treatments: Readonly<Record<string, Summary>>;
}

/** A treatment in a segment; `adjustedPValue` is null in what is only looked at. `too_few` has no test. */
export type SegmentComparison = Omit<MetricComparison, "status"> & {
  readonly dimension: string;
  readonly value: string;
  readonly isDeclared: boolean;
  readonly status: MetricComparison["status"] | "too_few";
};

/** Whether the primary metric's effect differs between the values of a dimension, for one treatment. */
export type SegmentHeterogeneity = Heterogeneity & {
  readonly dimension: string;
  readonly treatment: string;
  /** Over all declared dimensions and treatments (Holm); null in what is only looked at. */
  readonly adjustedPValue: number | null;
};

const isEnough = (control: Summary, treatment: Summary) => Math.min(control.n, treatment.n) >= FEWEST_IN_SEGMENT;

/**
 * Every segment of every treatment. The declared ones are one family each for the primary metric and for guardrails: p-values by Holm, intervals at alpha / tests.
 * The others have their own interval at alpha. In a sequential design both are right at every look.
 */
export function compareSegments(design: ExperimentDesign, data: readonly SegmentData[]): SegmentComparison[] {
  const tested = compareMetrics(
    {
      ...design,
      metrics: data.map((each, i) => ({ ...each.metric, name: String(i), role: each.isDeclared ? each.metric.role : "signal" })),
    },
    data.map(({ control, treatments }, i) => ({
      metric: String(i),
      control: { kind: "mean", summary: control },
      treatments: Object.fromEntries(
        Object.entries(treatments).flatMap(([name, summary]) =>
          isEnough(control, summary) ? [[name, { kind: "mean" as const, summary }]] : [],
        ),
      ),
    })),
  );
  const found = new Map(tested.map((each) => [`${each.metric.name} ${each.treatment}`, each]));
  return data.flatMap(({ dimension, value, isDeclared, metric, control, treatments }, i) =>
    Object.entries(treatments).map(([treatment, summary]): SegmentComparison => {
      const about = { dimension, value, isDeclared, metric, treatment };
      const own = found.get(`${i} ${treatment}`);
      if (own !== undefined) return { ...own, ...about, adjustedPValue: isDeclared ? own.adjustedPValue : null };
      return { ...NOT_TESTED, ...about, subjects: Math.min(control.n, summary.n) };
    }),
  );
}

const NOT_TESTED = {
  status: "too_few",
  difference: null,
  interval: null,
  pValue: null,
  adjustedPValue: null,
  lift: null,
  liftInterval: null,
} as const;

/** Of the differences of the primary metric, for every dimension and treatment; segments of few subjects are left out. */
export function compareAcross(design: Pick<ExperimentDesign, "mode" | "tuning">, data: readonly SegmentData[]): SegmentHeterogeneity[] {
  const primary = data.filter(({ metric }) => metric.role === "primary");
  const pairs = new Map(
    primary.flatMap(({ dimension, treatments }) =>
      Object.keys(treatments).map((treatment) => [`${dimension} ${treatment}`, { dimension, treatment }] as const),
    ),
  );
  const all = [...pairs.values()].map(({ dimension, treatment }) => {
    const own = primary.filter((each) => each.dimension === dimension);
    const estimates = own.flatMap(({ control, treatments }) => estimateOf(control, treatments[treatment]));
    const found = design.mode === "fixed" ? cochranQ(estimates) : sequentialHeterogeneity(estimates, design);
    return { dimension, treatment, isDeclared: own.some(({ isDeclared }) => isDeclared), found };
  });
  const adjusted = holm(all.map(({ isDeclared, found }) => (isDeclared ? found.pValue : null)));
  return all.map(({ dimension, treatment, found }, i) => ({ ...found, dimension, treatment, adjustedPValue: adjusted[i] ?? null }));
}

function estimateOf(control: Summary, treatment: Summary | undefined) {
  if (treatment === undefined || !isEnough(control, treatment)) return [];
  const { difference, standardError } = welchTTestFromSummary(control, treatment);
  return difference === null || standardError === null ? [] : [{ estimate: difference, standardError, n: control.n + treatment.n }];
}

/** Surely worse than the control in a declared segment: by any size that matters in the primary metric, by its margin or more in a guardrail. */
export function isSurelyHarmed(
  { metric, isDeclared, adjustedPValue, difference, lift, liftInterval }: SegmentComparison,
  alpha: number,
): boolean {
  if (!isDeclared || adjustedPValue === null || adjustedPValue >= alpha || difference === null) return false;
  if (metric.direction === "higher" ? difference >= 0 : difference <= 0) return false;
  const margin = metric.practicalMargin;
  if (margin === 0) return true;
  if (metric.role === "guardrail") return lift === null || Math.abs(lift) >= margin;
  return liftInterval === null || Math.max(...liftInterval.map(Math.abs)) > margin;
}
