import { getRequestWords } from "@/components/shell/locale";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, TableFilter } from "@/components/ui/table-tools";
import { listPrompts } from "@/lib/domain/prompts";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

const PAGE_SIZE = 50;

export default async function PromptsPage(props: PageProps) {
  const [{ actor, project, one }, words] = await Promise.all([openPage(props), getRequestWords()]);
  const { items, nextCursor } = await readForPage(listPrompts, actor, {
    query: { limit: String(PAGE_SIZE), cursor: one("cursor"), q: one("q") },
  });
  const path = `/${project.slug}/prompts`;
  const instead = items.length === 0 && (
    <EmptyState
      title={words.prompts.empty}
      command={`curl "$API/prompts" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"name": "…"}'`}
    >
      {words.prompts.emptyAbout}
    </EmptyState>
  );
  return (
    <Page>
      <PageHeader title={words.prompts.title} actions={<TableFilter action={path} value={one("q")} />} />
      <Card>
        <DataTable
          caption={words.prompts.title}
          rows={items}
          rowKey={(p) => p.id}
          rowHref={(p) => `${path}/${encodeURIComponent(p.name)}`}
          instead={instead || undefined}
          columns={[
            {
              id: "name",
              head: words.lists.name,
              phone: "title",
              cell: (p) => (
                <>
                  {p.name}
                  <CellNote>{p.description}</CellNote>
                </>
              ),
            },
            { id: "versions", head: words.lists.versions, align: "right", cell: (p) => p.versionCount },
            {
              id: "labels",
              head: words.lists.labels,
              cell: (p) => p.labels.map((l) => <NameTag key={l.label} kind="label">{`${l.label} v${l.version}`}</NameTag>),
            },
            { id: "created", head: words.lists.created, cell: (p) => <RelativeTime at={p.createdAt} /> },
          ]}
        />
      </Card>
      <CursorPaging
        shown={items.length}
        pageSize={PAGE_SIZE}
        nextHref={nextCursor === null ? null : `${path}?cursor=${nextCursor}`}
        firstHref={one("cursor") === undefined ? null : path}
      />
    </Page>
  );
}
