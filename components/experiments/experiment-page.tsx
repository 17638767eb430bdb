"use client";

import { CopyPlus, Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { LiveBar } from "@/components/overview/live-bar";
import { mayAct, type Scope } from "@/components/overview/scope";
import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, MainAside } from "@/components/ui/card";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { describeSplit, SplitBar } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { TabLinks } from "@/components/ui/tab-links";
import { Timeline } from "@/components/ui/timeline";
import { useLive } from "@/lib/client/use-api";
import {
  type Experiment,
  type ExperimentResults,
  type ExperimentSegments,
  getExperiment,
  getExperimentResults,
} from "@/lib/domain/experiments/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { ExperimentActs } from "./experiment-acts";
import { ExperimentControls, ExperimentDialog, ExperimentSticky } from "./experiment-controls";
import { toTimeline } from "./experiment-events";
import { experimentSplit, experimentStateText, insideShare, percentText } from "./experiment-look";
import { EXPERIMENT_TABS, type ExperimentTab } from "./experiment-tabs";
import { HarmedNote } from "./harmed-note";
import { LifeCard, VersionNote } from "./life-card";
import { MoreMenu } from "./more-menu";
import { PlanCard } from "./plan-card";
import type { ArmRequests } from "./requests-shown";
import { RequestsTab } from "./requests-tab";
import { ResultsTab } from "./results-tab";
import { SegmentsTab } from "./segments-tab";
import { VerdictCard } from "./verdict-card";

export interface ExperimentData {
  readonly experiment: Experiment;
  readonly results: ExperimentResults;
  readonly recent: TrafficData;
}

type Props = {
  scope: Scope;
  initial: ExperimentData;
  tab: ExperimentTab;
  /** Of the tab of requests; empty on the others. */
  requests: ArmRequests;
  /** Of the tab of segments; null on the others. */
  segments: ExperimentSegments | null;
  isSimulated: boolean;
  isDemo: boolean;
};

/** One experiment: what it says and why, how far it is, its plan, its requests, and what happened to it. */
export function ExperimentPage({ scope, initial, tab, requests, segments, isSimulated, isDemo }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { data, link } = useShell();
  const { project } = scope;
  const { id, endpoint } = initial.experiment;
  const at = { project, params: { id } };
  const everyMs = initial.experiment.state === "running" ? 3_000 : 10_000;
  const look = useLive(getExperiment, at, { initial: initial.experiment, everyMs });
  const outcome = useLive(getExperimentResults, at, { initial: initial.results, everyMs });
  const recent = useLive(
    getTraffic,
    { project, query: { environment: endpoint.environment, endpoint: endpoint.name, range: "1h", by: "endpoint" } },
    { initial: initial.recent, everyMs: 10_000 },
  );
  const experiment = look.data;
  const results = outcome.data;
  const stateText = useNow((nowMs) => experimentStateText(experiment, { nowMs, words, locale }));
  const isDraft = experiment.state === "draft";
  const isOpen = experiment.state === "draft" || experiment.state === "running";
  const base = `/${project}/experiments`;
  const here = `${base}/${experiment.number}`;
  const hrefOf = (to: ExperimentTab) => link(to === "results" ? here : `${here}?tab=${to}`);
  const perMinute = recentPerMinute(recent.data.points);
  const refresh = () => {
    void look.refetch();
    void outcome.refetch();
  };
  const parts: Record<ExperimentTab, () => ReactNode> = {
    results: () => <ResultsTab experiment={experiment} results={results} project={project} planHref={hrefOf("plan")} isDemo={isDemo} />,
    segments: () =>
      segments === null ? null : <SegmentsTab experiment={experiment} project={project} initial={segments} planHref={hrefOf("plan")} />,
    plan: () => (
      <MainAside
        aside={
          <>
            <PlanNotes experiment={experiment} />
            <LifeCard experiment={experiment} scope={scope} onMoved={refresh} />
          </>
        }
      >
        <PlanCard experiment={experiment} isDemo={isDemo} />
      </MainAside>
    ),
    requests: () => <RequestsTab experiment={experiment} project={project} initial={requests} />,
    history: () => <TimelineCard experiment={experiment} project={project} />,
  };
  const copyHref = mayAct(scope, "experiment:write") ? link(`/${project}/experiments?new=1&from=${experiment.number}`) : null;
  return (
    <Page>
      <LiveBar
        looks={isOpen ? [look, outcome, recent] : [look]}
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: words.experiments.title, href: base },
          { label: words.experiments.numbered({ number: experiment.number }) },
        ]}
      />
      <PageHeader
        title={experiment.name}
        badge={
          <>
            <StateBadge state={experiment.state} size="lg">
              {stateText}
            </StateBadge>
            {isSimulated && <NameTag kind="simulated" />}
          </>
        }
        actions={
          <>
            {experiment.allowed.edit && mayAct(scope, "experiment:write") && (
              <ButtonLink icon={<Pencil aria-hidden />} href={link(`${here}?edit=1`)}>
                {words.experiments.form.edit}
              </ButtonLink>
            )}
            {isDraft && copyHref !== null && (
              <ButtonLink variant="ghost" icon={<CopyPlus aria-hidden />} href={copyHref}>
                {words.experiments.form.duplicate}
              </ButtonLink>
            )}
            {!isDraft && <MoreMenu experiment={experiment} results={results} copyHref={copyHref} />}
            {!isDraft && <ExperimentActs experiment={experiment} scope={scope} />}
          </>
        }
      >
        <TextLink href={link(`/${project}/endpoints/${endpoint.name}`)}>
          {words.experiments.on({ number: experiment.number, endpoint: endpoint.name })}
        </TextLink>{" "}
        {experiment.hypothesis === "" ? words.experiments.noHypothesis : experiment.hypothesis}
      </PageHeader>
      <VersionNote experiment={experiment} project={project} />
      {isDraft ? (
        <>
          <VerdictCard experiment={experiment} results={results} scope={scope} />
          <SplitCard experiment={experiment} />
          <MainAside
            asideFirst
            aside={
              <>
                <ExperimentControls experiment={experiment} scope={scope} />
                <PlanCard experiment={experiment} isDemo={isDemo} />
              </>
            }
          >
            <TimelineCard experiment={experiment} project={project} />
          </MainAside>
        </>
      ) : (
        <>
          <TabLinks
            label={words.experimentResults.tabs.label}
            tabs={EXPERIMENT_TABS.map((each) => ({
              label: words.experimentResults.tabs[each],
              href: hrefOf(each),
              current: each === tab,
              count: each === "history" ? experiment.events.length : undefined,
            }))}
          />
          {tab === "results" && (
            <>
              <VerdictCard experiment={experiment} results={results} scope={scope} />
              <HarmedNote experiment={experiment} harmed={results.harmedSegments} href={hrefOf("segments")} />
            </>
          )}
          {parts[tab]()}
        </>
      )}
      <ExperimentDialog experiment={experiment} scope={scope} perMinute={perMinute} onMoved={refresh} />
      <ExperimentSticky experiment={experiment} scope={scope} />
    </Page>
  );
}

function PlanNotes({ experiment }: { experiment: Experiment }) {
  return experiment.state === "running" ? <SplitCard experiment={experiment} /> : null;
}

function SplitCard({ experiment }: { experiment: Experiment }) {
  const words = useWords();
  const text = words.experiments.split;
  const parts = experimentSplit(experiment, words);
  // Of a layer's experiment the arms are parts of a part.
  const digits = parts.every((part) => Math.abs(part.share * 100 - Math.round(part.share * 100)) < 1e-9) ? 0 : 1;
  const share = percentText(insideShare(experiment));
  const isDraft = experiment.state === "draft";
  return (
    <Card>
      <CardHead title={isDraft ? text.subDraft : text.title} sub={text.sub({ share })} />
      <CardBody>
        <SplitBar parts={parts} size="lg" digits={digits} />
        <p className="mt-1.5 text-small text-ink-3">{describeSplit(parts, digits)}</p>
      </CardBody>
    </Card>
  );
}

function TimelineCard({ experiment, project }: { experiment: Experiment; project: string }) {
  const words = useWords();
  const { link } = useShell();
  return (
    <Card>
      <CardHead
        title={words.ui.timeline}
        right={
          <TextLink href={link(`/${project}/audit?objectKind=experiment&objectId=${experiment.id}`)}>{words.shell.nav.audit}</TextLink>
        }
      />
      <CardBody>
        <Timeline label={words.ui.timeline} events={toTimeline(experiment, words)} />
      </CardBody>
    </Card>
  );
}
