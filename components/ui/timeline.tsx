import type { ReactNode } from "react";
import { cn } from "./cn";
import { ClockTime, type Instant } from "./relative-time";
import type { StateRole } from "./state-look";

export type TimelineEvent = {
  id: string;
  tone?: StateRole;
  title: ReactNode;
  at: Instant;
  /** Who, or "Automatic". */
  actor?: string;
  /** What the person typed, quoted. */
  reason?: string;
  detail?: ReactNode;
};

const node: Record<StateRole, string> = {
  idle: "border-ink-3 bg-surface",
  active: "border-active-solid bg-surface",
  hold: "border-hold-solid bg-hold-solid",
  good: "border-good-solid bg-good-solid",
  bad: "border-bad-solid bg-bad-solid",
};

/** Newest first. */
export function Timeline({ events, label }: { events: readonly TimelineEvent[]; label: string }) {
  return (
    <ol aria-label={label} className="relative pl-[22px]">
      {events.map((event) => (
        <li
          key={event.id}
          className="relative pb-3.5 before:absolute before:top-5 before:-bottom-0.5 before:-left-4 before:w-px before:bg-line-strong last:pb-0 last:before:hidden"
        >
          <span
            aria-hidden
            className={cn("absolute top-[3px] -left-[22px] block size-[13px] rounded-full border-2", node[event.tone ?? "idle"])}
          />
          <ClockTime at={event.at} className="float-right ml-2.5 text-small text-ink-3" />
          <span className="font-medium">{event.title}</span>
          {(event.detail ?? event.actor ?? event.reason) !== undefined && (
            <p className="text-[12px]/[17px] text-ink-3">
              {event.actor}
              {event.actor && (event.reason || event.detail) ? ": " : ""}
              {event.reason ? `“${event.reason}”` : ""}
              {event.reason && event.detail ? " " : ""}
              {event.detail}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
