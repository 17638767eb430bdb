import type { Metadata } from "next";
import { OverviewPage } from "@/components/overview/overview-page";
import { parseRange } from "@/components/overview/traffic";
import { getRequestWords } from "@/components/shell/locale";
import { listApprovals } from "@/lib/domain/approvals";
import { listBudgets } from "@/lib/domain/budgets";
import { listEndpoints } from "@/lib/domain/endpoints";
import { listExperiments } from "@/lib/domain/experiments";
import { listGateways } from "@/lib/domain/gateways";
import { listRollouts } from "@/lib/domain/rollouts";
import { getTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "./page-scope";
import { listSimulated } from "./simulated";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).overview.title };
}

export default async function Overview(props: PageProps) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const range = parseRange(page.one("range"), "1h");
  const [endpoints, traffic, recent, active, experiments, ended, gateways, budgets, approvals] = await Promise.all([
    readForPage(listEndpoints, actor, { query: { environment, limit: 100 } }),
    readForPage(getTraffic, actor, { query: { environment, range } }),
    readForPage(getTraffic, actor, { query: { environment, range: "1h" } }),
    readForPage(listRollouts, actor, { query: { environment, state: "active", limit: 20 } }),
    readForPage(listExperiments, actor, { query: { environment, state: "running", limit: 20 } }),
    readForPage(listRollouts, actor, { query: { environment, state: "rolled_back", limit: 5 } }),
    readForPage(listGateways, actor),
    readForPage(listBudgets, actor, { query: { environment, limit: 50 } }),
    readForPage(listApprovals, actor, { query: { view: "to_decide", limit: 10 } }),
  ]);
  const simulated = await listSimulated(actor, endpoints.items);
  return (
    <OverviewPage
      // Another window or environment is another page: the live parts begin with its own first values.
      key={`${environment} ${range}`}
      scope={toScope(page)}
      range={range}
      initial={{ endpoints, traffic, recent, active, experiments, ended, gateways, budgets, approvals }}
      simulated={simulated}
    />
  );
}
