"use client";

import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";
import { cn } from "./cn";
import { badgeTone, type StateName, stateLook, textTone } from "./state-look";

type Props = {
  state: StateName;
  /** Replaces the catalogue's word where the page knows more: `Judging step 2 of 4`. */
  children?: ReactNode;
  size?: "md" | "lg";
  className?: string;
};

/** Icon and word of a state, for heads and tables. */
export function StateBadge({ state, children, size = "md", className }: Props) {
  const words = useWords();
  const { role, icon: Icon, solid } = stateLook[state];
  return (
    <span
      data-state-name={state}
      className={cn(
        "inline-flex items-center gap-[5px] whitespace-nowrap rounded-mark border text-small font-medium",
        size === "lg" ? "h-[26px] rounded-control pr-2.5 pl-2 text-base" : "h-[22px] pr-2 pl-1.5",
        solid ? "border-danger bg-danger text-on-danger" : badgeTone[role],
        className,
      )}
    >
      <Icon className="size-[13px] shrink-0 stroke-2" aria-hidden />
      {children ?? words.states[state]}
    </span>
  );
}

/** The same without a box, for tight lists. */
export function StateText({ state, children, className }: Omit<Props, "size">) {
  const words = useWords();
  const { role, icon: Icon } = stateLook[state];
  return (
    <span
      data-state-name={state}
      className={cn("inline-flex items-center gap-1.5 whitespace-nowrap font-medium leading-5", textTone[role], className)}
    >
      <Icon className="size-3.5 shrink-0 stroke-2" aria-hidden />
      {children ?? words.states[state]}
    </span>
  );
}
