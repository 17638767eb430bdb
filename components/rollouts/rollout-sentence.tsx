"use client";

import { describeRelease } from "@/components/endpoints/release-changes";
import { useTimeZone } from "@/components/shell/time-provider";
import { useWords } from "@/components/shell/words-provider";
import { Term } from "@/components/ui/tooltip";
import { formatClock } from "@/lib/core/words/time";
import type { Release } from "@/lib/domain/endpoints/api";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { describeGates } from "./rollout-gates";
import { isOver } from "./rollout-look";

/** What this is, how the gates stand, and when something happens by itself. */
export function RolloutSentence({ rollout, to }: { rollout: Rollout; to: Release }) {
  const words = useWords();
  const timeZone = useTimeZone();
  const text = words.rollouts;
  const clock = (at: string | number) => formatClock(typeof at === "number" ? at : Date.parse(at), { timeZone, seconds: true });
  const what = text.canaryOf({ parts: describeRelease(to, words) });
  if (isOver(rollout.state)) return what;
  const isJudged = rollout.state === "judging" || rollout.state === "paused";
  return (
    <>
      <Term name="canary">{what.slice(0, what.indexOf(" "))}</Term>
      {what.slice(what.indexOf(" "))}{" "}
      {isJudged && (
        <>
          <b>{describeGates(rollout, words)}</b> {rollout.verdict !== "fail" && rollout.judge.results.length > 0 && text.nothingFailed}{" "}
        </>
      )}
      {nextSentence()}
    </>
  );

  function preparingSentence(): string {
    const found = rollout.waitsFor ?? text.backendsAsked;
    return rollout.deadlineAt === null ? found : `${found} ${text.readyBy({ at: clock(rollout.deadlineAt) })}`;
  }

  function nextSentence(): string {
    const { deadlineAt } = rollout;
    if (rollout.state === "paused") return deadlineAt === null ? "" : text.pauseEndsAt({ at: clock(deadlineAt) });
    if (rollout.state === "advancing" && rollout.weightBps === 0) return preparingSentence();
    if (rollout.state === "advancing" || rollout.state === "promoting")
      return deadlineAt === null ? "" : text.convergesBy({ at: clock(deadlineAt) });
    if (rollout.state !== "judging" || rollout.stepStartedAt === null) return "";
    const minMs = (rollout.plan.steps[rollout.stepIndex]?.minSeconds ?? 0) * 1000;
    const at = clock(Date.parse(rollout.stepStartedAt) + minMs);
    const isLast = rollout.stepIndex === rollout.stepCount - 1;
    const next = isLast ? text.promotesAt({ at }) : text.nextAt({ at });
    return deadlineAt === null ? next : `${next} ${text.deadlineAt({ at: clock(deadlineAt) })}`;
  }
}
