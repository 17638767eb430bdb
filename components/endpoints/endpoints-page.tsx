"use client";

import { Plus } from "lucide-react";
import { LiveBar } from "@/components/overview/live-bar";
import type { OverviewData } from "@/components/overview/overview-page";
import { RangeSwitch } from "@/components/overview/range-switch";
import type { Scope } from "@/components/overview/scope";
import { everyMsOf, type Range } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Page, PageHeader } from "@/components/ui/page-header";
import { LegendItem } from "@/components/ui/split-bar";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, TableFilter } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import { listEndpoints } from "@/lib/domain/endpoints/api";
import { listExperiments } from "@/lib/domain/experiments/api";
import { listRollouts } from "@/lib/domain/rollouts/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { toEndpointRows } from "./endpoint-rows";
import { EndpointTable } from "./endpoint-table";

type Props = {
  scope: Scope;
  range: Range;
  q: string | undefined;
  cursor: string | undefined;
  initial: Pick<OverviewData, "endpoints" | "traffic" | "recent" | "active" | "experiments">;
  simulated: readonly string[];
};

const pageSize = 50;

/** Every endpoint of the environment with its split and its numbers of the window. */
export function EndpointsPage({ scope, range, q, cursor, initial, simulated }: Props) {
  const words = useWords();
  const { link, environmentName } = useShell();
  const { project, environment } = scope;
  const query = { environment, q, cursor, limit: pageSize };
  const endpoints = useLive(listEndpoints, { project, query }, { initial: initial.endpoints, everyMs: 10_000 });
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
    { project, query: { environment, state: "active", limit: 100 } },
    { initial: initial.active, everyMs: 3_000 },
  );
  const experiments = useLive(
    listExperiments,
    { project, query: { environment, state: "running", limit: 100 } },
    { initial: initial.experiments, everyMs: 5_000 },
  );
  const rows = toEndpointRows({
    endpoints: endpoints.data.items,
    rollouts: active.data.items,
    experiments: experiments.data.items,
    traffic: traffic.data,
    recent: recent.data,
    simulated,
    words,
  });
  const base = `/${project}/endpoints`;
  const next = endpoints.data.nextCursor;
  const keep = { range, ...(q === undefined ? {} : { q }) };
  return (
    <Page>
      <LiveBar looks={[endpoints, traffic, recent, active, experiments]} />
      <PageHeader
        title={words.endpoints.title}
        actions={
          <>
            <RangeSwitch range={range} keep={q === undefined ? {} : { q }} />
            <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={link(`${base}?new=1`)}>
              {words.endpoints.create}
            </ButtonLink>
          </>
        }
      >
        {words.endpoints.about}
      </PageHeader>
      <Card>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 max-md:px-3.5">
          <TableFilter action={base} keep={{ range, env: environment }} value={q ?? ""} />
          <span className="text-small text-ink-3">
            {words.overview.lastRange({ range: words.overview.ranges[range], environment: environmentName(environment) })}
          </span>
          <span className="flex flex-wrap gap-3 text-small text-ink-3 md:ml-auto">
            <LegendItem tone="control">{words.ui.runningRelease}</LegendItem>
            <LegendItem tone="treatment">{words.ui.newRelease}</LegendItem>
          </span>
        </div>
        <EndpointTable
          rows={rows}
          instead={
            rows.length > 0 ? undefined : q !== undefined ? (
              <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                {words.ui.emptyTableDetail}
              </EmptyState>
            ) : (
              <EmptyState title={words.endpoints.empty} action={{ label: words.endpoints.create, href: link(`${base}?new=1`) }}>
                {words.endpoints.emptyAbout}
              </EmptyState>
            )
          }
        />
        {(next !== null || cursor !== undefined) && (
          <CursorPaging
            shown={rows.length}
            pageSize={pageSize}
            nextHref={next === null ? null : link(`${base}?${new URLSearchParams({ ...keep, cursor: next }).toString()}`)}
            firstHref={cursor === undefined ? null : link(`${base}?${new URLSearchParams(keep).toString()}`)}
          />
        )}
      </Card>
    </Page>
  );
}
