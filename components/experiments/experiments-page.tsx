"use client";

import { FlaskConical } from "lucide-react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { formatNumber } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import { type ExperimentLine, listExperiments } from "@/lib/domain/experiments/api";
import { EXPERIMENT_FILTERS, type ExperimentFilter } from "./experiment-filters";
import { armText, experimentStateText } from "./experiment-look";
import { liftChange, metricText } from "./results-model";
import { verdictTitle } from "./verdict-text";

type Props = {
  scope: Scope;
  filter: ExperimentFilter | undefined;
  endpoint: string | undefined;
  cursor: string | undefined;
  initial: z.output<(typeof listExperiments)["returns"]>;
};

const pageSize = 50;

/** Every experiment of the environment, newest first, each with its verdict in words. */
export function ExperimentsPage({ scope, filter, endpoint, cursor, initial }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link } = useShell();
  const { project, environment } = scope;
  const text = words.experiments;
  const query = { environment, state: filter, endpoint, cursor, limit: pageSize };
  const look = useLive(listExperiments, { project, query }, { initial, everyMs: 5_000 });
  const base = `/${project}/experiments`;
  const href = (changed: Record<string, string | undefined>) => {
    const entries = Object.entries({ state: filter, endpoint, ...changed }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return link(entries.length === 0 ? base : `${base}?${new URLSearchParams(entries).toString()}`);
  };
  const rows = look.data.items;
  const isFiltered = filter !== undefined || endpoint !== undefined;
  return (
    <Page>
      <LiveBar looks={[look]} />
      <PageHeader
        title={text.title}
        actions={
          <ButtonLink variant="primary" icon={<FlaskConical aria-hidden />} href={link(`${base}?new=1`)}>
            {text.create}
          </ButtonLink>
        }
      >
        {text.about}
      </PageHeader>
      <Card>
        <div className="px-4 py-3 max-md:px-3.5">
          <FilterChips
            label={text.filters.label}
            chips={[
              ...EXPERIMENT_FILTERS.map((state) => ({
                label: text.filters[state],
                href: href({ state: state === filter ? undefined : state }),
                current: state === filter,
              })),
              ...(endpoint === undefined ? [] : [{ label: endpoint, href: href({ endpoint: undefined }), current: true }]),
            ]}
          />
        </div>
        <DataTable
          caption={text.title}
          phone="cards"
          columns={columnsOf(words, locale)}
          rows={rows}
          rowKey={(experiment) => experiment.id}
          rowHref={(experiment) => link(`${base}/${experiment.number}`)}
          instead={
            rows.length > 0 ? undefined : isFiltered ? (
              <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                {words.ui.emptyTableDetail}
              </EmptyState>
            ) : (
              <EmptyState title={text.empty} action={{ label: text.create, href: link(`${base}?new=1`) }}>
                {text.emptyAbout} {text.emptyNeeds}
              </EmptyState>
            )
          }
        />
        {rows.length > 0 && (
          <CursorPaging
            shown={rows.length}
            pageSize={pageSize}
            nextHref={look.data.nextCursor === null ? null : href({ cursor: look.data.nextCursor })}
            firstHref={cursor === undefined ? null : href({})}
          />
        )}
      </Card>
    </Page>
  );
}

function columnsOf(words: Words, locale: Locale): Column<ExperimentLine>[] {
  const text = words.experiments;
  const head = text.columns;
  return [
    {
      id: "experiment",
      head: head.experiment,
      phone: "title",
      cell: (experiment) => (
        <>
          <span className="font-medium">{experiment.name}</span>
          <CellNote>
            {text.numbered({ number: experiment.number })}, {experiment.createdBy}
          </CellNote>
        </>
      ),
    },
    {
      id: "endpoint",
      head: head.endpoint,
      cell: ({ endpoint, arms }) => (
        <>
          {endpoint.name}
          <CellNote>
            {armText(arms.control, words)} /{" "}
            <span className="font-semibold text-v-treatment-ink">{arms.treatments.map((arm) => armText(arm, words)).join(" / ")}</span>
          </CellNote>
        </>
      ),
    },
    {
      id: "metric",
      head: head.metric,
      cell: ({ metric }) => (
        <>
          {metricText(metric, words)}
          <CellNote>{text[metric.direction]}</CellNote>
        </>
      ),
    },
    {
      id: "lift",
      head: words.experimentResults.list.lift,
      align: "right",
      cell: ({ lifts }) =>
        lifts.length === 0 ? (
          <span className="text-ink-3">{words.experimentResults.list.noLift}</span>
        ) : (
          lifts.map(({ treatment, ratio, low, high }) => {
            const interval = low === null || high === null ? null : { low, high };
            return (
              <span key={treatment} className="block">
                <b className="font-[550]">{liftChange(ratio, interval)}</b>
                {interval !== null && (
                  <CellNote>
                    {words.experimentResults.metrics.range({ low: liftChange(low, interval), high: liftChange(high, interval) })}
                  </CellNote>
                )}
              </span>
            );
          })
        ),
    },
    {
      id: "subjects",
      head: head.subjects,
      phoneLabel: head.subjectsShort,
      align: "right",
      cell: ({ subjects, minSubjectsPerArm }) => (
        <>
          {subjects === null ? (
            <span className="text-ink-3">{text.notStarted}</span>
          ) : (
            subjects.map(({ subjects: count }) => formatNumber(count)).join(" / ")
          )}
          <CellNote>{text.ofEach({ count: formatNumber(minSubjectsPerArm) })}</CellNote>
        </>
      ),
    },
    {
      id: "verdict",
      head: head.verdict,
      phone: "wide",
      cell: (experiment) => (
        <span className="line-clamp-3 max-w-[40ch] text-ink-2">
          {experiment.state === "draft" ? text.noVerdict : verdictTitle(experiment, { words, locale })}
        </span>
      ),
    },
    {
      id: "since",
      head: head.since,
      cell: (experiment) => (
        <RelativeTime at={experiment.concludedAt ?? experiment.stoppedAt ?? experiment.startedAt ?? experiment.createdAt} />
      ),
    },
    {
      id: "state",
      head: head.state,
      phone: "corner",
      cell: (experiment) => <ExperimentState experiment={experiment} />,
    },
  ];
}

/** How far it is, of one that runs. */
function ExperimentState({ experiment }: { experiment: ExperimentLine }) {
  const words = useWords();
  const locale = useLocale();
  const text = useNow((nowMs) => experimentStateText(experiment, { nowMs, words, locale }));
  return <StateBadge state={experiment.state}>{text}</StateBadge>;
}
