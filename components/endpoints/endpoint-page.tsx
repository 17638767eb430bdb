"use client";

import { FlaskConical, GitBranch, Plus } from "lucide-react";
import type { z } from "zod";
import { LiveBar } from "@/components/overview/live-bar";
import { RangeSwitch } from "@/components/overview/range-switch";
import type { Scope } from "@/components/overview/scope";
import { everyMsOf, type Range, recentPerMinute, requestsInLast, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card, MainAside } from "@/components/ui/card";
import { type Fact, KeyFacts } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { Term } from "@/components/ui/tooltip";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { formatNumber } from "@/lib/core/words/format";
import { getContentCapture } from "@/lib/domain/contents/api";
import { getEndpoint, listReleases, type Release } from "@/lib/domain/endpoints/api";
import { listExperiments } from "@/lib/domain/experiments/api";
import type { PromptVersion } from "@/lib/domain/prompts/api";
import { listRollouts } from "@/lib/domain/rollouts/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { ActivateButton } from "./activate-button";
import { CacheCard } from "./cache-card";
import { CallCard } from "./call-card";
import { ContentCard } from "./content-card";
import { stateOf } from "./endpoint-rows";
import { toReleaseTones } from "./endpoint-split";
import { EndpointSplitCard } from "./endpoint-split-card";
import { LimitsCard } from "./limits-card";
import { findMover } from "./mover";
import { ReleaseCharts } from "./release-charts";
import { ReleasesCard } from "./releases-card";
import { VariantsCard } from "./variants-card";

export interface EndpointData {
  readonly endpoint: z.output<(typeof getEndpoint)["returns"]>;
  readonly releases: z.output<(typeof listReleases)["returns"]>;
  readonly rollouts: z.output<(typeof listRollouts)["returns"]>;
  /** Running ones. */
  readonly experiments: z.output<(typeof listExperiments)["returns"]>;
  readonly content: z.output<(typeof getContentCapture)["returns"]>;
  /** Of the chosen window, by release. */
  readonly traffic: TrafficData;
  /** Of the last hour, by release. */
  readonly recent: TrafficData;
}

type Props = {
  scope: Scope;
  range: Range;
  initial: EndpointData;
  /** The active release as it was when the page was read. */
  active: Release | null;
  variables: PromptVersion["variables"];
  gatewayUrl: string;
};

/** One endpoint: what answers now, how it does by release, and how to call it. */
export function EndpointPage({ scope, range, initial, active, variables, gatewayUrl }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const { name } = initial.endpoint;
  const at = { project, params: { name } };
  const look = useLive(getEndpoint, { ...at, query: { environment } }, { initial: initial.endpoint, everyMs: 5_000 });
  const releases = useLive(listReleases, { ...at, query: { environment, limit: 50 } }, { initial: initial.releases, everyMs: 15_000 });
  const rollouts = useLive(
    listRollouts,
    { project, query: { environment, endpoint: name, limit: 50 } },
    { initial: initial.rollouts, everyMs: 3_000 },
  );
  const experiments = useLive(
    listExperiments,
    { project, query: { environment, endpoint: name, state: "running", limit: 1 } },
    { initial: initial.experiments, everyMs: 5_000 },
  );
  const content = useLive(getContentCapture, { ...at, query: { environment } }, { initial: initial.content, everyMs: 15_000 });
  const byRelease = { environment, endpoint: name, by: "release" } as const;
  const traffic = useLive(getTraffic, { project, query: { ...byRelease, range } }, { initial: initial.traffic, everyMs: everyMsOf(range) });
  const recent = useLive(getTraffic, { project, query: { ...byRelease, range: "1h" } }, { initial: initial.recent, everyMs: 5_000 });

  const endpoint = look.data;
  const mover = findMover(endpoint.id, { rollouts: rollouts.data.items, experiments: experiments.data.items }, words);
  const current = releases.data.items.find((release) => release.number === endpoint.activeRelease?.number) ?? active;
  const perMinute = recentPerMinute(recent.data.points);
  const { state, stateText } = stateOf(endpoint, {
    mover,
    isLive: requestsInLast(recent.data.points, 10) > 0,
    words,
  });
  const base = `/${project}/endpoints/${name}`;
  const simulated = current?.variants.some((variant) => variant.backends.some((backend) => backend.kind === "simulated")) ?? false;
  const tones = toReleaseTones(traffic.data, endpoint, mover);
  const refresh = () =>
    void Promise.all([look.refetch(), releases.refetch(), rollouts.refetch(), experiments.refetch(), content.refetch()]);
  return (
    <Page>
      <LiveBar looks={[look, releases, rollouts, experiments, traffic, recent]} />
      <PageHeader
        title={name}
        badge={
          <>
            <StateBadge state={state} size="lg">
              {stateText}
            </StateBadge>
            {simulated && <NameTag kind="simulated" />}
          </>
        }
        actions={
          <>
            <ButtonLink
              icon={<Plus aria-hidden />}
              href={link(`${base}?new=release${endpoint.releaseCount > 0 ? `&from=${releases.data.items[0]?.number ?? ""}` : ""}`)}
            >
              {words.endpoints.releases.create}
            </ButtonLink>
            {endpoint.activeRelease === null ? (
              <ActivateButton scope={scope} endpoint={name} release={releases.data.items.at(-1)?.number ?? null} onDone={refresh} />
            ) : mover === null ? (
              <>
                <ButtonLink icon={<FlaskConical aria-hidden />} href={link(`/${project}/experiments?new=1&endpoint=${name}`)}>
                  {words.experiments.create}
                </ButtonLink>
                <ButtonLink variant="primary" icon={<GitBranch aria-hidden />} href={link(`/${project}/rollouts?new=1&endpoint=${name}`)}>
                  {words.endpoints.start.action}
                </ButtonLink>
              </>
            ) : (
              <Button variant="primary" icon={<GitBranch aria-hidden />} disabled aria-describedby="why-no-rollout" title={mover.blocks}>
                {words.endpoints.start.action}
              </Button>
            )}
          </>
        }
      >
        {endpoint.description === "" ? words.endpoints.about : endpoint.description}{" "}
        {mover !== null && endpoint.activeRelease !== null && <span id="why-no-rollout">{mover.blocks}</span>}
      </PageHeader>
      <KeyFacts facts={toFacts(current, { perMinute, team: endpoint.team, releases: endpoint.releaseCount, words })} />
      <EndpointSplitCard endpoint={endpoint} mover={mover} recent={recent.data} perMinute={perMinute} project={project} />
      <MainAside
        aside={
          <>
            <CallCard project={project} endpoint={name} gatewayUrl={gatewayUrl} variables={variables} />
            <LimitsCard scope={scope} endpoint={endpoint} onDone={refresh} />
            <CacheCard scope={scope} endpoint={endpoint} cache={current?.cache ?? null} traffic={traffic.data} onDone={refresh} />
            <ContentCard scope={scope} capture={content.data} onDone={refresh} />
          </>
        }
      >
        <section className="flex flex-col gap-(--gap-page)" aria-label={words.endpoints.charts.title}>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="text-h2 font-semibold tracking-[-0.012em]">{words.endpoints.charts.title}</h2>
            <RangeSwitch range={range} size="sm" />
          </div>
          {traffic.data.total.requests === 0 ? (
            <Card>
              <EmptyState title={words.endpoints.charts.none}>{words.endpoints.charts.noneDetail}</EmptyState>
            </Card>
          ) : (
            <ReleaseCharts
              traffic={traffic.data}
              releases={tones}
              titles={words.endpoints.charts}
              metrics={["requests", "errors", "latency", "firstToken"]}
            />
          )}
        </section>
        {current !== null && <VariantsCard release={current} project={project} />}
        <ReleasesCard
          endpoint={endpoint}
          releases={releases.data.items}
          rollouts={rollouts.data.items}
          experiments={experiments.data.items}
          traffic={recent.data}
          project={project}
        />
      </MainAside>
    </Page>
  );
}

type About = { perMinute: number | null; team: string | null; releases: number; words: Words };

function toFacts(release: Release | null, { perMinute, team, releases, words }: About): Fact[] {
  const text = words.endpoints.facts;
  const first = release?.variants[0];
  const version = (name: string, number: number) => words.endpoints.version({ name, number });
  const rate = { label: text.perMinute, value: formatNumber(perMinute, { digits: perMinute !== null && perMinute < 10 ? 1 : 0 }) };
  const owner = { label: text.team, value: team ?? <span className="text-ink-3">{text.noTeam}</span> };
  if (release === null || first === undefined)
    return [
      { label: text.active, value: <span className="text-ink-3">{words.ui.none}</span> },
      rate,
      { label: text.releases, value: releases },
      owner,
    ];
  const count = release.variants.length;
  const backends = new Set(release.variants.flatMap((variant) => variant.backends.map((backend) => backend.name)));
  return [
    {
      label: text.active,
      value: words.endpoints.release({ number: release.number }),
      note: (
        <Term name="digest">
          <code>{release.digest.slice(0, 8)}</code>
        </Term>
      ),
    },
    {
      label: text.model,
      value: count > 1 ? words.endpoints.releasePage.variantCount({ count }) : version(first.model.name, first.model.version),
    },
    {
      label: text.prompt,
      value: first.prompt === null ? <span className="text-ink-3">{words.ui.none}</span> : version(first.prompt.name, first.prompt.version),
    },
    { label: text.backends, value: backends.size },
    rate,
    owner,
  ];
}
