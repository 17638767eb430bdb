"use client";

import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale } from "@/components/shell/words-provider";
import { formatClock, formatDay, formatExact } from "@/lib/core/words/time";

const DAY_MS = 86_400_000;

/** A window as `21 Nov, 13:02 to 14:02`; over several days by day. The exact instants on hover. */
export function WindowText({ from, to }: { from: string; to: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const day = (ms: number) => formatDay(ms, { locale, timeZone });
  const seconds = toMs - fromMs < 10 * 60_000;
  const clock = (ms: number) => formatClock(ms, { timeZone, seconds });
  const sameDay = day(fromMs) === day(toMs);
  const text = sameDay
    ? `${day(fromMs)}, ${clock(fromMs)}–${clock(toMs)}`
    : toMs - fromMs >= 3 * DAY_MS
      ? `${day(fromMs)} – ${day(toMs)}`
      : `${day(fromMs)}, ${clock(fromMs)} – ${day(toMs)}, ${clock(toMs)}`;
  const exact = (ms: number) => formatExact(ms, { locale, timeZone });
  return <span title={`${exact(fromMs)} – ${exact(toMs)}`}>{text}</span>;
}
