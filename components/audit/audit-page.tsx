"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardHead, MainAside } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { ClockTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import type { AuditEvent } from "@/lib/domain/audit/api";
import { type AuditFilter, AuditFilters, type Facet } from "./audit-filters";
import { EventCard } from "./event-card";
import { ExportButton } from "./export-button";
import { useVerification, VerificationNote, VerifyButton } from "./verify-chain";

type Props = {
  project: string;
  here: string;
  events: readonly AuditEvent[];
  /** The one that the address names. */
  chosen: AuditEvent | null;
  filter: AuditFilter;
  cursor: string | undefined;
  nextCursor: string | null;
  pageSize: number;
  facets: { actions: readonly Facet[]; kinds: readonly Facet[]; actors: readonly Facet[] };
};

/** The trail with its filters, one event in full, and the check of the chain. */
export function AuditPage({ project, here, events, chosen, filter, cursor, nextCursor, pageSize, facets }: Props) {
  const words = useWords();
  const check = useVerification(project);
  const toHref = (change: Record<string, string | undefined>) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filter, cursor, event: chosen?.id, ...change })) if (value) search.set(name, value);
    const query = search.toString();
    return query === "" ? here : `${here}?${query}`;
  };
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const list = (
    <Card>
      <CardHead title={words.audit.events} sub={words.audit.newestFirst} />
      <AuditFilters action={here} filter={filter} facets={facets} />
      <DataTable
        caption={words.audit.title}
        rows={events}
        rowKey={(event) => event.id}
        rowHref={(event) => toHref({ event: event.id })}
        isSelected={(event) => event.id === chosen?.id}
        phone="cards"
        instead={
          events.length > 0 ? undefined : (
            <EmptyState title={isFiltered ? words.ui.emptyTable : words.audit.empty}>
              {isFiltered ? words.ui.emptyTableDetail : words.audit.emptyAbout}
            </EmptyState>
          )
        }
        columns={[
          {
            id: "what",
            head: words.audit.what,
            phone: "title",
            cell: (event) => (
              <>
                <code className="font-[550] wrap-anywhere">{event.action}</code>
                <CellNote className="wrap-anywhere">
                  {event.object.kind} {event.object.name}
                </CellNote>
              </>
            ),
          },
          { id: "who", head: words.audit.who, cell: (event) => event.actor.name },
          {
            id: "why",
            head: words.audit.why,
            phone: "hidden",
            cell: (event) => <span className="line-clamp-2 max-w-[40ch] text-ink-2">{event.reason}</span>,
          },
          { id: "when", head: words.audit.when, phone: "corner", align: "right", cell: (event) => <ClockTime at={event.at} seconds /> },
        ]}
      />
      {(nextCursor !== null || cursor !== undefined) && (
        <CursorPaging
          shown={events.length}
          pageSize={pageSize}
          nextHref={nextCursor === null ? null : toHref({ cursor: nextCursor, event: undefined })}
          firstHref={cursor === undefined ? null : toHref({ cursor: undefined, event: undefined })}
        />
      )}
    </Card>
  );
  return (
    <Page>
      <PageHeader
        title={words.audit.title}
        actions={
          <>
            <ExportButton project={project} filter={filter} />
            <VerifyButton busy={check.busy} onClick={() => void check.verify()} />
          </>
        }
      >
        {words.audit.about}
      </PageHeader>
      <VerificationNote answer={check.answer} />
      {chosen === null ? (
        list
      ) : (
        <MainAside asideFirst aside={<EventCard event={chosen} closeHref={toHref({ event: undefined })} />}>
          {list}
        </MainAside>
      )}
    </Page>
  );
}
