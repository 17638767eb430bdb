import { getRequestWords } from "@/components/shell/locale";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { CursorPaging } from "@/components/ui/table-tools";
import { Verdict } from "@/components/ui/verdict";
import { listAuditEvents, verifyAuditEvents } from "@/lib/domain/audit";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

const PAGE_SIZE = 50;

export default async function AuditPage(props: PageProps) {
  const [{ actor, project, one }, words] = await Promise.all([openPage(props), getRequestWords()]);
  const { items, nextCursor } = await readForPage(listAuditEvents, actor, { query: { limit: String(PAGE_SIZE), cursor: one("cursor") } });
  const check = one("verify") === undefined ? null : await readForPage(verifyAuditEvents, actor);
  const path = `/${project.slug}/audit`;
  const w = words.lists;
  return (
    <Page>
      <PageHeader title={words.audit.title} actions={<ButtonLink href={`${path}?verify=1`}>{w.verify}</ButtonLink>}>
        {words.audit.emptyAbout}
      </PageHeader>
      {check !== null && (
        <Verdict tone={check.intact ? "good" : "bad"} title={check.intact ? w.intact : w.broken}>
          {check.checked} {w.checkedEvents}, {check.anchors.checked} {w.checkedAnchors}. {check.fault?.explanation}
        </Verdict>
      )}
      <Card>
        <DataTable
          caption={words.audit.title}
          rows={items}
          rowKey={(e) => e.id}
          columns={[
            {
              id: "time",
              head: w.time,
              phone: "title",
              cell: (e) => (
                <>
                  <RelativeTime at={e.at} />
                  <CellNote>{e.sequence}</CellNote>
                </>
              ),
            },
            {
              id: "who",
              head: w.who,
              cell: (e) => (
                <>
                  {e.actor.name}
                  <CellNote>{e.actor.kind}</CellNote>
                </>
              ),
            },
            { id: "what", head: w.what, cell: (e) => e.action },
            { id: "object", head: w.object, cell: (e) => e.object.name },
            { id: "reason", head: w.reason, width: "36%", cell: (e) => e.reason ?? "" },
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
