"use client";

import { GitBranch } from "lucide-react";
import { useRouter } from "next/navigation";
import type { Scope } from "@/components/overview/scope";
import { columnsOf } from "@/components/rollouts/rollouts-page";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, MainAside } from "@/components/ui/card";
import { ChangeList } from "@/components/ui/change-list";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyField } from "@/components/ui/copy-field";
import { DataTable } from "@/components/ui/data-table";
import { DetailList } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { Term } from "@/components/ui/tooltip";
import { formatNumber } from "@/lib/core/words/format";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";
import { ActivateButton } from "./activate-button";
import { describeRelease, toChanges } from "./release-changes";
import { releaseState } from "./release-state";
import { ServingCard } from "./serving/serving-card";
import { VariantsCard } from "./variants-card";

type Props = {
  scope: Scope;
  endpoint: Endpoint;
  release: Release;
  /** The active release, where it is another one. */
  active: Release | null;
  /** The release of one number less, where that is not the active one. */
  before: Release | null;
  /** Rollouts to this release, newest first. */
  rollouts: readonly RolloutSummary[];
  /** Running ones of the endpoint. */
  experiments: readonly ExperimentSummary[];
};

/** One release: everything that decides its answers, against what is active. */
export function ReleasePage({ scope, endpoint, release, active, before, rollouts, experiments }: Props) {
  const words = useWords();
  const locale = useLocale();
  const router = useRouter();
  const { data, link, environmentName } = useShell();
  const text = words.endpoints.releasePage;
  const name = words.endpoints.release({ number: release.number });
  const { state, label } = releaseState(release, { endpoint, rollouts, experiments, words });
  const columns = columnsOf(words).filter((column) => column.id !== "split" && column.id !== "ended");
  const simulated = release.variants.some((variant) => variant.backends.some((backend) => backend.kind === "simulated"));
  return (
    <Page>
      <PageChrome
        crumbs={[
          { label: data.project.name, href: `/${scope.project}` },
          { label: words.endpoints.title, href: `/${scope.project}/endpoints` },
          { label: endpoint.name, href: `/${scope.project}/endpoints/${endpoint.name}` },
          { label: name },
        ]}
      />
      <PageHeader
        title={`${endpoint.name} ${name}`}
        badge={
          <>
            <StateBadge state={state} size="lg">
              {label}
            </StateBadge>
            {simulated && <NameTag kind="simulated" />}
          </>
        }
        actions={
          endpoint.activeRelease === null ? (
            <ActivateButton scope={scope} endpoint={endpoint.name} release={release.number} onDone={() => router.refresh()} />
          ) : release.isActive ? undefined : (
            <ButtonLink
              variant="primary"
              icon={<GitBranch aria-hidden />}
              href={link(`/${scope.project}/rollouts?new=1&endpoint=${endpoint.name}&release=${release.number}`)}
            >
              {text.rollItOut({ release: name })}
            </ButtonLink>
          )
        }
      >
        {text.about({ endpoint: endpoint.name, environment: environmentName(release.environment) })} {release.isActive && text.active}
      </PageHeader>
      <MainAside
        aside={
          <Card>
            <CardHead title={words.endpoints.oneRelease} />
            <CardBody className="flex flex-col gap-3">
              <div>
                <p className="mb-1 text-small text-ink-3">
                  <Term name="digest">{words.endpoints.facts.digest}</Term>
                </p>
                <CopyField value={release.digest} what={words.endpoints.facts.digest} />
              </div>
              <DetailList
                items={[
                  { label: words.endpoints.releases.contents, value: describeRelease(release, words) },
                  {
                    label: words.endpoints.facts.ceiling,
                    value: words.endpoints.facts.tokens({ count: formatNumber(release.maxOutputTokens) }),
                  },
                  { label: words.endpoints.releases.note, value: release.note === "" ? words.endpoints.releases.noNote : release.note },
                  {
                    label: words.endpoints.facts.created,
                    value: (
                      <>
                        <RelativeTime at={release.createdAt} />, {release.createdBy}
                      </>
                    ),
                  },
                ]}
              />
            </CardBody>
          </Card>
        }
      >
        {active !== null && (
          <Card>
            <CardHead title={text.against({ release: words.endpoints.release({ number: active.number }) })} />
            <ChangeList changes={toChanges(active, release, { words, locale })} />
          </Card>
        )}
        {before !== null && (
          <Card>
            <CardHead title={text.againstBefore({ release: words.endpoints.release({ number: before.number }) })} />
            <ChangeList changes={toChanges(before, release, { words, locale })} />
          </Card>
        )}
        <VariantsCard release={release} project={scope.project} />
        <ServingCard release={release} />
        <Card>
          <CardHead title={text.rollouts} />
          {rollouts.length === 0 ? (
            <CardBody className="text-ink-2">{text.noRollouts}</CardBody>
          ) : (
            <DataTable
              caption={text.rollouts}
              phone="cards"
              rows={rollouts}
              rowKey={(rollout) => rollout.id}
              rowHref={(rollout) => link(`/${scope.project}/rollouts/${rollout.number}`)}
              columns={columns}
            />
          )}
        </Card>
        <Card>
          <CardHead title={text.content} sub={text.contentSub} />
          <CardBody>
            <CodeBlock code={JSON.stringify(release, null, 2)} label={text.content} className="max-h-[480px] overflow-auto" />
          </CardBody>
        </Card>
      </MainAside>
    </Page>
  );
}
