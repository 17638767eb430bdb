"use client";

import { PencilLine, Play, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead, MainAside } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DetailList, KeyFacts } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { useLive } from "@/lib/client/use-api";
import { formatNumber } from "@/lib/core/words/format";
import { type DriftMonitor, deleteDriftMonitor, getDriftMonitor, listDriftRuns, startDriftRun } from "@/lib/domain/drift/api";
import { comparesText, minutesText, verdictCount, verdictLook } from "./drift-look";
import { HistoryCard } from "./history-card";
import { NextRun } from "./next-run";
import { RunsCard } from "./runs-card";
import { WindowText } from "./window-text";

type Props = {
  scope: Scope;
  initial: DriftMonitor;
  runs: z.output<(typeof listDriftRuns)["returns"]>;
  cursor: string | undefined;
  isDemo: boolean;
};

/** One monitor: what it found last and before, its runs, and what it compares. */
export function MonitorPage({ scope, initial, runs, cursor, isDemo }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link, data } = useShell();
  const text = words.drift;
  const { project } = scope;
  const params = { id: initial.id };
  const everyMs = 3_000;
  const look = useLive(getDriftMonitor, { project, params }, { initial, everyMs });
  const runLook = useLive(listDriftRuns, { project, params, query: { cursor, limit: 20 } }, { initial: runs, everyMs });
  const monitor = look.data;
  const last = monitor.recent.at(-1);
  const refresh = () => {
    void look.refetch();
    void runLook.refetch();
  };
  return (
    <Page>
      <LiveBar
        looks={[look, runLook]}
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: text.title, href: `/${project}/drift` },
          { label: monitor.name },
        ]}
      />
      <PageHeader
        title={monitor.name}
        badge={
          last === undefined ? undefined : (
            <StateBadge size="lg" state={verdictLook[last.verdict]}>
              {verdictCount(last.verdict, last.features, words)}
            </StateBadge>
          )
        }
        actions={
          <>
            <ButtonLink icon={<PencilLine aria-hidden />} href={link(`/${project}/drift/${monitor.id}?edit=1`)}>
              {words.actions.edit}
            </ButtonLink>
            <RunNow scope={scope} monitor={monitor} onStarted={refresh} />
          </>
        }
      >
        {last === undefined ? (
          text.latest.waitingAbout
        ) : (
          <TextLink href={link(`/${project}/drift/reports/${last.id}`)}>{text.latest.open}</TextLink>
        )}
      </PageHeader>
      <KeyFacts
        facts={[
          {
            label: text.facts.endpoint,
            value: <TextLink href={link(`/${project}/endpoints/${monitor.endpoint.name}`)}>{monitor.endpoint.name}</TextLink>,
          },
          { label: text.columns.windows, value: comparesText(monitor, words, locale) },
          {
            label: text.facts.schedule,
            value: monitor.everyMinutes === null ? text.byHand : text.every({ span: minutesText(monitor.everyMinutes, locale) }),
          },
          { label: text.facts.next, value: <NextRun monitor={monitor} /> },
          { label: text.facts.needs, value: text.facts.requests({ count: formatNumber(monitor.minSamples) }) },
        ]}
      />
      <MainAside aside={<Settings scope={scope} monitor={monitor} isDemo={isDemo} />}>
        <HistoryCard monitor={monitor} />
        <RunsCard scope={scope} monitor={monitor} runs={runLook.data} cursor={cursor} />
      </MainAside>
    </Page>
  );
}

function RunNow({ scope, monitor, onStarted }: { scope: Scope; monitor: DriftMonitor; onStarted: () => void }) {
  const words = useWords();
  const toast = useToast();
  const text = words.drift.run;
  const [busy, setBusy] = useState(false);
  const may = mayAct(scope, "drift:write");
  const { openRun } = monitor;
  const why = !may
    ? words.drift.form.needsRole({ role: words.nouns.roles[neededRole("drift:write")] })
    : openRun === null
      ? undefined
      : text.busy({ number: openRun.number });
  const start = async () => {
    setBusy(true);
    const answer = await call(startDriftRun, { project: scope.project, params: { id: monitor.id }, idempotencyKey: crypto.randomUUID() });
    setBusy(false);
    if (answer.ok) toast({ title: text.started({ number: answer.data.number }), detail: text.startedDetail });
    else toast({ tone: "bad", title: answer.problem?.title ?? words.errors.network, detail: answer.problem?.detail });
    onStarted();
  };
  return (
    <Button
      variant="primary"
      icon={<Play aria-hidden />}
      busy={busy}
      busyLabel={text.running}
      disabled={why !== undefined}
      title={why}
      onClick={() => void start()}
    >
      {text.now}
    </Button>
  );
}

function Settings({ scope, monitor, isDemo }: { scope: Scope; monitor: DriftMonitor; isDemo: boolean }) {
  const words = useWords();
  const text = words.drift;
  const { limits, reference } = monitor;
  const number = (value: number) => String(value);
  return (
    <Card>
      <CardHead title={text.form.what} />
      <CardBody>
        <DetailList
          items={[
            { label: text.facts.featuresLabel, value: monitor.features.map((feature) => text.features[feature]).join(", ") },
            ...(reference.kind === "fixed"
              ? [{ label: text.facts.reference, value: <WindowText from={reference.from} to={reference.to} /> }]
              : []),
            {
              label: text.facts.filter,
              value: `${monitor.outcomes === "all" ? text.facts.all : text.facts.complete}${
                monitor.release === null ? "" : `, ${text.facts.release({ release: words.endpoints.release({ number: monitor.release }) })}`
              }`,
            },
            {
              label: text.facts.limits,
              value: (
                <>
                  {text.facts.psi({ warn: number(limits.psiWarn), drift: number(limits.psiDrift) })}
                  <br />
                  {text.facts.ks({ alpha: number(limits.ksAlpha), distance: number(limits.ksMinDistance) })}
                </>
              ),
            },
            {
              label: text.facts.created,
              value: (
                <>
                  {monitor.createdBy}, <RelativeTime at={monitor.createdAt} />
                </>
              ),
            },
          ]}
        />
        <p className="mt-3 text-small text-ink-3">{text.facts.correction}</p>
        <Remove scope={scope} monitor={monitor} />
      </CardBody>
      {isDemo && <CardFoot>{text.demo}</CardFoot>}
    </Card>
  );
}

function Remove({ scope, monitor }: { scope: Scope; monitor: DriftMonitor }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.drift.remove;
  const [open, setOpen] = useState(false);
  if (!mayAct(scope, "drift:write")) return null;
  return (
    <>
      <Button className="mt-4" size="sm" variant="danger-outline" icon={<Trash2 aria-hidden />} onClick={() => setOpen(true)}>
        {text.label}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={text.title({ name: monitor.name })}
        effect={text.effect({ reports: text.itsReports })}
        confirmLabel={text.label}
        busyLabel={words.actions.deleting}
        danger
        onConfirm={async () => {
          const answer = await call(deleteDriftMonitor, { project: scope.project, params: { id: monitor.id } });
          if (!answer.ok) return { ok: false, problem: answer.problem };
          toast({ title: text.done({ name: monitor.name }) });
          router.push(link(`/${scope.project}/drift`));
          router.refresh();
          return { ok: true };
        }}
      />
    </>
  );
}
