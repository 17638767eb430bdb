import type { Metadata } from "next";
import { NewMonitorPage } from "@/components/drift/monitor-form-pages";
import { MonitorsPage } from "@/components/drift/monitors-page";
import { getRequestWords } from "@/components/shell/locale";
import { listDriftMonitors } from "@/lib/domain/drift";
import { listEndpoints } from "@/lib/domain/endpoints";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).drift.title };
}

export default async function DriftRoute(props: PageProps) {
  const page = await openPage(props);
  const { actor, environment, project } = page;
  if (page.one("new") !== undefined) {
    const { items } = await readForPage(listEndpoints, actor, { query: { environment, limit: 200 } });
    return <NewMonitorPage scope={toScope(page)} endpoints={items.map(({ name }) => name)} endpoint={page.one("endpoint")} />;
  }
  const cursor = page.one("cursor");
  const initial = await readForPage(listDriftMonitors, actor, { query: { environment, cursor } });
  return <MonitorsPage key={`${environment} ${cursor}`} scope={toScope(page)} cursor={cursor} initial={initial} isDemo={project.isDemo} />;
}
