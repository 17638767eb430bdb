import { cn } from "@/components/ui/cn";
import { prepareDriftBar } from "./prepare/drift";

/** One feature's value against watch (thin line) and limit (thick line). */
export function DriftBar({ value, watch, limit, label }: { value: number | null; watch?: number | null; limit: number; label: string }) {
  const at = prepareDriftBar({ value, watch, limit });
  return (
    <div role="img" aria-label={label} className="relative h-2 min-w-[120px] rounded-[2px] bg-sunken shadow-[inset_0_0_0_1px_var(--line)]">
      {at.value === null ? (
        <span data-bar className="hatch-none absolute inset-0 rounded-[2px]" />
      ) : (
        <span
          data-bar
          className={cn("absolute inset-y-0 left-0 min-w-[3px] rounded-[2px]", at.isPastWatch || at.isPastLimit ? "bg-ink" : "bg-ink-3")}
          style={{ width: `${at.value}%` }}
        />
      )}
      {at.watch !== null && <span data-bar className="absolute -inset-y-[3px] w-px bg-control-line" style={{ left: `${at.watch}%` }} />}
      <span
        data-bar
        className="absolute -inset-y-[3px] w-0.5 bg-limit shadow-[0_0_0_1px_var(--surface)]"
        style={{ left: `${at.limit}%` }}
      />
    </div>
  );
}
