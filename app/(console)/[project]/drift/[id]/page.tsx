import type { Metadata } from "next";
import { EditMonitorPage } from "@/components/drift/monitor-form-pages";
import { MonitorPage } from "@/components/drift/monitor-page";
import { getRequestWords } from "@/components/shell/locale";
import { getDriftMonitor, listDriftRuns } from "@/lib/domain/drift";
import { openPage, type PageProps, readAnswerForPage, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).drift.title };
}

export default async function DriftMonitorRoute(props: PageProps<"id">) {
  const page = await openPage(props);
  const { actor, names, project } = page;
  const params = { id: names.id };
  const { result: monitor, etag } = await readAnswerForPage(getDriftMonitor, actor, { params });
  const scope = { ...toScope(page), environment: monitor.endpoint.environment };
  if (page.one("edit") !== undefined) return <EditMonitorPage scope={scope} monitor={monitor} etag={etag} />;
  const cursor = page.one("cursor");
  const runs = await readForPage(listDriftRuns, actor, { params, query: { cursor, limit: "20" } });
  return (
    <MonitorPage key={`${monitor.id} ${cursor}`} scope={scope} initial={monitor} runs={runs} cursor={cursor} isDemo={project.isDemo} />
  );
}
