"use client";

import { Search, X } from "lucide-react";
import Form from "next/form";
import Link from "next/link";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "./button";
import { cn } from "./cn";

type FilterProps = {
  /** The page's own path, without the query. */
  action: string;
  /** The query's other parameters, kept on submit. */
  keep?: Readonly<Record<string, string>>;
  name?: string;
  value?: string;
  placeholder?: string;
};

/** Filter by text; what was typed goes into the URL. The key `/` puts the focus here. */
export function TableFilter({ action, keep = {}, name = "q", value = "", placeholder }: FilterProps) {
  const words = useWords();
  const hint = placeholder ?? words.ui.filterPlaceholder;
  return (
    <Form action={action} role="search" className="relative w-60 max-md:w-full">
      {Object.entries(keep).map(([key, kept]) => (
        <input key={key} type="hidden" name={key} value={kept} />
      ))}
      <Search className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-ink-3" aria-hidden />
      <input
        type="search"
        name={name}
        key={value}
        defaultValue={value}
        placeholder={hint}
        aria-label={hint}
        data-table-filter
        className="h-(--control-h) w-full rounded-control border border-control-line bg-surface pr-2 pl-8"
      />
    </Form>
  );
}

export type Chip = { label: string; href: string; current?: boolean; count?: number };

/** Filters as links. A chosen chip leads back to without it. */
export function FilterChips({ chips, label }: { chips: readonly Chip[]; label: string }) {
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1.5">
      {chips.map((chip) => (
        <Link
          key={chip.label}
          href={chip.href}
          scroll={false}
          aria-current={chip.current ? "true" : undefined}
          className={cn(
            "inline-flex h-7 items-center gap-1.5 rounded-full border border-line bg-surface px-2.5 text-small text-ink-2 hover:border-line-strong max-md:h-9 pointer-coarse:h-9",
            chip.current && "border-line-strong bg-selected font-[550] text-ink",
          )}
        >
          {chip.label}
          {chip.count !== undefined && <span className="text-ink-3">{chip.count}</span>}
          {chip.current && <X className="size-3 text-ink-3" aria-hidden />}
        </Link>
      ))}
    </nav>
  );
}

type PagingProps = { shown: number; pageSize: number; nextHref?: string | null; firstHref?: string | null };

/** Cursor paging: forward, and back to the first. */
export function CursorPaging({ shown, pageSize, nextHref, firstHref }: PagingProps) {
  const words = useWords();
  return (
    <div className="flex items-center gap-2.5 border-t border-line px-4 py-2.5 text-small text-ink-3">
      <span className="mr-auto">{words.ui.rowsShown({ count: shown })}</span>
      {firstHref && (
        <ButtonLink size="sm" variant="ghost" href={firstHref}>
          {words.actions.first}
        </ButtonLink>
      )}
      {nextHref && (
        <ButtonLink size="sm" href={nextHref}>
          {words.actions.next({ count: pageSize })}
        </ButtonLink>
      )}
    </div>
  );
}
