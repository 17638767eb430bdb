import type { Metadata } from "next";
import { EndpointsPage } from "@/components/endpoints/endpoints-page";
import { NewEndpointPage } from "@/components/endpoints/new-endpoint-page";
import { parseRange } from "@/components/overview/traffic";
import { getRequestWords } from "@/components/shell/locale";
import { listEndpoints } from "@/lib/domain/endpoints";
import { listExperiments } from "@/lib/domain/experiments";
import { listRollouts } from "@/lib/domain/rollouts";
import { getTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";
import { listSimulated } from "../simulated";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).endpoints.title };
}

export default async function EndpointsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <NewEndpointPage scope={toScope(page)} />;
  const { actor, environment } = page;
  const range = parseRange(page.one("range"), "1h");
  const q = page.one("q");
  const cursor = page.one("cursor");
  const [endpoints, traffic, recent, active, experiments] = await Promise.all([
    readForPage(listEndpoints, actor, { query: { environment, q, cursor } }),
    readForPage(getTraffic, actor, { query: { environment, range } }),
    readForPage(getTraffic, actor, { query: { environment, range: "1h" } }),
    readForPage(listRollouts, actor, { query: { environment, state: "active", limit: 100 } }),
    readForPage(listExperiments, actor, { query: { environment, state: "running", limit: 100 } }),
  ]);
  return (
    <EndpointsPage
      key={[environment, range, q, cursor].join(" ")}
      scope={toScope(page)}
      range={range}
      q={q}
      cursor={cursor}
      initial={{ endpoints, traffic, recent, active, experiments }}
      simulated={await listSimulated(actor, endpoints.items)}
    />
  );
}
