import { requestsInLast, type TrafficData } from "@/components/overview/traffic";
import type { SplitPart } from "@/components/ui/split-bar";
import { type SeriesTone, toneOrder } from "@/components/ui/tone";
import type { Words } from "@/lib/core/words";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import type { Mover } from "./mover";

const plainTones: readonly SeriesTone[] = ["f", "e", "d", "c"];

/** What runs is blue, what a rollout or an experiment brings is orange, further treatments have the tones of arms, older releases have the plain tones. At most six lines. */
export function toReleaseTones(traffic: TrafficData, endpoint: Endpoint, mover: Mover | null): { number: number; tone: SeriesTone }[] {
  const running = mover?.running ?? endpoint.activeRelease?.number;
  const fresh = mover?.fresh ?? [];
  const seen = traffic.groups
    .filter((group) => group.traffic.requests > 0)
    .flatMap((group) => (group.release === null ? [] : [group.release]));
  const others = seen.filter((number) => number !== running && !fresh.includes(number)).sort((a, b) => b - a);
  const free = plainTones.filter((tone) => !toneOrder.slice(0, fresh.length + 1).includes(tone));
  return [
    ...(running === undefined ? [] : [{ number: running, tone: "control" as const }]),
    ...fresh.map((number, index) => ({ number, tone: toneOrder[index + 1] ?? ("f" as const) })),
    ...others.slice(0, free.length).map((number, index) => ({ number, tone: free[index] ?? ("f" as const) })),
  ];
}

/** The share of each release over the last minutes, measured; empty when nothing was counted. */
export function measureSplit(
  recent: TrafficData,
  releases: readonly { number: number; tone: SeriesTone }[],
  { minutes, words }: { minutes: number; words: Words },
): { parts: SplitPart[]; requests: number } {
  const counts = releases.map(({ number, tone }) => ({
    number,
    tone,
    requests: requestsInLast(recent.groups.find((group) => group.release === number)?.points ?? [], minutes),
  }));
  const requests = counts.reduce((sum, each) => sum + each.requests, 0);
  const parts = counts
    .filter((each) => each.requests > 0)
    .map(({ number, tone, requests: own }) => ({ name: words.endpoints.release({ number }), share: own / requests, tone }));
  return { parts, requests };
}
