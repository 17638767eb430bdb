import type { Analysis, ArmResult } from "../api";
import type { ExperimentPlan, PrimaryMetric } from "./plan";
import { ARM_NAMES, type Verdict, type VerdictReason } from "./reasons";

export interface Opinion {
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
}

/** What the last look found; kept on the experiment's row. */
export interface Judge extends Opinion {
  readonly control: number;
  readonly treatment: number;
}

export function toJudge(value: unknown): Judge {
  // Written by this domain only, from a Judge.
  return value as Judge;
}

export interface HistoryPoint {
  readonly at: string;
  readonly controlSubjects: number;
  readonly treatmentSubjects: number;
  readonly liftRatio: number | null;
  readonly liftLow: number | null;
  readonly liftHigh: number | null;
  readonly pValue: number | null;
}

const isDecisive = ({ verdict }: Opinion) => verdict !== "keep_running" && verdict !== "cannot_tell";

/**
 * The opinion of the one analysis that counts, by the rules of docs/experiments.md in this order: inside the margin, harm, gain. `keep_running`
 * says that this analysis does not decide.
 */
export function judgePlanned(analysis: Analysis, metric: PrimaryMetric, alpha: number): Opinion {
  const { test, lift } = analysis;
  const impossible = findImpossible(analysis);
  if (impossible.length > 0 || test.pValue === null || test.difference === null) return { verdict: "keep_running", reasons: impossible };
  const margin = metric.practicalMargin;
  const interval = lift.interval;
  if (margin > 0 && interval !== null && Math.max(Math.abs(interval.low), Math.abs(interval.high)) <= margin)
    return { verdict: "no_meaningful_difference", reasons: [{ code: "inside_margin", ...interval, margin }] };
  const known = { pValue: test.pValue, alpha };
  if (test.pValue >= alpha) return { verdict: "keep_running", reasons: [{ code: "not_significant", ...known }] };
  const isBetter = metric.direction === "higher" ? test.difference > 0 : test.difference < 0;
  if (!isBetter) return { verdict: "keep_control", reasons: [{ code: "significant_harm", ...known, liftRatio: lift.ratio }] };
  if (margin === 0) return { verdict: "deploy_treatment", reasons: [{ code: "significant_gain", ...known, liftRatio: lift.ratio }] };
  if (lift.ratio === null) return { verdict: "keep_running", reasons: [{ code: "zero_baseline" }] };
  return Math.abs(lift.ratio) >= margin
    ? { verdict: "deploy_treatment", reasons: [{ code: "significant_gain", ...known, liftRatio: lift.ratio }] }
    : { verdict: "keep_running", reasons: [{ code: "gain_below_margin", liftRatio: lift.ratio, margin }] };
}

/** Why no test is possible at all; empty where one is. */
function findImpossible({ control, treatment, test }: Analysis): VerdictReason[] {
  const empty = ARM_NAMES.filter((arm) => (arm === "control" ? control : treatment).subjects === 0);
  if (empty.length > 0) return empty.map((arm) => ({ code: "no_scores", arm }));
  return test.status === "zero_variance" ? [{ code: "no_spread" }] : [];
}

export interface Progress {
  readonly plan: ExperimentPlan;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly control: Pick<ArmResult, "subjects">;
  readonly treatment: Pick<ArmResult, "subjects">;
}

export interface Missing {
  readonly controlSubjects: number;
  readonly treatmentSubjects: number;
  readonly seconds: number;
  readonly estimatedSeconds: number | null;
}

/** What the plan still waits for; null when both minimums are reached. The estimate goes on at the traffic since the start. */
export function findMissing({ plan, startedAtMs, nowMs, control, treatment }: Progress): Missing | null {
  const elapsed = Math.max(0, (nowMs - startedAtMs) / 1_000);
  const missingOf = (arm: Pick<ArmResult, "subjects">) => Math.max(0, plan.minSubjectsPerArm - arm.subjects);
  const seconds = Math.max(0, Math.ceil(plan.minDurationSeconds - elapsed));
  const [controlSubjects, treatmentSubjects] = [missingOf(control), missingOf(treatment)];
  if (controlSubjects === 0 && treatmentSubjects === 0 && seconds === 0) return null;
  const waits = [control, treatment].map((arm) => {
    const missing = missingOf(arm);
    if (missing === 0) return 0;
    return arm.subjects === 0 || elapsed === 0 ? null : (missing * elapsed) / arm.subjects;
  });
  const longest = waits.includes(null) ? null : Math.ceil(Math.max(seconds, ...waits.map((w) => w ?? 0)));
  return { controlSubjects, treatmentSubjects, seconds, estimatedSeconds: longest };
}

/** The reasons to go on that the plan gives. */
export function toWaiting(missing: Missing): VerdictReason[] {
  const { controlSubjects: control, treatmentSubjects: treatment, seconds, estimatedSeconds } = missing;
  return [
    ...(control > 0 || treatment > 0 ? [{ code: "subjects_missing" as const, control, treatment, estimatedSeconds }] : []),
    ...(seconds > 0 ? [{ code: "time_missing" as const, seconds }] : []),
  ];
}

export interface Look extends Progress {
  readonly metric: PrimaryMetric;
  readonly analysis: Analysis;
  /** What the analysis that counts said; null while there was none. */
  readonly planned: Opinion | null;
}

/**
 * The verdict while it runs. `counts`: this look is the first at which the plan's minimums are reached and a test is possible, so its
 * analysis is the one that counts and is to be kept.
 */
export function judgeRunning(look: Look): Opinion & { readonly counts: boolean } {
  if (look.planned !== null) return { ...look.planned, counts: false };
  const missing = findMissing(look);
  if (missing !== null) return { verdict: "keep_running", reasons: toWaiting(missing), counts: false };
  const opinion = judgePlanned(look.analysis, look.metric, look.plan.alpha);
  return { ...opinion, counts: look.analysis.test.status === "ok" };
}

/** The verdict once it no longer runs: what the analysis that counts decided, else that nobody can tell, and why. */
export function judgeEnded(look: Look, cause: "deadline_reached" | "stopped_early"): Opinion {
  const running = judgeRunning(look);
  if (isDecisive(running)) return { verdict: running.verdict, reasons: running.reasons };
  const seconds = Math.max(0, Math.round((look.nowMs - look.startedAtMs) / 1_000));
  const impossible = findImpossible(look.analysis);
  const why =
    running.counts || look.planned !== null
      ? running.reasons
      : [...impossible, ...running.reasons.filter((r) => !impossible.some((i) => i.code === r.code))];
  return { verdict: "cannot_tell", reasons: [...why.map(withoutEstimate), { code: cause, seconds }] };
}

/** Once it is over nothing more comes. */
function withoutEstimate(reason: VerdictReason): VerdictReason {
  return reason.code === "subjects_missing" ? { ...reason, estimatedSeconds: null } : reason;
}

const POINT_EVERY_MS = 60_000;
const POINT_GROWTH = 1.01;

/** A point of the plot is due at most once a minute and after one per cent more subjects: a few hundred for any length and size. */
export function isPointDue(last: { atMs: number; subjects: number } | null, now: { atMs: number; subjects: number }): boolean {
  if (last === null) return now.subjects > 0;
  return now.atMs - last.atMs >= POINT_EVERY_MS && now.subjects > last.subjects && now.subjects >= last.subjects * POINT_GROWTH;
}

export function toPoint({ at, control, treatment, lift, test }: Analysis): HistoryPoint {
  return {
    at,
    controlSubjects: control.subjects,
    treatmentSubjects: treatment.subjects,
    liftRatio: lift.ratio,
    liftLow: lift.interval?.low ?? null,
    liftHigh: lift.interval?.high ?? null,
    pValue: test.pValue,
  };
}
