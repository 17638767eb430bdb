import { formatUsd, parseUsd } from "@/lib/core/money";
import { type getTraffic, RANGES, type Traffic, type TrafficAnswer } from "@/lib/domain/usage/api";

export type TrafficData = ReturnType<(typeof getTraffic)["returns"]["parse"]>;
export type Points = TrafficData["points"];
export type Range = (typeof RANGES)[number];
export type { TrafficAnswer };

export function parseRange(value: string | undefined, fallback: Range = "24h"): Range {
  return RANGES.find((range) => range === value) ?? fallback;
}

const refreshMs: Record<Range, number> = { "1h": 5_000, "24h": 10_000, "7d": 30_000, "30d": 60_000 };
/** How often a window of this length is read again. */
export const everyMsOf = (range: Range): number => refreshMs[range];

/** Without the bucket that is still filling: half a bucket looks like half the traffic. */
export const wholePoints = (points: Points): Points => points.slice(0, -1);

/** Mean requests a minute over the last whole minutes, of points one minute apart; null where none has passed since the first request. */
export function recentPerMinute(points: Points, minutes = 5): number | null {
  const whole = wholePoints(points);
  const first = whole.findIndex((point) => point.requests > 0);
  if (first < 0) return null;
  const recent = whole.slice(Math.max(first, whole.length - minutes));
  return recent.reduce((sum, point) => sum + point.requests, 0) / recent.length;
}

/** Requests of the last minutes, the one that is filling included, of points one minute apart. */
export function requestsInLast(points: Points, minutes: number): number {
  return points.slice(-minutes - 1).reduce((sum, point) => sum + point.requests, 0);
}

/** USD for 1,000 requests as a decimal string; null without requests or tokens, or while some of them have no price. */
export function costPerThousand(
  traffic: Pick<Traffic, "requests" | "costUsd" | "unpriced" | "inputTokens" | "outputTokens">,
): string | null {
  if (traffic.requests === 0 || traffic.unpriced > 0 || traffic.inputTokens + traffic.outputTokens === 0) return null;
  return formatUsd((parseUsd(traffic.costUsd) * 1000n) / BigInt(traffic.requests));
}

/** Relative change, 0.1 is +10 %; null where there is nothing to compare with. */
export function relativeChange(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : now / before - 1;
}

/** Relative change of two amounts of money. */
export function moneyChange(now: string, before: string): number | null {
  const base = parseUsd(before);
  return base === 0n ? null : Number(((parseUsd(now) - base) * 1_000_000n) / base) / 1_000_000;
}
