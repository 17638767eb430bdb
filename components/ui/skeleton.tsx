import { cn } from "./cn";

/** A shape where content will be; appears after 300 ms only. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden className={cn("skeleton-late block h-3 rounded-mark bg-sunken shadow-[inset_0_0_0_1px_var(--line)]", className)} />
  );
}

const widths = ["w-[34%]", "w-[28%]", "w-[40%]", "w-[31%]", "w-[36%]"];

/** The final shape of a table or list while it loads. */
export function SkeletonRows({ rows = 5, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-busy="true" className="flex min-h-[216px] flex-col justify-center gap-[13px] p-4">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical shapes without identity
        <div key={index} className="flex items-center justify-between">
          <Skeleton className={widths[index % widths.length]} />
          <Skeleton className="w-[12%]" />
          <Skeleton className="h-[18px] w-[18%]" />
        </div>
      ))}
    </div>
  );
}

/** A whole page in its final shape, for `loading.tsx`. */
export function SkeletonPage({ label }: { label: string }) {
  return (
    <div role="status" aria-busy="true" className="flex w-full max-w-(--content-max) flex-col gap-(--gap-page) px-(--page-pad) pt-5 pb-10">
      <span className="sr-only">{label}</span>
      <Skeleton className="h-7 w-64 max-w-full" />
      <Skeleton className="h-4 w-[60ch] max-w-full" />
      <Skeleton className="h-16 rounded-card" />
      <Skeleton className="h-80 rounded-card" />
    </div>
  );
}
