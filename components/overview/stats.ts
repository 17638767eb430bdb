import type { Stat } from "@/components/ui/stat-tile";
import type { Words } from "@/lib/core/words";
import { formatChange, formatMillis, formatMoney, formatNumber, formatPercent, formatPoints, space } from "@/lib/core/words/format";
import { moneyChange, type Range, relativeChange, type TrafficData, wholePoints } from "./traffic";

type Tone = NonNullable<Stat["delta"]>["tone"];

/** What is better when it falls: coloured only past a change that is worth a look. */
function fallingIsGood(change: number, worthALook: number): Tone {
  if (Math.abs(change) < worthALook) return undefined;
  return change < 0 ? "good" : "bad";
}

/** The tiles of a window against the one before it, each with its shape. A number that is not there is not drawn as zero. */
export function toStats(traffic: TrafficData, range: Range, words: Words): Stat[] {
  const { total, before } = traffic;
  const points = wholePoints(traffic.points);
  const text = words.overview.tiles;
  const none = { value: null, noData: text.none };
  const hasBefore = before.requests > 0;
  const versus = (value: string) => words.ui.versus({ name: value });
  const missing = text.noBefore({ window: words.overview.windows[range] });
  const minutes = traffic.stepSeconds / 60;
  const perMinute = (value: number) => formatNumber(value, { digits: value < 10 ? 1 : 0 });

  const requestsChange = relativeChange(total.requestsPerMinute, before.requestsPerMinute);
  const errorDifference = total.errorRatio === null || before.errorRatio === null ? null : total.errorRatio - before.errorRatio;
  const spendChange = moneyChange(total.costUsd, before.costUsd);
  return [
    {
      label: text.requests,
      ...(total.requests === 0 ? { ...none, why: text.noRequests } : { value: perMinute(total.requestsPerMinute), unit: text.perMinute }),
      delta: requestsChange === null ? undefined : { text: formatChange(requestsChange) },
      baseline: hasBefore ? versus(perMinute(before.requestsPerMinute)) : missing,
      spark: points.map((point) => point.requests / minutes),
    },
    {
      label: text.errors,
      ...(total.errorRatio === null ? { ...none, why: text.noJudged } : split(formatPercent(total.errorRatio, { digits: 2 }))),
      delta:
        errorDifference === null
          ? undefined
          : { text: formatPoints(errorDifference, { digits: 2 }), tone: fallingIsGood(errorDifference, 0.0001) },
      baseline: before.errorRatio === null ? missing : versus(formatPercent(before.errorRatio, { digits: 2 })),
      spark: points.map((point) => point.errorRatio),
    },
    {
      label: text.latency,
      ...latency(total.totalMsP95, before.totalMsP95),
      why: text.noJudged,
      spark: points.map((point) => point.totalMsP95),
    },
    {
      label: text.firstToken,
      ...latency(total.ttftMsP95, before.ttftMsP95),
      why: text.noStreams,
      spark: points.map((point) => point.ttftMsP95),
    },
    {
      label: text.spend,
      ...(total.requests === 0 ? { ...none, why: text.noRequests } : { value: formatMoney(total.costUsd) }),
      delta: spendChange === null ? undefined : { text: formatChange(spendChange) },
      baseline: hasBefore ? versus(formatMoney(before.costUsd)) : missing,
      spark: points.map((point) => Number(point.costUsd)),
    },
  ];

  function latency(now: number | null, was: number | null): Omit<Stat, "label"> {
    const change = relativeChange(now, was);
    return {
      ...(now === null ? none : split(formatMillis(now))),
      delta: change === null ? undefined : { text: formatChange(change), tone: fallingIsGood(change, 0.02) },
      baseline: was === null ? missing : versus(formatMillis(was)),
    };
  }
}

/** `0.10 %` as value and unit. */
function split(text: string): { value: string; unit: string } {
  const at = text.indexOf(space);
  return at < 0 ? { value: text, unit: "" } : { value: text.slice(0, at), unit: text.slice(at + 1) };
}
