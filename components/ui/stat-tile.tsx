import type { ReactNode } from "react";
import { Sparkline } from "@/components/charts/sparkline";
import { cn } from "./cn";
import { type StateRole, textTone } from "./state-look";

export type Stat = {
  label: ReactNode;
  /** Formatted; null is "no data" and `why` says why. */
  value: string | null;
  unit?: string;
  /** Against the named baseline. Coloured only where good and bad are defined for the metric. */
  delta?: { text: string; tone?: Extract<StateRole, "good" | "bad" | "hold"> };
  /** `vs r41 455 ms` */
  baseline?: ReactNode;
  why?: ReactNode;
  noData?: string;
  spark?: readonly (number | null)[];
  sparkBase?: readonly (number | null)[];
};

/** Label, figure and unit, delta against a named baseline, shape over time. */
export function StatTile({ stat, framed = false }: { stat: Stat; framed?: boolean }) {
  return (
    <div
      className={cn(
        "flex min-w-0 flex-col gap-0.5 px-4 py-3 max-md:px-3.5",
        framed
          ? "rounded-[8px] border border-line"
          : "border-line not-first:border-l max-md:border-t max-md:odd:border-l-0 max-md:nth-[-n+2]:border-t-0",
      )}
    >
      <h3 className="truncate text-small font-[450] text-ink-3">{stat.label}</h3>
      <div className={cn("text-figure font-[550] tracking-[-0.025em] whitespace-nowrap", stat.value === null && "text-ink-3")}>
        {stat.value ?? stat.noData}
        {stat.value !== null && stat.unit !== undefined && (
          <span className="ml-[3px] text-base font-normal tracking-normal text-ink-3">{stat.unit}</span>
        )}
      </div>
      <div className="text-small text-ink-3 md:truncate">
        {stat.value === null ? (
          stat.why
        ) : (
          <>
            {stat.delta && (
              <span className={cn("font-[550]", stat.delta.tone ? textTone[stat.delta.tone] : "text-ink-2")}>{stat.delta.text}</span>
            )}{" "}
            {stat.baseline}
          </>
        )}
      </div>
      {stat.spark && <Sparkline values={stat.spark} base={stat.sparkBase} />}
    </div>
  );
}

/** Tiles in one row with hairlines, two columns on a phone. */
export function StatTiles({ stats, label }: { stats: readonly Stat[]; label: string }) {
  return (
    <section
      aria-label={label}
      className="grid overflow-hidden rounded-card border border-line bg-surface max-md:grid-cols-2 md:grid-cols-[repeat(auto-fit,minmax(150px,1fr))]"
    >
      {stats.map((stat, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tiles are a fixed list in a fixed order
        <StatTile key={index} stat={stat} />
      ))}
    </section>
  );
}
