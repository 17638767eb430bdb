import type { Metadata } from "next";
import { toCurlCall } from "@/components/endpoints/curl-call";
import { parseFilters } from "@/components/requests/request-filters";
import { RequestsPage } from "@/components/requests/requests-page";
import { getRequestWords } from "@/components/shell/locale";
import { listEndpoints } from "@/lib/domain/endpoints";
import { getRequest, listRequests } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { env } from "@/lib/infra/env";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).requests.title };
}

export default async function RequestsRoute(props: PageProps) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const filters = parseFilters(page.one);
  const id = page.one("request");
  const isTail = page.one("tail") === "on";
  const [initial, endpoints, detail] = await Promise.all([
    readForPage(listRequests, actor, { query: { environment, ...filters } }),
    readForPage(listEndpoints, actor, { query: { environment, limit: 200 } }),
    id === undefined ? null : readForPage(getRequest, actor, { params: { id } }),
  ]);
  const names = endpoints.items.map((endpoint) => endpoint.name);
  const [first] = names;
  return (
    <RequestsPage
      key={JSON.stringify([environment, filters, isTail])}
      isTail={isTail}
      scope={toScope(page)}
      filters={filters}
      endpoints={names}
      initial={initial}
      detail={detail}
      example={first === undefined ? null : toCurlCall({ gatewayUrl: env("web").GATEWAY_URL, endpoint: first, variables: [] })}
    />
  );
}
