import type { Metadata } from "next";
import { BackendForm } from "@/components/backends/backend-form";
import { BackendsPage } from "@/components/backends/backends-page";
import { getRequestWords } from "@/components/shell/locale";
import { listBackendHealth } from "@/lib/domain/backend-health";
import { listBackends } from "@/lib/domain/backends";
import { getBackendTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";
import { listServing } from "../serving";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).backends.title };
}

export default async function BackendsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <BackendForm scope={toScope(page)} backend={null} etag={null} />;
  const { actor, environment } = page;
  const cursor = page.one("cursor");
  const [data, serving, recent, health] = await Promise.all([
    readForPage(listBackends, actor, { query: { environment, cursor } }),
    listServing(page),
    readForPage(getBackendTraffic, actor, { query: { environment, range: "1h" } }),
    readForPage(listBackendHealth, actor, { query: { environment, cursor } }),
  ]);
  return (
    <BackendsPage key={environment} scope={toScope(page)} data={data} serving={serving} recent={recent} health={health} cursor={cursor} />
  );
}
