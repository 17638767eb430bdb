"use client";

import { Pencil } from "lucide-react";
import { LiveBar } from "@/components/overview/live-bar";
import { mayAct, type Scope } from "@/components/overview/scope";
import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, Columns, MainAside } from "@/components/ui/card";
import { type Fact, KeyFacts } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { describeSplit, SplitBar } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { Timeline } from "@/components/ui/timeline";
import { Term } from "@/components/ui/tooltip";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import { type Experiment, type ExperimentResults, getExperiment, getExperimentResults } from "@/lib/domain/experiments/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { ArmsCard } from "./arms-card";
import { DifferenceCard, EffectSize } from "./difference-card";
import { ExperimentControls, ExperimentDialog, ExperimentSticky } from "./experiment-controls";
import { toTimeline } from "./experiment-events";
import { experimentSplit, experimentStateText, liftText, pText, secondsPassed, shownAnalysis } from "./experiment-look";
import { HistoryCard } from "./history-card";
import { ChecksCard, MetricsCard } from "./metrics-card";
import { MissingCard, ScoresCard } from "./missing-card";
import { PlanCard } from "./plan-card";
import { VerdictCard } from "./verdict-card";

export interface ExperimentData {
  readonly experiment: Experiment;
  readonly results: ExperimentResults;
  readonly recent: TrafficData;
}

type Props = { scope: Scope; initial: ExperimentData; isSimulated: boolean; isDemo: boolean };

/** One experiment: the verdict first, then the numbers that made it, then what it still waits for and what can be done. */
export function ExperimentPage({ scope, initial, isSimulated, isDemo }: Props) {
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
  const nowMs = useNow((now) => Math.floor(now / 1000) * 1000);
  const isDraft = experiment.state === "draft";
  const isOpen = experiment.state === "draft" || experiment.state === "running";
  const base = `/${project}/experiments`;
  const perMinute = recentPerMinute(recent.data.points);
  const refresh = () => {
    void look.refetch();
    void outcome.refetch();
  };
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
              {experimentStateText(experiment, { nowMs, words, locale })}
            </StateBadge>
            {isSimulated && <NameTag kind="simulated" />}
          </>
        }
        actions={
          <>
            <ButtonLink href={link(`/${project}/endpoints/${endpoint.name}`)}>{words.overview.needs.open.endpoint}</ButtonLink>
            {experiment.allowed.edit && mayAct(scope, "experiment:write") && (
              <ButtonLink icon={<Pencil aria-hidden />} href={link(`${base}/${experiment.number}?edit=1`)}>
                {words.experiments.form.edit}
              </ButtonLink>
            )}
          </>
        }
      >
        {words.experiments.on({ number: experiment.number, endpoint: endpoint.name })}{" "}
        {experiment.hypothesis === "" ? words.experiments.noHypothesis : experiment.hypothesis}
      </PageHeader>
      <VerdictCard experiment={experiment} results={results} scope={scope} />
      {!isDraft && <KeyFacts facts={toFacts({ experiment, results }, { words, span: (ms) => formatSpan(ms, locale), nowMs })} />}
      {isOpen && <SplitCard experiment={experiment} />}
      <MainAside
        asideFirst={isDraft}
        aside={
          <>
            <ExperimentControls experiment={experiment} scope={scope} />
            {experiment.state === "running" && <MissingCard experiment={experiment} results={results} />}
            <PlanCard experiment={experiment} isDemo={isDemo} />
          </>
        }
      >
        {isDraft ? (
          <TimelineCard experiment={experiment} project={project} />
        ) : (
          <>
            <DifferenceCard experiment={experiment} results={results} />
            <MetricsCard analysis={shownAnalysis(results)} />
            <HistoryCard experiment={experiment} results={results} />
            <ArmsCard experiment={experiment} analysis={shownAnalysis(results)} />
            <ChecksCard analysis={shownAnalysis(results)} />
            <Columns>
              <ScoresCard experiment={experiment} results={results} />
              <TimelineCard experiment={experiment} project={project} />
            </Columns>
          </>
        )}
      </MainAside>
      <ExperimentDialog experiment={experiment} scope={scope} perMinute={perMinute} onMoved={refresh} />
      <ExperimentSticky experiment={experiment} scope={scope} />
    </Page>
  );
}

function SplitCard({ experiment }: { experiment: Experiment }) {
  const words = useWords();
  const text = words.experiments.split;
  const parts = experimentSplit(experiment.arms, words);
  const { control, treatment } = experiment.arms;
  const share = formatPercent((control.shareBps + treatment.shareBps) / 10_000, { digits: 0 });
  const isDraft = experiment.state === "draft";
  return (
    <Card>
      <CardHead title={isDraft ? text.subDraft : text.title} sub={text.sub({ share })} />
      <CardBody>
        <SplitBar parts={parts} size="lg" digits={0} />
        <p className="mt-1.5 text-small text-ink-3">{describeSplit(parts, 0)}</p>
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

type About = { words: Words; span: (ms: number) => string; nowMs: number };

function toFacts({ experiment, results }: Pick<ExperimentData, "experiment" | "results">, { words, span, nowMs }: About): Fact[] {
  const text = words.experiments.facts;
  const { plan } = experiment;
  const analysis = shownAnalysis(results);
  const unknown = <span className="font-normal text-ink-3">{text.none}</span>;
  const count = (arm: "control" | "treatment") => formatNumber(analysis?.[arm].subjects ?? 0);
  return [
    {
      label: text.subjects,
      value: `${count("control")} / ${count("treatment")}`,
      note: text.ofMin({ min: formatNumber(plan.minSubjectsPerArm) }),
    },
    {
      label: text.time,
      value: span(secondsPassed(experiment, nowMs) * 1000),
      note: text.ofTime({ min: span(plan.minDurationSeconds * 1000) }),
    },
    ...(experiment.deadlineAt === null ? [] : [{ label: text.deadline, value: <RelativeTime at={experiment.deadlineAt} /> }]),
    { label: text.lift, value: analysis?.lift.ratio == null ? unknown : liftText(analysis.lift.ratio, analysis.lift) },
    { label: <Term name="welch">{text.p}</Term>, value: pText(analysis?.test.pValue ?? null) ?? unknown },
    { label: text.effect, value: analysis?.cohensD == null ? unknown : <EffectSize cohensD={analysis.cohensD} /> },
  ];
}
