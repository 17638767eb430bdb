import type { ReactNode } from "react";
import { formatPercent } from "@/lib/core/words/format";
import { cn } from "./cn";
import { type SeriesTone, toneVar } from "./tone";

export type SplitPart = {
  name: string;
  /** Share of the traffic, 0..1. */
  share: number;
  tone: SeriesTone;
  /** Beside the name in the big form: "running", "new". */
  role?: string;
};

type Props = { parts: readonly SplitPart[]; size?: "sm" | "lg"; label?: string; digits?: number; className?: string };

/** Weights as widths with a 2 px gap; a part that has any traffic is never thinner than 3 px. */
export function SplitBar({ parts, size = "sm", label, digits = 1, className }: Props) {
  const shown = parts.filter((part) => part.share > 0);
  const sentence = label ?? describeSplit(parts, digits);
  if (size === "sm") {
    return (
      <span role="img" aria-label={sentence} className={cn("flex h-2 gap-0.5 overflow-hidden rounded-[3px] bg-sunken", className)}>
        {shown.map((part) => (
          <span key={part.name} data-bar className="min-w-[3px]" style={{ flex: part.share, background: toneVar[part.tone] }} />
        ))}
      </span>
    );
  }
  return (
    <span role="img" aria-label={sentence} className={cn("flex h-9 gap-0.5 overflow-hidden rounded-control bg-sunken", className)}>
      {shown.map((part) => (
        <span
          key={part.name}
          data-bar
          className="flex min-w-[3px] items-center gap-2 overflow-hidden text-base font-semibold whitespace-nowrap text-white dark:text-[#0b0d11]"
          style={{ flex: part.share, background: `color-mix(in srgb, ${toneVar[part.tone]} var(--split-mix-${part.tone}, 90%), #000)` }}
        >
          <span className={cn("truncate pl-3", part.share < 0.3 && "max-md:hidden")}>
            {part.name} {part.role}
          </span>
          <span
            className={cn("pr-3", part.share < 0.3 && "max-md:pl-3", part.share < 0.22 && "max-md:hidden", part.share < 0.12 && "hidden")}
          >
            {shareText(part.share, digits)}
          </span>
        </span>
      ))}
    </span>
  );
}

// All or nothing has no decimals.
const shareText = (share: number, digits: number) => formatPercent(share, { digits: share === 1 || share === 0 ? 0 : digits });

/** `r41 75.2 %, r42 24.8 %` */
export function describeSplit(parts: readonly SplitPart[], digits = 1): string {
  return parts.map((part) => `${part.name} ${shareText(part.share, digits)}`).join(", ");
}

/** The line under a small bar in a table: the new one in its colour. */
export function SplitText({ parts, digits = 0 }: { parts: readonly SplitPart[]; digits?: number }) {
  return (
    <small className="mt-1 block text-small text-ink-3">
      {parts.map((part, index) => (
        <span key={part.name}>
          {index > 0 && " · "}
          <span className={part.tone === "treatment" ? "font-semibold text-v-treatment-ink" : undefined}>
            {part.name} {shareText(part.share, digits)}
          </span>
        </span>
      ))}
    </small>
  );
}

/** Square and name, for card heads. */
export function LegendItem({ tone, children }: { tone: SeriesTone; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span data-bar className="size-[9px] shrink-0 rounded-[2.5px]" style={{ background: toneVar[tone] }} aria-hidden />
      {children}
    </span>
  );
}
