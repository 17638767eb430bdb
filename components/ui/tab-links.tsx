import Link from "next/link";
import { cn } from "./cn";

export type TabLink = { label: string; href: string; current?: boolean; count?: number };

/** Each tab is a URL. */
export function TabLinks({ tabs, label }: { tabs: readonly TabLink[]; label: string }) {
  return (
    <nav
      aria-label={label}
      className="-mt-1 flex gap-0.5 overflow-x-auto border-b border-line [scrollbar-width:none] max-md:-mx-(--page-pad) max-md:px-3"
    >
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          aria-current={tab.current ? "page" : undefined}
          className={cn(
            "-mb-px border-b-2 border-transparent px-2.5 pt-2 pb-[9px] whitespace-nowrap text-ink-3 hover:text-ink focus-visible:-outline-offset-2 max-md:pt-3 max-md:pb-[13px]",
            tab.current && "border-ink font-[550] text-ink",
          )}
        >
          {tab.label}
          {tab.count !== undefined && <span className="ml-[5px] text-micro text-ink-3">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** A choice of two to five that changes the URL, such as the time range. */
export function SegmentLinks({ items, label, size = "md" }: { items: readonly TabLink[]; label: string; size?: "md" | "sm" }) {
  return (
    <nav
      aria-label={label}
      className={cn(
        "inline-flex overflow-hidden rounded-control border border-line-strong bg-surface",
        size === "sm" ? "h-7 text-small max-md:h-9" : "h-(--control-h)",
      )}
    >
      {items.map((item) => (
        <Link
          key={item.href}
          href={item.href}
          aria-current={item.current ? "true" : undefined}
          className={cn(
            "flex flex-1 items-center justify-center border-line px-2.5 whitespace-nowrap text-ink-3 not-first:border-l hover:text-ink focus-visible:-outline-offset-2",
            item.current && "bg-selected font-[550] text-ink",
          )}
        >
          {item.label}
        </Link>
      ))}
    </nav>
  );
}
