import { cn } from "@/components/ui/cn";
import type { SeriesTone } from "@/components/ui/tone";
import { minus } from "@/lib/core/words/format";
import { type IntervalInput, prepareInterval } from "./prepare/interval";

type Props = IntervalInput & {
  /** The whole result as a sentence. */
  label: string;
  /** The primary metric is taller. */
  primary?: boolean;
  /** Behind each tick: `pp`, `%`. */
  unit?: string;
  /** `limit +10 %` */
  limitText?: string;
  /** Of the treatment. */
  tone?: SeriesTone;
};

const boxLook: Record<SeriesTone, { box: string; bar: string }> = {
  control: { box: "bg-v-control-soft shadow-[inset_0_0_0_1px_var(--v-control)]", bar: "bg-v-control" },
  treatment: { box: "bg-v-treatment-soft shadow-[inset_0_0_0_1px_var(--v-treatment)]", bar: "bg-v-treatment" },
  c: { box: "bg-v-c-soft shadow-[inset_0_0_0_1px_var(--v-c)]", bar: "bg-v-c" },
  d: { box: "bg-v-d-soft shadow-[inset_0_0_0_1px_var(--v-d)]", bar: "bg-v-d" },
  e: { box: "bg-v-e-soft shadow-[inset_0_0_0_1px_var(--v-e)]", bar: "bg-v-e" },
  f: { box: "bg-v-f-soft shadow-[inset_0_0_0_1px_var(--v-f)]", bar: "bg-v-f" },
};

/** Orange box = interval, bar = estimate, thin line = zero, dashed ink = limit, tinted = past it; a grey band between dashes = the margin. */
export function IntervalPlot({ label, primary = false, unit = "", limitText, tone = "treatment", ...input }: Props) {
  const at = prepareInterval(input);
  const text = (value: number) => (value === 0 ? "0" : `${value > 0 ? "+" : minus}${Math.abs(value).toFixed(at.digits)}`);
  const last = at.ticks.at(-1)?.value;
  return (
    <div role="img" aria-label={label} className="min-w-[180px]">
      <div className="relative h-[34px]">
        {at.beyond && (
          <span
            className="absolute inset-y-0 bg-beyond"
            style={{ left: `${at.beyond.from}%`, width: `${at.beyond.to - at.beyond.from}%` }}
          />
        )}
        {at.margin && (
          <span
            data-margin
            className="absolute inset-y-0 border-x-2 border-dashed border-limit bg-sunken"
            style={{ left: `${at.margin.from}%`, width: `${at.margin.to - at.margin.from}%` }}
          />
        )}
        <span data-bar className="absolute inset-y-0 w-px bg-axis" style={{ left: `${at.zero}%` }} />
        {at.limit !== null && (
          <span data-bar className="absolute inset-y-0 -ml-px border-l-2 border-dashed border-limit" style={{ left: `${at.limit}%` }} />
        )}
        {at.box && (
          <span
            data-bar
            className={cn("absolute top-1/2 -translate-y-1/2 rounded-[3px]", boxLook[tone].box, primary ? "h-4" : "h-2.5")}
            style={{ left: `${at.box.from}%`, width: `${at.box.to - at.box.from}%` }}
          />
        )}
        {at.estimate !== null && (
          <span
            data-bar
            className={cn(
              "absolute top-1/2 -translate-x-1/2 -translate-y-1/2 rounded-[1px]",
              boxLook[tone].bar,
              primary ? "h-[26px] w-1" : "h-[18px] w-[3px]",
            )}
            style={{ left: `${at.estimate}%` }}
          />
        )}
      </div>
      <div className="relative h-[18px] text-micro text-ink-3">
        {at.ticks.map((tick) => (
          <span key={tick.value} className="absolute flex w-0 justify-center whitespace-nowrap" style={{ left: `${tick.at}%` }}>
            {text(tick.value)}
            {tick.value === last && unit ? ` ${unit}` : ""}
          </span>
        ))}
        {at.limit !== null && limitText !== undefined && (
          <span
            className={cn(
              "absolute flex w-0 whitespace-nowrap",
              at.limit > 85 ? "justify-end" : at.limit < 15 ? "justify-start" : "justify-center",
            )}
            style={{ left: `${at.limit}%` }}
          >
            {limitText}
          </span>
        )}
      </div>
    </div>
  );
}
