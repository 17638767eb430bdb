"use client";

import { Ban, Ellipsis } from "lucide-react";
import type { z } from "zod";
import { toChanges } from "@/components/endpoints/release-changes";
import { LiveBar } from "@/components/overview/live-bar";
import { mayAct, type Scope } from "@/components/overview/scope";
import { everyMsOf, type Range, recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, MainAside } from "@/components/ui/card";
import { ChangeList } from "@/components/ui/change-list";
import { Menu, MenuItem } from "@/components/ui/menu";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StateBadge } from "@/components/ui/state-badge";
import { Timeline } from "@/components/ui/timeline";
import { useLive } from "@/lib/client/use-api";
import type { Release } from "@/lib/domain/endpoints/api";
import { listGateways } from "@/lib/domain/gateways/api";
import { getRollout, type Rollout } from "@/lib/domain/rollouts/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { GatesCard } from "./gates-card";
import { LiveSplitCard } from "./live-split-card";
import { OutcomeCard } from "./outcome-card";
import { PlanCard } from "./plan-card";
import { RolloutCharts } from "./rollout-charts";
import { RolloutControls, RolloutDialog, RolloutSticky, useAct } from "./rollout-controls";
import { toTimeline } from "./rollout-events";
import { isOver, rolloutLook, rolloutStateText } from "./rollout-look";
import { RolloutSentence } from "./rollout-sentence";

export interface RolloutData {
  readonly rollout: Rollout;
  readonly traffic: TrafficData;
  readonly recent: TrafficData;
  readonly gateways: z.output<(typeof listGateways)["returns"]>;
}

type Props = {
  scope: Scope;
  initial: RolloutData;
  releases: { from: Release; to: Release };
  /** The shortest window that holds the rollout; null when it began before the longest one. */
  range: Range | null;
  isSimulated: boolean;
  isDemo: boolean;
};

/** One rollout: what it does to live traffic, why it goes on or not, and the ways to hold it or turn it back. */
export function RolloutPage({ scope, initial, releases, range, isSimulated, isDemo }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { data } = useShell();
  const { project } = scope;
  const { environment, name: endpoint } = initial.rollout.endpoint;
  const over = isOver(initial.rollout.state);
  const look = useLive(
    getRollout,
    { project, params: { id: initial.rollout.id } },
    { initial: initial.rollout, everyMs: over ? 60_000 : 2_000 },
  );
  const traffic = useLive(
    getTraffic,
    { project, query: { environment, endpoint, range: range ?? "30d", by: "release" } },
    { initial: initial.traffic, everyMs: over ? 60_000 : everyMsOf(range ?? "30d") },
  );
  const recent = useLive(
    getTraffic,
    { project, query: { environment, endpoint, range: "1h", by: "endpoint" } },
    { initial: initial.recent, everyMs: over ? 60_000 : 5_000 },
  );
  const gateways = useLive(listGateways, { project }, { initial: initial.gateways, everyMs: over ? 60_000 : 5_000 });
  const rollout = look.data;
  const isLive = !isOver(rollout.state);
  const perMinute = recentPerMinute(recent.data.points);
  const release = (number: number) => words.endpoints.release({ number });
  const refresh = () => {
    void look.refetch();
    void gateways.refetch();
  };
  return (
    <Page>
      <LiveBar
        looks={isLive ? [look, traffic, recent, gateways] : [look]}
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: words.rollouts.title, href: `/${project}/rollouts` },
          { label: words.rollouts.numbered({ number: rollout.number }) },
        ]}
      />
      <PageHeader
        title={words.rollouts.move({ endpoint, from: release(rollout.from.number), to: release(rollout.to.number) })}
        badge={
          <>
            <StateBadge state={rolloutLook(rollout.state)} size="lg">
              {rolloutStateText(rollout, words)}
            </StateBadge>
            {isSimulated && <NameTag kind="simulated" />}
          </>
        }
        actions={<HeaderActions rollout={rollout} scope={scope} />}
      >
        <RolloutSentence rollout={rollout} to={releases.to} />
      </PageHeader>
      {!isLive && <OutcomeCard rollout={rollout} scope={scope} />}
      <LiveSplitCard rollout={rollout} releases={releases} perMinute={perMinute} gateways={gateways.data} />
      {isLive && (
        // Between phone and desktop the aside stands below: what can be done now comes before it. A phone has the bar at its foot.
        <div className="hidden md:max-lg:block">
          <RolloutControls rollout={rollout} scope={scope} perMinute={perMinute} />
        </div>
      )}
      <MainAside
        aside={
          <>
            {isLive && (
              <div className="md:max-lg:hidden">
                <RolloutControls rollout={rollout} scope={scope} perMinute={perMinute} />
              </div>
            )}
            <TimelineCard rollout={rollout} project={project} />
            <PlanCard rollout={rollout} isDemo={isDemo} />
          </>
        }
      >
        <GatesCard rollout={rollout} project={project} />
        <RolloutCharts rollout={rollout} traffic={traffic.data} hasWindow={range !== null} />
        <Card>
          <CardHead
            title={words.rollouts.changes.title}
            sub={words.rollouts.changes.sub({ from: release(rollout.from.number), to: release(rollout.to.number) })}
          />
          <ChangeList changes={toChanges(releases.from, releases.to, { words, locale })} />
        </Card>
      </MainAside>
      {isLive && <RolloutDialog rollout={rollout} scope={scope} perMinute={perMinute} onMoved={refresh} />}
      {isLive && <RolloutSticky rollout={rollout} scope={scope} />}
    </Page>
  );
}

function HeaderActions({ rollout, scope }: { rollout: Rollout; scope: Scope }) {
  const words = useWords();
  const { link } = useShell();
  const { setAct } = useAct();
  const to = words.endpoints.release({ number: rollout.to.number });
  const base = `/${scope.project}/endpoints/${rollout.endpoint.name}`;
  return (
    <>
      <ButtonLink href={link(`${base}/releases/${rollout.to.number}`)}>
        {words.endpoints.oneRelease} {to}
      </ButtonLink>
      {rollout.allowed.abort && mayAct(scope, "rollout:drive") && (
        <Menu
          label={words.actions.more}
          trigger={
            <Button size="icon" className="max-md:flex-none!" aria-label={words.actions.more} title={words.actions.more}>
              <Ellipsis aria-hidden />
            </Button>
          }
        >
          <MenuItem danger icon={<Ban aria-hidden />} onSelect={() => setAct("abort")}>
            {words.rollouts.controls.abort.label} …
          </MenuItem>
        </Menu>
      )}
    </>
  );
}

function TimelineCard({ rollout, project }: { rollout: Rollout; project: string }) {
  const words = useWords();
  const { link } = useShell();
  return (
    <Card>
      <CardHead
        title={words.ui.timeline}
        right={<TextLink href={link(`/${project}/audit?objectKind=rollout&objectId=${rollout.id}`)}>{words.shell.nav.audit}</TextLink>}
      />
      <CardBody>
        <Timeline label={words.ui.timeline} events={toTimeline(rollout, words)} />
      </CardBody>
    </Card>
  );
}
