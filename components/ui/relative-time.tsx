"use client";

import { useNow, useTimeZone } from "@/components/shell/time-provider";
import { useLocale } from "@/components/shell/words-provider";
import { formatClock, formatDay, formatExact, formatRelative } from "@/lib/core/words/time";

/** ISO 8601 text or ms since 1970. */
export type Instant = string | number;
export const toMs = (at: Instant): number => (typeof at === "number" ? at : Date.parse(at));

/** `3 s ago`, with the exact instant on hover. The server writes what the browser hydrates. */
export function RelativeTime({ at, className }: { at: Instant; className?: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  const atMs = toMs(at);
  const text = useNow((nowMs) => formatRelative(atMs, nowMs, locale));
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs, { locale, timeZone })} className={className}>
      {text}
    </time>
  );
}

/** `14:32` today, else `20 Nov`; the exact instant on hover. */
export function ClockTime({ at, seconds = false, className }: { at: Instant; seconds?: boolean; className?: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  const atMs = toMs(at);
  const text = useNow((nowMs) => {
    const today = formatDay(nowMs, { locale, timeZone }) === formatDay(atMs, { locale, timeZone });
    return today ? formatClock(atMs, { timeZone, seconds }) : formatDay(atMs, { locale, timeZone });
  });
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs, { locale, timeZone })} className={className}>
      {text}
    </time>
  );
}
