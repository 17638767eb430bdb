"use client";

import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardHead } from "@/components/ui/card";
import { KeyFacts } from "@/components/ui/key-facts";
import { Note } from "@/components/ui/note";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { Term } from "@/components/ui/tooltip";
import { Verdict } from "@/components/ui/verdict";
import { useLive } from "@/lib/client/use-api";
import { formatBytes, formatNumber } from "@/lib/core/words/format";
import { type GatewayState, listGateways } from "@/lib/domain/gateways/api";
import { judgeConvergence } from "./gateway-look";
import { GatewaysTable } from "./gateways-table";

type GatewaysData = z.output<(typeof listGateways)["returns"]>;

/** Whether every gateway serves what was saved last: who is behind, since when, and who refuses it and why. */
export function GatewaysPage({ project, initial }: { project: string; initial: GatewaysData }) {
  const words = useWords();
  const { data } = useShell();
  const look = useLive(listGateways, { project }, { initial, everyMs: 2_000 });
  const { items, newest } = look.data;
  const text = words.gateways;
  const generation = newest === null ? text.facts.noSnapshot : formatNumber(newest.generation);
  return (
    <>
      <LiveBar
        looks={[look]}
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: words.access.title, href: `/${project}/settings` },
          { label: words.gateways.title },
        ]}
      />
      <ConvergenceVerdict gateways={items} generation={generation} />
      {items.filter(isRefusing).map((gateway) => (
        <Note key={gateway.id} tone="bad" title={text.refusedTitle({ gateway: gateway.id })} role="alert">
          <p className="wrap-anywhere">{gateway.snapshotAlarm}</p>
          {gateway.snapshotAlarmSince !== null && (
            <p className="text-small text-ink-3">
              {text.refusedSince} <RelativeTime at={gateway.snapshotAlarmSince} />
            </p>
          )}
        </Note>
      ))}
      {items.filter(isSpoolUnwell).map(({ id, spool }) => (
        <Note key={id} tone={spool?.state === "refusing" ? "bad" : "hold"} title={text.spoolTitle({ gateway: id })} role="alert">
          <p className="wrap-anywhere">{spool?.reason}</p>
          {spool?.state === "refusing" && <p className="text-small text-ink-3">{text.spoolRefuses}</p>}
        </Note>
      ))}
      <KeyFacts
        facts={[
          { label: <Term name="generation">{text.facts.newest}</Term>, value: generation },
          { label: text.facts.epoch, value: newest === null ? text.facts.noSnapshot : newest.epoch },
          { label: text.facts.published, value: newest === null ? text.facts.noSnapshot : <RelativeTime at={newest.publishedAt} /> },
          { label: text.facts.live, value: `${items.filter((each) => each.state === "live").length} / ${items.length}` },
          {
            label: text.facts.waiting,
            value: text.table.records({ count: formatNumber(items.reduce((sum, each) => sum + each.spoolRecords, 0)) }),
            note: formatBytes(items.reduce((sum, each) => sum + each.spoolBytes, 0)),
          },
        ]}
      />
      <Card>
        <CardHead title={text.table.title} sub={text.table.sub} />
        {items.length === 0 ? <EmptyState title={text.empty}>{text.emptyAbout}</EmptyState> : <GatewaysTable gateways={items} />}
      </Card>
    </>
  );
}

const isRefusing = (gateway: GatewayState): boolean => gateway.state === "live" && gateway.snapshotAlarm !== null;

const isSpoolUnwell = ({ state, spool }: GatewayState): boolean => state === "live" && spool !== null && spool.state !== "well";

const tones = { none: "bad", refused: "bad", behind: "hold", agree: "good" } as const;

function ConvergenceVerdict({ gateways, generation }: { gateways: readonly GatewayState[]; generation: string }) {
  const words = useWords();
  const text = words.gateways.verdict;
  const { verdict, live, behind, refusing } = judgeConvergence(gateways);
  const title = {
    none: text.none,
    refused: text.refused({ count: refusing }),
    behind: text.behind({ behind, live }),
    agree: text.agree({ count: live, generation }),
  }[verdict];
  const detail = { none: text.noneDetail, refused: text.refusedDetail, behind: text.behindDetail, agree: text.agreeDetail }[verdict];
  return (
    <Verdict tone={tones[verdict]} title={title}>
      {detail}
    </Verdict>
  );
}
