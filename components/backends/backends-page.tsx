"use client";

import { Plus } from "lucide-react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StateText } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import { dash, formatMillis, formatNumber, formatPercent } from "@/lib/core/words/format";
import { type BackendNow, listBackendHealth } from "@/lib/domain/backend-health/api";
import type { listBackends } from "@/lib/domain/backends/api";
import { type BackendTrafficAnswer, getBackendTraffic } from "@/lib/domain/usage/api";
import { formatRate, lineOf } from "./backend-traffic";
import { formatFigure } from "./health-card";
import { healthLook } from "./health-look";
import { type Serving, servingOf } from "./serving";
import { ServingText } from "./serving-text";

type Props = {
  scope: Scope;
  data: z.output<(typeof listBackends)["returns"]>;
  serving: readonly Serving[];
  /** Of the last hour. */
  recent: BackendTrafficAnswer;
  health: HealthData;
  cursor: string | undefined;
};

type HealthData = z.output<(typeof listBackendHealth)["returns"]>;

const pageSize = 50;

/** The serving servers of the environment, and what answers from each now. */
export function BackendsPage({ scope, data, serving, recent, health: initialHealth, cursor }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const look = useLive(getBackendTraffic, { project, query: { environment, range: "1h" } }, { initial: recent, everyMs: 5_000 });
  const health = useLive(
    listBackendHealth,
    { project, query: { environment, limit: pageSize, cursor } },
    { initial: initialHealth, everyMs: 5_000 },
  );
  const nowOf = (name: string) => health.data.items.find((item) => item.name === name);
  const base = `/${project}/backends`;
  const head = words.backends.columns;
  const text = words.backends;
  return (
    <Page>
      <LiveBar looks={[look, health]} />
      <PageHeader
        title={text.title}
        actions={
          <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={link(`${base}?new=1`)}>
            {text.create}
          </ButtonLink>
        }
      >
        {text.about} {text.lastHour}
      </PageHeader>
      <Card>
        <DataTable
          caption={text.title}
          phone="cards"
          rows={data.items}
          rowKey={(backend) => backend.id}
          rowHref={(backend) => link(`${base}/${backend.name}`)}
          instead={
            data.items.length > 0 ? undefined : (
              <EmptyState title={text.empty} action={{ label: text.create, href: link(`${base}?new=1`) }}>
                {text.emptyAbout}
              </EmptyState>
            )
          }
          columns={[
            {
              id: "backend",
              head: head.backend,
              phone: "title",
              cell: (backend) => (
                <>
                  <span className="font-medium">{backend.name}</span>
                  {backend.isSimulated && <NameTag kind="simulated" className="ml-2" />}
                  <CellNote>
                    {text.kinds[backend.kind]}, <code className="wrap-anywhere">{backend.baseUrl}</code>
                  </CellNote>
                </>
              ),
            },
            {
              id: "health",
              head: head.health,
              phone: "corner",
              cell: (backend) => {
                const state = nowOf(backend.name)?.health ?? "unknown";
                return <StateText state={healthLook[state]}>{text.health.states[state]}</StateText>;
              },
            },
            { id: "load", head: head.load, cell: (backend) => <LoadText now={nowOf(backend.name)} /> },
            {
              id: "model",
              head: head.model,
              cell: (backend) => backend.servedModel ?? <span className="text-ink-3">{text.endpointName}</span>,
            },
            {
              id: "used",
              head: head.used,
              cell: (backend) => <ServingText serving={servingOf(serving, backend.name)} line={lineOf(look.data, backend.name)} />,
            },
            {
              id: "rate",
              head: words.endpoints.facts.perMinute,
              align: "right",
              cell: (backend) => {
                const line = lineOf(look.data, backend.name);
                return line === null ? dash : formatRate(line.traffic.requestsPerMinute);
              },
            },
            {
              id: "errors",
              head: words.overview.tiles.errors,
              align: "right",
              cell: (backend) => formatPercent(lineOf(look.data, backend.name)?.traffic.errorRatio, { digits: 2 }),
            },
            {
              id: "latency",
              head: words.overview.tiles.latency,
              align: "right",
              cell: (backend) => formatMillis(lineOf(look.data, backend.name)?.traffic.totalMsP95),
            },
            {
              id: "key",
              head: head.key,
              cell: (backend) => (backend.hasKey ? text.hasKey : <span className="text-ink-3">{text.noKey}</span>),
            },
          ]}
        />
        {(data.nextCursor !== null || cursor !== undefined) && (
          <CursorPaging
            shown={data.items.length}
            pageSize={pageSize}
            nextHref={data.nextCursor === null ? null : link(`${base}?cursor=${encodeURIComponent(data.nextCursor)}`)}
            firstHref={cursor === undefined ? null : link(base)}
          />
        )}
      </Card>
    </Page>
  );
}

/** What it has to do now, as gateways and its own metrics say. */
function LoadText({ now }: { now: BackendNow | undefined }) {
  const text = useWords().backends;
  if (now === undefined || now.gateways === 0) return dash;
  return (
    <>
      <span className="whitespace-nowrap">{text.load({ inFlight: formatNumber(now.inFlight) })}</span>
      {now.waiting !== null && (
        <CellNote className="whitespace-nowrap">{text.loadWaiting({ waiting: formatFigure(now.waiting) })}</CellNote>
      )}
      {now.kvUseRatio !== null && (
        <CellNote className="whitespace-nowrap">{text.loadKv({ share: formatPercent(now.kvUseRatio, { digits: 0 }) })}</CellNote>
      )}
    </>
  );
}
