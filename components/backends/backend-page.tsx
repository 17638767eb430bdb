"use client";

import { PencilLine, PlugZap } from "lucide-react";
import { useState } from "react";
import { LiveBar } from "@/components/overview/live-bar";
import { RangeSwitch } from "@/components/overview/range-switch";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { everyMsOf, type Range } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, Columns } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { KeyFacts } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatTiles } from "@/components/ui/stat-tile";
import { EmptyState } from "@/components/ui/states";
import { call } from "@/lib/client/call";
import { useLive } from "@/lib/client/use-api";
import { type BackendHealthReport, getBackendHealth } from "@/lib/domain/backend-health/api";
import { type Backend, listBackendUses, testBackend } from "@/lib/domain/backends/api";
import { type BackendTrafficAnswer, getBackendTraffic } from "@/lib/domain/usage/api";
import { BackendCharts } from "./backend-charts";
import { healthMinutesOf, lineOf, toBackendStats, usesPageSize } from "./backend-traffic";
import { HealthCard, LoadFacts } from "./health-card";
import { HealthCharts } from "./health-charts";
import { OutcomesCard } from "./outcomes-card";
import { type ModelPrices, PricesCard } from "./prices-card";
import { ProbeCard, type Probed } from "./probe-card";
import { UsesCard, type UsesData } from "./uses-card";

type Props = {
  scope: Scope;
  backend: Backend;
  range: Range;
  initial: { traffic: BackendTrafficAnswer; uses: UsesData; health: BackendHealthReport };
  prices: readonly ModelPrices[];
  cursor: string | undefined;
};

/** One backend: what it answered and how fast, who uses it, what it costs, and what a connection finds. */
export function BackendPage({ scope, backend, range, initial, prices, cursor }: Props) {
  const words = useWords();
  const text = words.backends;
  const { project, environment } = scope;
  const { name } = backend;
  const traffic = useLive(
    getBackendTraffic,
    { project, query: { environment, backend: name, range } },
    { initial: initial.traffic, everyMs: everyMsOf(range) },
  );
  const uses = useLive(
    listBackendUses,
    { project, params: { name }, query: { environment, limit: usesPageSize, cursor } },
    { initial: initial.uses, everyMs: 10_000 },
  );
  const health = useLive(
    getBackendHealth,
    { project, params: { name }, query: { environment, minutes: healthMinutesOf(range) } },
    { initial: initial.health, everyMs: 5_000 },
  );
  const [probed, setProbed] = useState<Probed | null>(null);
  const line = lineOf(traffic.data, name);
  const { facts } = text;
  return (
    <Page>
      <LiveBar looks={[traffic, uses, health]} />
      <PageHeader
        title={name}
        badge={backend.isSimulated ? <NameTag kind="simulated" /> : undefined}
        actions={
          <>
            <RangeSwitch range={range} />
            <BackendActions scope={scope} backend={backend} onProbed={setProbed} />
          </>
        }
      >
        {text.about} {range !== "1h" && range !== "24h" && text.health.window}
      </PageHeader>
      <KeyFacts
        facts={[
          { label: facts.kind, value: text.kinds[backend.kind] },
          { label: facts.model, value: backend.servedModel ?? <span className="text-ink-3">{text.endpointName}</span> },
          { label: facts.key, value: backend.hasKey ? text.hasKey : <span className="text-ink-3">{text.noKey}</span> },
          { label: facts.revision, value: backend.revision },
          { label: facts.created, value: <RelativeTime at={backend.createdAt} /> },
        ]}
      />
      <LoadFacts health={health.data} capacity={backend.capacity} />
      <StatTiles label={words.overview.tiles.label} stats={toBackendStats(line, { words, stepMinutes: traffic.data.stepSeconds / 60 })} />
      {probed !== null && <ProbeCard probed={probed} />}
      {line === null ? (
        <Card>
          <CardHead title={text.charts.title} sub={words.overview.ranges[range]} />
          <EmptyState title={text.charts.none}>{text.charts.noneDetail}</EmptyState>
        </Card>
      ) : (
        <BackendCharts points={line.points} stepSeconds={traffic.data.stepSeconds} />
      )}
      {health.data.minutes.length > 0 && <HealthCharts minutes={health.data.minutes} />}
      <HealthCard health={health.data} />
      <UsesCard scope={scope} backend={backend} uses={uses.data} line={line} paging={{ pageSize: usesPageSize, cursor }} />
      <Columns>
        {line !== null && <OutcomesCard traffic={line.traffic} />}
        <PricesCard prices={prices} />
      </Columns>
      <Card>
        <CardHead title={text.columns.address} />
        <CardBody>
          <CopyField value={backend.baseUrl} what={text.columns.address} />
        </CardBody>
      </Card>
      {probed === null && <ProbeCard probed={probed} />}
    </Page>
  );
}

type ActionProps = { scope: Scope; backend: Backend; onProbed: (probed: Probed) => void };

function BackendActions({ scope, backend, onProbed }: ActionProps) {
  const words = useWords();
  const { link } = useShell();
  const text = words.backends;
  const { project, environment } = scope;
  const [busy, setBusy] = useState(false);
  const may = mayAct(scope, "backend:write");
  const test = async () => {
    setBusy(true);
    const answer = await call(testBackend, { project, params: { name: backend.name }, body: { environment } });
    setBusy(false);
    onProbed({ atMs: Date.now(), answer });
  };
  return (
    <>
      <ButtonLink icon={<PencilLine aria-hidden />} href={link(`/${project}/backends/${backend.name}?edit=1`)}>
        {words.actions.edit}
      </ButtonLink>
      <Button
        variant="primary"
        icon={<PlugZap aria-hidden />}
        busy={busy}
        busyLabel={text.testing}
        disabled={!may}
        title={may ? undefined : words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("backend:write")] })}
        onClick={() => void test()}
      >
        {text.test}
      </Button>
    </>
  );
}
