"use client";

import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { StateText } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import { Term } from "@/components/ui/tooltip";
import { formatNumber, formatSpan } from "@/lib/core/words/format";
import type { GatewayState } from "@/lib/domain/gateways/api";
import type { OverviewData } from "./overview-page";

function lookOf(gateway: GatewayState): { state: StateName; key: "live" | "silent" | "gone" | "behind" } {
  if (gateway.state === "gone") return { state: "away", key: "gone" };
  if (gateway.state === "silent") return { state: "unknown", key: "silent" };
  return gateway.isCurrent ? { state: "live", key: "live" } : { state: "stale", key: "behind" };
}

/** Who serves, and which configuration. */
export function GatewaysCard({ gateways }: { gateways: OverviewData["gateways"] }) {
  const words = useWords();
  const text = words.overview;
  const head = text.gatewayColumns;
  return (
    <Card id="gateways" className="scroll-mt-16">
      <CardHead
        title={text.gateways}
        sub={
          gateways.newest === null ? undefined : (
            <Term name="generation">{text.generation({ generation: formatNumber(gateways.newest.generation) })}</Term>
          )
        }
      />
      {gateways.items.length === 0 ? (
        <CardBody className="text-ink-2">{text.noGatewayCard}</CardBody>
      ) : (
        <DataTable
          caption={text.gateways}
          compact
          rows={gateways.items}
          rowKey={(gateway) => gateway.id}
          columns={[
            {
              id: "gateway",
              head: head.gateway,
              cell: (gateway) => (
                <>
                  <span className="font-medium wrap-anywhere">{gateway.id}</span>
                  <CellNote>{gateway.address}</CellNote>
                </>
              ),
            },
            { id: "generation", head: head.generation, align: "right", cell: (gateway) => formatNumber(gateway.generation) },
            { id: "inFlight", head: head.inFlight, align: "right", cell: (gateway) => formatNumber(gateway.inFlight) },
            { id: "spool", head: head.spool, align: "right", cell: (gateway) => formatNumber(gateway.spoolRecords) },
            { id: "state", head: head.state, cell: (gateway) => <GatewayCell gateway={gateway} /> },
          ]}
        />
      )}
    </Card>
  );
}

function GatewayCell({ gateway }: { gateway: GatewayState }) {
  const words = useWords();
  const locale = useLocale();
  const { state, key } = lookOf(gateway);
  return (
    <>
      <StateText state={state}>{words.overview.gatewayStates[key]}</StateText>
      {gateway.state !== "live" && <CellNote>{words.ui.ago({ age: formatSpan(gateway.heardSecondsAgo * 1000, locale) })}</CellNote>}
    </>
  );
}
