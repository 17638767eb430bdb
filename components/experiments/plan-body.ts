import type { z } from "zod";
import { type ExperimentSize, findShortcuts, PLAN_DEFAULTS, type planExperiment, type Shortcut } from "@/lib/domain/experiments/api";
import {
  type ArmDraft,
  type DurationUnit,
  type LayerDraft,
  type MetricDraft,
  NEW_LAYER,
  type PlanBody,
  type PlanDraft,
  readArm,
  readNumber,
  readShareBps,
  scaled,
  toDuration,
  UNIT_SECONDS,
} from "./plan-draft";

/** `number`: is none. `decimals`: a share of more than two. */
export type Mistake = { readonly pointer: string; readonly kind: "number" | "decimals" };
export type ReadPlan = { readonly body: PlanBody; readonly mistakes: readonly Mistake[] };

/** Where the API names a group's mistakes. */
export const treatmentPointer = (index: number): string => `/arms/treatments/${index}`;

interface Numbers {
  readonly minSubjectsPerArm: number;
  readonly minDurationSeconds: number;
  readonly maxDurationSeconds: number;
}

const LONGEST_MIN_SECONDS = 12 * UNIT_SECONDS.weeks;
const LONGEST_MAX_SECONDS = 25 * UNIT_SECONDS.weeks;
const MOST_SUBJECTS = 100_000_000;

/** What a plan should ask for: the calculated size in whole weeks with as long again to get there, and the defaults without a calculation. */
export function plannedNumbers(size: ExperimentSize | null): Numbers {
  const minDurationSeconds = Math.min(LONGEST_MIN_SECONDS, size?.minDurationSeconds ?? PLAN_DEFAULTS.minDurationSeconds);
  return {
    minSubjectsPerArm: Math.min(MOST_SUBJECTS, size?.minSubjectsPerArm ?? PLAN_DEFAULTS.minSubjectsPerArm),
    minDurationSeconds,
    maxDurationSeconds: Math.min(LONGEST_MAX_SECONDS, Math.max(PLAN_DEFAULTS.maxDurationSeconds, 2 * minDurationSeconds)),
  };
}

/** The calculated numbers as fields to change. */
export function toOwnSize(size: ExperimentSize | null) {
  const numbers = plannedNumbers(size);
  const min = toDuration(numbers.minDurationSeconds);
  const max = toDuration(numbers.maxDurationSeconds);
  return {
    sizing: "own",
    minSubjects: String(numbers.minSubjectsPerArm),
    minDuration: min.count,
    minUnit: min.unit,
    maxDuration: max.count,
    maxUnit: max.unit,
  } as const satisfies Partial<PlanDraft>;
}

/** Whether a person has to say how many subjects it takes: of a quantile that nobody has measured the default says nothing. */
export const lacksSize = (draft: PlanDraft, size: ExperimentSize): boolean =>
  draft.sizing === "planned" && draft.metric.quantile !== "" && size.basis === null;

function ownNumbers(draft: PlanDraft): Numbers {
  return {
    minSubjectsPerArm: readNumber(draft.minSubjects),
    minDurationSeconds: readSeconds(draft.minDuration, draft.minUnit),
    maxDurationSeconds: readSeconds(draft.maxDuration, draft.maxUnit),
  };
}

const readSeconds = (count: string, unit: DurationUnit): number => Math.round(readNumber(count) * UNIT_SECONDS[unit]);

export const readRatio = (percent: string): number => scaled(readNumber(percent), 0.01);

/**
 * The body as the API takes it, and what of it cannot be read. `size` is the answer to this draft's own question; null: there was none,
 * or nobody knows the baseline.
 */
export function toBody(draft: PlanDraft, size: ExperimentSize | null): ReadPlan {
  const mistakes: Mistake[] = [];
  const take = (pointer: string, value: number): number => {
    if (!Number.isFinite(value)) mistakes.push({ pointer, kind: "number" });
    return value;
  };
  const share = (pointer: string, text: string): number => {
    const bps = take(pointer, readShareBps(text));
    if (Number.isFinite(bps) && !Number.isInteger(bps)) mistakes.push({ pointer, kind: "decimals" });
    return bps;
  };
  const arm = ({ choice, share: text }: ArmDraft, at: string) => ({ ...readArm(choice), shareBps: share(`${at}/shareBps`, text) });
  const metric = ({ source, name, evaluator, quantile, direction, margin }: MetricDraft, at: string) => ({
    source,
    name: name.trim(),
    ...(source === "usage" || evaluator.trim() === "" ? {} : { evaluator: evaluator.trim() }),
    ...(quantile === "" ? {} : { quantile: readRatio(quantile) }),
    direction,
    practicalMargin: take(`${at}/practicalMargin`, readRatio(margin)),
  });
  const layer = ({ choice, name, share: text, holdout }: LayerDraft): NonNullable<PlanBody["layer"]> => ({
    name: choice === NEW_LAYER ? name.trim() : choice,
    shareBps: share("/layer/shareBps", text),
    ...(choice === NEW_LAYER ? { holdoutBps: holdout.trim() === "" ? 0 : share("/layer/holdoutBps", holdout) } : {}),
  });
  const numbers = draft.sizing === "planned" ? plannedNumbers(size) : ownNumbers(draft);
  if (draft.effect.trim() !== "") take("/plan/basis/minimumDetectableEffect", readRatio(draft.effect));
  for (const [field, text] of [
    ["baselineMean", draft.baselineMean],
    ["baselineDeviation", draft.baselineDeviation],
  ] as const)
    if (text.trim() !== "") take(`/plan/basis/${field}`, readNumber(text));
  const body: PlanBody = {
    name: draft.name.trim(),
    hypothesis: draft.hypothesis.trim(),
    metric: metric(draft.metric, "/metric"),
    guardrails: draft.guardrails.map((each, i) => metric(each, `/guardrails/${i}`)),
    signals: draft.signals.map((each, i) => metric(each, `/signals/${i}`)),
    arms: {
      control: arm(draft.control, "/arms/control"),
      treatments: draft.treatments.map((each, i) =>
        arm(draft.isAa ? { ...each, choice: draft.control.choice } : each, treatmentPointer(i)),
      ),
      ...(draft.holdout.trim() === "" ? {} : { holdoutBps: share("/arms/holdoutBps", draft.holdout) }),
    },
    layer: draft.layer.choice === "" ? null : layer(draft.layer),
    plan: {
      mode: draft.mode,
      isAa: draft.isAa,
      alpha: take("/plan/alpha", readRatio(draft.alpha)),
      power: take("/plan/power", readRatio(draft.power)),
      basis: size?.basis ?? null,
      ...(draft.isAdjusted ? { cuped: { windowDays: take("/plan/cuped/windowDays", readNumber(draft.windowDays)) } } : {}),
      ...(draft.segments.length === 0 ? {} : { segments: [...draft.segments] }),
      minSubjectsPerArm: take("/plan/minSubjectsPerArm", numbers.minSubjectsPerArm),
      minDurationSeconds: take("/plan/minDurationSeconds", numbers.minDurationSeconds),
      maxDurationSeconds: take("/plan/maxDurationSeconds", numbers.maxDurationSeconds),
    },
  };
  return { body, mistakes };
}

/** A question to `GET /experiments/plan`, as its address has it. */
export type SizeQuestion = Partial<Record<keyof z.input<(typeof planExperiment)["query"]>, string | number>>;

/** What is to be calculated for a draft; null: it names no difference, or what it names cannot be read. */
export function toSizeQuestion(draft: PlanDraft, at: { endpoint: string; environment: string }): SizeQuestion | null {
  const { metric } = draft;
  const effect = readRatio(draft.effect);
  const alpha = readRatio(draft.alpha);
  const power = readRatio(draft.power);
  const shares = [draft.control, ...draft.treatments].map((arm) => readShareBps(arm.share));
  const baselines = [draft.baselineMean, draft.baselineDeviation].filter((text) => text.trim() !== "").map(readNumber);
  const [controlBps = Number.NaN, ...treatments] = shares;
  const layerShareBps = draft.layer.choice === "" ? 10_000 : readShareBps(draft.layer.share);
  if (metric.name.trim() === "" || ![effect, alpha, power, ...baselines].every(Number.isFinite)) return null;
  if (!shares.every((bps) => Number.isInteger(bps) && bps > 0 && bps < 10_000)) return null;
  if (!(Number.isInteger(layerShareBps) && layerShareBps > 0 && layerShareBps <= 10_000)) return null;
  return {
    ...at,
    source: metric.source,
    metric: metric.name.trim(),
    ...(metric.source === "usage" || metric.evaluator.trim() === "" ? {} : { evaluator: metric.evaluator.trim() }),
    ...(metric.quantile === "" ? {} : { quantile: readRatio(metric.quantile) }),
    minimumDetectableEffect: effect,
    alpha,
    power,
    mode: draft.mode,
    treatments: treatments.length,
    controlBps,
    treatmentBps: Math.min(...treatments),
    ...(draft.layer.choice === "" ? {} : { layerShareBps }),
    ...(draft.baselineMean.trim() === "" ? {} : { baselineMean: readNumber(draft.baselineMean) }),
    ...(draft.baselineDeviation.trim() === "" ? {} : { baselineDeviation: readNumber(draft.baselineDeviation) }),
  };
}

const pointerOfParameter: Record<string, string> = {
  "?metric": "/metric/name",
  "?evaluator": "/metric/evaluator",
  "?quantile": "/metric/quantile",
  "?source": "/metric/source",
  "?alpha": "/plan/alpha",
  "?power": "/plan/power",
  "?minimumDetectableEffect": "/plan/basis/minimumDetectableEffect",
  "?baselineMean": "/plan/basis/baselineMean",
  "?baselineDeviation": "/plan/basis/baselineDeviation",
};

/** A refusal of the calculation as one of the plan: its parameters are the form's fields. */
export function toPlanPointers<P extends { readonly errors: readonly { pointer: string; detail: string }[] }>(problem: P): P {
  return { ...problem, errors: problem.errors.map((each) => ({ ...each, pointer: pointerOfParameter[each.pointer] ?? each.pointer })) };
}

/** Where the plan, saved like this, asks for less than the defaults or its own calculation; empty while it cannot be read. */
export function shortcutsOf({ body, mistakes }: ReadPlan, size: ExperimentSize | null): Shortcut[] {
  const { plan } = body;
  if (mistakes.length > 0 || plan === undefined) return [];
  const { cuped: _, ...asked } = plan;
  return findShortcuts(
    {
      alpha: PLAN_DEFAULTS.alpha,
      power: PLAN_DEFAULTS.power,
      mode: "fixed",
      isAa: false,
      basis: null,
      minSubjectsPerArm: PLAN_DEFAULTS.minSubjectsPerArm,
      minDurationSeconds: PLAN_DEFAULTS.minDurationSeconds,
      maxDurationSeconds: PLAN_DEFAULTS.maxDurationSeconds,
      ...asked,
    },
    size?.subjectsPerArm ?? null,
  );
}

/**
 * The chance that a plan of this size finds its difference, read off the calculated curve; null where there is none or the size lies
 * below it. Above the curve's end it is that end's.
 */
export function powerAt(curve: ExperimentSize["curve"], subjectsPerArm: number): number | null {
  const above = curve.findIndex((point) => point.subjectsPerArm >= subjectsPerArm);
  const after = curve[above];
  const before = curve[above - 1];
  if (after === undefined) return curve.at(-1)?.power ?? null;
  if (after.subjectsPerArm === subjectsPerArm) return after.power;
  if (before === undefined) return null;
  const part = (subjectsPerArm - before.subjectsPerArm) / (after.subjectsPerArm - before.subjectsPerArm);
  return before.power + part * (after.power - before.power);
}
