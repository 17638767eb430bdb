"use client";

import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { dash, formatNumber } from "@/lib/core/words/format";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";
import { describeRelease } from "./release-changes";
import { releaseState } from "./release-state";

type Props = {
  endpoint: Endpoint;
  releases: readonly Release[];
  rollouts: readonly RolloutSummary[];
  /** Of this endpoint. */
  experiments: readonly ExperimentSummary[];
  /** Of the last hour, by release. */
  traffic: TrafficData;
  project: string;
};

/** The endpoint's releases, newest first, with what became of each. */
export function ReleasesCard({ endpoint, releases, rollouts, experiments, traffic, project }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.endpoints.releases;
  const base = `/${project}/endpoints/${endpoint.name}`;
  const perMinute = (release: Release) => {
    const points = traffic.groups.find((group) => group.release === release.number)?.points ?? [];
    return points.slice(-6).some((point) => point.requests > 0) ? recentPerMinute(points) : null;
  };
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <DataTable
        caption={text.title}
        phone="cards"
        rows={releases}
        rowKey={(release) => release.id}
        rowHref={(release) => link(`${base}/releases/${release.number}`)}
        instead={
          releases.length > 0 ? undefined : (
            <EmptyState title={text.none} action={{ label: text.create, href: link(`${base}?new=release`) }}>
              {text.noneDetail}
            </EmptyState>
          )
        }
        columns={[
          {
            id: "number",
            head: text.number,
            phone: "title",
            cell: (release) => (
              <>
                <span className="font-medium">{words.endpoints.release({ number: release.number })}</span>
                <CellNote>{release.note === "" ? text.noNote : release.note}</CellNote>
              </>
            ),
          },
          { id: "contents", head: text.contents, phone: "hidden", cell: (release) => describeRelease(release, words) },
          {
            id: "perMinute",
            head: text.perMinute,
            align: "right",
            cell: (release) => {
              const rate = perMinute(release);
              return rate === null ? dash : formatNumber(rate);
            },
          },
          {
            id: "created",
            head: text.created,
            cell: (release) => (
              <span className="whitespace-nowrap">
                <RelativeTime at={release.createdAt} />
                <CellNote>{release.createdBy}</CellNote>
              </span>
            ),
          },
          {
            id: "state",
            head: text.state,
            phone: "corner",
            cell: (release) => {
              const { state, label } = releaseState(release, { endpoint, rollouts, experiments, words });
              return <StateBadge state={state}>{label}</StateBadge>;
            },
          },
        ]}
      />
    </Card>
  );
}
