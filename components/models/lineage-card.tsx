"use client";

import { Box, Container, Database, GitCommitHorizontal, type LucideIcon, Split, Workflow } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { formatBytes, formatNumber } from "@/lib/core/words/format";
import type { ModelVersion } from "@/lib/domain/registry/api";
import { sizeOf } from "./model-page";

type Props = { project: string; version: ModelVersion; recent: TrafficData; environment: string };

const mostReleases = 4;

/** From code and data over this version to the releases that serve it. Only what was registered stands here. */
export function LineageCard({ project, version, recent, environment }: Props) {
  const words = useWords();
  const { linkTo, environmentName } = useShell();
  const text = words.models.lineage;
  const { lineage } = version;
  const origins: { icon: LucideIcon; label: string; value: string; note?: string; href?: string }[] = [
    ...(lineage.gitCommit === null && lineage.repository === null
      ? []
      : [
          {
            icon: GitCommitHorizontal,
            label: text.code,
            value: lineage.gitCommit?.slice(0, 12) ?? lineage.repository ?? "",
            note: lineage.gitCommit === null ? undefined : (lineage.repository ?? undefined),
          },
        ]),
    ...(lineage.datasetVersion === null ? [] : [{ icon: Database, label: text.dataset, value: lineage.datasetVersion }]),
    ...(lineage.trainingRunUrl === null
      ? []
      : [{ icon: Workflow, label: text.run, value: hostOf(lineage.trainingRunUrl), href: lineage.trainingRunUrl }]),
    ...(lineage.imageDigest === null ? [] : [{ icon: Container, label: text.image, value: `${lineage.imageDigest.slice(0, 19)}…` }]),
  ];
  const uses = [...version.usedBy].sort((a, b) => Number(b.isActive) - Number(a.isActive));
  const rateOf = (use: ModelVersion["usedBy"][number]) => {
    if (use.environment !== environment) return null;
    const points = recent.groups.find((group) => group.endpoint === use.endpoint && group.release === use.release)?.points;
    return points === undefined ? null : recentPerMinute(points);
  };
  const artifacts =
    version.artifacts.length === 0
      ? text.noArtifacts
      : text.artifacts({ count: version.artifacts.length, size: formatBytes(sizeOf(version)) });
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody className="grid items-center gap-x-0 gap-y-3 md:grid-cols-[minmax(0,1fr)_36px_minmax(0,1fr)_36px_minmax(0,1fr)]">
        <Side>
          {origins.map((origin) => (
            <Node key={origin.label} {...origin} />
          ))}
          {origins.length === 0 && <p className="text-ink-3">{text.noOrigin}</p>}
        </Side>
        <Joint />
        <Node
          icon={Box}
          label={text.thisVersion}
          value={`${version.model} ${words.models.version({ number: version.number })}`}
          note={artifacts}
          isThis
        />
        <Joint />
        <Side>
          {uses.slice(0, mostReleases).map((use) => {
            const rate = use.isActive ? rateOf(use) : null;
            return (
              <Node
                key={`${use.environment} ${use.endpoint} ${use.release}`}
                icon={Split}
                label={`${environmentName(use.environment)}, ${use.isActive ? text.active : text.notActive}`}
                value={text.release({ endpoint: use.endpoint, release: words.endpoints.release({ number: use.release }) })}
                note={rate === null ? undefined : text.perMinute({ count: formatNumber(rate) })}
                href={linkTo(`/${project}/endpoints/${use.endpoint}/releases/${use.release}`, use.environment)}
                isQuiet={!use.isActive}
              />
            );
          })}
          {uses.length > mostReleases && <p className="text-small text-ink-3">{text.more({ count: uses.length - mostReleases })}</p>}
          {uses.length === 0 && <p className="text-ink-3">{text.noUse}</p>}
        </Side>
      </CardBody>
    </Card>
  );
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

const Side = ({ children }: { children: ReactNode }) => <div className="flex min-w-0 flex-col gap-2.5">{children}</div>;

// A plain line says the direction; where columns stand below each other there is none to draw.
const Joint = () => <span aria-hidden className="h-px w-full bg-control-line max-md:mx-auto max-md:h-3 max-md:w-px" />;

type NodeProps = { icon: LucideIcon; label: string; value: string; note?: string; href?: string; isThis?: boolean; isQuiet?: boolean };

function Node({ icon: Icon, label, value, note, href, isThis = false, isQuiet = false }: NodeProps) {
  const look = cn(
    "flex min-w-0 gap-3 rounded-[8px] border border-line bg-surface px-3 py-2.5",
    isThis && "border-2 border-ink",
    isQuiet && "text-ink-3",
    href !== undefined && "hover:border-line-strong hover:bg-hover",
  );
  const content = (
    <>
      <Icon className="mt-0.5 size-4 shrink-0 stroke-[1.75] text-ink-3" aria-hidden />
      <span className="min-w-0">
        <span className="block text-small text-ink-3">{label}</span>
        <span className="block font-[550] wrap-anywhere">{value}</span>
        {note !== undefined && <span className="block text-small text-ink-3 wrap-anywhere">{note}</span>}
      </span>
    </>
  );
  if (href === undefined) return <div className={look}>{content}</div>;
  return href.startsWith("/") ? (
    <Link href={href} className={look}>
      {content}
    </Link>
  ) : (
    <a href={href} rel="noreferrer noopener" target="_blank" className={look}>
      {content}
    </a>
  );
}
