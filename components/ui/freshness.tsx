"use client";

import { Clock, WifiOff } from "lucide-react";
import { useNow, useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { formatClock, formatRelative } from "@/lib/core/words/time";
import { cn } from "./cn";
import { type Instant, toMs } from "./relative-time";

export type FreshnessInfo = { kind: "live" | "report"; at: Instant; staleAfterMs?: number };

/** Green and live only while new numbers come in; amber when they stopped; a clock for a report. */
export function Freshness({ kind, at, staleAfterMs = 20_000, className }: FreshnessInfo & { className?: string }) {
  const words = useWords();
  const locale = useLocale();
  const atMs = toMs(at);
  const age = useNow((nowMs) => formatRelative(Math.min(atMs, nowMs), nowMs, locale));
  const isStale = useNow((nowMs) => kind === "live" && nowMs - atMs > staleAfterMs);
  const look = cn("inline-flex items-center gap-[7px] text-small whitespace-nowrap", isStale ? "text-hold-ink" : "text-ink-2", className);
  if (kind === "report") {
    return (
      <span className={look}>
        <Clock className="size-3.5 text-ink-3" aria-hidden />
        {words.ui.ran({ age })}
      </span>
    );
  }
  return (
    <span className={look} data-fresh={!isStale}>
      {isStale ? <WifiOff className="size-3.5" aria-hidden /> : <span className="pulse-dot pulse-on" aria-hidden />}
      {isStale ? words.ui.liveStopped({ age }) : words.ui.live({ age })}
    </span>
  );
}

/** A bar on top of what is known to be old. It announces itself once. */
export function StaleBar({ at, retryInSeconds }: { at: Instant; retryInSeconds?: number }) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const atMs = toMs(at);
  const age = useNow((nowMs) => formatRelative(atMs, nowMs, locale));
  return (
    <div className="flex items-start gap-2.5 rounded-control border border-hold-line bg-hold-bg px-3 py-2">
      <WifiOff className="mt-0.5 size-4 shrink-0 text-hold-ink" aria-hidden />
      <p>
        <b>{words.ui.liveStopped({ age })}.</b>{" "}
        <span className="text-ink-2">{words.ui.liveStoppedDetail({ at: formatClock(atMs, { timeZone, seconds: true }) })}</span>{" "}
        {retryInSeconds !== undefined && <span className="text-ink-2">{words.ui.retryIn({ seconds: retryInSeconds })}</span>}
      </p>
    </div>
  );
}
