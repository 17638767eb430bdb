"use client";

import { outcomeLook } from "@/components/requests/request-look";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { StateText } from "@/components/ui/state-badge";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { BackendTraffic } from "@/lib/domain/usage/api";

/** How the requests ended that the backend was asked for last. */
export function OutcomesCard({ traffic }: { traffic: BackendTraffic }) {
  const words = useWords();
  const text = words.backends.outcomes;
  const rows = [
    { outcome: "complete", count: traffic.complete },
    { outcome: "failed", count: traffic.failed },
    { outcome: "cut", count: traffic.cut },
    { outcome: "client_gone", count: traffic.clientGone },
    { outcome: "refused", count: traffic.refused },
    { outcome: "blocked", count: traffic.blocked },
  ] as const;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <DataTable
        caption={text.title}
        compact
        rows={rows.filter((row) => row.count > 0)}
        rowKey={(row) => row.outcome}
        columns={[
          { id: "outcome", head: text.outcome, cell: (row) => <StateText state={outcomeLook(row.outcome)} /> },
          { id: "count", head: text.count, align: "right", cell: (row) => formatNumber(row.count) },
          { id: "share", head: text.share, align: "right", cell: (row) => formatPercent(row.count / traffic.requests, { digits: 2 }) },
        ]}
      />
      <CardFoot>{traffic.retried === 0 ? text.noneRetried : text.retried({ count: formatNumber(traffic.retried) })}</CardFoot>
    </Card>
  );
}
