"use client";

import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import { listApprovals } from "@/lib/domain/approvals/api";
import { approvalLook, approvalStateText, kindText } from "./approval-look";
import { VIEWS, type View } from "./approval-views";

type Props = { scope: Scope; view: View; cursor: string | undefined; initial: z.output<(typeof listApprovals)["returns"]> };

const pageSize = 50;

/** What waits for whom, what was asked for, what was decided. */
export function ApprovalsPage({ scope, view, cursor, initial }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.approvals;
  const { project } = scope;
  const query = { view: view === "all" ? undefined : view, cursor, limit: pageSize };
  const look = useLive(listApprovals, { project, query }, { initial, everyMs: 5_000 });
  const base = `/${project}/approvals`;
  const href = (changed: { view?: View; cursor?: string }) =>
    link(`${base}?${new URLSearchParams({ view, ...changed } as Record<string, string>).toString()}`);
  const rows = look.data.items;
  return (
    <Page>
      <LiveBar looks={[look]} />
      <PageHeader title={text.title}>{text.about}</PageHeader>
      <Card>
        <div className="px-4 py-3 max-md:px-3.5">
          <FilterChips
            label={text.views.label}
            chips={VIEWS.map((each) => ({ label: text.views[each], href: href({ view: each }), current: each === view }))}
          />
        </div>
        <DataTable
          caption={text.title}
          phone="cards"
          rows={rows}
          rowKey={(approval) => approval.id}
          rowHref={(approval) => link(`${base}/${approval.number}`)}
          instead={rows.length > 0 ? undefined : <EmptyState title={text.viewEmpty[view]}>{text.emptyAbout}</EmptyState>}
          columns={[
            {
              id: "what",
              head: text.columns.what,
              phone: "title",
              cell: (approval) => (
                <>
                  <span className="font-medium">{approval.title}</span>
                  <CellNote>
                    {text.numbered({ number: approval.number })}, {kindText(approval.kind, words)}
                  </CellNote>
                </>
              ),
            },
            {
              id: "asked",
              head: text.columns.asked,
              cell: (approval) => (
                <>
                  {approval.requestedBy}
                  <CellNote>
                    <RelativeTime at={approval.createdAt} />
                  </CellNote>
                </>
              ),
            },
            {
              id: "given",
              head: text.columns.given,
              cell: (approval) => text.ofNeeded({ given: approval.givenApprovals, needed: approval.requiredApprovals }),
            },
            {
              id: "expires",
              head: text.columns.expires,
              cell: (approval) =>
                approval.endedAt === null ? (
                  <>
                    {text.expires} <RelativeTime at={approval.expiresAt} />
                  </>
                ) : (
                  <>
                    <span className="text-ink-3">
                      {text.ended} <RelativeTime at={approval.endedAt} />
                    </span>
                    {approval.endReason !== null && <CellNote className="line-clamp-2 max-w-[40ch]">{approval.endReason}</CellNote>}
                  </>
                ),
            },
            {
              id: "state",
              head: text.columns.state,
              phone: "corner",
              cell: (approval) =>
                approval.breakGlass !== null && approval.breakGlass.reviewedAt === null ? (
                  <StateBadge state="high">{text.glass.badge}</StateBadge>
                ) : (
                  <StateBadge state={approvalLook(approval.state)}>{approvalStateText(approval.state, words)}</StateBadge>
                ),
            },
          ]}
        />
        {rows.length > 0 && (
          <CursorPaging
            shown={rows.length}
            pageSize={pageSize}
            nextHref={look.data.nextCursor === null ? null : href({ cursor: look.data.nextCursor })}
            firstHref={cursor === undefined ? null : href({})}
          />
        )}
      </Card>
    </Page>
  );
}
