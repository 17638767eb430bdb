"use client";

import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useWords } from "@/components/shell/words-provider";
import { CellNote } from "@/components/ui/data-table";
import { formatNumber } from "@/lib/core/words/format";
import type { Serving } from "./serving";

/** The releases that answer from a backend, with the traffic of each. The log does not say how backends share it, so nor does this. */
export function ServingText({ serving, recent }: { serving: readonly Serving[]; recent: TrafficData }) {
  const words = useWords();
  if (serving.length === 0) return <span className="text-ink-3">{words.backends.notUsed}</span>;
  return serving.map((each) => {
    const points = recent.groups.find((group) => group.endpoint === each.endpoint && group.release === each.release)?.points;
    const rate = points === undefined ? null : recentPerMinute(points);
    return (
      <span key={`${each.endpoint} ${each.release}`} className="block">
        {words.backends.release({ endpoint: each.endpoint, release: words.endpoints.release({ number: each.release }) })}
        {rate !== null && <CellNote>{words.backends.shared({ count: formatNumber(rate), backends: each.sharedBy })}</CellNote>}
      </span>
    );
  });
}
