"use client";

import { Radio, Square } from "lucide-react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { DataTable } from "@/components/ui/data-table";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import { formatNumber } from "@/lib/core/words/format";
import { listRequests, type RequestDetail } from "@/lib/domain/usage/api";
import { ActiveFilters } from "./active-filters";
import { ExportRequests } from "./export-requests";
import { FilterForm } from "./filter-form";
import { RequestCard } from "./request-card";
import { requestColumns } from "./request-columns";
import { OUTCOMES, type RequestFilters, toSearch } from "./request-filters";
import { outcomeLook } from "./request-look";
import { type Tail, useTail } from "./use-tail";

type Props = {
  /** Whether the log is followed live: part of the address, too. */
  isTail: boolean;
  scope: Scope;
  filters: RequestFilters;
  endpoints: readonly string[];
  initial: z.output<(typeof listRequests)["returns"]>;
  /** The request of `?request=`; null for none. */
  detail: RequestDetail | null;
  /** A call of the gateway with a real endpoint, for the empty log; null without an endpoint. */
  example: string | null;
};

const pageSize = 50;

/** The usage log, newest first. The first page goes on by itself; an older one stands still; followed, it shows what comes from now on. */
export function RequestsPage({ isTail, scope, filters, endpoints, initial, detail, example }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const text = words.requests;
  const isFirst = filters.cursor === undefined;
  // A list that moves under an open row would carry the row away.
  const isLive = isFirst && detail === null && !isTail;
  const look = useLive(
    listRequests,
    { project, query: { environment, limit: pageSize, ...filters } },
    { initial, everyMs: isLive ? 4_000 : 3_600_000 },
  );
  const tail = useTail(isTail && detail === null, { project, environment, filters });
  const base = `/${project}/requests`;
  const keep = { tail: isTail ? "on" : undefined };
  const href = (changed: Readonly<Record<string, string | number | undefined>>) =>
    link(`${base}?${toSearch(filters, { ...keep, ...changed })}`);
  const rows = isTail ? tail.lines : look.data.items;
  const isFiltered = toSearch({ ...filters, cursor: undefined }) !== "";
  return (
    <Page>
      {isLive && <LiveBar looks={[look]} />}
      {isTail && detail === null && <LiveBar looks={[{ dataUpdatedAt: tail.at, isError: tail.state !== "following" }]} />}
      <PageHeader
        title={text.title}
        actions={
          <>
            <ExportRequests project={project} environment={environment} filters={filters} />
            <TailLink isTail={isTail} href={href} />
          </>
        }
      >
        {text.about} <span className="text-ink-3">({isLive || isTail ? text.live : isFirst ? text.held : text.paged})</span>
      </PageHeader>
      <div className={cn("grid items-start gap-(--gap-page)", detail !== null && "lg:grid-cols-[minmax(0,1fr)_400px]")}>
        <Card className="min-w-0">
          <div className="flex flex-col gap-3 px-4 py-3 max-md:px-3.5">
            <FilterForm action={base} environment={environment} filters={filters} endpoints={endpoints} isTail={isTail} />
            <FilterChips
              label={text.filters.label}
              chips={OUTCOMES.map((outcome) => ({
                label: words.states[outcomeLook(outcome)],
                href: href({ outcome: outcome === filters.outcome ? undefined : outcome, cursor: undefined }),
                current: outcome === filters.outcome,
              }))}
            />
            <ActiveFilters filters={filters} href={href} clearHref={link(isTail ? `${base}?tail=on` : base)} />
            {isTail && <TailNote tail={tail} />}
          </div>
          <DataTable
            caption={text.title}
            compact
            isFlowing
            columns={requestColumns(words, detail !== null)}
            rows={rows}
            rowKey={(request) => request.id}
            rowHref={(request) => href({ request: request.id === detail?.id ? undefined : request.id })}
            isSelected={(request) => request.id === detail?.id}
            stale={isTail ? tail.state !== "following" : look.isError}
            instead={rows.length > 0 ? undefined : <NoRows {...{ isTail, isFiltered, example, base }} />}
          />
          {rows.length > 0 && !isTail && (
            <CursorPaging
              shown={rows.length}
              pageSize={pageSize}
              nextHref={look.data.nextCursor === null ? null : href({ cursor: look.data.nextCursor })}
              firstHref={isFirst ? null : href({ cursor: undefined })}
            />
          )}
        </Card>
        {detail !== null && (
          <aside className="min-w-0 max-lg:order-first lg:sticky lg:top-[calc(var(--topbar-h)+16px)]">
            <RequestCard project={project} request={detail} closeHref={href({})} />
          </aside>
        )}
      </div>
    </Page>
  );
}

type NoRowsProps = { isTail: boolean; isFiltered: boolean; example: string | null; base: string };

/** Why there is nothing: nothing came yet, the filters let nothing through, or the log is empty. */
function NoRows({ isTail, isFiltered, example, base }: NoRowsProps) {
  const words = useWords();
  const { link } = useShell();
  if (isTail) return <p className="px-4 py-8 text-center text-ink-3">{words.requests.tail.waiting}</p>;
  if (isFiltered)
    return (
      <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
        {words.ui.emptyTableDetail}
      </EmptyState>
    );
  return (
    <EmptyState title={words.requests.empty} command={example ?? undefined}>
      {words.requests.emptyAbout}
    </EmptyState>
  );
}

/** That the log is followed, and what of it could not be shown. */
function TailNote({ tail }: { tail: Tail }) {
  const text = useWords().requests.tail;
  if (tail.state !== "following") return <Note tone="hold">{tail.state === "broken" ? text.broken : text.refused}</Note>;
  return (
    <p role="status" className="text-small text-ink-2">
      {text.on} {text.shown({ count: formatNumber(tail.received) })}
      {tail.skipped > 0 && `, ${text.skipped({ count: formatNumber(tail.skipped) })}`}.
    </p>
  );
}

type Href = (changed: Readonly<Record<string, undefined | string>>) => string;

/** Begins to follow the log with the same filters, or goes back to the list. */
function TailLink({ isTail, href }: { isTail: boolean; href: Href }) {
  const text = useWords().requests.tail;
  const [icon, label, changed] = isTail
    ? [<Square key="stop" aria-hidden />, text.stop, { tail: undefined }]
    : [<Radio key="start" aria-hidden />, text.start, { tail: "on", cursor: undefined, from: undefined, to: undefined, id: undefined }];
  return (
    <ButtonLink icon={icon} href={href(changed)} scroll={false}>
      {label}
    </ButtonLink>
  );
}
