import { type DecisionReason, decideExperiment, type ExperimentDecision } from "@/lib/core/experiments";
import { type Analysed, type Design, toCheck, toExperimentDesign, treatmentsOf } from "./analyse";
import { type KeptOpinion, toOpinion } from "./kept";
import type { ExperimentPlan } from "./plan";
import type { ArmName, MissingSubjects, TreatmentName, TreatmentVerdict, Verdict, VerdictReason } from "./reasons";
import type { Analysis, HistoryPoint } from "./results";

export interface Opinion {
  readonly verdict: Verdict;
  /** Of the treatment that made the verdict. */
  readonly reasons: readonly VerdictReason[];
  /** The treatment to deploy; null with every other verdict. */
  readonly winner: TreatmentName | null;
  /** What is said of each treatment by itself, in the plan's order. */
  readonly treatments: readonly TreatmentVerdict[];
}

export interface ArmSubjects {
  readonly arm: ArmName;
  readonly subjects: number;
}

/** What the last look found; kept on the experiment's row. */
export interface Judge extends Opinion {
  /** Subjects with a score of the primary metric, the control's first. */
  readonly subjects: readonly ArmSubjects[];
}

/** As it was kept before there were several treatments. */
interface FirstJudge {
  readonly control: number;
  readonly treatment: number;
}

export function toJudge(value: unknown): Judge {
  // Written by this domain only, from a Judge.
  const kept = value as KeptOpinion & (Judge | FirstJudge);
  const subjects =
    "subjects" in kept
      ? kept.subjects
      : [
          { arm: "control" as const, subjects: kept.control },
          { arm: "treatment" as const, subjects: kept.treatment },
        ];
  return { ...toOpinion(kept), subjects };
}

/** What a look says, as it is kept on the row. */
export function judgeOf({ verdict, reasons, winner, treatments }: Opinion, { arms }: Pick<Look, "arms">): Judge {
  return { verdict, reasons, winner, treatments, subjects: arms.map(({ arm, subjects }) => ({ arm, subjects })) };
}

export function countSubjects(arms: readonly Pick<ArmSubjects, "subjects">[]): number {
  return arms.reduce((sum, { subjects }) => sum + subjects, 0);
}

const isDecisive = ({ verdict }: Pick<Opinion, "verdict">) => verdict !== "keep_running" && verdict !== "cannot_tell";

/** What the rules of lib/core/experiments say of a look; `ended` is left to judgeEnded, which knows the times. */
function decide({ design, analysed, startedAtMs, nowMs, arms }: Look): ExperimentDecision {
  return decideExperiment(toExperimentDesign(design), {
    findings: analysed.findings,
    comparisons: analysed.comparisons,
    withoutOutliers: analysed.withoutOutliers,
    subjectsPerArm: Math.min(...arms.map(({ subjects }) => subjects)),
    elapsedSeconds: (nowMs - startedAtMs) / 1_000,
    ended: null,
  });
}

/** The opinion of a look by itself, whatever was planned before. */
function judgeLook(look: Look): Opinion {
  const decision = decide(look);
  const names = treatmentsOf(look.design);
  const treatments = names.map((treatment): TreatmentVerdict => {
    const { verdict, reasons } = decision.treatments[treatment] ?? decision;
    return { treatment, verdict, reasons: tellReasons(reasons, look, treatment) };
  });
  const winner = names.find((name) => name === decision.winner) ?? null;
  const speaker = winner ?? treatments.find(({ verdict }) => verdict === decision.verdict)?.treatment;
  const own = treatments.find(({ treatment }) => treatment === speaker);
  const reasons = own?.reasons ?? tellReasons(decision.reasons, look, "treatment");
  return { verdict: decision.verdict, reasons, winner, treatments };
}

function tellReasons(reasons: readonly DecisionReason[], look: Look, treatment: TreatmentName): VerdictReason[] {
  const told = reasons.flatMap((reason) => toReason(reason, { look, treatment }));
  const hasNoTest = reasons.some((reason) => reason.code === "no_data" || (reason.code === "no_test" && !isGuardrail(reason.metric, look)));
  return hasNoTest ? [...findImpossible(look.analysed.analysis), ...told] : told;
}

const isGuardrail = (name: string, { design }: Look) =>
  toExperimentDesign(design).metrics.some((metric) => metric.name === name && metric.role === "guardrail");

/** A reason of the rules with the numbers that its sentence needs; none for what is said in another way. */
function toReason(reason: DecisionReason, { look, treatment }: { look: Look; treatment: TreatmentName }): VerdictReason[] {
  const { alpha } = look.plan;
  const ratio = look.analysed.analysis.primary.find((own) => own.treatment === treatment)?.lift.ratio ?? null;
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
        {
          code: reason.code,
          metric: reason.metric,
          worst: reason.worst !== null && Number.isFinite(reason.worst) ? reason.worst : null,
          margin: reason.margin,
        },
      ];
    case "inside_margin":
      return [{ code: reason.code, low: reason.interval[0], high: reason.interval[1], margin: reason.margin }];
    case "significant_gain":
    case "significant_harm":
      return [{ code: reason.code, pValue: reason.pValue, alpha, liftRatio: ratio }];
    case "gain_below_margin":
      return reason.lift === null
        ? [{ code: "zero_baseline" }]
        : [{ code: reason.code, liftRatio: ratio ?? reason.lift, margin: reason.margin }];
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
function findImpossible({ arms, primary }: Analysis): VerdictReason[] {
  const empty = arms.filter(({ subjects }) => subjects === 0);
  if (empty.length > 0) return empty.map(({ arm }) => ({ code: "no_scores", arm }));
  return primary.some(({ test }) => test.status === "zero_variance") ? [{ code: "no_spread" }] : [];
}

export interface Progress {
  readonly plan: ExperimentPlan;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly arms: readonly ArmSubjects[];
}

export interface Missing {
  /** Every arm, the control first; 0 where none is missing. */
  readonly arms: MissingSubjects[];
  readonly seconds: number;
  readonly estimatedSeconds: number | null;
}

/** What the plan still waits for; null when both minimums are reached. The estimate goes on at the traffic since the start. */
export function findMissing({ plan, startedAtMs, nowMs, arms }: Progress): Missing | null {
  const elapsed = Math.max(0, (nowMs - startedAtMs) / 1_000);
  const missingOf = ({ subjects }: ArmSubjects) => Math.max(0, plan.minSubjectsPerArm - subjects);
  const seconds = Math.max(0, Math.ceil(plan.minDurationSeconds - elapsed));
  const all = arms.map((arm) => ({ arm: arm.arm, missing: missingOf(arm) }));
  if (all.every(({ missing }) => missing === 0) && seconds === 0) return null;
  const waits = arms.map((arm) => {
    const missing = missingOf(arm);
    if (missing === 0) return 0;
    return arm.subjects === 0 || elapsed === 0 ? null : (missing * elapsed) / arm.subjects;
  });
  const longest = waits.includes(null) ? null : Math.ceil(Math.max(seconds, ...waits.map((w) => w ?? 0)));
  return { arms: all, seconds, estimatedSeconds: longest };
}

/** The reasons to go on that the plan gives. */
export function toWaiting({ arms, seconds, estimatedSeconds }: Missing): VerdictReason[] {
  const isShort = arms.some(({ missing }) => missing > 0);
  return [
    ...(isShort ? [{ code: "subjects_missing" as const, arms, estimatedSeconds }] : []),
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
 * fixed plan that is the first look at which the minimums are reached and a test of any treatment is possible, or a check says that nothing can be believed; in a
 * sequential one the first that decides, for harm before the minimums too.
 */
export function judgeRunning(look: Look): Opinion & { readonly counts: boolean } {
  if (look.planned !== null) return { ...look.planned, counts: false };
  const opinion = judgeLook(look);
  const missing = findMissing(look);
  if (missing !== null) {
    // What a check found is said at once, and may still heal; harm stops a sequential plan for good.
    if (opinion.verdict === "keep_running") return { ...opinion, reasons: toWaiting(missing), counts: false };
    return { ...opinion, counts: isDecisive(opinion) };
  }
  if (opinion.verdict === "cannot_tell") return { ...opinion, counts: true };
  if (look.plan.mode === "sequential") return { ...opinion, counts: isDecisive(opinion) };
  const tests = look.analysed.analysis.primary.map(({ test }) => test.status === "ok");
  if (look.design.rules === 1) return { ...opinion, counts: tests.every(Boolean) };
  return tests.some(Boolean) ? { ...opinion, counts: true } : { ...withoutAnswer(opinion, look), counts: false };
}

/** Until the primary metric can be tested a fixed plan decides nothing: each look would be one more chance to be broken by luck. */
function withoutAnswer(opinion: Opinion, look: Look): Opinion {
  const impossible = findImpossible(look.analysed.analysis);
  const reasons = [...impossible, ...opinion.reasons.filter(({ code }) => !impossible.some((other) => other.code === code))];
  const treatments = opinion.treatments.map((own) => (isDecisive(own) ? { ...own, verdict: "keep_running" as const } : own));
  return { verdict: "keep_running", reasons, winner: null, treatments };
}

/** The verdict once it no longer runs: what the analysis that counts decided, else that nobody can tell, and why. */
export function judgeEnded(look: Look, cause: "deadline_reached" | "stopped_early"): Opinion {
  const running = judgeRunning(look);
  const { counts, ...opinion } = running;
  if (isDecisive(opinion)) return opinion;
  const impossible = findImpossible(look.analysed.analysis);
  const why =
    counts || look.planned !== null || running.verdict === "cannot_tell"
      ? running.reasons
      : [...impossible, ...running.reasons.filter((r) => !impossible.some((i) => i.code === r.code))];
  return toUntold({ ...opinion, reasons: why }, { code: cause, seconds: toSeconds(look.nowMs - look.startedAtMs) });
}

const toSeconds = (ms: number) => Math.max(0, Math.round(ms / 1_000));

function toUntold({ reasons, treatments }: Pick<Opinion, "reasons" | "treatments">, cause: VerdictReason): Opinion {
  return {
    verdict: "cannot_tell",
    reasons: [...reasons.map(withoutEstimate), cause],
    winner: null,
    treatments: treatments.map((own) => (own.verdict === "keep_running" ? { ...own, verdict: "cannot_tell" as const } : own)),
  };
}

/** What is known of an experiment that ends and that could not be looked at for that. */
export interface Unseen {
  /** The analysis that counts; null: not made. */
  readonly planned: Opinion | null;
  /** The last look that was kept; null: none. */
  readonly judge: Judge | null;
  /** Every arm, the control first. */
  readonly arms: readonly ArmName[];
  readonly elapsedMs: number;
}

/** The verdict of one that ends without a last look: what the analysis that counts decided, else that nobody can tell. */
export function judgeUnseen({ planned, judge, arms, elapsedMs }: Unseen, cause: "deadline_reached" | "stopped_early"): Judge {
  const subjects = judge?.subjects ?? arms.map((arm) => ({ arm, subjects: 0 }));
  if (planned !== null && isDecisive(planned)) return { ...planned, subjects };
  const known = planned ?? { reasons: judge?.reasons ?? [], treatments: judge?.treatments ?? [] };
  return { ...toUntold(known, { code: cause, seconds: toSeconds(elapsedMs) }), subjects };
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

export function toPoint({ at, arms, primary }: Analysis): HistoryPoint {
  const subjectsOf = (name: ArmName) => arms.find(({ arm }) => arm === name)?.subjects ?? 0;
  return {
    at,
    controlSubjects: subjectsOf("control"),
    treatments: primary.map(({ treatment, lift, test }) => ({
      treatment,
      subjects: subjectsOf(treatment),
      liftRatio: lift.ratio,
      liftLow: lift.interval?.low ?? null,
      liftHigh: lift.interval?.high ?? null,
      pValue: test.pValue,
    })),
  };
}
