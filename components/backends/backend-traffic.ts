import type { Range } from "@/components/overview/traffic";
import type { Stat } from "@/components/ui/stat-tile";
import type { Words } from "@/lib/core/words";
import { formatMillis, formatMoney, formatNumber, formatPercent, space } from "@/lib/core/words/format";
import type { BackendTrafficAnswer } from "@/lib/domain/usage/api";

/** Releases on one page of the list of who uses a backend. */
export const usesPageSize = 20;

/** How far back health and load are read for a window: they are kept by minute, so a day at most is drawn. */
export const healthMinutesOf = (range: Range): number => (range === "1h" ? 60 : 1_440);

export type BackendLine = BackendTrafficAnswer["items"][number];

/** What one backend answered in the window; null: nothing. */
export const lineOf = (traffic: BackendTrafficAnswer, backend: string): BackendLine | null =>
  traffic.items.find((item) => item.backend === backend) ?? null;

/** `0.10 %` as value and unit. */
function split(text: string): { value: string; unit: string } {
  const at = text.indexOf(space);
  return at < 0 ? { value: text, unit: "" } : { value: text.slice(0, at), unit: text.slice(at + 1) };
}

export const formatRate = (perMinute: number): string => formatNumber(perMinute, { digits: perMinute < 10 ? 1 : 0 });

/** The tiles of a window. A number that is not there is not drawn as zero. */
export function toBackendStats(line: BackendLine | null, { words, stepMinutes }: { words: Words; stepMinutes: number }): Stat[] {
  const tiles = words.overview.tiles;
  const text = words.backends.traffic;
  const none = { value: null, noData: tiles.none };
  const traffic = line?.traffic;
  // The step that is filling is left out: half a step looks like half the traffic.
  const points = line?.points.slice(0, -1) ?? [];
  const millis = (ms: number | null | undefined, why: string) => (ms == null ? { ...none, why } : split(formatMillis(ms)));
  return [
    {
      label: tiles.requests,
      ...(traffic === undefined
        ? { ...none, why: tiles.noRequests }
        : { value: formatRate(traffic.requestsPerMinute), unit: tiles.perMinute }),
      baseline: traffic === undefined ? undefined : text.total({ count: formatNumber(traffic.requests) }),
      spark: points.map((point) => point.requests / stepMinutes),
    },
    {
      label: tiles.errors,
      ...(traffic?.errorRatio == null ? { ...none, why: tiles.noJudged } : split(formatPercent(traffic.errorRatio, { digits: 2 }))),
      baseline: traffic === undefined ? undefined : text.broken({ failed: formatNumber(traffic.failed), cut: formatNumber(traffic.cut) }),
      spark: points.map((point) => point.errorRatio),
    },
    {
      label: tiles.latency,
      ...millis(traffic?.totalMsP95, tiles.noJudged),
      baseline: traffic?.totalMsP50 == null ? undefined : text.median({ value: formatMillis(traffic.totalMsP50) }),
      spark: points.map((point) => point.totalMsP95),
    },
    {
      label: tiles.firstToken,
      ...millis(traffic?.ttftMsP95, tiles.noStreams),
      baseline: traffic?.ttftMsP50 == null ? undefined : text.median({ value: formatMillis(traffic.ttftMsP50) }),
      spark: points.map((point) => point.ttftMsP95),
    },
    {
      label: tiles.spend,
      ...(traffic === undefined ? { ...none, why: tiles.noRequests } : { value: formatMoney(traffic.costUsd) }),
      baseline: traffic === undefined || traffic.unpriced === 0 ? undefined : text.unpriced({ count: formatNumber(traffic.unpriced) }),
    },
  ];
}
