import type { SplitPart } from "@/components/ui/split-bar";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

type State = RolloutSummary["state"];

const looks: Record<State, StateName> = {
  advancing: "rolling_out",
  judging: "judging",
  paused: "paused",
  promoting: "rolling_out",
  rolling_back: "rolling_back",
  promoted: "promoted",
  rolled_back: "rolled_back",
  aborted: "aborted",
};

export const rolloutLook = (state: State): StateName => looks[state];

const ended: readonly State[] = ["promoted", "rolled_back", "aborted"];
export const isOver = (state: State): boolean => ended.includes(state);

/** Promotion to 100 % is the last step that people see; the plan does not list it. */
export const shownSteps = (rollout: Pick<RolloutSummary, "stepIndex" | "stepCount">) => ({
  step: rollout.stepIndex + 1,
  count: rollout.stepCount + 1,
});

export function rolloutStateText(rollout: Pick<RolloutSummary, "state" | "stepIndex" | "stepCount" | "weightBps">, words: Words): string {
  if (rollout.state === "advancing" && rollout.weightBps === 0) return words.rollouts.stateText.preparing;
  const text = words.rollouts.stateText[rollout.state];
  return typeof text === "function" ? text(shownSteps(rollout)) : text;
}

/** The split that the rollout wants now, of the two releases. */
export function wantedSplit(rollout: Pick<RolloutSummary, "from" | "to" | "weightBps">, words: Words): SplitPart[] {
  const share = rollout.weightBps / 10_000;
  const name = (number: number) => words.endpoints.release({ number });
  return [
    { name: name(rollout.from.number), share: 1 - share, tone: "control", role: words.endpoints.live.running },
    { name: name(rollout.to.number), share, tone: "treatment", role: words.endpoints.live.fresh },
  ];
}
