import { cn } from "@/components/ui/cn";
import { toHeatStep } from "./prepare/drift";

export type HistoryRow = { name: string; values: readonly (number | null)[]; last: string };

const heat = [
  "bg-[color-mix(in_srgb,var(--v-f)_7%,var(--surface))]",
  "bg-[color-mix(in_srgb,var(--v-f)_22%,var(--surface))]",
  "bg-[color-mix(in_srgb,var(--v-f)_45%,var(--surface))]",
  "bg-[color-mix(in_srgb,var(--v-f)_72%,var(--surface))]",
  "bg-ink",
] as const;

type Props = {
  rows: readonly HistoryRow[];
  labels: readonly string[];
  watch: number;
  limit: number;
  describe: (row: HistoryRow) => string;
};

/** The last runs of each feature in five ink steps; hatched = the run failed; outlined = this report. */
export function HistoryGrid({ rows, labels, watch, limit, describe }: Props) {
  const columns = { gridTemplateColumns: `clamp(96px, 14vw, 168px) repeat(${labels.length}, minmax(14px, 1fr)) 48px` };
  return (
    <section
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
      tabIndex={0}
      aria-label={labels.join(", ")}
    >
      {rows.map((row) => (
        <div key={row.name} role="img" aria-label={describe(row)} className="mb-0.5 grid items-center gap-0.5" style={columns}>
          <span className="truncate pr-3 font-mono text-small">{row.name}</span>
          {row.values.map((value, index) => {
            const step = toHeatStep(value, { watch, limit });
            return (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: cells follow the runs
                key={index}
                data-bar
                className={cn(
                  "h-[18px] rounded-[3px]",
                  step === null ? "hatch-none" : heat[step],
                  index === labels.length - 1 && "shadow-[0_0_0_1.5px_var(--v-treatment)]",
                )}
              />
            );
          })}
          <span className="pl-3 text-right text-small font-semibold">{row.last}</span>
        </div>
      ))}
      <div aria-hidden className="grid gap-0.5 text-micro text-ink-3" style={columns}>
        <span />
        {labels.map((label) => (
          <span key={label} className="text-center whitespace-nowrap max-md:hidden">
            {label}
          </span>
        ))}
        <span />
      </div>
    </section>
  );
}
