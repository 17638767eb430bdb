"use client";

import { useNow } from "@/components/shell/time-provider";
import { useWords } from "@/components/shell/words-provider";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import type { DriftMonitor } from "@/lib/domain/drift/api";

/** When a monitor runs next, or that it runs now. */
export function NextRun({ monitor }: { monitor: DriftMonitor }) {
  const words = useWords();
  const { openRun, nextRunAt } = monitor;
  const atMs = nextRunAt === null ? null : Date.parse(nextRunAt);
  const isDue = useNow((nowMs) => atMs !== null && nowMs >= atMs);
  if (openRun !== null) return <StateText state={openRun.state === "running" ? "running" : "queued"} />;
  if (nextRunAt === null) return <span className="text-ink-3">{words.drift.byHand}</span>;
  return isDue ? <span>{words.drift.due}</span> : <RelativeTime at={nextRunAt} />;
}
