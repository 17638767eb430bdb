import { getRequestWords } from "@/components/shell/locale";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { OUTCOMES } from "@/lib/contracts/gateway-event";
import { formatCount, formatMoney } from "@/lib/core/words/format";
import { listRequests } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

const PAGE_SIZE = 50;
const FILTERS = ["endpoint", "outcome", "release", "slowerThanMs", "from", "to", "cursor"] as const;

export default async function RequestsPage(props: PageProps) {
  const [{ actor, project, environment, one }, words] = await Promise.all([openPage(props), getRequestWords()]);
  const filters = Object.fromEntries(FILTERS.map((name) => [name, one(name)]));
  const { items, nextCursor } = await readForPage(listRequests, actor, { query: { ...filters, limit: String(PAGE_SIZE), environment } });
  const w = words.lists;
  const href = (change: Record<string, string | undefined>) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ env: one("env"), ...filters, cursor: undefined, ...change }))
      if (value !== undefined) search.set(name, value);
    return `/${project.slug}/requests${search.size === 0 ? "" : `?${search}`}`;
  };
  const instead = items.length === 0 && <EmptyState title={words.requests.empty}>{words.requests.emptyAbout}</EmptyState>;
  return (
    <Page>
      <PageHeader title={words.requests.title} />
      <FilterChips
        label={w.outcome}
        chips={OUTCOMES.map((outcome) => ({
          label: outcome,
          current: filters.outcome === outcome,
          href: href({ outcome: filters.outcome === outcome ? undefined : outcome }),
        }))}
      />
      <Card>
        <DataTable
          caption={words.requests.title}
          rows={items}
          rowKey={(r) => r.id}
          instead={instead || undefined}
          columns={[
            {
              id: "time",
              head: w.time,
              phone: "title",
              cell: (r) => (
                <>
                  <RelativeTime at={r.at} />
                  <CellNote>{r.id}</CellNote>
                </>
              ),
            },
            { id: "endpoint", head: w.endpoint, cell: (r) => `${r.endpoint}${r.release === null ? "" : ` r${r.release}`}` },
            { id: "outcome", head: w.outcome, cell: (r) => `${r.outcome}${r.errorCode === null ? "" : `, ${r.errorCode}`}` },
            { id: "ttft", head: w.firstToken, align: "right", cell: (r) => (r.ttftMs === null ? "–" : formatCount(Math.round(r.ttftMs))) },
            { id: "total", head: w.total, align: "right", cell: (r) => formatCount(Math.round(r.totalMs)) },
            { id: "tokens", head: w.tokens, align: "right", cell: (r) => `${r.inputTokens} / ${r.outputTokens}` },
            { id: "cost", head: w.cost, align: "right", cell: (r) => (r.costUsd === null ? w.noPrice : formatMoney(r.costUsd)) },
          ]}
        />
      </Card>
      <CursorPaging
        shown={items.length}
        pageSize={PAGE_SIZE}
        nextHref={nextCursor === null ? null : href({ cursor: nextCursor })}
        firstHref={one("cursor") === undefined ? null : href({})}
      />
    </Page>
  );
}
