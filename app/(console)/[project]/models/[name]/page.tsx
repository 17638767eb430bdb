import { getRequestWords } from "@/components/shell/locale";
import { Card, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { getModel, listModelVersions } from "@/lib/domain/registry";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

export default async function ModelPage(props: PageProps<"name">) {
  const [{ actor, project, names }, words] = await Promise.all([openPage<"name">(props), getRequestWords()]);
  const params = { name: names.name };
  const [model, versions] = await Promise.all([
    readForPage(getModel, actor, { params }),
    readForPage(listModelVersions, actor, { params, query: { limit: "200" } }),
  ]);
  return (
    <Page>
      <PageHeader title={model.name}>{model.description}</PageHeader>
      <Card>
        <CardHead title={words.lists.versions} sub={String(model.versionCount)} />
        <DataTable
          caption={words.lists.versions}
          rows={versions.items}
          rowKey={(v) => v.id}
          rowHref={(v) => `/${project.slug}/models/${model.name}/${v.number}`}
          columns={[
            {
              id: "version",
              head: words.lists.version,
              phone: "title",
              cell: (v) => (
                <>
                  v{v.number}
                  <CellNote>{v.description}</CellNote>
                </>
              ),
            },
            { id: "engine", head: words.lists.engine, cell: (v) => v.engine },
            { id: "precision", head: words.lists.precision, cell: (v) => v.precision },
            {
              id: "serves",
              head: words.lists.serves,
              cell: (v) =>
                v.usedBy
                  .filter((u) => u.isActive)
                  .map((u) => `${u.endpoint} r${u.release}`)
                  .join(", ") || words.lists.nowhere,
            },
            { id: "by", head: words.lists.by, cell: (v) => v.createdBy },
            { id: "created", head: words.lists.created, cell: (v) => <RelativeTime at={v.createdAt} /> },
          ]}
        />
      </Card>
    </Page>
  );
}
