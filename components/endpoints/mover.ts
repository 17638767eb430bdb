import { experimentSplit } from "@/components/experiments/experiment-look";
import { rolloutLook, rolloutStateText, wantedSplit } from "@/components/rollouts/rollout-look";
import type { SplitPart } from "@/components/ui/split-bar";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

/** What moves an endpoint's traffic now: a rollout or a running experiment, never both. */
export interface Mover {
  readonly kind: "rollout" | "experiment";
  /** Release numbers: what runs, and what is new beside it, in the plan's order; empty where all arms are of the one that runs. */
  readonly running: number;
  readonly fresh: readonly number[];
  /** As wanted now. */
  readonly parts: SplitPart[];
  readonly state: StateName;
  readonly stateText: string;
  /** Below the project. */
  readonly path: string;
  readonly openText: string;
  /** Why nothing else can move the endpoint now. */
  readonly blocks: string;
}

type Movers = { rollouts: readonly RolloutSummary[]; experiments: readonly ExperimentSummary[] };

/** The mover of one endpoint among what is under way in its environment; null where all traffic is on one release. */
export function findMover(endpointId: string, { rollouts, experiments }: Movers, words: Words): Mover | null {
  const rollout = rollouts.find((each) => each.endpoint.id === endpointId && each.endedAt === null);
  if (rollout !== undefined) return ofRollout(rollout, words);
  const experiment = experiments.find((each) => each.endpoint.id === endpointId && each.state === "running");
  return experiment === undefined ? null : ofExperiment(experiment, words);
}

function ofRollout(rollout: RolloutSummary, words: Words): Mover {
  return {
    kind: "rollout",
    running: rollout.from.number,
    fresh: [rollout.to.number],
    parts: wantedSplit(rollout, words),
    state: rolloutLook(rollout.state),
    stateText: rolloutStateText(rollout, words),
    path: `/rollouts/${rollout.number}`,
    openText: words.overview.needs.open.rollout,
    blocks: words.experiments.controls.busyRollout({ number: rollout.number }),
  };
}

export function ofExperiment(experiment: ExperimentSummary, words: Words): Mover {
  const running = experiment.arms.control.release.number;
  const treated = experiment.arms.treatments.map(({ release }) => release.number);
  return {
    kind: "experiment",
    running,
    fresh: [...new Set(treated)].filter((number) => number !== running),
    parts: experimentSplit(experiment, words),
    state: "running",
    stateText: words.experiments.blocks.state({ number: experiment.number }),
    path: `/experiments/${experiment.number}`,
    openText: words.experiments.blocks.open,
    blocks: words.experiments.controls.busyExperiment({ number: experiment.number }),
  };
}
