"use client";

import { Plus } from "lucide-react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import { dash, formatMillis, formatPercent } from "@/lib/core/words/format";
import type { listBackends } from "@/lib/domain/backends/api";
import { type BackendTrafficAnswer, getBackendTraffic } from "@/lib/domain/usage/api";
import { formatRate, lineOf } from "./backend-traffic";
import { type Serving, servingOf } from "./serving";
import { ServingText } from "./serving-text";

type Props = {
  scope: Scope;
  data: z.output<(typeof listBackends)["returns"]>;
  serving: readonly Serving[];
  /** Of the last hour. */
  recent: BackendTrafficAnswer;
  cursor: string | undefined;
};

const pageSize = 50;

/** The serving servers of the environment, and what answers from each now. */
export function BackendsPage({ scope, data, serving, recent, cursor }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const look = useLive(getBackendTraffic, { project, query: { environment, range: "1h" } }, { initial: recent, everyMs: 5_000 });
  const base = `/${project}/backends`;
  const head = words.backends.columns;
  const text = words.backends;
  return (
    <Page>
      <LiveBar looks={[look]} />
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
                </>
              ),
            },
            { id: "kind", head: head.kind, phone: "corner", cell: (backend) => text.kinds[backend.kind] },
            {
              id: "address",
              head: head.address,
              phone: "wide",
              phoneLabel: "",
              cell: (backend) => <code className="wrap-anywhere">{backend.baseUrl}</code>,
            },
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
