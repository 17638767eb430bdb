"use client";

import { Plus } from "lucide-react";
import type { z } from "zod";
import { Sparkline } from "@/components/charts/sparkline";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardFoot } from "@/components/ui/card";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import type { Locale } from "@/lib/core/words/locale";
import { type DriftMonitor, listDriftMonitors } from "@/lib/domain/drift/api";
import { comparesText, largestPsi, minutesText, psiText, verdictCount, verdictLook } from "./drift-look";
import { NextRun } from "./next-run";

type Props = {
  scope: Scope;
  cursor: string | undefined;
  initial: z.output<(typeof listDriftMonitors)["returns"]>;
  /** A name of this environment for the first call; null where there is none yet. */
  anEndpoint: string | null;
  isDemo: boolean;
};

const pageSize = 50;

/** Every drift monitor of the environment with what it found last. */
export function MonitorsPage({ scope, cursor, initial, anEndpoint, isDemo }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link } = useShell();
  const { project, environment } = scope;
  const text = words.drift;
  const look = useLive(listDriftMonitors, { project, query: { environment, cursor, limit: pageSize } }, { initial, everyMs: 5_000 });
  const base = `/${project}/drift`;
  const rows = look.data.items;
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
        {text.about}
      </PageHeader>
      <Card>
        <DataTable
          caption={text.title}
          phone="cards"
          columns={columnsOf(words, locale)}
          rows={rows}
          rowKey={(monitor) => monitor.id}
          rowHref={(monitor) => link(`${base}/${monitor.id}`)}
          instead={
            rows.length > 0 ? undefined : (
              <EmptyState
                title={text.empty}
                command={`curl -X POST "$SWITCHYARD_URL/api/v1/drift-monitors" -H "Authorization: Bearer $SWITCHYARD_TOKEN" -H "Content-Type: application/json" -d '{"name": "prompt-length", "endpoint": "${anEndpoint ?? "support-chat"}"}'`}
                action={{ label: text.create, href: link(`${base}?new=1`) }}
              >
                {text.emptyAbout}
              </EmptyState>
            )
          }
        />
        {rows.length > 0 && (look.data.nextCursor !== null || cursor !== undefined) && (
          <CursorPaging
            shown={rows.length}
            pageSize={pageSize}
            nextHref={look.data.nextCursor === null ? null : link(`${base}?cursor=${encodeURIComponent(look.data.nextCursor)}`)}
            firstHref={cursor === undefined ? null : link(base)}
          />
        )}
        {isDemo && rows.length > 0 && <CardFoot>{text.demo}</CardFoot>}
      </Card>
    </Page>
  );
}

function columnsOf(words: Words, locale: Locale): Column<DriftMonitor>[] {
  const text = words.drift;
  const head = text.columns;
  return [
    {
      id: "monitor",
      head: head.monitor,
      phone: "title",
      cell: (monitor) => (
        <>
          <span className="font-medium">{monitor.name}</span>
          <CellNote>{monitor.endpoint.name}</CellNote>
        </>
      ),
    },
    {
      id: "latest",
      head: head.latest,
      phone: "wide",
      phoneLabel: "",
      cell: ({ recent }) => {
        const last = recent.at(-1);
        if (last === undefined) return <span className="text-ink-3">{text.noReport}</span>;
        return (
          <span className="inline-flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <StateBadge state={verdictLook[last.verdict]}>{verdictCount(last.verdict, last.features, words)}</StateBadge>
            <RelativeTime at={last.at} className="text-small text-ink-3" />
          </span>
        );
      },
    },
    { id: "trend", head: head.trend, width: "220px", cell: (monitor) => <Trend monitor={monitor} /> },
    {
      id: "windows",
      head: head.windows,
      phone: "hidden",
      cell: (monitor) => (
        <>
          {comparesText(monitor, words, locale)}
          <CellNote>
            {monitor.everyMinutes === null ? text.byHand : text.every({ span: minutesText(monitor.everyMinutes, locale) })}
          </CellNote>
        </>
      ),
    },
    { id: "next", head: head.next, phone: "corner", cell: (monitor) => <NextRun monitor={monitor} /> },
  ];
}

function Trend({ monitor }: { monitor: DriftMonitor }) {
  const values = monitor.recent.map((report) => largestPsi(report.features));
  const last = values.at(-1) ?? null;
  return (
    <span className="flex items-center gap-2.5">
      <Sparkline
        values={values}
        base={values.length < 2 ? [] : values.map(() => monitor.limits.psiDrift)}
        className="block h-6 w-28 shrink-0 overflow-visible"
      />
      <span className="font-medium">{psiText(last)}</span>
    </span>
  );
}
