"use client";

import { GitBranch } from "lucide-react";
import type { z } from "zod";
import { toEndpointRows } from "@/components/endpoints/endpoint-rows";
import { EndpointTable } from "@/components/endpoints/endpoint-table";
import { useShell } from "@/components/shell/shell-context";
import { useNow } from "@/components/shell/time-provider";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardHead, Columns } from "@/components/ui/card";
import { Page, PageHeader } from "@/components/ui/page-header";
import { LegendItem } from "@/components/ui/split-bar";
import { StatTiles } from "@/components/ui/stat-tile";
import { EmptyState } from "@/components/ui/states";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { formatNumber } from "@/lib/core/words/format";
import { listApprovals } from "@/lib/domain/approvals/api";
import { listBudgets } from "@/lib/domain/budgets/api";
import { listEndpoints } from "@/lib/domain/endpoints/api";
import { listExperiments } from "@/lib/domain/experiments/api";
import { listGateways } from "@/lib/domain/gateways/api";
import { listRollouts } from "@/lib/domain/rollouts/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { GatewaysCard } from "./gateways-card";
import { InProgressCard } from "./in-progress-card";
import { LiveBar } from "./live-bar";
import { NeedsYouCard } from "./needs-you-card";
import { RangeSwitch } from "./range-switch";
import type { Scope } from "./scope";
import { toStats } from "./stats";
import { everyMsOf, type Range, type TrafficData } from "./traffic";

export interface OverviewData {
  readonly endpoints: z.output<(typeof listEndpoints)["returns"]>;
  readonly traffic: TrafficData;
  readonly recent: TrafficData;
  readonly active: z.output<(typeof listRollouts)["returns"]>;
  /** Running ones. */
  readonly experiments: z.output<(typeof listExperiments)["returns"]>;
  readonly ended: z.output<(typeof listRollouts)["returns"]>;
  readonly gateways: z.output<(typeof listGateways)["returns"]>;
  readonly budgets: z.output<(typeof listBudgets)["returns"]>;
  readonly approvals: z.output<(typeof listApprovals)["returns"]>;
}

type Props = { scope: Scope; range: Range; initial: OverviewData; simulated: readonly string[] };

/** What needs a person, then the numbers of the window, then each endpoint, what is under way, and who serves it. */
export function OverviewPage({ scope, range, initial, simulated }: Props) {
  const words = useWords();
  const { link, environmentName } = useShell();
  const { project, environment } = scope;
  const endpoints = useLive(
    listEndpoints,
    { project, query: { environment, limit: 100 } },
    { initial: initial.endpoints, everyMs: 10_000 },
  );
  const traffic = useLive(
    getTraffic,
    { project, query: { environment, range, by: "endpoint" } },
    { initial: initial.traffic, everyMs: everyMsOf(range) },
  );
  const recent = useLive(
    getTraffic,
    { project, query: { environment, range: "1h", by: "endpoint" } },
    { initial: initial.recent, everyMs: 5_000 },
  );
  const active = useLive(
    listRollouts,
    { project, query: { environment, state: "active", limit: 20 } },
    { initial: initial.active, everyMs: 3_000 },
  );
  const experiments = useLive(
    listExperiments,
    { project, query: { environment, state: "running", limit: 20 } },
    { initial: initial.experiments, everyMs: 5_000 },
  );
  const ended = useLive(
    listRollouts,
    { project, query: { environment, state: "rolled_back", limit: 5 } },
    { initial: initial.ended, everyMs: 5_000 },
  );
  const gateways = useLive(listGateways, { project }, { initial: initial.gateways, everyMs: 5_000 });
  const approvals = useLive(
    listApprovals,
    { project, query: { view: "to_decide", limit: 10 } },
    { initial: initial.approvals, everyMs: 10_000 },
  );
  const budgets = useLive(listBudgets, { project, query: { environment, limit: 50 } }, { initial: initial.budgets, everyMs: 10_000 });

  // Whole minutes: what this decides does not change by the second.
  const nowMs = useNow((now) => Math.floor(now / 60_000) * 60_000);
  const rows = toEndpointRows({
    endpoints: endpoints.data.items,
    rollouts: active.data.items,
    experiments: experiments.data.items,
    traffic: traffic.data,
    recent: recent.data,
    simulated,
    words,
  });
  const windowName = words.overview.ranges[range];
  return (
    <Page>
      <LiveBar looks={[endpoints, traffic, recent, active, experiments, ended, gateways, budgets, approvals]} />
      <PageHeader
        title={words.overview.title}
        actions={
          <>
            <RangeSwitch range={range} />
            <ButtonLink variant="primary" icon={<GitBranch aria-hidden />} href={link(`/${project}/rollouts?new=1`)}>
              {words.rollouts.create}
            </ButtonLink>
          </>
        }
      >
        {words.overview.serving({ count: endpoints.data.items.length, environment: environmentName(environment) })}{" "}
        {describeGateways(gateways.data, words)} {words.overview.compared({ window: words.overview.windows[range] })}
      </PageHeader>
      <NeedsYouCard
        sources={{
          gateways: gateways.data.items,
          active: active.data.items,
          recent: ended.data.items,
          endpoints: endpoints.data.items,
          budgets: budgets.data.items,
          approvals: approvals.data.items,
          unpriced: traffic.data.total.unpriced,
          nowMs,
        }}
        project={project}
      />
      <StatTiles label={words.overview.tiles.label} stats={toStats(traffic.data, range, words)} />
      <Card>
        <CardHead
          title={words.overview.endpoints}
          sub={words.overview.lastRange({ range: windowName, environment: environmentName(environment) })}
          right={
            <>
              <LegendItem tone="control">{words.ui.runningRelease}</LegendItem>
              <LegendItem tone="treatment">{words.ui.newRelease}</LegendItem>
              <TextLink href={link(`/${project}/endpoints`)}>{words.overview.allEndpoints({ count: rows.length })}</TextLink>
            </>
          }
        />
        <EndpointTable
          rows={rows}
          instead={
            rows.length === 0 ? (
              <EmptyState
                title={words.overview.empty}
                action={{ label: words.endpoints.create, href: link(`/${project}/endpoints?new=1`) }}
                link={{ label: words.models.create, href: `/${project}/models?new=1` }}
              >
                {words.overview.emptyAbout}
              </EmptyState>
            ) : undefined
          }
        />
      </Card>
      <Columns>
        <InProgressCard rollouts={active.data.items} experiments={experiments.data.items} project={project} />
        <GatewaysCard gateways={gateways.data} project={project} />
      </Columns>
    </Page>
  );
}

function describeGateways(gateways: OverviewData["gateways"], words: Words): string {
  const live = gateways.items.filter((gateway) => gateway.state === "live");
  if (live.length === 0 || gateways.newest === null) return words.overview.noGateways;
  const current = live.filter((gateway) => gateway.isCurrent).length;
  const generation = formatNumber(gateways.newest.generation);
  return current === live.length
    ? words.overview.gatewaysAgree({ count: live.length, generation })
    : words.overview.gatewaysDiffer({ count: current, all: live.length, generation });
}
