import { getRequestWords } from "@/components/shell/locale";
import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import { listBackends } from "@/lib/domain/backends";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

export default async function BackendsPage(props: PageProps) {
  const [{ actor, environment }, words] = await Promise.all([openPage(props), getRequestWords()]);
  const { items } = await readForPage(listBackends, actor, { query: { limit: "200", environment } });
  const w = words.lists;
  const instead = items.length === 0 && (
    <EmptyState
      title={words.backends.empty}
      command={`curl "$API/backends" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"name": "…", "kind": "vllm", "baseUrl": "http://…/v1"}'`}
    >
      {words.backends.emptyAbout}
    </EmptyState>
  );
  return (
    <Page>
      <PageHeader title={words.backends.title} />
      <Card>
        <DataTable
          caption={words.backends.title}
          rows={items}
          rowKey={(b) => b.id}
          instead={instead || undefined}
          columns={[
            {
              id: "name",
              head: w.name,
              phone: "title",
              cell: (b) => (
                <>
                  {b.name} {b.isSimulated && <NameTag kind="simulated" />}
                </>
              ),
            },
            { id: "kind", head: w.kind, cell: (b) => b.kind },
            { id: "address", head: w.address, phone: "wide", cell: (b) => <span className="wrap-anywhere">{b.baseUrl}</span> },
            { id: "model", head: w.servedModel, cell: (b) => b.servedModel ?? w.none },
            { id: "key", head: w.key, cell: (b) => (b.hasKey ? w.stored : w.none) },
          ]}
        />
      </Card>
    </Page>
  );
}
