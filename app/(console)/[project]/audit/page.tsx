import type { Metadata } from "next";
import { AuditPage } from "@/components/audit/audit-page";
import { getRequestWords } from "@/components/shell/locale";
import { DEFAULT_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { getAuditEvent, listAuditEvents, listAuditFacets } from "@/lib/domain/audit";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).audit.title };
}

export default async function Audit(props: PageProps) {
  const { actor, project, one } = await openPage(props);
  const filter = { objectKind: one("objectKind"), action: one("action"), actorId: one("actorId"), objectId: one("objectId") };
  const id = one("event");
  const [page, facets, chosen] = await Promise.all([
    readForPage(listAuditEvents, actor, { query: { ...filter, cursor: one("cursor") } }),
    listAuditFacets(actor),
    id === undefined ? null : readForPage(getAuditEvent, actor, { params: { id } }),
  ]);
  return (
    <AuditPage
      project={project.slug}
      here={`/${project.slug}/audit`}
      events={page.items}
      chosen={chosen}
      filter={filter}
      cursor={one("cursor")}
      nextCursor={page.nextCursor}
      pageSize={DEFAULT_PAGE_SIZE}
      facets={facets}
    />
  );
}
