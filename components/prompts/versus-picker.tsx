"use client";

import { useRouter } from "next/navigation";
import { useWords } from "@/components/shell/words-provider";
import type { Prompt } from "@/lib/domain/prompts/api";

type Props = { prompt: Prompt; version: number; versus: number; href: (number: number) => string };

/** The other side of the comparison; the choice goes into the address. */
export function VersusPicker({ prompt, version, versus, href }: Props) {
  const words = useWords();
  const router = useRouter();
  const numbers = Array.from({ length: prompt.latestVersion ?? 0 }, (_, index) => (prompt.latestVersion ?? 0) - index);
  return (
    <label className="inline-flex items-center gap-2">
      {words.prompts.against}
      <select
        value={versus}
        onChange={(event) => router.push(href(Number(event.target.value)), { scroll: false })}
        className="h-7 rounded-control border border-control-line bg-surface px-2 pr-6 text-small text-ink max-md:h-9"
      >
        {numbers
          .filter((number) => number !== version)
          .map((number) => (
            <option key={number} value={number}>
              {words.prompts.version({ number })}
            </option>
          ))}
      </select>
    </label>
  );
}
