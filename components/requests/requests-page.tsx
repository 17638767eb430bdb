"use client";

import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { Figure } from "@/components/ui/figure";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { dash, formatMillis, formatMoney } from "@/lib/core/words/format";
import { listRequests, type RequestDetail, type RequestLine } from "@/lib/domain/usage/api";
import { FilterForm } from "./filter-form";
import { RequestCard } from "./request-card";
import { OUTCOMES, type RequestFilters, toSearch } from "./request-filters";
import { outcomeLook, tokensText } from "./request-look";

type Props = {
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

/** The usage log, newest first. The first page goes on by itself; an older one stands still. */
export function RequestsPage({ scope, filters, endpoints, initial, detail, example }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const text = words.requests;
  const isFirst = filters.cursor === undefined;
  // A list that moves under an open row would carry the row away.
  const isLive = isFirst && detail === null;
  const look = useLive(
    listRequests,
    { project, query: { environment, limit: pageSize, ...filters } },
    { initial, everyMs: isLive ? 4_000 : 3_600_000 },
  );
  const base = `/${project}/requests`;
  const href = (changed: Readonly<Record<string, string | number | undefined>>) => link(`${base}?${toSearch(filters, changed)}`);
  const rows = look.data.items;
  const isFiltered = toSearch({ ...filters, cursor: undefined }) !== "";
  return (
    <Page>
      {isLive && <LiveBar looks={[look]} />}
      <PageHeader title={text.title}>
        {text.about} <span className="text-ink-3">({isLive ? text.live : isFirst ? text.held : text.paged})</span>
      </PageHeader>
      <div className={cn("grid items-start gap-(--gap-page)", detail !== null && "lg:grid-cols-[minmax(0,1fr)_400px]")}>
        <Card className="min-w-0">
          <div className="flex flex-col gap-3 px-4 py-3 max-md:px-3.5">
            <FilterForm action={base} environment={environment} filters={filters} endpoints={endpoints} />
            <FilterChips
              label={text.filters.label}
              chips={OUTCOMES.map((outcome) => ({
                label: words.states[outcomeLook(outcome)],
                href: href({ outcome: outcome === filters.outcome ? undefined : outcome, cursor: undefined }),
                current: outcome === filters.outcome,
              }))}
            />
          </div>
          <DataTable
            caption={text.title}
            compact
            columns={columnsOf(words, detail !== null)}
            rows={rows}
            rowKey={(request) => request.id}
            rowHref={(request) => href({ request: request.id === detail?.id ? undefined : request.id })}
            isSelected={(request) => request.id === detail?.id}
            stale={look.isError}
            instead={
              rows.length > 0 ? undefined : isFiltered ? (
                <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                  {words.ui.emptyTableDetail}
                </EmptyState>
              ) : (
                <EmptyState title={text.empty} command={example ?? undefined}>
                  {text.emptyAbout}
                </EmptyState>
              )
            }
          />
          {rows.length > 0 && (
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

function columnsOf(words: Words, isNarrow: boolean): Column<RequestLine>[] {
  const head = words.requests.columns;
  const all: (Column<RequestLine> & { wide?: boolean })[] = [
    { id: "at", head: head.at, cell: (request) => <RelativeTime at={request.at} className="whitespace-nowrap" /> },
    {
      id: "endpoint",
      head: head.endpoint,
      cell: (request) => (
        <span className="whitespace-nowrap">
          {request.endpoint ?? request.backend ?? words.requests.direct}
          {request.source !== "application" && (
            <NameTag kind="internal" className="ml-1.5">
              {words.requests.detail.sources[request.source]}
            </NameTag>
          )}
          {request.release !== null && <span className="text-ink-3"> {words.endpoints.release({ number: request.release })}</span>}
        </span>
      ),
    },
    {
      id: "model",
      head: head.model,
      wide: true,
      cell: (request) =>
        request.model === null || request.modelVersion === null ? (
          dash
        ) : (
          <span className="whitespace-nowrap">{words.endpoints.version({ name: request.model, number: request.modelVersion })}</span>
        ),
    },
    {
      id: "outcome",
      head: head.outcome,
      cell: (request) => (
        <>
          <StateText state={outcomeLook(request.outcome)} />
          {request.errorCode !== null && <CellNote>{request.errorCode}</CellNote>}
        </>
      ),
    },
    { id: "total", head: head.total, align: "right", cell: (request) => <Figure text={formatMillis(request.totalMs)} /> },
    { id: "firstToken", head: head.firstToken, align: "right", cell: (request) => <Figure text={formatMillis(request.ttftMs)} /> },
    { id: "tokens", head: head.tokens, align: "right", wide: true, cell: (request) => tokensText(request) },
    {
      id: "cost",
      head: head.cost,
      align: "right",
      cell: (request) =>
        request.costUsd === null ? <span className="text-ink-3">{words.requests.noPrice}</span> : formatMoney(request.costUsd),
    },
  ];
  return all.filter((column) => !isNarrow || column.wide !== true);
}
