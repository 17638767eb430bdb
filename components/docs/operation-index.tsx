"use client";

import { Search } from "lucide-react";
import { useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { MethodMark } from "./method-mark";

type Entry = { id: string; method: string; path: string; summary: string };
type Props = { groups: readonly { id: string; name: string; operations: readonly Entry[] }[] };

const matches = (entry: Entry, terms: readonly string[]) => {
  const text = `${entry.id} ${entry.method} ${entry.path} ${entry.summary}`.toLowerCase();
  return terms.every((term) => text.includes(term));
};

/** All calls by group, narrowed by what is typed. Enter opens the first. */
export function OperationIndex({ groups }: Props) {
  const words = useWords();
  const [text, setText] = useState("");
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = groups
    .map((group) => ({ ...group, operations: group.operations.filter((entry) => matches(entry, terms)) }))
    .filter((group) => group.operations.length > 0);
  const count = shown.reduce((sum, group) => sum + group.operations.length, 0);
  const first = shown[0]?.operations[0];
  return (
    <nav aria-label={words.docs.contents}>
      <search>
        <form
          className="relative"
          onSubmit={(event) => {
            event.preventDefault();
            if (first !== undefined) window.location.hash = first.id;
          }}
        >
          <Search className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-ink-3" aria-hidden />
          <input
            type="search"
            onChange={(event) => setText(event.target.value)}
            placeholder={words.docs.search}
            aria-label={words.docs.search}
            data-table-filter
            className="h-(--control-h) w-full rounded-control border border-control-line bg-surface pr-2 pl-8 max-md:text-[16px]"
          />
        </form>
      </search>
      <p role="status" className={terms.length === 0 ? "sr-only" : "mt-1.5 text-small text-ink-3"}>
        {terms.length === 0 ? "" : count === 0 ? words.docs.noneFound : words.docs.found({ count })}
      </p>
      <details className="mt-3 lg:hidden" open={terms.length > 0}>
        <summary className="cursor-pointer py-2 text-small font-medium text-ink-2">{words.docs.contents}</summary>
        <Groups groups={shown} />
      </details>
      <div className="mt-4 max-lg:hidden">
        <Groups groups={shown} />
      </div>
    </nav>
  );
}

function Groups({ groups }: Props) {
  return groups.map((group) => (
    <div key={group.id} className="mb-4">
      <a href={`#${group.id}`} className="block pb-1 text-small font-semibold hover:underline">
        {group.name}
      </a>
      <ul>
        {group.operations.map((entry) => (
          <li key={entry.id}>
            <a
              href={`#${entry.id}`}
              className="flex items-baseline gap-2 rounded-control py-[3px] pr-1 text-ink-2 hover:bg-hover hover:text-ink max-md:py-2.5"
            >
              <MethodMark method={entry.method} className="w-[46px] shrink-0 text-right text-[10px]/5" />
              <span className="min-w-0 text-small">{entry.summary}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  ));
}
