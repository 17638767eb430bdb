import { costPerThousand, requestsInLast, type TrafficData } from "@/components/overview/traffic";
import { rolloutLook, rolloutStateText, wantedSplit } from "@/components/rollouts/rollout-look";
import type { SplitPart } from "@/components/ui/split-bar";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

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
  /** Of the window that is shown. */
  readonly traffic: TrafficData;
  /** Of the last hour, minute by minute. */
  readonly recent: TrafficData;
  readonly simulated: readonly string[];
  readonly words: Words;
}

const liveMinutes = 10;

/** One line an endpoint: what is wanted of its traffic, what it carried, how it is. */
export function toEndpointRows({ endpoints, rollouts, traffic, recent, simulated, words }: Parts): EndpointRow[] {
  return endpoints.map((endpoint) => {
    const rollout = rollouts.find((each) => each.endpoint.id === endpoint.id);
    const group = traffic.groups.find((each) => each.endpoint === endpoint.name);
    const minutes = recent.groups.find((each) => each.endpoint === endpoint.name)?.points ?? [];
    const numbers = group && group.traffic.requests > 0 ? group.traffic : null;
    return {
      name: endpoint.name,
      about: endpoint.description,
      isSimulated: simulated.includes(endpoint.name),
      parts: splitOf(endpoint, rollout, words),
      perMinute: numbers?.requestsPerMinute ?? null,
      errorRatio: numbers?.errorRatio ?? null,
      firstTokenMs: numbers?.ttftMsP95 ?? null,
      perThousand: numbers === null ? null : costPerThousand(numbers),
      ...stateOf(endpoint, { rollout, isLive: requestsInLast(minutes, liveMinutes) > 0, words }),
    };
  });
}

function splitOf(endpoint: Endpoint, rollout: RolloutSummary | undefined, words: Words): SplitPart[] {
  if (rollout) return wantedSplit(rollout, words);
  if (endpoint.activeRelease === null) return [];
  return [{ name: words.endpoints.release({ number: endpoint.activeRelease.number }), share: 1, tone: "control" }];
}

interface About {
  readonly rollout: RolloutSummary | undefined;
  readonly isLive: boolean;
  readonly words: Words;
}

export function stateOf(endpoint: Endpoint, { rollout, isLive, words }: About): { state: StateName; stateText: string } {
  const texts = words.endpoints.states;
  if (rollout) return { state: rolloutLook(rollout.state), stateText: rolloutStateText(rollout, words) };
  if (endpoint.activeRelease === null) return { state: "draft", stateText: endpoint.releaseCount > 0 ? texts.waiting : texts.empty };
  return isLive ? { state: "live", stateText: texts.live } : { state: "idle", stateText: texts.idle };
}
