"use client";

import { useLocale, useWords } from "@/components/shell/words-provider";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { formatBytes, formatNumber, formatSpan } from "@/lib/core/words/format";
import type { GatewayState } from "@/lib/domain/gateways/api";
import { gatewayLook } from "./gateway-look";

/** Younger records wait because they have just been written. */
const OLD_MS = 60_000;

/** Every gateway that ever reported, with what it said last. */
export function GatewaysTable({ gateways }: { gateways: readonly GatewayState[] }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.gateways.table;
  return (
    <DataTable
      caption={text.title}
      phone="cards"
      rows={gateways}
      rowKey={(gateway) => gateway.id}
      columns={[
        {
          id: "gateway",
          head: text.gateway,
          phone: "title",
          cell: (gateway) => (
            <>
              <span className="font-medium wrap-anywhere">{gateway.id}</span>
              <CellNote>{gateway.address}</CellNote>
            </>
          ),
        },
        {
          id: "state",
          head: text.state,
          phone: "corner",
          cell: (gateway) => {
            const { state, key } = gatewayLook(gateway);
            return <StateText state={state}>{words.overview.gatewayStates[key]}</StateText>;
          },
        },
        {
          id: "generation",
          head: text.generation,
          align: "right",
          cell: (gateway) => (
            <>
              {formatNumber(gateway.generation)}
              <CellNote>{text.epoch({ epoch: gateway.epoch })}</CellNote>
              {gateway.behindSince !== null && (
                <CellNote>
                  {text.behindBy({ count: gateway.behindBy })}, {text.sinceAtLeast} <RelativeTime at={gateway.behindSince} />
                </CellNote>
              )}
            </>
          ),
        },
        {
          id: "heard",
          head: text.heard,
          align: "right",
          cell: (gateway) => words.ui.ago({ age: formatSpan(gateway.heardSecondsAgo * 1000, locale) }),
        },
        { id: "inFlight", head: text.inFlight, align: "right", cell: (gateway) => formatNumber(gateway.inFlight) },
        {
          id: "spool",
          head: text.spool,
          align: "right",
          cell: (gateway) => (
            <>
              {formatNumber(gateway.spoolRecords)}
              <SpoolNotes gateway={gateway} />
            </>
          ),
        },
        { id: "started", head: text.started, cell: (gateway) => <RelativeTime at={gateway.startedAt} /> },
        { id: "version", head: text.version, cell: (gateway) => gateway.version },
      ]}
    />
  );
}

/** How full a spool is and how old, and what it says is wrong. */
function SpoolNotes({ gateway: { spoolBytes, spool } }: { gateway: GatewayState }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.gateways.table;
  if (spool === null) return <CellNote>{formatBytes(spoolBytes)}</CellNote>;
  return (
    <>
      <CellNote>{text.spoolOf({ bytes: formatBytes(spoolBytes), most: formatBytes(spool.maxBytes) })}</CellNote>
      {spool.oldestAgeMs >= OLD_MS && <CellNote>{text.spoolOldest({ age: formatSpan(spool.oldestAgeMs, locale) })}</CellNote>}
      {spool.state !== "well" && (
        <CellNote>
          <StateText state={spool.state === "refusing" ? "failed" : "stale"}>{text.spoolStates[spool.state]}</StateText>
        </CellNote>
      )}
    </>
  );
}
