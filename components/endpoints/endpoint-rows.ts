import { costPerThousand, requestsInLast, type TrafficData } from "@/components/overview/traffic";
import type { SplitPart } from "@/components/ui/split-bar";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";
import { findMover, type Mover } from "./mover";

export interface EndpointRow {
  readonly name: string;
  readonly about: string;
  readonly isSimulated: boolean;
  readonly parts: readonly SplitPart[];
  /** Of the chosen window; null without requests. */
  readonly perMinute: number | null;
  readonly errorRatio: number | null;
  readonly firstTokenMs: number | null;
  readonly perThousand: string | null;
  readonly state: StateName;
  readonly stateText: string;
}

interface Parts {
  readonly endpoints: readonly Endpoint[];
  readonly rollouts: readonly RolloutSummary[];
  readonly experiments: readonly ExperimentSummary[];
  /** Of the window that is shown. */
  readonly traffic: TrafficData;
  /** Of the last hour, minute by minute. */
  readonly recent: TrafficData;
  readonly simulated: readonly string[];
  readonly words: Words;
}

const liveMinutes = 10;

/** One line an endpoint: what is wanted of its traffic, what it carried, how it is. */
export function toEndpointRows({ endpoints, rollouts, experiments, traffic, recent, simulated, words }: Parts): EndpointRow[] {
  return endpoints.map((endpoint) => {
    const mover = findMover(endpoint.id, { rollouts, experiments }, words);
    const group = traffic.groups.find((each) => each.endpoint === endpoint.name);
    const minutes = recent.groups.find((each) => each.endpoint === endpoint.name)?.points ?? [];
    const numbers = group && group.traffic.requests > 0 ? group.traffic : null;
    return {
      name: endpoint.name,
      about: endpoint.description,
      isSimulated: simulated.includes(endpoint.name),
      parts: splitOf(endpoint, mover, words),
      perMinute: numbers?.requestsPerMinute ?? null,
      errorRatio: numbers?.errorRatio ?? null,
      firstTokenMs: numbers?.ttftMsP95 ?? null,
      perThousand: numbers === null ? null : costPerThousand(numbers),
      ...stateOf(endpoint, { mover, isLive: requestsInLast(minutes, liveMinutes) > 0, words }),
    };
  });
}

function splitOf(endpoint: Endpoint, mover: Mover | null, words: Words): SplitPart[] {
  if (mover) return mover.parts;
  if (endpoint.activeRelease === null) return [];
  return [{ name: words.endpoints.release({ number: endpoint.activeRelease.number }), share: 1, tone: "control" }];
}

interface About {
  readonly mover: Mover | null;
  readonly isLive: boolean;
  readonly words: Words;
}

export function stateOf(endpoint: Endpoint, { mover, isLive, words }: About): { state: StateName; stateText: string } {
  const texts = words.endpoints.states;
  if (mover) return { state: mover.state, stateText: mover.stateText };
  if (endpoint.activeRelease === null) return { state: "draft", stateText: endpoint.releaseCount > 0 ? texts.waiting : texts.empty };
  return isLive ? { state: "live", stateText: texts.live } : { state: "idle", stateText: texts.idle };
}
