import type { z } from "zod";
import type { createExperiment, Experiment } from "@/lib/domain/experiments/api";

type Body = z.input<(typeof createExperiment)["body"]>;
/** What creating and changing have in common. */
export type PlanBody = Pick<Body, "name" | "hypothesis" | "metric" | "arms" | "plan">;

export const DURATION_UNITS = ["minutes", "hours", "days"] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];
const unitSeconds: Record<DurationUnit, number> = { minutes: 60, hours: 3_600, days: 86_400 };

/** The form's fields as they are typed. */
export interface PlanDraft {
  readonly name: string;
  readonly hypothesis: string;
  /** `2`, or `2/short` for one variant of the release. */
  readonly control: string;
  readonly treatment: string;
  /** Percent of the subjects. */
  readonly controlShare: string;
  readonly treatmentShare: string;
  readonly metric: string;
  readonly evaluator: string;
  readonly direction: string;
  /** Percent of the control's mean. */
  readonly margin: string;
  readonly minSubjects: string;
  readonly minDuration: string;
  readonly minUnit: string;
  readonly maxDuration: string;
  readonly maxUnit: string;
}

/** A new plan as the form opens: halves, and the minimums that the API takes when none are named. */
export function emptyDraft(control: string, treatment: string): PlanDraft {
  return {
    name: "",
    hypothesis: "",
    control,
    treatment,
    controlShare: "50",
    treatmentShare: "50",
    metric: "",
    evaluator: "auto",
    direction: "higher",
    margin: "1",
    minSubjects: "1000",
    minDuration: "7",
    minUnit: "days",
    maxDuration: "28",
    maxUnit: "days",
  };
}

export const armValue = (release: number, variant: string | null): string => (variant === null ? String(release) : `${release}/${variant}`);

/** A saved plan as the form shows it. */
export function toDraft(experiment: Experiment): PlanDraft {
  const { arms, metric, plan } = experiment;
  const value = (arm: typeof arms.control) => armValue(arm.release.number, arm.variant?.name ?? null);
  const min = toDuration(plan.minDurationSeconds);
  const max = toDuration(plan.maxDurationSeconds);
  return {
    name: experiment.name,
    hypothesis: experiment.hypothesis,
    control: value(arms.control),
    treatment: value(arms.treatment),
    controlShare: String(arms.control.shareBps / 100),
    treatmentShare: String(arms.treatment.shareBps / 100),
    metric: metric.name,
    evaluator: metric.evaluator,
    direction: metric.direction,
    margin: String(scaled(metric.practicalMargin, 100)),
    minSubjects: String(plan.minSubjectsPerArm),
    minDuration: min.count,
    minUnit: min.unit,
    maxDuration: max.count,
    maxUnit: max.unit,
  };
}

/** The largest unit that holds the time in at most two decimals. */
function toDuration(seconds: number): { count: string; unit: DurationUnit } {
  const unit = [...DURATION_UNITS].reverse().find((each) => seconds % unitSeconds[each] === 0) ?? "minutes";
  return { count: String(scaled(seconds, 1 / unitSeconds[unit])), unit };
}

/** A number in another unit, without the dust of binary fractions. */
const scaled = (value: number, factor: number) => Number((value * factor).toPrecision(12));

const readNumber = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text.trim().replaceAll(",", "")));

export function readDraft(form: FormData): PlanDraft {
  const text = (name: keyof PlanDraft) => String(form.get(name) ?? "");
  return {
    name: text("name"),
    hypothesis: text("hypothesis"),
    control: text("control"),
    treatment: text("treatment"),
    controlShare: text("controlShare"),
    treatmentShare: text("treatmentShare"),
    metric: text("metric"),
    evaluator: text("evaluator"),
    direction: text("direction"),
    margin: text("margin"),
    minSubjects: text("minSubjects"),
    minDuration: text("minDuration"),
    minUnit: text("minUnit"),
    maxDuration: text("maxDuration"),
    maxUnit: text("maxUnit"),
  };
}

function readArm(value: string): { release: number; variant: string | null } {
  const at = value.indexOf("/");
  return at < 0 ? { release: Number(value), variant: null } : { release: Number(value.slice(0, at)), variant: value.slice(at + 1) };
}

function readSeconds(count: string, unit: string): number {
  const known = DURATION_UNITS.find((each) => each === unit);
  return known === undefined ? Number.NaN : Math.round(readNumber(count) * unitSeconds[known]);
}

export type ReadPlan = { body: PlanBody; badNumbers: string[] };

/** What the form does not show and must not lose where a saved plan is changed. */
export interface KeptPlan {
  readonly source: Experiment["metric"]["source"];
  readonly plan: Pick<Experiment["plan"], "alpha" | "power" | "mode" | "isAa" | "basis">;
}

export function toKept({ metric, plan: { alpha, power, mode, isAa, basis } }: Pick<Experiment, "metric" | "plan">): KeptPlan {
  return { source: metric.source, plan: { alpha, power, mode, isAa, basis } };
}

/** The body as the API takes it, and the pointers of what is not a number. */
export function toBody(draft: PlanDraft, kept?: KeptPlan): ReadPlan {
  const share = (text: string) => Math.round(readNumber(text) * 100);
  const numbers = {
    "/arms/control/shareBps": share(draft.controlShare),
    "/arms/treatment/shareBps": share(draft.treatmentShare),
    "/metric/practicalMargin": scaled(readNumber(draft.margin), 0.01),
    "/plan/minSubjectsPerArm": readNumber(draft.minSubjects),
    "/plan/minDurationSeconds": readSeconds(draft.minDuration, draft.minUnit),
    "/plan/maxDurationSeconds": readSeconds(draft.maxDuration, draft.maxUnit),
  };
  const body: PlanBody = {
    name: draft.name.trim(),
    hypothesis: draft.hypothesis.trim(),
    metric: {
      ...(kept === undefined ? {} : { source: kept.source }),
      name: draft.metric.trim(),
      ...(draft.evaluator.trim() === "" ? {} : { evaluator: draft.evaluator.trim() }),
      direction: draft.direction === "lower" ? "lower" : "higher",
      practicalMargin: numbers["/metric/practicalMargin"],
    },
    arms: {
      control: { ...readArm(draft.control), shareBps: numbers["/arms/control/shareBps"] },
      treatment: { ...readArm(draft.treatment), shareBps: numbers["/arms/treatment/shareBps"] },
    },
    plan: {
      minSubjectsPerArm: numbers["/plan/minSubjectsPerArm"],
      minDurationSeconds: numbers["/plan/minDurationSeconds"],
      maxDurationSeconds: numbers["/plan/maxDurationSeconds"],
      ...kept?.plan,
    },
  };
  return { body, badNumbers: Object.entries(numbers).flatMap(([pointer, value]) => (Number.isFinite(value) ? [] : [pointer])) };
}
