import { type Decision, type DecisionReason, decideExperiment } from "@/lib/core/experiments";
import { type Analysed, type Design, toCheck, toExperimentDesign } from "./analyse";
import type { ExperimentPlan } from "./plan";
import { ARM_NAMES, type Verdict, type VerdictReason } from "./reasons";
import type { Analysis, ArmResult } from "./results";

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

/** What the rules of lib/core/experiments say of a look; `ended` is left to judgeEnded, which knows the times. */
function decide({ design, analysed, startedAtMs, nowMs, control, treatment }: Look): Decision {
  return decideExperiment(toExperimentDesign(design), {
    findings: analysed.findings,
    comparisons: analysed.comparisons,
    withoutOutliers: analysed.withoutOutliers,
    subjectsPerArm: Math.min(control.subjects, treatment.subjects),
    elapsedSeconds: (nowMs - startedAtMs) / 1_000,
    ended: null,
  });
}

/** The opinion of a look by itself, whatever was planned before. */
function toOpinion(look: Look): Opinion {
  const { verdict, reasons } = decide(look);
  const impossible = findImpossible(look.analysed.analysis);
  const told = reasons.flatMap((reason) => toReason(reason, look));
  const hasNoTest = reasons.some((reason) => reason.code === "no_data" || (reason.code === "no_test" && !isGuardrail(reason.metric, look)));
  return { verdict, reasons: hasNoTest ? [...impossible, ...told] : told };
}

const isGuardrail = (name: string, { design }: Look) =>
  toExperimentDesign(design).metrics.some((metric) => metric.name === name && metric.role === "guardrail");

/** A reason of the rules with the numbers that its sentence needs; none for what is said in another way. */
function toReason(reason: DecisionReason, look: Look): VerdictReason[] {
  const { alpha } = look.plan;
  switch (reason.code) {
    case "subjects_missing":
    case "time_missing":
    case "no_data":
    case "ended":
      return [];
    case "no_test":
      return isGuardrail(reason.metric, look) ? [{ code: "guardrail_unmeasured", metric: reason.metric }] : [];
    case "guardrail_broken":
      return [{ code: reason.code, metric: reason.metric, pValue: reason.pValue, liftRatio: reason.lift }];
    case "guardrail_open":
      return [
        { code: reason.code, metric: reason.metric, worst: Number.isFinite(reason.worst) ? reason.worst : null, margin: reason.margin },
      ];
    case "inside_margin":
      return [{ code: reason.code, low: reason.interval[0], high: reason.interval[1], margin: reason.margin }];
    case "significant_gain":
    case "significant_harm":
      return [{ code: reason.code, pValue: reason.pValue, alpha, liftRatio: look.analysed.analysis.lift.ratio }];
    case "gain_below_margin":
      return reason.lift === null
        ? [{ code: "zero_baseline" }]
        : [{ code: reason.code, liftRatio: look.analysed.analysis.lift.ratio ?? reason.lift, margin: reason.margin }];
    case "not_significant":
      return [{ code: reason.code, pValue: reason.pValue, alpha }];
    case "rests_on_outliers":
      return [{ code: reason.code, metric: reason.metric }];
    case "aa_difference":
      return [{ code: reason.code, metric: reason.metric, pValue: reason.pValue }];
    default:
      return [{ code: "check_failed", check: toCheck(reason) }];
  }
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
  readonly design: Design;
  readonly analysed: Analysed;
  /** What the analysis that counts said; null while there was none. */
  readonly planned: Opinion | null;
}

/**
 * The verdict while it runs. `counts`: this look is the first that may decide, so its analysis is the one that counts and is to be kept. In a
 * fixed plan that is the first look at which the minimums are reached and a test is possible, or a check says that nothing can be believed; in a
 * sequential one the first that decides, for harm before the minimums too.
 */
export function judgeRunning(look: Look): Opinion & { readonly counts: boolean } {
  if (look.planned !== null) return { ...look.planned, counts: false };
  const opinion = toOpinion(look);
  const missing = findMissing(look);
  if (missing !== null) {
    // What a check found is said at once, and may still heal; harm stops a sequential plan for good.
    if (opinion.verdict === "keep_running") return { verdict: "keep_running", reasons: toWaiting(missing), counts: false };
    return { ...opinion, counts: isDecisive(opinion) };
  }
  const hasAnswer = look.plan.mode === "sequential" ? isDecisive(opinion) : look.analysed.analysis.test.status === "ok";
  return { ...opinion, counts: hasAnswer || opinion.verdict === "cannot_tell" };
}

/** The verdict once it no longer runs: what the analysis that counts decided, else that nobody can tell, and why. */
export function judgeEnded(look: Look, cause: "deadline_reached" | "stopped_early"): Opinion {
  const running = judgeRunning(look);
  if (isDecisive(running)) return { verdict: running.verdict, reasons: running.reasons };
  const seconds = Math.max(0, Math.round((look.nowMs - look.startedAtMs) / 1_000));
  const impossible = findImpossible(look.analysed.analysis);
  const why =
    running.counts || look.planned !== null || running.verdict === "cannot_tell"
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
