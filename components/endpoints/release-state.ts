import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

type About = { endpoint: Endpoint; rollouts: readonly RolloutSummary[]; experiments: readonly ExperimentSummary[]; words: Words };

/** What became of a release: it runs, a rollout or an experiment brings it, a rollout turned it back, or it waits. */
export function releaseState({ number }: Release, { endpoint, rollouts, experiments, words }: About): { state: StateName; label: string } {
  const text = words.endpoints.releases;
  if (number === endpoint.activeRelease?.number) return { state: "active", label: text.active };
  const last = rollouts.find((rollout) => rollout.to.number === number);
  if (last !== undefined && last.endedAt === null) return { state: "rolling_out", label: text.movingTo };
  if (experiments.some(({ state, arms }) => state === "running" && arms.treatments.some(({ release }) => release.number === number)))
    return { state: "running", label: text.inExperiment };
  if (last?.state === "rolled_back") return { state: "rolled_back", label: text.rolledBack };
  return { state: "idle", label: text.idle };
}
