import { z } from "zod";
import { Instant } from "@/lib/contracts/page";
import {
  compareAcross,
  compareSegments,
  isSurelyHarmed,
  type MetricRole,
  type SegmentData,
  type SegmentComparison as Tested,
} from "@/lib/core/experiments";
import { type RatioSums, ratioOfExactSums, type Summary, summaryOfExactSums } from "@/lib/core/stats";
import { armsOf, type Design, toExperimentDesign, treatmentsOf } from "./analyse";
import { ExperimentMetric, listMetrics, METRIC_ROLES, metricLabel } from "./metrics";
import { type ArmName, TreatmentName } from "./reasons";
import { type ArmResult, Comparison, toInterval } from "./results";
import { SEGMENT_DIMENSIONS, SegmentDimension } from "./segment-dimensions";

const SegmentComparison = z.strictObject({
  treatment: TreatmentName,
  role: z.enum(METRIC_ROLES),
  metric: ExperimentMetric,
  control: Comparison.shape.control,
  treated: Comparison.shape.treated,
  /** `too_few`: under 100 subjects in an arm, so no test. */
  status: z.enum([...Comparison.shape.status.options, "too_few"]),
  difference: z.number().nullable(),
  interval: Comparison.shape.interval,
  pValue: z.number().nullable(),
  /** Over all declared segments and treatments of the role together (Holm); null in a dimension that was not declared. */
  adjustedPValue: z.number().nullable(),
  liftRatio: z.number().nullable(),
  liftInterval: Comparison.shape.liftInterval,
  /** By the corrected p-value; null where nothing may be said: not declared, no test, or not `counts`. */
  effect: z.enum(["better", "worse", "none"]).nullable(),
});
export type SegmentComparison = z.infer<typeof SegmentComparison>;

const SegmentValue = z.strictObject({
  /** `*`: all that is not among the dimension's twelve largest; `-`: requests that have none. A key is its id, a weekday 1 (Monday) to 7. */
  value: z.string(),
  /** What people call it, where it has a name of its own. */
  name: z.string().nullable(),
  /** The primary metric and the guardrails that are means or ratios, by treatment. */
  comparisons: z.array(SegmentComparison),
});
export type SegmentValue = z.infer<typeof SegmentValue>;

const SegmentsOfDimension = z.strictObject({
  dimension: SegmentDimension,
  /** Named in the plan; else exploratory: found by looking, proves nothing. */
  isDeclared: z.boolean(),
  /** Whether the primary metric's effect differs between the values: Cochran's Q; in a sequential plan each against the others, right at every look. */
  heterogeneity: z.array(
    z.strictObject({
      treatment: TreatmentName,
      status: z.enum(["ok", "insufficient_data"]),
      statistic: z.number().nullable(),
      df: z.int().nullable(),
      pValue: z.number().nullable(),
      /** Over all declared dimensions and treatments (Holm). */
      adjustedPValue: z.number().nullable(),
    }),
  ),
  /** The one with the most subjects of the primary metric first. */
  values: z.array(SegmentValue),
});
export type SegmentsOfDimension = z.infer<typeof SegmentsOfDimension>;

/** A declared segment that deploying would surely harm. */
export const HarmedSegment = z.strictObject({
  dimension: SegmentDimension,
  value: z.string(),
  name: z.string().nullable(),
  treatment: TreatmentName,
  role: z.enum(METRIC_ROLES),
  metric: ExperimentMetric,
  liftRatio: z.number().nullable(),
  difference: z.number().nullable(),
  adjustedPValue: z.number(),
});
export type HarmedSegment = z.infer<typeof HarmedSegment>;

/**
 * `counts`: these are the figures that count · `early`: of a fixed plan whose one analysis is not made · `doubtful`: a check failed · `aa`: all arms are the
 * same · `waiting`: not read yet · `quantile`: the primary metric is one, which has no sums in segments.
 */
export const SEGMENT_STATES = ["counts", "early", "doubtful", "aa", "waiting", "quantile"] as const;
export type SegmentState = (typeof SEGMENT_STATES)[number];

export const ExperimentSegments = z.strictObject({
  id: z.string(),
  number: z.int(),
  state: z.enum(SEGMENT_STATES),
  /** When the log was gone through last; null: not yet. */
  readAt: Instant.nullable(),
  /** Declared ones first, in the plan's order. */
  dimensions: z.array(SegmentsOfDimension),
  /** Decides nothing: a warning beside the verdict. */
  harmed: z.array(HarmedSegment),
});
export type ExperimentSegments = z.infer<typeof ExperimentSegments>;

/** Sums of one metric in one arm of one segment. */
export interface SegmentSums extends RatioSums {
  readonly dimension: string;
  readonly value: string;
  readonly source: ExperimentMetric["source"];
  readonly metric: string;
  readonly evaluator: string;
  readonly arm: string;
  readonly items: number;
}

export interface RoleOf {
  readonly role: MetricRole;
  readonly metric: ExperimentMetric;
}

/** Metrics that are read in segments: means and ratios that decide or veto. Empty where the primary one is a quantile. */
export function listSegmentMetrics(design: Pick<Design, "metric" | "others">): RoleOf[] {
  if (design.metric.quantile !== undefined) return [];
  return listMetrics(design).filter(({ role, metric }) => role !== "signal" && metric.quantile === undefined);
}

const NOTHING: Summary = { n: 0, mean: 0, variance: 0 };
interface Figures {
  readonly summary: Summary;
  readonly arm: ArmResult;
}
const NO_FIGURES: Figures = { summary: NOTHING, arm: { subjects: 0, scores: 0, mean: null, variance: null } };

function figuresOf(sums: SegmentSums | undefined): Figures {
  if (sums === undefined) return NO_FIGURES;
  const { n, items: scores, x, xx, source } = sums;
  const found = source === "score" ? summaryOfExactSums({ subjects: n, scores, meanSum: x, meanSquareSum: xx }) : ratioOfExactSums(sums);
  const summary = found ?? { n: 1, mean: Number(x) / Number(sums.y), variance: 0 };
  return { summary, arm: { subjects: n, scores, mean: summary.mean, variance: n < 2 ? null : summary.variance } };
}

interface Cell {
  readonly data: SegmentData;
  readonly of: RoleOf;
  readonly figures: ReadonlyMap<ArmName, Figures>;
}

/** Every metric of every value of every dimension that was seen. */
function toCells(sums: readonly SegmentSums[], design: Design): Cell[] {
  const declared = design.plan.segments ?? [];
  const metrics = listSegmentMetrics(design);
  const values = new Map(sums.map(({ dimension, value }) => [`${dimension} ${value}`, { dimension, value }]));
  const named = toExperimentDesign(design).metrics;
  return [...values.values()].flatMap(({ dimension, value }) =>
    metrics.flatMap((of): Cell[] => {
      const metric = named.find(({ name, role }) => name === metricLabel(of.metric) && role === of.role);
      const evaluator = of.metric.source === "usage" ? "" : of.metric.evaluator;
      const own = sums.filter(
        (each) =>
          each.dimension === dimension &&
          each.value === value &&
          each.source === of.metric.source &&
          each.metric === of.metric.name &&
          each.evaluator === evaluator,
      );
      if (metric === undefined) return [];
      const figures = new Map(armsOf(design).map((arm) => [arm, figuresOf(own.find((each) => each.arm === arm))]));
      const summaryOf = (arm: ArmName) => figures.get(arm)?.summary ?? NOTHING;
      const treatments = Object.fromEntries(treatmentsOf(design).map((name) => [name, summaryOf(name)]));
      const isDeclared = declared.some((each) => each === dimension);
      return [{ data: { dimension, value, isDeclared, metric, control: summaryOf("control"), treatments }, of, figures }];
    }),
  );
}

interface About {
  readonly design: Design;
  readonly state: SegmentState;
  /** What values are called, by dimension and value. */
  readonly nameOf: (dimension: string, value: string) => string | null;
}

/** Everything that the kept sums of segments say: the same sums give the same to the last digit. */
export function analyseSegments(
  sums: readonly SegmentSums[],
  { design, state, nameOf }: About,
): Pick<ExperimentSegments, "dimensions" | "harmed"> {
  const cells = toCells(sums, design);
  const data = cells.map((cell) => cell.data);
  const core = toExperimentDesign(design);
  const tested = compareSegments(core, data);
  const across = compareAcross(core, data);
  const find = ({ data: { dimension, value, metric } }: Cell, treatment: string) =>
    tested.find((t) => t.dimension === dimension && t.value === value && t.metric === metric && t.treatment === treatment);
  const shown = cells.map((cell) => {
    const comparisons = treatmentsOf(design).flatMap((treatment) => {
      const found = find(cell, treatment);
      return found === undefined ? [] : [toComparison(found, { cell, treatment, counts: state === "counts", alpha: design.plan.alpha })];
    });
    return { ...cell.data, size: cell.of.role === "primary" ? sizeOf(cell) : 0, comparisons };
  });
  const declared = design.plan.segments ?? [];
  const order = [...declared, ...SEGMENT_DIMENSIONS.filter((each) => !declared.includes(each))];
  const dimensions = order.flatMap((dimension): SegmentsOfDimension[] => {
    const own = shown.filter((each) => each.dimension === dimension);
    const isDeclared = declared.includes(dimension);
    if (own.length === 0 && !isDeclared) return [];
    const values = [...new Set(own.map(({ value }) => value))].map((value) => {
      const list = own.filter((each) => each.value === value);
      const comparisons = list.flatMap((each) => each.comparisons);
      return { value, name: nameOf(dimension, value), comparisons, size: Math.max(...list.map(({ size }) => size)) };
    });
    const sorted = values.toSorted((a, b) => rankOf(dimension, a) - rankOf(dimension, b));
    const heterogeneity = across.flatMap(({ dimension: of, treatment, ...found }) => {
      const name = treatmentsOf(design).find((each) => each === treatment);
      return of !== dimension || name === undefined ? [] : [{ treatment: name, ...found }];
    });
    return [{ dimension, isDeclared, heterogeneity, values: sorted.map(({ size: _, ...value }) => value) }];
  });
  const harmed = state !== "counts" ? [] : tested.flatMap((each) => toHarmed(each, { cells, design, nameOf }));
  return { dimensions, harmed };
}

const sizeOf = ({ figures }: Cell) => [...figures.values()].reduce((sum, { arm }) => sum + arm.subjects, 0);

/** Weekdays in their order, what is left last, else the largest first. */
function rankOf(dimension: SegmentDimension, { value, size }: { value: string; size: number }): number {
  if (dimension === "weekday") return Number(value);
  return value === "*" ? 0 : -size;
}

function toComparison(
  { status, difference, interval, pValue, adjustedPValue, lift, liftInterval, metric, isDeclared }: Tested,
  { cell, treatment, counts, alpha }: { cell: Cell; treatment: TreatmentName; counts: boolean; alpha: number },
): SegmentComparison {
  const isSure = adjustedPValue !== null && adjustedPValue < alpha;
  const isBetter = difference !== null && (metric.direction === "higher" ? difference > 0 : difference < 0);
  const armOf = (arm: ArmName) => cell.figures.get(arm)?.arm ?? NO_FIGURES.arm;
  return {
    treatment,
    ...cell.of,
    control: armOf("control"),
    treated: armOf(treatment),
    status,
    difference,
    interval: toInterval(interval),
    pValue,
    adjustedPValue,
    liftRatio: lift === null || !Number.isFinite(lift) ? null : lift,
    liftInterval: toInterval(liftInterval),
    effect: !counts || !isDeclared || adjustedPValue === null ? null : !isSure ? "none" : isBetter ? "better" : "worse",
  };
}

function toHarmed(found: Tested, { cells, design, nameOf }: { cells: readonly Cell[] } & Omit<About, "state">): HarmedSegment[] {
  if (!isSurelyHarmed(found, design.plan.alpha)) return [];
  const cell = cells.find(({ data }) => data.metric === found.metric && data.dimension === found.dimension && data.value === found.value);
  const treatment = treatmentsOf(design).find((name) => name === found.treatment);
  const dimension = SEGMENT_DIMENSIONS.find((name) => name === found.dimension);
  if (cell === undefined || treatment === undefined || dimension === undefined || found.adjustedPValue === null) return [];
  const { value, lift: liftRatio, difference, adjustedPValue } = found;
  return [{ dimension, value, name: nameOf(dimension, value), treatment, ...cell.of, liftRatio, difference, adjustedPValue }];
}

/** What tells whether segments are to be read, and whether what was read counts. */
export interface SegmentTimes {
  readonly isFixed: boolean;
  readonly startedAtMs: number | null;
  readonly stoppedAtMs: number | null;
  /** Of the analysis that counts. */
  readonly evidenceAtMs: number | null;
  /** When what a reading needs of the log begins, and how much of the log is kept. */
  readonly neededFromMs: number;
  readonly keptFromMs: number;
}

interface LastReading {
  readonly atMs: number;
  readonly tookMs: number;
}

/** Readings are at least so far apart, and take a twentieth of the time or less. */
const SHORTEST_REST_MS = 15_000;
const REST_PER_MS = 20;
/** Scores that come later than this after the end change no segment any more. */
const LATE_MS = 14 * 86_400_000;

/**
 * Whether segments are to be read now. Those of a fixed plan are read for the last time after its one analysis: more data would be more looks. What the log has
 * lost a part of is not read again.
 */
export function isReadingDue(times: SegmentTimes, last: LastReading | null, nowMs: number): boolean {
  const { isFixed, startedAtMs, stoppedAtMs, evidenceAtMs, neededFromMs, keptFromMs } = times;
  if (startedAtMs === null || neededFromMs < keptFromMs) return false;
  if (last === null) return true;
  if (isFixed && evidenceAtMs !== null) return last.atMs < evidenceAtMs;
  if (stoppedAtMs !== null && nowMs - stoppedAtMs > LATE_MS) return false;
  return nowMs - last.atMs >= Math.max(SHORTEST_REST_MS, REST_PER_MS * last.tookMs);
}

/** Whether the figures of a reading are those that count: of a fixed plan once it was read after the one analysis. */
export function stateOfSegments(
  { isFixed, evidenceAtMs }: Pick<SegmentTimes, "isFixed" | "evidenceAtMs">,
  { isQuantile, isAa, isDoubtful, readAtMs }: { isQuantile: boolean; isAa: boolean; isDoubtful: boolean; readAtMs: number | null },
): SegmentState {
  if (isQuantile) return "quantile";
  if (readAtMs === null) return "waiting";
  if (isAa) return "aa";
  if (isFixed && (evidenceAtMs === null || readAtMs < evidenceAtMs)) return "early";
  return isDoubtful ? "doubtful" : "counts";
}
