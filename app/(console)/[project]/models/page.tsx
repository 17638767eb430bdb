import { getRequestWords } from "@/components/shell/locale";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, TableFilter } from "@/components/ui/table-tools";
import { listModels } from "@/lib/domain/registry";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

const PAGE_SIZE = 50;

export default async function ModelsPage(props: PageProps) {
  const [{ actor, project, one }, words] = await Promise.all([openPage(props), getRequestWords()]);
  const { items, nextCursor } = await readForPage(listModels, actor, {
    query: { limit: String(PAGE_SIZE), cursor: one("cursor"), q: one("q") },
  });
  const path = `/${project.slug}/models`;
  const instead = items.length === 0 && (
    <EmptyState
      title={words.models.empty}
      command={`curl "$API/models" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"name": "…"}'`}
    >
      {words.models.emptyAbout}
    </EmptyState>
  );
  return (
    <Page>
      <PageHeader title={words.models.title} actions={<TableFilter action={path} value={one("q")} />} />
      <Card>
        <DataTable
          caption={words.models.title}
          rows={items}
          rowKey={(m) => m.id}
          rowHref={(m) => `${path}/${m.name}`}
          instead={instead || undefined}
          columns={[
            {
              id: "name",
              head: words.lists.name,
              phone: "title",
              cell: (m) => (
                <>
                  {m.name}
                  <CellNote>{m.description}</CellNote>
                </>
              ),
            },
            { id: "versions", head: words.lists.versions, align: "right", cell: (m) => m.versionCount },
            { id: "created", head: words.lists.created, cell: (m) => <RelativeTime at={m.createdAt} /> },
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
