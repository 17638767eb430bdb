import { X } from "lucide-react";
import Link from "next/link";
import { useWords } from "@/components/shell/words-provider";
import type { Words } from "@/lib/core/words";
import type { FilterName, RequestFilters } from "./request-filters";

type Props = { filters: RequestFilters; href: (changed: Readonly<Record<string, undefined>>) => string; clearHref: string };

/** The outcome has chips of its own. */
const SHOWN = [
  "id",
  "endpoint",
  "release",
  "variant",
  "experiment",
  "arm",
  "key",
  "status",
  "error",
  "source",
  "cache",
  "fallback",
  "slowerThanMs",
  "dearerThanUsd",
  "from",
  "to",
] as const satisfies FilterName[];

function toText(name: (typeof SHOWN)[number], filters: RequestFilters, words: Words): string | null {
  const value = filters[name];
  if (value === undefined) return null;
  const { filters: text, detail } = words.requests;
  const labels: Record<(typeof SHOWN)[number], string> = {
    ...{
      id: "id",
      endpoint: text.endpoint,
      release: text.release,
      variant: text.variant,
      experiment: text.experiment,
      arm: text.arm,
      key: text.key,
      status: text.status,
    },
    ...{ error: text.error, source: text.source, cache: text.cache, fallback: text.fallback, slowerThanMs: text.slower },
    ...{ dearerThanUsd: text.dearer, from: `${text.from} (${text.times})`, to: `${text.to} (${text.times})` },
  };
  const shown = () => {
    if (name === "source" && filters.source !== undefined) return detail.sources[filters.source];
    if (name === "cache" && filters.cache !== undefined) return detail.caches[filters.cache];
    if (name === "fallback") return filters.fallback === "yes" ? detail.yes : detail.no;
    return name === "from" || name === "to" ? String(value).slice(0, 16).replace("T", " ") : String(value);
  };
  return `${labels[name]}: ${shown()}`;
}

/** Each filter in effect as a chip that leads to the same list without it. */
export function ActiveFilters({ filters, href, clearHref }: Props) {
  const words = useWords();
  const text = words.requests.filters;
  const chips = SHOWN.flatMap((name) => {
    const label = toText(name, filters, words);
    return label === null ? [] : [{ name, label }];
  });
  if (chips.length === 0) return null;
  return (
    <nav aria-label={text.active} className="flex flex-wrap items-center gap-1.5">
      {chips.map(({ name, label }) => (
        <Link
          key={name}
          href={href({ [name]: undefined, cursor: undefined })}
          scroll={false}
          title={text.remove({ filter: label })}
          className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-full border border-line-strong bg-selected px-2.5 text-small hover:bg-hover max-md:h-9 pointer-coarse:h-9"
        >
          <span className="truncate">{label}</span>
          <X className="size-3 shrink-0 text-ink-3" aria-hidden />
        </Link>
      ))}
      <Link href={clearHref} scroll={false} className="link text-small">
        {text.clear}
      </Link>
    </nav>
  );
}
