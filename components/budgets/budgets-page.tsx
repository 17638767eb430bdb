"use client";

import { Plus } from "lucide-react";
import type { z } from "zod";
import { BudgetBar } from "@/components/charts/budget-bar";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { dash, formatMoney } from "@/lib/core/words/format";
import { type Budget, listBudgets } from "@/lib/domain/budgets/api";
import { limitText, scopeText, toBar } from "./budget-look";

type Props = { scope: Scope; initial: z.output<(typeof listBudgets)["returns"]>; cursor: string | undefined };

const pageSize = 50;

/** Every budget of the environment with how far its month is. */
export function BudgetsPage({ scope, initial, cursor }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const look = useLive(listBudgets, { project, query: { environment, cursor, limit: pageSize } }, { initial, everyMs: 5_000 });
  const base = `/${project}/budgets`;
  const text = words.budgets;
  const { items, nextCursor } = look.data;
  return (
    <Page>
      <LiveBar looks={[look]} />
      <PageHeader
        title={text.title}
        actions={
          <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={link(`${base}?new=1`)}>
            {text.create}
          </ButtonLink>
        }
      >
        {text.about}
      </PageHeader>
      <Card>
        <DataTable
          caption={text.title}
          phone="cards"
          rows={items}
          rowKey={(budget) => budget.id}
          rowHref={(budget) => link(`${base}/${budget.id}`)}
          columns={toColumns(words)}
          instead={
            items.length > 0 ? undefined : (
              <EmptyState
                title={text.empty}
                action={{ label: text.create, href: link(`${base}?new=1`) }}
                command={emptyCommand(environment)}
              >
                {text.emptyAbout}
              </EmptyState>
            )
          }
        />
        {(nextCursor !== null || cursor !== undefined) && (
          <CursorPaging
            shown={items.length}
            pageSize={pageSize}
            nextHref={nextCursor === null ? null : link(`${base}?cursor=${encodeURIComponent(nextCursor)}`)}
            firstHref={cursor === undefined ? null : link(base)}
          />
        )}
      </Card>
    </Page>
  );
}

const emptyCommand = (environment: string) =>
  `curl -X POST $SWITCHYARD_URL/api/v1/budgets -H "authorization: Bearer $SWITCHYARD_TOKEN" -H "content-type: application/json" -d '${JSON.stringify(
    { name: "all-traffic", environment, limitUsd: "250", action: "block" },
  )}'`;

function toColumns(words: Words): Column<Budget>[] {
  const text = words.budgets;
  return [
    {
      id: "budget",
      head: text.columns.budget,
      phone: "title",
      cell: (budget) => (
        <>
          <span className="font-medium">{budget.name}</span>
          <CellNote>{scopeText(budget, words)}</CellNote>
        </>
      ),
    },
    {
      id: "meter",
      head: text.columns.meter,
      phone: "wide",
      phoneLabel: "",
      width: "34%",
      cell: (budget) => (
        <div className="min-w-[180px] py-1">
          <BudgetBar {...toBar(budget)} labels />
        </div>
      ),
    },
    {
      id: "spent",
      head: text.columns.spent,
      align: "right",
      cell: (budget) => (
        <>
          <span className="font-medium">{formatMoney(budget.window.settledUsd)}</span>
          <CellNote>{text.ofLimit({ limit: limitText(budget.window.limitUsd) })}</CellNote>
        </>
      ),
    },
    {
      id: "held",
      head: text.columns.held,
      align: "right",
      cell: (budget) => (budget.action === "notify" ? dash : formatMoney(budget.window.heldUsd)),
    },
    { id: "left", head: text.columns.left, align: "right", cell: (budget) => formatMoney(budget.window.leftUsd) },
    {
      id: "action",
      head: text.columns.action,
      cell: (budget) => (
        <>
          {text.actions[budget.action]}
          <CellNote>
            <RelativeTime at={budget.window.endsAt} />
          </CellNote>
        </>
      ),
    },
    { id: "state", head: text.columns.state, phone: "corner", cell: (budget) => <StateBadge state={budget.state} /> },
  ];
}
