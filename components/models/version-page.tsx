"use client";

import { GitBranch } from "lucide-react";
import type { TrafficData } from "@/components/overview/traffic";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-field";
import { DataTable } from "@/components/ui/data-table";
import { KeyFacts } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { formatBytes, formatCount, formatNumber, space } from "@/lib/core/words/format";
import type { ModelVersion } from "@/lib/domain/registry/api";
import { LineageCard } from "./lineage-card";
import { sizeOf } from "./model-page";

type Props = {
  project: string;
  version: ModelVersion;
  /** Of the page's environment over the last hour, by release. */
  recent: TrafficData;
  environment: string;
};

/** One version: what it is, where it came from, where it serves now, and each artifact with its digest. */
export function VersionPage({ project, version, recent, environment }: Props) {
  const words = useWords();
  const { data, link } = useShell();
  const text = words.models;
  const name = text.version({ number: version.number });
  const isActive = version.usedBy.some((use) => use.isActive);
  const notSaid = <span className="text-ink-3">{text.facts.notSaid}</span>;
  const { facts } = text;
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
        badge={isActive ? <StateBadge state="live" size="lg" /> : undefined}
        actions={
          <ButtonLink
            variant="primary"
            icon={<GitBranch aria-hidden />}
            href={link(`/${project}/models/${version.model}/${version.number}?release=1`)}
          >
            {text.releaseIt}
          </ButtonLink>
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
        ]}
      />
      <LineageCard project={project} version={version} recent={recent} environment={environment} />
      <ArtifactsCard version={version} />
      <UsedByCard project={project} version={version} />
    </Page>
  );
}

/** Parameters are counted in billions, as the trade writes them: `7.6 B`. */
const parameterText = (count: number): string =>
  count >= 1e9 ? `${formatNumber(count / 1e9, { digits: 1 })}${space}B` : formatCount(count);

function ArtifactsCard({ version }: { version: ModelVersion }) {
  const words = useWords();
  const text = words.models.artifacts;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {version.artifacts.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <DataTable
          caption={text.title}
          rows={version.artifacts}
          rowKey={(artifact) => `${artifact.uri} ${artifact.sha256}`}
          columns={[
            { id: "file", head: text.file, cell: (artifact) => <code className="wrap-anywhere">{artifact.uri}</code> },
            { id: "role", head: text.role, cell: (artifact) => words.models.roles[artifact.role] },
            { id: "size", head: text.size, align: "right", cell: (artifact) => formatBytes(artifact.sizeBytes) },
            {
              id: "digest",
              head: text.digest,
              cell: (artifact) => (
                <span className="inline-flex items-center gap-1 whitespace-nowrap">
                  <code title={artifact.sha256}>{shortDigest(artifact.sha256)}</code>
                  <CopyButton value={artifact.sha256} what={text.digest} />
                </span>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}

/** `3c9a 10fe … 6b42` */
export const shortDigest = (digest: string): string => `${digest.slice(0, 4)} ${digest.slice(4, 8)} … ${digest.slice(-4)}`;

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
                <StateBadge state={use.isActive ? "active" : "idle"}>
                  {use.isActive ? words.endpoints.releases.active : words.endpoints.releases.idle}
                </StateBadge>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}
