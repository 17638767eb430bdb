"use client";

import { GitBranch, GitCompareArrows } from "lucide-react";
import type { ReactNode } from "react";
import type { Scope } from "@/components/overview/scope";
import type { TrafficData } from "@/components/overview/traffic";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, MainAside } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-field";
import { DataTable } from "@/components/ui/data-table";
import { KeyFacts } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { formatBytes, formatCount, formatNumber, formatPercent, space } from "@/lib/core/words/format";
import type { ApprovalSummary } from "@/lib/domain/approvals/api";
import type { ModelVersion, Verification, VersionComparison, VersionLineage, VersionTransition } from "@/lib/domain/registry/api";
import { ArtifactsCard } from "./artifacts-card";
import { BlockersNote } from "./blockers-note";
import { shortDigest } from "./digest";
import { LineageCard } from "./lineage-card";
import { sizeOf } from "./model-page";
import { ScoreChart } from "./score-chart";
import type { ScorePoint } from "./score-series";
import { ScoresCard } from "./scores-card";
import { StateCard } from "./state-card";
import { ArchitectureCard, RawCard, SignatureCard } from "./version-details";

type Props = {
  scope: Scope;
  version: ModelVersion;
  /** Of the page's environment over the last hour, by release. */
  recent: TrafficData;
  lineage: VersionLineage;
  comparison: VersionComparison;
  scores: readonly ScorePoint[];
  /** From the address: which score the chart shows. */
  chosenScore: string | undefined;
  verification: Verification;
  transitions: readonly VersionTransition[];
  approvals: readonly ApprovalSummary[];
  /** The Markdown notes, drawn on the server; null where there are none. */
  notes: ReactNode;
};

/** One version: what it is, where it came from, where it serves now, and each artifact with its digest. */
export function VersionPage({ scope, version, recent, lineage, comparison, verification, transitions, approvals, notes, ...rest }: Props) {
  const { project, environment } = scope;
  const words = useWords();
  const { data, link } = useShell();
  const text = words.models;
  const name = text.version({ number: version.number });
  const isActive = version.usedBy.some((use) => use.shareBps > 0);
  const notSaid = <span className="text-ink-3">{text.facts.notSaid}</span>;
  const { facts } = text;
  const { base } = comparison;
  const hasOther = base.model !== version.model || base.version !== version.number;
  const baseName = `${base.model === version.model ? "" : `${base.model} `}${text.version({ number: base.version })}`;
  const here = `/${project}/models/${version.model}/${version.number}`;
  const compareHref =
    base.model === version.model ? `${here}?with=${base.version}` : `${here}?with=${base.version}&withModel=${base.model}`;
  return (
    <Page>
      <PageChrome
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: text.title, href: `/${project}/models` },
          { label: version.model, href: `/${project}/models/${version.model}` },
          { label: name },
        ]}
      />
      <PageHeader
        title={`${version.model} ${name}`}
        badge={
          <>
            <StateBadge state={version.state} size="lg" />
            {isActive && <StateBadge state="live" size="lg" />}
          </>
        }
        actions={
          <>
            {hasOther && (
              <ButtonLink icon={<GitCompareArrows aria-hidden />} href={link(compareHref)}>
                {text.compare.withVersion({ version: baseName })}
              </ButtonLink>
            )}
            <ButtonLink
              variant="primary"
              icon={<GitBranch aria-hidden />}
              href={link(`/${project}/models/${version.model}/${version.number}?release=1`)}
            >
              {text.releaseIt}
            </ButtonLink>
          </>
        }
      >
        {version.description} {text.registeredBy({ name: version.createdBy })}, <RelativeTime at={version.createdAt} />. {text.neverChanges}
      </PageHeader>
      <KeyFacts
        facts={[
          { label: facts.engine, value: version.engine },
          { label: facts.precision, value: version.precision },
          { label: facts.size, value: version.artifacts.length === 0 ? notSaid : formatBytes(sizeOf(version)) },
          {
            label: facts.context,
            value: version.contextLength === null ? notSaid : facts.tokens({ count: formatNumber(version.contextLength) }),
          },
          { label: facts.parameters, value: version.parameterCount === null ? notSaid : parameterText(version.parameterCount) },
          { label: facts.licence, value: version.licence ?? notSaid },
          {
            label: facts.digest,
            value: (
              <span className="inline-flex items-center gap-1">
                <code title={version.digest}>{shortDigest(version.digest)}</code>
                <CopyButton value={version.digest} what={facts.digest} className="-my-1" />
              </span>
            ),
          },
        ]}
      />
      <BlockersNote version={version} />
      <LineageCard project={project} version={version} lineage={lineage} recent={recent} environment={environment} />
      <MainAside
        aside={
          <>
            <StateCard scope={scope} version={version} transitions={transitions} approvals={approvals} />
            <ArchitectureCard version={version} />
          </>
        }
      >
        <ScoresCard comparison={comparison} />
        <ScoreChart project={project} version={version} scores={rest.scores} chosen={rest.chosenScore} />
        <ArtifactsCard scope={scope} version={version} verification={verification} />
        <UsedByCard project={project} version={version} />
        {notes !== null && (
          <Card>
            <CardHead title={text.notes.title} />
            <CardBody>{notes}</CardBody>
          </Card>
        )}
        <SignatureCard version={version} />
        <RawCard version={version} />
      </MainAside>
    </Page>
  );
}

/** Parameters are counted in billions, as the trade writes them: `7.6 B`. */
const parameterText = (count: number): string =>
  count >= 1e9 ? `${formatNumber(count / 1e9, { digits: 1 })}${space}B` : formatCount(count);

function UsedByCard({ project, version }: { project: string; version: ModelVersion }) {
  const words = useWords();
  const { linkTo, environmentName } = useShell();
  const text = words.models.usedBy;
  return (
    <Card>
      <CardHead title={text.title} />
      {version.usedBy.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <DataTable
          caption={text.title}
          rows={version.usedBy}
          rowKey={(use) => `${use.environment} ${use.endpoint} ${use.release}`}
          columns={[
            {
              id: "release",
              head: text.release,
              cell: (use) => (
                <TextLink href={linkTo(`/${project}/endpoints/${use.endpoint}/releases/${use.release}`, use.environment)}>
                  {words.models.lineage.release({ endpoint: use.endpoint, release: words.endpoints.release({ number: use.release }) })}
                </TextLink>
              ),
            },
            { id: "environment", head: text.environment, cell: (use) => environmentName(use.environment) },
            {
              id: "state",
              head: text.state,
              cell: (use) => (
                <StateBadge state={use.shareBps > 0 ? "active" : "idle"}>
                  {use.shareBps > 0 ? formatPercent(use.shareBps / 10_000) : words.endpoints.releases.idle}
                </StateBadge>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}
