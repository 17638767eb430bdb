import type { z } from "zod";
import type { createExperiment, Experiment, SegmentDimension } from "@/lib/domain/experiments/api";
import { PLAN_DEFAULTS } from "@/lib/domain/experiments/api";

type Body = z.input<(typeof createExperiment)["body"]>;
/** What creating and changing have in common. */
export type PlanBody = Pick<Body, "name" | "hypothesis" | "metric" | "guardrails" | "signals" | "arms" | "layer" | "plan">;

export const DURATION_UNITS = ["minutes", "hours", "days", "weeks"] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];
export const UNIT_SECONDS: Record<DurationUnit, number> = { minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 };

export const MAX_TREATMENTS = 4;
export const MAX_GUARDRAILS = 10;
export const MAX_SIGNALS = 20;

/** Rows of a list keep their `id` while others come and go. */
export interface ArmDraft {
  readonly id: number;
  /** `2`, or `2/short` for one variant of the release. */
  readonly choice: string;
  /** Percent of the subjects. */
  readonly share: string;
}

export interface MetricDraft {
  readonly id: number;
  readonly source: "score" | "usage";
  readonly name: string;
  readonly evaluator: string;
  /** `95` for the p95; empty: the mean. */
  readonly quantile: string;
  readonly direction: "higher" | "lower";
  /** Percent of the control's mean. */
  readonly margin: string;
}

/** Choice of a layer that is not there yet: no name of a layer begins so. */
export const NEW_LAYER = "+";

export interface LayerDraft {
  /** The name of a layer that is there, NEW_LAYER, or empty: none. */
  readonly choice: string;
  /** Of a new one. */
  readonly name: string;
  /** Percent of the layer's subjects. */
  readonly share: string;
  /** Percent that no experiment of a new one ever gets; empty: nobody. */
  readonly holdout: string;
}

/** The form's fields as they are typed. */
export interface PlanDraft {
  readonly name: string;
  readonly hypothesis: string;
  readonly isAa: boolean;
  readonly control: ArmDraft;
  /** In an A/A test their choices are not asked for: all are the control's. */
  readonly treatments: readonly ArmDraft[];
  /** Percent that stays outside; empty: whatever the groups leave. */
  readonly holdout: string;
  readonly layer: LayerDraft;
  readonly metric: MetricDraft;
  readonly guardrails: readonly MetricDraft[];
  readonly signals: readonly MetricDraft[];
  readonly mode: "fixed" | "sequential";
  /** Percent. */
  readonly alpha: string;
  readonly power: string;
  /** Smallest relative difference worth finding, percent; empty: the size is not calculated. */
  readonly effect: string;
  /** Empty: as measured lately. */
  readonly baselineMean: string;
  readonly baselineDeviation: string;
  /** CUPED, over so many days before the start. */
  readonly isAdjusted: boolean;
  readonly windowDays: string;
  /** Dimensions that are tested beside the whole. */
  readonly segments: readonly SegmentDimension[];
  /** `planned`: as the calculation says, and the defaults without one. `own`: the fields below. */
  readonly sizing: "planned" | "own";
  readonly minSubjects: string;
  readonly minDuration: string;
  readonly minUnit: DurationUnit;
  readonly maxDuration: string;
  readonly maxUnit: DurationUnit;
}

const USUAL_WINDOW_DAYS = "14";

export type MetricList = "guardrails" | "signals";

/** A new plan as the form opens: halves, and what the API takes when nothing is named. */
export function emptyDraft(control: string, treatment: string): PlanDraft {
  const min = toDuration(PLAN_DEFAULTS.minDurationSeconds);
  const max = toDuration(PLAN_DEFAULTS.maxDurationSeconds);
  return {
    name: "",
    hypothesis: "",
    isAa: false,
    control: { id: 0, choice: control, share: "50" },
    treatments: [{ id: 1, choice: treatment, share: "50" }],
    holdout: "",
    layer: { choice: "", name: "", share: "50", holdout: "10" },
    metric: { id: 0, source: "score", name: "", evaluator: "auto", quantile: "", direction: "higher", margin: "1" },
    guardrails: [],
    signals: [],
    mode: "fixed",
    alpha: toPercent(PLAN_DEFAULTS.alpha),
    power: toPercent(PLAN_DEFAULTS.power),
    effect: "5",
    baselineMean: "",
    baselineDeviation: "",
    isAdjusted: false,
    windowDays: USUAL_WINDOW_DAYS,
    segments: [],
    sizing: "planned",
    minSubjects: String(PLAN_DEFAULTS.minSubjectsPerArm),
    minDuration: min.count,
    minUnit: min.unit,
    maxDuration: max.count,
    maxUnit: max.unit,
  };
}

export const armValue = (release: number, variant: string | null): string => (variant === null ? String(release) : `${release}/${variant}`);

export function readArm(value: string): { release: number; variant: string | null } {
  const at = value.indexOf("/");
  return at < 0 ? { release: Number(value), variant: null } : { release: Number(value.slice(0, at)), variant: value.slice(at + 1) };
}

/** A saved plan as the form shows it, number for number: nothing changes by being opened and saved. */
export function toDraft(
  experiment: Pick<Experiment, "name" | "hypothesis" | "arms" | "layer" | "metric" | "guardrails" | "signals" | "plan">,
): PlanDraft {
  const { arms, layer, metric, plan, guardrails, signals } = experiment;
  const arm = ({ release, variant, shareBps }: typeof arms.control, id: number): ArmDraft => ({
    id,
    choice: armValue(release.number, variant?.name ?? null),
    share: toShare(shareBps),
  });
  const min = toDuration(plan.minDurationSeconds);
  const max = toDuration(plan.maxDurationSeconds);
  return {
    name: experiment.name,
    hypothesis: experiment.hypothesis,
    isAa: plan.isAa,
    control: arm(arms.control, 0),
    treatments: arms.treatments.map((each, index) => arm(each, index + 1)),
    holdout: arms.holdoutBps === 0 ? "" : toShare(arms.holdoutBps),
    layer:
      layer === null
        ? emptyDraft("", "").layer
        : { choice: layer.name, name: layer.name, share: toShare(layer.shareBps), holdout: toShare(layer.holdoutBps) },
    metric: toMetricDraft(metric, 0),
    guardrails: guardrails.map(toMetricDraft),
    signals: signals.map(toMetricDraft),
    mode: plan.mode,
    alpha: toPercent(plan.alpha),
    power: toPercent(plan.power),
    effect: plan.basis === null ? "" : toPercent(plan.basis.minimumDetectableEffect),
    baselineMean: plan.basis === null ? "" : String(plan.basis.baselineMean),
    baselineDeviation: plan.basis === null ? "" : String(plan.basis.baselineDeviation),
    isAdjusted: plan.cuped !== undefined,
    windowDays: plan.cuped === undefined ? USUAL_WINDOW_DAYS : String(plan.cuped.windowDays),
    segments: plan.segments ?? [],
    sizing: "own",
    minSubjects: String(plan.minSubjectsPerArm),
    minDuration: min.count,
    minUnit: min.unit,
    maxDuration: max.count,
    maxUnit: max.unit,
  };
}

const toShare = (bps: number): string => String(bps / 100);

function toMetricDraft({ practicalMargin, quantile, ...metric }: Experiment["metric"], id: number): MetricDraft {
  return { id, ...metric, quantile: quantile === undefined ? "" : toPercent(quantile), margin: toPercent(practicalMargin) };
}

/** The largest unit that holds the time in whole ones; else minutes. */
export function toDuration(seconds: number): { count: string; unit: DurationUnit } {
  const unit = DURATION_UNITS.findLast((each) => seconds % UNIT_SECONDS[each] === 0) ?? "minutes";
  return { count: String(scaled(seconds, 1 / UNIT_SECONDS[unit])), unit };
}

const FREE_ID = (rows: readonly { id: number }[]) => Math.max(0, ...rows.map((row) => row.id)) + 1;

/** One guardrail or signal more: a guardrail begins with what is broken most often, cost or errors that grow. */
export function withMetric(draft: PlanDraft, list: MetricList): PlanDraft {
  const taken = new Set([draft.metric, ...draft.guardrails, ...draft.signals].map((each) => each.name));
  const name = ["error_ratio", "cost_per_request", "latency_ms"].find((each) => !taken.has(each)) ?? "";
  const added: MetricDraft = {
    id: FREE_ID(draft[list]),
    source: name === "" ? "score" : "usage",
    name,
    evaluator: "auto",
    quantile: "",
    direction: name === "" ? "higher" : "lower",
    margin: list === "guardrails" ? "5" : "0",
  };
  return { ...draft, [list]: [...draft[list], added] };
}

/** One treatment more, on the first choice that no group has yet; what the groups took together is shared out anew. */
export function withTreatment(draft: PlanDraft, choices: readonly string[]): PlanDraft {
  const taken = new Set([draft.control, ...draft.treatments].map((each) => each.choice));
  const choice = choices.find((each) => !taken.has(each)) ?? choices[0] ?? "";
  const more = { ...draft, treatments: [...draft.treatments, { id: FREE_ID(draft.treatments), choice, share: "" }] };
  return shareOut(more, groupsBps(draft));
}

/** What the groups take, in parts that are equal to the basis point. */
export const shareEqually = (draft: PlanDraft): PlanDraft => shareOut(draft, groupsBps(draft));

/** What the groups take together, or should where their shares have no sum: all that is not held back. */
function groupsBps(draft: PlanDraft): number {
  const shares = sumShares(draft);
  if (shares.state === "whole") return ALL_BPS - shares.outsideBps;
  const held = draft.holdout.trim() === "" ? 0 : readShareBps(draft.holdout);
  return Number.isInteger(held) && held >= 0 && held < ALL_BPS ? ALL_BPS - held : ALL_BPS;
}

/** The control has what is left over. */
function shareOut(draft: PlanDraft, bps: number): PlanDraft {
  const part = Math.floor(bps / (draft.treatments.length + 1));
  return {
    ...draft,
    control: { ...draft.control, share: String((bps - part * draft.treatments.length) / 100) },
    treatments: draft.treatments.map((each) => ({ ...each, share: String(part / 100) })),
  };
}

/** A saved plan to plan another one from: its baseline is measured anew, arms that are gone are chosen anew, and a layer that this environment lacks is a new one. */
export function toCopy(
  experiment: Parameters<typeof toDraft>[0],
  { name, usual, known }: { name: string; usual: PlanDraft; known: Known },
): PlanDraft {
  const draft = toDraft(experiment);
  const control = known.control.includes(draft.control.choice) ? draft.control.choice : usual.control.choice;
  const isLeft = (choice: string) => known.treatment.includes(choice) && (choice !== control || draft.isAa);
  return {
    ...draft,
    name: name.slice(0, MOST_NAME),
    baselineMean: "",
    baselineDeviation: "",
    layer: draft.layer.choice === "" || known.layers.includes(draft.layer.choice) ? draft.layer : { ...draft.layer, choice: NEW_LAYER },
    control: { ...draft.control, choice: control },
    treatments: draft.treatments.map((each) => ({
      ...each,
      choice: isLeft(each.choice) ? each.choice : (usual.treatments[0]?.choice ?? each.choice),
    })),
  };
}

/** Choices that the endpoint has. */
interface Known {
  readonly control: readonly string[];
  readonly treatment: readonly string[];
  /** Layers of the environment. */
  readonly layers: readonly string[];
}

const MOST_NAME = 120;

/** What another endpoint keeps of a plan: everything but which releases it compares. */
export function withArmsOf(draft: PlanDraft, other: PlanDraft): PlanDraft {
  return { ...draft, isAa: other.isAa, control: other.control, treatments: other.treatments, holdout: other.holdout };
}

const ALL_BPS = 10_000;
/** A rest smaller than this that nobody named is refused as a slip of the pen. */
const SLIP_BPS = 100;

/** Basis points; not a whole number of them where the text is no share of at most two decimals. */
export const readShareBps = (text: string): number => scaled(readNumber(text), 100);

export type Shares =
  | { readonly state: "unreadable" }
  /** `outsideBps` get what runs and are not counted. */
  | { readonly state: "whole"; readonly outsideBps: number }
  /** What is wrong with the sum, percent points as basis points. */
  | { readonly state: "missing" | "tooMany"; readonly bps: number; readonly sumBps: number };

/** Whether all shares sum to exactly 100 %. */
export function sumShares(draft: Pick<PlanDraft, "control" | "treatments" | "holdout">): Shares {
  const arms = [draft.control, ...draft.treatments].map((arm) => readShareBps(arm.share));
  const isNamed = draft.holdout.trim() !== "";
  const heldBps = isNamed ? readShareBps(draft.holdout) : 0;
  if (![...arms, heldBps].every((bps) => Number.isInteger(bps) && bps >= 0)) return { state: "unreadable" };
  const sumBps = arms.reduce((sum, bps) => sum + bps, heldBps);
  const rest = ALL_BPS - sumBps;
  if (rest < 0) return { state: "tooMany", bps: -rest, sumBps };
  if (rest > 0 && (isNamed || rest < SLIP_BPS)) return { state: "missing", bps: rest, sumBps };
  return { state: "whole", outsideBps: heldBps + rest };
}

/** A number in another unit, without the dust of binary fractions. */
export const scaled = (value: number, factor: number): number => Number((value * factor).toPrecision(12));

const THOUSANDS = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;

/** NaN for what is no number. Commas stand between thousands only: `0,5` is not taken for 5. */
export function readNumber(text: string): number {
  const typed = text.trim();
  if (typed === "") return Number.NaN;
  return Number(THOUSANDS.test(typed) ? typed.replaceAll(",", "") : typed);
}

const toPercent = (ratio: number): string => String(scaled(ratio, 100));
