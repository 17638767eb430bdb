import { assertNever } from "@/lib/core/errors";
import { describeExperiment, type ExperimentGateResult } from "./experiment-gate";
import { type GateResult, type GateVerdict, overallVerdict } from "./gates";
import type { Plan } from "./plan";

/**
 * advancing: with no share yet, the new release's backends are asked whether they answer; then a new share is asked for, gateways take it up · judging: the share is live, gates are judged · paused: a person holds it,
 * harm is still watched · promoting: all traffic is asked for · rolling_back: the old release gets everything back · the last three end it.
 */
export const ROLLOUT_STATES = [
  "advancing",
  "judging",
  "paused",
  "promoting",
  "rolling_back",
  "promoted",
  "rolled_back",
  "aborted",
] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];
export const TERMINAL_STATES = ["promoted", "rolled_back", "aborted"] as const satisfies readonly RolloutState[];

export function isTerminal(state: RolloutState): boolean {
  return TERMINAL_STATES.some((s) => s === state);
}

/** Every legal move; PostgreSQL holds the same list in a trigger. */
export const TRANSITIONS: Readonly<Record<RolloutState, readonly RolloutState[]>> = {
  advancing: ["judging", "paused", "promoting", "rolling_back"],
  judging: ["advancing", "paused", "promoting", "rolling_back"],
  paused: ["advancing", "promoting", "rolling_back"],
  promoting: ["promoted", "rolling_back"],
  rolling_back: ["rolled_back", "aborted"],
  promoted: [],
  rolled_back: [],
  aborted: [],
};

/** What the judge remembers between looks. */
export interface JudgeMemory {
  readonly failuresInRow: number;
  readonly judgedAtMs: number | null;
  readonly verdict: GateVerdict | null;
  readonly results: readonly GateResult[];
  /** Of the experiment that the plan names; absent where it names none. */
  readonly experiment?: ExperimentGateResult;
  /** How a roll back ends. */
  readonly endsAs: "rolled_back" | "aborted";
  /** Why the first share is not given yet, in words; absent when nothing is known to be missing. */
  readonly waitsFor?: string;
}

export const FRESH_JUDGE: JudgeMemory = { failuresInRow: 0, judgedAtMs: null, verdict: null, results: [], endsAs: "rolled_back" };

export interface RolloutFacts {
  readonly state: RolloutState;
  readonly plan: Plan;
  readonly stepIndex: number;
  /** Share of the new release as wanted now; while advancing, 0 says that its backends have not answered yet. */
  readonly weightBps: number;
  readonly stepStartedAtMs: number | null;
  readonly deadlineAtMs: number | null;
  readonly judge: JudgeMemory;
}

/** Whether the new release could take traffic: each of its backends answers, with its model. `finding` says it in words. */
export interface Readiness {
  readonly ready: boolean;
  readonly finding: string;
}

/** How far the gateways are with the share that is wanted now. */
export interface Convergence {
  /** The newest snapshot says the wanted share. */
  readonly published: boolean;
  /** Gateways heard of in the last 10 s. */
  readonly heard: number;
  /** Of those, how many serve it. */
  readonly serving: number;
  /** Silent for over 10 s but not yet past their dead-man's time: what they serve is not known. */
  readonly unknown: number;
}

export interface Observation {
  readonly nowMs: number;
  readonly convergence: Convergence;
  /** Of the new release; null while it is not known, absent where it was not asked. */
  readonly readiness?: Readiness | null;
  /** Judgement of the gates now; null where none was made. */
  readonly results: readonly GateResult[] | null;
  /** Judgement of the experiment that the plan names, made with the others; absent where it names none. */
  readonly experiment?: ExperimentGateResult | undefined;
}

interface MoveDecision {
  readonly kind: "move";
  readonly to: RolloutState;
  readonly stepIndex: number;
  readonly weightBps: number;
  readonly reason: string;
  readonly deadlineAtMs: number | null;
  readonly stepStartedAtMs: number | null;
  readonly judge: JudgeMemory;
}

export type Decision = { readonly kind: "stay" } | { readonly kind: "remember"; readonly judge: JudgeMemory } | MoveDecision;

const SECOND = 1_000;
/** A roll back is over after this long even if a heard gateway lags: its dead-man's switch gives the share back by itself. */
export const ROLLBACK_GRACE_MS = 90 * SECOND;

const stepWeight = (plan: Plan, index: number) => plan.steps[index]?.weightBps ?? 0;

export function toRollback(facts: RolloutFacts, nowMs: number, reason: string, endsAs: JudgeMemory["endsAs"] = "rolled_back"): Decision {
  return {
    kind: "move",
    to: "rolling_back",
    stepIndex: facts.stepIndex,
    weightBps: 0,
    reason,
    deadlineAtMs: nowMs + ROLLBACK_GRACE_MS,
    stepStartedAtMs: facts.stepStartedAtMs,
    judge: { ...facts.judge, endsAs },
  };
}

/** Whether the new release has had no share yet: before its backends have answered, it gets none. */
export const isPreparing = (facts: Pick<RolloutFacts, "state" | "weightBps">) =>
  (facts.state === "advancing" || facts.state === "paused") && facts.weightBps === 0;

/** Asks for a step's share; a rollout that has none yet stays without, and its backends are asked again. */
export function toAdvance(facts: RolloutFacts, stepIndex: number, nowMs: number, reason: string): MoveDecision {
  return {
    kind: "move",
    to: "advancing",
    stepIndex,
    weightBps: isPreparing(facts) ? 0 : stepWeight(facts.plan, stepIndex),
    reason,
    deadlineAtMs: nowMs + facts.plan.convergeDeadlineSeconds * SECOND,
    stepStartedAtMs: null,
    judge: FRESH_JUDGE,
  };
}

export function toPromote(facts: RolloutFacts, nowMs: number, reason: string): Decision {
  return {
    kind: "move",
    to: "promoting",
    stepIndex: facts.stepIndex,
    weightBps: 10_000,
    reason,
    deadlineAtMs: nowMs + facts.plan.convergeDeadlineSeconds * SECOND,
    stepStartedAtMs: facts.stepStartedAtMs,
    judge: facts.judge,
  };
}

export function toPause(facts: RolloutFacts, nowMs: number, reason: string): Decision {
  return {
    kind: "move",
    to: "paused",
    stepIndex: facts.stepIndex,
    weightBps: facts.weightBps,
    reason,
    deadlineAtMs: nowMs + facts.plan.pauseDeadlineSeconds * SECOND,
    stepStartedAtMs: facts.stepStartedAtMs,
    judge: facts.judge,
  };
}

function end(facts: RolloutFacts, to: "promoted" | "rolled_back" | "aborted", weightBps: number, reason: string): Decision {
  return {
    kind: "move",
    to,
    stepIndex: facts.stepIndex,
    weightBps,
    reason,
    deadlineAtMs: null,
    stepStartedAtMs: facts.stepStartedAtMs,
    judge: facts.judge,
  };
}

const percent = (bps: number) => `${bps / 100} %`;
const isLate = (facts: RolloutFacts, nowMs: number) => facts.deadlineAtMs !== null && nowMs >= facts.deadlineAtMs;
const isConverged = (c: Convergence) => c.published && c.heard > 0 && c.serving === c.heard && c.unknown === 0;

function describeConvergence(c: Convergence): string {
  if (c.heard === 0 && c.unknown === 0) return "no gateway is running";
  const silent = c.unknown > 0 ? `, ${c.unknown} silent` : "";
  return `${c.serving} of ${c.heard} gateways serve it${silent}`;
}

const METRIC_WORDS: Record<GateResult["metric"], string> = { error_ratio: "error ratio", latency_p95_ms: "latency p95" };

function showValue(metric: GateResult["metric"], value: number | null): string {
  if (value === null) return "none";
  return metric === "error_ratio" ? `${(value * 100).toFixed(2)} %` : `${Math.round(value)} ms`;
}

/** The failing or missing gates in words, for the reason that is recorded and shown. */
export function describeResults(results: readonly GateResult[], verdict: Exclude<GateVerdict, "pass">): string {
  const about = results.filter((r) => r.verdict === verdict);
  return about
    .map((r) => {
      const name = METRIC_WORDS[r.metric];
      if (verdict === "fail")
        return `${name} ${showValue(r.metric, r.value)} is past ${showValue(r.metric, r.bound)} (running release ${showValue(r.metric, r.baseline)}, ${r.samples} requests)`;
      if (r.reason === "stale") return `${name}: no fresh requests`;
      if (r.reason === "no_baseline") return `${name}: the running release has ${r.baselineSamples} of ${r.minSamples} requests`;
      if (r.reason === "not_sure") return `${name} ${showValue(r.metric, r.value)} is too close to ${showValue(r.metric, r.bound)} to tell`;
      return `${name}: ${r.samples} of ${r.minSamples} requests`;
    })
    .join("; ");
}

/** An experiment that the plan names and nobody could look at is no pass. */
function verdictOf({ plan }: RolloutFacts, results: readonly GateResult[], experiment: ExperimentGateResult | undefined): GateVerdict {
  const verdict = overallVerdict(results);
  if (plan.experiment === null || verdict === "fail") return verdict;
  if (experiment === undefined || experiment.verdict === "inconclusive") return "inconclusive";
  return experiment.verdict === "fail" ? "fail" : verdict;
}

/** What fails or is missing of everything that is judged, in words. */
function describeJudgement({ results, experiment }: JudgeMemory, verdict: Exclude<GateVerdict, "pass">): string {
  const told = experiment?.verdict === verdict ? [describeExperiment(experiment)] : [];
  return [describeResults(results, verdict), ...told].filter((part) => part !== "").join("; ");
}

function remember(facts: RolloutFacts, { results, nowMs, experiment }: Observation & { results: readonly GateResult[] }): JudgeMemory {
  const verdict = verdictOf(facts, results, experiment);
  return {
    ...facts.judge,
    ...(experiment === undefined ? {} : { experiment }),
    failuresInRow: verdict === "fail" ? facts.judge.failuresInRow + 1 : 0,
    judgedAtMs: nowMs,
    verdict,
    results,
  };
}

const sentence = (text: string) => `${text.replace(/\.$/, "")}.`;

/** The first share is given only to a release whose backends answer. */
function decidePreparing(facts: RolloutFacts, { readiness, nowMs }: Observation): Decision {
  if (readiness?.ready)
    return {
      ...toAdvance(facts, facts.stepIndex, nowMs, sentence(readiness.finding)),
      weightBps: stepWeight(facts.plan, facts.stepIndex),
    };
  const missing = readiness?.finding ?? facts.judge.waitsFor;
  if (isLate(facts, nowMs))
    return toRollback(
      facts,
      nowMs,
      `The new release was not ready in time: ${sentence(missing ?? "whether its backends answer could not be found out")}`,
    );
  if (missing === facts.judge.waitsFor || missing === undefined) return { kind: "stay" };
  return { kind: "remember", judge: { ...facts.judge, waitsFor: missing } };
}

function decideAdvancing(facts: RolloutFacts, seen: Observation): Decision {
  if (isPreparing(facts)) return decidePreparing(facts, seen);
  if (isConverged(seen.convergence)) {
    return {
      kind: "move",
      to: "judging",
      stepIndex: facts.stepIndex,
      weightBps: stepWeight(facts.plan, facts.stepIndex),
      reason: `${percent(stepWeight(facts.plan, facts.stepIndex))} is live: ${describeConvergence(seen.convergence)}.`,
      deadlineAtMs: seen.nowMs + facts.plan.stepDeadlineSeconds * SECOND,
      stepStartedAtMs: seen.nowMs,
      judge: FRESH_JUDGE,
    };
  }
  if (isLate(facts, seen.nowMs))
    return toRollback(facts, seen.nowMs, `The share did not reach all gateways in time: ${describeConvergence(seen.convergence)}.`);
  return { kind: "stay" };
}

function decideJudging(facts: RolloutFacts, seen: Observation): Decision {
  const judge = seen.results === null ? facts.judge : remember(facts, { ...seen, results: seen.results });
  if (judge.failuresInRow >= facts.plan.failureLimit)
    return withJudge(
      toRollback(facts, seen.nowMs, `${capital(describeJudgement(judge, "fail"))}, ${judge.failuresInRow} checks in a row.`),
      judge,
    );
  const step = facts.plan.steps[facts.stepIndex];
  const longEnough = step !== undefined && facts.stepStartedAtMs !== null && seen.nowMs - facts.stepStartedAtMs >= step.minSeconds * SECOND;
  if (seen.results !== null && judge.verdict === "pass" && longEnough) {
    const passed = `All ${judge.results.length + (judge.experiment === undefined ? 0 : 1)} gates pass at ${percent(step.weightBps)}.`;
    if (facts.stepIndex + 1 < facts.plan.steps.length) return toAdvance(facts, facts.stepIndex + 1, seen.nowMs, passed);
    return withJudge(toPromote(facts, seen.nowMs, passed), judge);
  }
  if (isLate(facts, seen.nowMs)) {
    const why =
      judge.results.length === 0
        ? "no judgement could be made"
        : describeJudgement(judge, "inconclusive") || describeJudgement(judge, "fail");
    return withJudge(toRollback(facts, seen.nowMs, `The step did not pass before its deadline: ${why}.`), judge);
  }
  return seen.results === null ? { kind: "stay" } : { kind: "remember", judge };
}

function decidePaused(facts: RolloutFacts, seen: Observation): Decision {
  if (isLate(facts, seen.nowMs)) return toRollback(facts, seen.nowMs, "Nobody ended the pause before its deadline.");
  if (seen.results === null) return { kind: "stay" };
  const judge = remember(facts, { ...seen, results: seen.results });
  if (judge.failuresInRow >= facts.plan.failureLimit)
    return withJudge(toRollback(facts, seen.nowMs, `While paused: ${describeJudgement(judge, "fail")}.`), judge);
  return { kind: "remember", judge };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function withJudge(decision: Decision, judge: JudgeMemory): Decision {
  return decision.kind === "move" ? { ...decision, judge: { ...judge, endsAs: decision.judge.endsAs } } : decision;
}

/** The controller's whole mind: from the row and what is seen now, to the next move. Pure; may be asked at any time, any number of times. */
export function decideRollout(facts: RolloutFacts, seen: Observation): Decision {
  switch (facts.state) {
    case "advancing":
      return decideAdvancing(facts, seen);
    case "judging":
      return decideJudging(facts, seen);
    case "paused":
      return decidePaused(facts, seen);
    case "promoting":
      if (isConverged(seen.convergence))
        return end(facts, "promoted", 10_000, `All traffic is on the new release: ${describeConvergence(seen.convergence)}.`);
      if (isLate(facts, seen.nowMs))
        return toRollback(facts, seen.nowMs, `The promotion did not reach all gateways in time: ${describeConvergence(seen.convergence)}.`);
      return { kind: "stay" };
    case "rolling_back": {
      const { published, heard, serving } = seen.convergence;
      // A roll back never waits for gateways that are silent.
      if ((published && serving === heard) || isLate(facts, seen.nowMs))
        return end(facts, facts.judge.endsAs, 0, `The running release has all traffic again: ${describeConvergence(seen.convergence)}.`);
      return { kind: "stay" };
    }
    case "promoted":
    case "rolled_back":
    case "aborted":
      return { kind: "stay" };
    default:
      return assertNever(facts.state);
  }
}

/** Whether the new release's backends are asked now. */
export const isReadinessDue = (facts: RolloutFacts) => facts.state === "advancing" && isPreparing(facts);

/** Whether the gates are looked at now: while judging or paused, once every `judgeEverySeconds`. */
export function isJudgementDue(facts: RolloutFacts, nowMs: number): boolean {
  if (facts.state !== "judging" && facts.state !== "paused") return false;
  if (facts.stepStartedAtMs === null) return false;
  return facts.judge.judgedAtMs === null || nowMs - facts.judge.judgedAtMs >= facts.plan.judgeEverySeconds * SECOND;
}
