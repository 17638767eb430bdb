"use client";

import { useRouter } from "next/navigation";
import { useWords } from "@/components/shell/words-provider";

type Props = { latest: number; version: number; base: number | null; href: (number: number) => string };

/** The other side of the comparison; the choice goes into the address. */
export function ComparePicker({ latest, version, base, href }: Props) {
  const words = useWords();
  const router = useRouter();
  const numbers = Array.from({ length: latest }, (_, index) => latest - index).filter((number) => number !== version);
  return (
    <label className="inline-flex items-center gap-2 text-small text-ink-3">
      {words.models.compare.against}
      <select
        value={base ?? ""}
        onChange={(event) => router.push(href(Number(event.target.value)), { scroll: false })}
        className="h-(--control-h) rounded-control border border-control-line bg-surface px-2 pr-6 text-ink"
      >
        {base === null && <option value="">–</option>}
        {numbers.map((number) => (
          <option key={number} value={number}>
            {words.models.version({ number })}
          </option>
        ))}
      </select>
    </label>
  );
}
