"use client";

import { gatewayLook } from "@/components/gateways/gateway-look";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { StateText } from "@/components/ui/state-badge";
import { Term } from "@/components/ui/tooltip";
import { formatNumber, formatSpan } from "@/lib/core/words/format";
import type { GatewayState } from "@/lib/domain/gateways/api";
import type { OverviewData } from "./overview-page";

/** Who serves, and which configuration. */
export function GatewaysCard({ gateways, project }: { gateways: OverviewData["gateways"]; project: string }) {
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
        right={<TextLink href={`/${project}/settings/gateways`}>{words.gateways.all}</TextLink>}
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
  const { state, key } = gatewayLook(gateway);
  return (
    <>
      <StateText state={state}>{words.overview.gatewayStates[key]}</StateText>
      {gateway.state !== "live" && <CellNote>{words.ui.ago({ age: formatSpan(gateway.heardSecondsAgo * 1000, locale) })}</CellNote>}
    </>
  );
}
