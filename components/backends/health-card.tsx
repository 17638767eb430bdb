"use client";

import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { KeyFacts } from "@/components/ui/key-facts";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge, StateText } from "@/components/ui/state-badge";
import { dash, formatMillis, formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import type { BackendHealthReport } from "@/lib/domain/backend-health/api";
import { breakerLook, healthLook } from "./health-look";

/** A figure of the backend's own metrics; a dash where nobody knows it. */
export const formatFigure = (value: number | null): string =>
  value === null ? dash : formatNumber(value, { digits: Number.isInteger(value) ? 0 : 1 });

/** Load as all gateways together see it, and the backend's own figures. */
export function LoadFacts({ health, capacity }: { health: BackendHealthReport; capacity: number | null }) {
  const text = useWords().backends.health;
  const { now } = health;
  return (
    <KeyFacts
      facts={[
        {
          label: text.title,
          value: <StateText state={healthLook[now.health]}>{text.states[now.health]}</StateText>,
          note: now.breakersOpen === 0 ? undefined : text.breakersOpen({ count: now.breakersOpen }),
        },
        {
          label: text.inFlight,
          value: formatNumber(now.inFlight),
          note: capacity === null ? text.noCapacity : text.ofCapacity({ capacity: formatNumber(capacity) }),
        },
        { label: text.queued, value: formatNumber(now.queued) },
        { label: text.running, value: formatFigure(now.running) },
        { label: text.waiting, value: formatFigure(now.waiting) },
        { label: text.kvUse, value: formatPercent(now.kvUseRatio, { digits: 0 }) },
      ]}
    />
  );
}

/** What each gateway finds when it asks the backend, and what its circuit breaker lets through. */
export function HealthCard({ health }: { health: BackendHealthReport }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.backends.health;
  return (
    <Card>
      <CardHead
        title={text.byGateway}
        sub={text.byGatewaySub}
        right={<StateBadge state={healthLook[health.now.health]}>{text.states[health.now.health]}</StateBadge>}
      />
      {health.gateways.length === 0 ? (
        <CardBody className="text-ink-2">{text.nobody}</CardBody>
      ) : (
        <DataTable
          caption={text.byGateway}
          phone="cards"
          rows={health.gateways}
          rowKey={(view) => `${view.gateway} ${view.revision}`}
          columns={[
            {
              id: "gateway",
              head: words.gateways.table.gateway,
              phone: "title",
              cell: (view) => (
                <>
                  <span className="font-medium wrap-anywhere">{view.gateway}</span>
                  <CellNote>
                    {words.backends.revision({ number: view.revision })},{" "}
                    {words.ui.ago({ age: formatSpan(view.heardSecondsAgo * 1000, locale) })}
                  </CellNote>
                </>
              ),
            },
            {
              id: "health",
              head: text.title,
              phone: "corner",
              cell: (view) => (
                <>
                  <StateText state={healthLook[view.health]}>{text.states[view.health]}</StateText>
                  {view.healthSince !== null && (
                    <CellNote>
                      {text.since} <RelativeTime at={view.healthSince} />
                    </CellNote>
                  )}
                  {view.reason !== null && <CellNote>{view.reason}</CellNote>}
                </>
              ),
            },
            {
              id: "breaker",
              head: text.breaker,
              cell: (view) => <StateText state={breakerLook[view.breaker]}>{text.breakers[view.breaker]}</StateText>,
            },
            { id: "inFlight", head: text.inFlight, align: "right", cell: (view) => formatNumber(view.inFlight) },
            { id: "queued", head: text.queued, align: "right", cell: (view) => formatNumber(view.queued) },
            { id: "waiting", head: text.waiting, align: "right", cell: (view) => formatFigure(view.waiting) },
            { id: "kv", head: text.kvUse, align: "right", cell: (view) => formatPercent(view.kvUseRatio, { digits: 0 }) },
            { id: "response", head: text.response, align: "right", cell: (view) => formatMillis(view.responseMs) },
            { id: "probe", head: text.probe, align: "right", cell: (view) => formatMillis(view.probeMs) },
          ]}
        />
      )}
      <CardFoot>{text.foot}</CardFoot>
    </Card>
  );
}
