"use client";

import type { z } from "zod";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { CursorPaging } from "@/components/ui/table-tools";
import { dash, formatMillis } from "@/lib/core/words/format";
import { formatRelative } from "@/lib/core/words/time";
import type { DriftMonitor, DriftRun, listDriftRuns } from "@/lib/domain/drift/api";
import { verdictLook } from "./drift-look";
import { WindowText } from "./window-text";

type Props = { scope: Scope; monitor: DriftMonitor; runs: z.output<(typeof listDriftRuns)["returns"]>; cursor: string | undefined };

const pageSize = 20;

/** Every run, newest first; one that is done leads to its report. */
export function RunsCard({ scope, monitor, runs, cursor }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.drift.runs;
  const base = `/${scope.project}/drift`;
  if (runs.items.length === 0) return <NoRuns monitor={monitor} />;
  return (
    <Card>
      <CardHead title={text.title} />
      <DataTable
        caption={text.title}
        phone="cards"
        rows={runs.items}
        rowKey={(run) => run.id}
        rowHref={(run) => (run.reportId === null ? undefined : link(`${base}/reports/${run.reportId}`))}
        columns={[
          {
            id: "run",
            head: text.columns.run,
            phone: "title",
            cell: (run) => <span className="font-medium">{text.number({ number: run.number })}</span>,
          },
          { id: "result", head: text.columns.result, phone: "corner", cell: (run) => <Result run={run} /> },
          {
            id: "windows",
            head: text.columns.windows,
            phone: "wide",
            phoneLabel: "",
            cell: (run) =>
              run.failure === null ? (
                <WindowText from={run.current.from} to={run.current.to} />
              ) : (
                <span className="text-small text-ink-2">{run.failure}</span>
              ),
          },
          {
            id: "at",
            head: text.columns.at,
            cell: (run) => (
              <>
                <RelativeTime at={run.createdAt} />
                <CellNote>{run.trigger === "schedule" ? text.schedule : run.requestedBy}</CellNote>
              </>
            ),
          },
          { id: "took", head: text.columns.took, align: "right", cell: (run) => took(run) },
        ]}
      />
      {(runs.nextCursor !== null || cursor !== undefined) && (
        <CursorPaging
          shown={runs.items.length}
          pageSize={pageSize}
          nextHref={runs.nextCursor === null ? null : link(`${base}/${monitor.id}?cursor=${encodeURIComponent(runs.nextCursor)}`)}
          firstHref={cursor === undefined ? null : link(`${base}/${monitor.id}`)}
        />
      )}
    </Card>
  );
}

function NoRuns({ monitor }: { monitor: DriftMonitor }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.drift.runs;
  const at = useNow((nowMs) => (monitor.nextRunAt === null ? "" : formatRelative(Date.parse(monitor.nextRunAt), nowMs, locale)));
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody className="text-ink-2">
        {text.none} {at !== "" && text.noneNext({ at })}
      </CardBody>
    </Card>
  );
}

function Result({ run }: { run: DriftRun }) {
  const words = useWords();
  if (run.verdict !== null) return <StateBadge state={verdictLook[run.verdict]}>{words.drift.verdicts[run.verdict]}</StateBadge>;
  return <StateBadge state={run.state === "done" ? "done" : run.state} />;
}

function took({ startedAt, endedAt }: DriftRun): string {
  return startedAt === null || endedAt === null ? dash : formatMillis(Date.parse(endedAt) - Date.parse(startedAt));
}
