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
  const endpointNames = async (limit: number) =>
    (await readForPage(listEndpoints, actor, { query: { environment, limit } })).items.map(({ name }) => name);
  if (page.one("new") !== undefined)
    return <NewMonitorPage scope={toScope(page)} endpoints={await endpointNames(200)} endpoint={page.one("endpoint")} />;
  const cursor = page.one("cursor");
  const initial = await readForPage(listDriftMonitors, actor, { query: { environment, cursor } });
  const [anEndpoint = null] = initial.items.length === 0 ? await endpointNames(1) : [];
  return (
    <MonitorsPage
      key={`${environment} ${cursor}`}
      scope={toScope(page)}
      cursor={cursor}
      initial={initial}
      anEndpoint={anEndpoint}
      isDemo={project.isDemo}
    />
  );
}
