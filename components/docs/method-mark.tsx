import { cn } from "@/components/ui/cn";

/** The method by its word; what takes something away is the only one that is coloured. */
export function MethodMark({ method, className }: { method: string; className?: string }) {
  return (
    <span
      className={cn(
        "font-mono text-[11px]/5 font-semibold tracking-[0.02em]",
        method === "DELETE" ? "text-bad-ink" : "text-ink-2",
        className,
      )}
    >
      {method}
    </span>
  );
}
