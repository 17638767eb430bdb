import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";

/** Hairline, no shadow, and never a card inside a card. */
export function Card({ className, ...rest }: ComponentProps<"section">) {
  return <section {...rest} className={cn("min-w-0 rounded-card border border-line bg-surface print:break-inside-avoid", className)} />;
}

type HeadProps = { title: ReactNode; sub?: ReactNode; right?: ReactNode; level?: 2 | 3; id?: string; className?: string };

/** Title, what it counts, and on the right the legend, `Table` or one link. */
export function CardHead({ title, sub, right, level = 2, id, className }: HeadProps) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <div
      className={cn(
        "flex min-h-[46px] items-center gap-x-2.5 gap-y-1 px-4 py-[11px] max-md:flex-wrap max-md:px-3.5 max-md:py-3",
        className,
      )}
    >
      <Heading id={id} className="text-[14px]/5 font-semibold tracking-[-0.005em] md:whitespace-nowrap">
        {title}
      </Heading>
      {sub !== undefined && <span className="min-w-0 text-small text-ink-3">{sub}</span>}
      {right !== undefined && (
        <span className="ml-auto flex items-center gap-3 text-small whitespace-nowrap text-ink-3 max-md:flex-wrap">{right}</span>
      )}
    </div>
  );
}

export function CardBody({ flush = false, className, ...rest }: ComponentProps<"div"> & { flush?: boolean }) {
  return <div {...rest} className={cn("px-4 pb-4 max-md:px-3.5 max-md:pb-3.5", flush && "p-0 max-md:p-0", className)} />;
}

export function CardFoot({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div
      {...rest}
      className={cn(
        "flex items-center gap-2.5 border-t border-line px-4 py-2.5 text-small text-ink-3 max-md:items-start max-md:px-3.5",
        className,
      )}
    />
  );
}

/** Main column and the 336 px aside with decisions, controls and timeline; one column below 1100 px, there with the aside first if asked. */
export function MainAside({ children, aside, asideFirst = false }: { children: ReactNode; aside: ReactNode; asideFirst?: boolean }) {
  return (
    <div className="grid items-start gap-(--gap-page) lg:grid-cols-[minmax(0,1fr)_336px]">
      <div className="flex min-w-0 flex-col gap-(--gap-page)">{children}</div>
      <aside className={cn("flex min-w-0 flex-col gap-(--gap-page)", asideFirst && "max-lg:order-first")}>{aside}</aside>
    </div>
  );
}

/** Cards side by side from 760 px (three from 1100 px), one column on a phone. */
export function Columns({ count = 2, children, className }: { count?: 2 | 3; children: ReactNode; className?: string }) {
  return (
    <div className={cn("grid gap-(--gap-page)", count === 2 ? "md:grid-cols-2" : "lg:grid-cols-3", "[&>*]:min-w-0", className)}>
      {children}
    </div>
  );
}
