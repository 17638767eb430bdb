import type { RolloutStep } from "@/components/ui/rollout-stepper";
import type { Locale, Words } from "@/lib/core/words";
import { formatNumber, formatPercent, formatSpan, space } from "@/lib/core/words/format";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { isOver } from "./rollout-look";

export interface StepTexts {
  readonly nowMs: number;
  readonly words: Words;
  /** Time of day in the viewer's zone. */
  readonly clock: (atMs: number) => string;
  /** Of the plan, in seconds. */
  readonly span: (seconds: number) => string;
}

export const shareText = (weightBps: number): string => formatPercent(weightBps / 10_000, { digits: weightBps % 100 === 0 ? 0 : 1 });

/** A span of the plan: whole minutes as such, others below an hour in seconds, so that 90 s is not read as 1 min. */
export function planSpan(seconds: number, locale: Locale): string {
  return seconds < 3600 && seconds % 60 !== 0 ? formatSeconds(seconds, locale) : formatSpan(seconds * 1000, locale);
}

const formatSeconds = (seconds: number, locale: Locale) =>
  locale === "ko" ? `${formatNumber(seconds)}초` : `${formatNumber(seconds)}${space}s`;

type Event = Rollout["events"][number];

/** Oldest first. */
const oldestFirst = (rollout: Rollout): Event[] => [...rollout.events].reverse();

/** When the step's judging began for the last time, and when the rollout left the step; null where that has not happened. */
function timesOf(events: readonly Event[], stepIndex: number): { askedMs: number | null; judgingMs: number | null; leftMs: number | null } {
  const own = events.filter((event) => event.stepIndex === stepIndex);
  const asked = own.find((event) => event.toState === "advancing" && event.weightBps > 0);
  const judging = own.findLast((event) => event.toState === "judging");
  const left = events.find(
    (event) =>
      (event.stepIndex > stepIndex && event.toState === "advancing") ||
      (event.stepIndex === stepIndex && (event.toState === "promoting" || event.toState === "rolling_back")),
  );
  const ms = (event: Event | undefined) => (event === undefined ? null : Date.parse(event.at));
  return { askedMs: ms(asked), judgingMs: ms(judging), leftMs: ms(left) };
}

/** The start, each step of the plan and the promotion, each with when and why. */
export function toSteps(rollout: Rollout, texts: StepTexts): RolloutStep[] {
  const { words, clock } = texts;
  const text = words.rollouts.steps;
  const events = oldestFirst(rollout);
  return [
    { id: "start", title: text.start, state: "done", lines: [rollout.createdBy, clock(Date.parse(rollout.createdAt))] },
    ...rollout.plan.steps.map((step, index) => ({
      id: `step-${index}`,
      title: shareText(step.weightBps),
      number: index + 1,
      ...describeStep(rollout, index, { ...texts, events }),
    })),
    { id: "all", title: text.all, number: rollout.plan.steps.length + 1, ...describeLast(rollout, { ...texts, events }) },
  ];
}

type About = StepTexts & { readonly events: readonly Event[] };
type Described = Pick<RolloutStep, "state" | "lines" | "progress">;

function describeStep(rollout: Rollout, index: number, about: About): Described {
  const { words, clock, span, events } = about;
  const text = words.rollouts.steps;
  const { judgingMs, leftMs } = timesOf(events, index);
  const isPromoting = rollout.state === "promoting" || rollout.state === "promoted";
  const isTurned = ["rolling_back", "rolled_back", "aborted"].includes(rollout.state);
  if (index < rollout.stepIndex || (isPromoting && index === rollout.stepIndex)) {
    const stayed = judgingMs !== null && leftMs !== null ? [text.from({ from: clock(judgingMs), to: clock(leftMs) })] : [];
    return { state: "done", lines: index < rollout.stepIndex ? [text.passed({ count: rollout.plan.gates.length }), ...stayed] : stayed };
  }
  if (index > rollout.stepIndex) {
    if (isTurned || isPromoting) return { state: "skipped", lines: [words.ui.stepSkipped] };
    return { state: "next", lines: [text.least({ span: span(leastMs(rollout, index) / 1000) })] };
  }
  if (isTurned) return { state: "failed", lines: leftMs === null ? [] : [text.turnedAt({ at: clock(leftMs) })] };
  return describeNow(rollout, index, about);
}

const leastMs = (rollout: Rollout, index: number) => (rollout.plan.steps[index]?.minSeconds ?? 0) * 1000;

function describeNow(rollout: Rollout, index: number, { nowMs, words, clock, events }: About): Described {
  const text = words.rollouts.steps;
  if (rollout.state === "advancing" || rollout.stepStartedAt === null) {
    const { askedMs } = timesOf(events, index);
    return { state: "now", progress: 0, lines: askedMs === null ? [] : [text.shares({ at: clock(askedMs) })] };
  }
  const startMs = Date.parse(rollout.stepStartedAt);
  const minMs = leastMs(rollout, index);
  return {
    state: "now",
    progress: minMs === 0 ? 1 : (nowMs - startMs) / minMs,
    lines: [text.since({ at: clock(startMs) }), text.earliest({ at: clock(startMs + minMs) })],
  };
}

function describeLast(rollout: Rollout, { words, clock, events }: About): Described {
  const text = words.rollouts.steps;
  const at = events.findLast((event) => event.toState === rollout.state)?.at;
  if (rollout.state === "promoted")
    return { state: "done", lines: at === undefined ? [] : [text.promotedAt({ at: clock(Date.parse(at)) })] };
  if (rollout.state === "promoting") return { state: "now", lines: at === undefined ? [] : [text.since({ at: clock(Date.parse(at)) })] };
  if (isOver(rollout.state) || rollout.state === "rolling_back") return { state: "skipped", lines: [words.ui.stepSkipped] };
  return { state: "next", lines: [] };
}
