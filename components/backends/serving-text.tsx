"use client";

import { useWords } from "@/components/shell/words-provider";
import { CellNote } from "@/components/ui/data-table";
import { type BackendLine, formatRate } from "./backend-traffic";
import type { Serving } from "./serving";

/** The releases that answer from a backend, with what each asked of it in the window. */
export function ServingText({ serving, line }: { serving: readonly Serving[]; line: BackendLine | null }) {
  const words = useWords();
  if (serving.length === 0) return <span className="text-ink-3">{words.backends.notUsed}</span>;
  return serving.map((each) => {
    const part = line?.users.find((user) => user.endpoint === each.endpoint && user.release === each.release);
    return (
      <span key={`${each.endpoint} ${each.release}`} className="block">
        {words.backends.release({ endpoint: each.endpoint, release: words.endpoints.release({ number: each.release }) })}
        {part !== undefined && <CellNote>{words.backends.rate({ count: formatRate(part.requestsPerMinute) })}</CellNote>}
      </span>
    );
  });
}
