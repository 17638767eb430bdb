"use client";

import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { dash, formatCount, formatMoney, formatPercent } from "@/lib/core/words/format";

export type SpendRow = {
  id: string;
  name: string;
  href: string | undefined;
  costUsd: string;
  requests: number;
  unpriced: number;
};

/** What the month's money went to, dearest first. */
export function SpendCard({ title, head, rows }: { title: string; head: string; rows: readonly SpendRow[] }) {
  const words = useWords();
  const text = words.budgets;
  const total = rows.reduce((sum, row) => sum + Number(row.costUsd), 0);
  return (
    <Card>
      <CardHead title={title} />
      {rows.length === 0 ? (
        <CardBody className="text-ink-2">{text.noSpend}</CardBody>
      ) : (
        <DataTable
          caption={title}
          phone="cards"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              id: "name",
              head,
              phone: "title",
              cell: (row) =>
                row.href === undefined ? <span className="text-ink-3">{row.name}</span> : <TextLink href={row.href}>{row.name}</TextLink>,
            },
            {
              id: "cost",
              head: text.share.cost,
              phone: "corner",
              align: "right",
              cell: (row) => <span className="font-medium">{formatMoney(row.costUsd)}</span>,
            },
            {
              id: "share",
              head: text.share.ratio,
              phone: "wide",
              phoneLabel: "",
              cell: (row) => {
                const ratio = total === 0 ? null : Number(row.costUsd) / total;
                return (
                  <span className="inline-flex items-center gap-2 whitespace-nowrap">
                    <span aria-hidden className="h-[7px] w-12 overflow-hidden rounded-[2px] bg-sunken shadow-[inset_0_0_0_1px_var(--line)]">
                      <span data-bar className="block h-full bg-ink-2" style={{ width: `${(ratio ?? 0) * 100}%` }} />
                    </span>
                    <span className="text-ink-2">{formatPercent(ratio)}</span>
                  </span>
                );
              },
            },
            { id: "requests", head: text.share.requests, align: "right", cell: (row) => formatCount(row.requests) },
            {
              id: "per",
              head: text.share.perThousand,
              align: "right",
              cell: (row) => {
                const priced = row.requests - row.unpriced;
                return priced > 0 ? formatMoney(((Number(row.costUsd) / priced) * 1_000).toFixed(9)) : dash;
              },
            },
          ]}
        />
      )}
    </Card>
  );
}
