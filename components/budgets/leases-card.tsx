"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import { formatMoney } from "@/lib/core/words/format";
import type { Budget, BudgetSpend } from "@/lib/domain/budgets/api";

const looks = { active: "active", expired: "holding", returned: "done" } as const satisfies Record<string, StateName>;

/** What each run of each gateway may spend of the month. */
export function LeasesCard({ budget, leases }: { budget: Budget; leases: BudgetSpend["leases"] }) {
  const words = useWords();
  const text = words.budgets;
  return (
    <Card>
      <CardHead title={text.leases} sub={text.leasesSub} />
      {leases.length === 0 ? (
        <CardBody className="text-ink-2">{budget.action === "block" ? text.leasesNone : text.leasesNotify}</CardBody>
      ) : (
        <DataTable
          caption={text.leases}
          phone="cards"
          rows={leases}
          rowKey={(lease) => lease.id}
          columns={[
            {
              id: "gateway",
              head: text.lease.gateway,
              phone: "title",
              cell: (lease) => (
                <>
                  <span className="font-medium">{lease.gatewayId}</span>
                  <CellNote>
                    <code>{lease.bootId.slice(0, 8)}</code>
                  </CellNote>
                </>
              ),
            },
            { id: "granted", head: text.lease.granted, align: "right", cell: (lease) => formatMoney(lease.grantedUsd) },
            { id: "spent", head: text.lease.spent, align: "right", cell: (lease) => formatMoney(lease.settledUsd) },
            {
              id: "held",
              head: text.lease.held,
              align: "right",
              cell: (lease) => <span className="font-medium">{formatMoney(lease.heldUsd)}</span>,
            },
            { id: "until", head: text.lease.until, cell: (lease) => <RelativeTime at={lease.expiresAt} /> },
            {
              id: "state",
              head: text.lease.state,
              phone: "corner",
              cell: (lease) => <StateText state={looks[lease.state]}>{text.leaseStates[lease.state]}</StateText>,
            },
          ]}
        />
      )}
    </Card>
  );
}
