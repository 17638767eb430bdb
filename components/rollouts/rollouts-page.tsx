"use client";

import { GitBranch } from "lucide-react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { SplitBar, SplitText } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { dash } from "@/lib/core/words/format";
import { listRollouts, type RolloutSummary } from "@/lib/domain/rollouts/api";
import { ROLLOUT_FILTERS, type RolloutFilter } from "./rollout-filters";
import { rolloutLook, rolloutStateText, wantedSplit } from "./rollout-look";

type Props = {
  scope: Scope;
  filter: RolloutFilter | undefined;
  endpoint: string | undefined;
  cursor: string | undefined;
  initial: z.output<(typeof listRollouts)["returns"]>;
};

const pageSize = 50;

/** Every rollout of the environment, newest first. */
export function RolloutsPage({ scope, filter, endpoint, cursor, initial }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const query = { environment, state: filter, endpoint, cursor, limit: pageSize };
  const look = useLive(listRollouts, { project, query }, { initial, everyMs: 3_000 });
  const base = `/${project}/rollouts`;
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
        title={words.rollouts.title}
        actions={
          <ButtonLink variant="primary" icon={<GitBranch aria-hidden />} href={link(`${base}?new=1`)}>
            {words.rollouts.create}
          </ButtonLink>
        }
      >
        {words.rollouts.about}
      </PageHeader>
      <Card>
        <div className="px-4 py-3 max-md:px-3.5">
          <FilterChips
            label={words.rollouts.filters.label}
            chips={[
              ...ROLLOUT_FILTERS.map((state) => ({
                label: words.rollouts.filters[state],
                href: href({ state: state === filter ? undefined : state }),
                current: state === filter,
              })),
              ...(endpoint === undefined ? [] : [{ label: endpoint, href: href({ endpoint: undefined }), current: true }]),
            ]}
          />
        </div>
        <DataTable
          caption={words.rollouts.title}
          phone="cards"
          columns={columnsOf(words)}
          rows={rows}
          rowKey={(rollout) => rollout.id}
          rowHref={(rollout) => link(`${base}/${rollout.number}`)}
          instead={
            rows.length > 0 ? undefined : isFiltered ? (
              <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                {words.ui.emptyTableDetail}
              </EmptyState>
            ) : (
              <EmptyState title={words.rollouts.empty} action={{ label: words.rollouts.create, href: link(`${base}?new=1`) }}>
                {words.rollouts.emptyAbout}
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

export function columnsOf(words: Words): Column<RolloutSummary>[] {
  const head = words.rollouts.columns;
  return [
    {
      id: "rollout",
      head: head.rollout,
      phone: "title",
      cell: (rollout) => (
        <>
          <span className="font-medium">
            {words.rollouts.move({
              endpoint: rollout.endpoint.name,
              from: words.endpoints.release({ number: rollout.from.number }),
              to: words.endpoints.release({ number: rollout.to.number }),
            })}
          </span>
          <CellNote>
            {words.nouns.rollout.one} {rollout.number}, {rollout.createdBy}
          </CellNote>
        </>
      ),
    },
    {
      id: "split",
      head: head.split,
      width: "190px",
      phone: "wide",
      phoneLabel: "",
      cell: (rollout) => (
        <>
          <SplitBar parts={wantedSplit(rollout, words)} digits={0} />
          <SplitText parts={wantedSplit(rollout, words)} />
        </>
      ),
    },
    { id: "started", head: head.started, cell: (rollout) => <RelativeTime at={rollout.createdAt} /> },
    {
      id: "ended",
      head: head.ended,
      cell: (rollout) =>
        rollout.endedAt === null ? <span className="text-ink-3">{words.rollouts.stillOn}</span> : <RelativeTime at={rollout.endedAt} />,
    },
    {
      id: "reason",
      head: head.reason,
      phone: "hidden",
      cell: (rollout) => <span className="line-clamp-2 max-w-[52ch] text-small text-ink-2">{rollout.endReason ?? dash}</span>,
    },
    {
      id: "state",
      head: head.state,
      phone: "corner",
      cell: (rollout) => <StateBadge state={rolloutLook(rollout.state)}>{rolloutStateText(rollout, words)}</StateBadge>,
    },
  ];
}
