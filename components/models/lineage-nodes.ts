import { Box, Container, Database, GitCommitHorizontal, GitFork, type LucideIcon, Split, Workflow } from "lucide-react";
import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import type { Words } from "@/lib/core/words";
import { formatBytes, formatNumber, formatPercent } from "@/lib/core/words/format";
import type { ModelVersion, VersionLineage } from "@/lib/domain/registry/api";
import { sizeOf } from "./model-page";

export interface LineageNode {
  readonly id: string;
  readonly icon: LucideIcon;
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  readonly href?: string;
  readonly isThis?: boolean;
  readonly isQuiet?: boolean;
}

interface Look {
  readonly words: Words;
  readonly project: string;
  readonly environment: string;
  readonly link: (path: string) => string;
  readonly linkTo: (path: string, environment: string) => string;
  readonly environmentName: (name: string) => string;
}

const mostDerived = 3;
const mostReleases = 4;
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

type Ancestor = VersionLineage["ancestors"][number];

function relative(node: Ancestor, { label, note, look }: { label: string; note: string | undefined; look: Look }): LineageNode {
  const { words, project, link } = look;
  return {
    id: `${label} ${node.model} ${node.version}`,
    icon: label === words.models.lineage.parent ? Box : GitFork,
    label,
    value: `${node.model} ${words.models.version({ number: node.version })}`,
    note,
    href: link(`/${project}/models/${node.model}/${node.version}`),
  };
}

function methodNote(node: Ancestor, words: Words): string | undefined {
  if (node.method === null) return undefined;
  const method = words.models.methods[node.method as keyof Words["models"]["methods"]] ?? node.method;
  return node.gpuArchitecture === null ? method : `${method}, ${words.models.lineage.forGpu({ gpu: node.gpuArchitecture })}`;
}

/** Code, data and parent: what went in. */
export function toOrigins({ lineage }: ModelVersion, { ancestors }: VersionLineage, look: Look): LineageNode[] {
  const text = look.words.models.lineage;
  const nodes: LineageNode[] = [];
  if (lineage.gitCommit !== null || lineage.repository !== null)
    nodes.push({
      id: "code",
      icon: GitCommitHorizontal,
      label: text.code,
      value: lineage.gitCommit?.slice(0, 12) ?? lineage.repository ?? "",
      note: lineage.gitCommit === null ? undefined : (lineage.repository ?? undefined),
    });
  if (lineage.datasetVersion !== null) nodes.push({ id: "dataset", icon: Database, label: text.dataset, value: lineage.datasetVersion });
  const [parent] = ancestors;
  if (parent !== undefined) nodes.push(relative(parent, { label: text.parent, note: methodNote(parent, look.words), look }));
  return nodes;
}

/** The run and its image: where it was made. */
export function toMaking({ lineage }: ModelVersion, { words }: Look): LineageNode[] {
  const text = words.models.lineage;
  const nodes: LineageNode[] = [];
  if (lineage.trainingRunUrl !== null)
    nodes.push({ id: "run", icon: Workflow, label: text.run, value: hostOf(lineage.trainingRunUrl), href: lineage.trainingRunUrl });
  if (lineage.imageDigest !== null)
    nodes.push({ id: "image", icon: Container, label: text.image, value: `${lineage.imageDigest.slice(0, 19)}…` });
  return nodes;
}

export function toThis(version: ModelVersion, { words }: Look): LineageNode {
  const text = words.models.lineage;
  const artifacts = text.artifacts({ count: version.artifacts.length, size: formatBytes(sizeOf(version)) });
  return {
    id: "this",
    icon: Box,
    label: text.thisVersion,
    value: `${version.model} ${words.models.version({ number: version.number })}`,
    note: version.artifacts.length === 0 ? text.noArtifacts : `${artifacts}, ${words.states[version.verification.state].toLowerCase()}`,
    isThis: true,
  };
}

/** Versions made of this one, then the releases with it, those with traffic first. `more` counts what is left out. */
export function toResults(version: ModelVersion, lineage: VersionLineage, { look, recent }: { look: Look; recent: TrafficData }) {
  const { words, project, environment, linkTo, environmentName } = look;
  const text = words.models.lineage;
  const derived = lineage.derived
    .slice(0, mostDerived)
    .map((node) => relative(node, { label: text.derived, note: methodNote(node, words), look }));
  const uses = [...version.usedBy].sort((a, b) => Number(b.isActive) - Number(a.isActive) || b.shareBps - a.shareBps);
  const rateOf = (use: ModelVersion["usedBy"][number]) => {
    if (use.environment !== environment || use.shareBps === 0) return null;
    const points = recent.groups.find((group) => group.endpoint === use.endpoint && group.release === use.release)?.points;
    return points === undefined ? null : recentPerMinute(points);
  };
  const releases = uses.slice(0, mostReleases).map((use): LineageNode => {
    const rate = rateOf(use);
    const share = use.shareBps === 0 ? text.notActive : formatPercent(use.shareBps / 10_000, { digits: use.shareBps % 100 === 0 ? 0 : 1 });
    return {
      id: `${use.environment} ${use.endpoint} ${use.release}`,
      icon: Split,
      label: text.share({ environment: environmentName(use.environment), share }),
      value: text.release({ endpoint: use.endpoint, release: words.endpoints.release({ number: use.release }) }),
      note: rate === null ? undefined : text.perMinute({ count: formatNumber(rate) }),
      href: linkTo(`/${project}/endpoints/${use.endpoint}/releases/${use.release}`, use.environment),
      isQuiet: use.shareBps === 0,
    };
  });
  return { nodes: [...derived, ...releases], more: Math.max(0, uses.length - mostReleases) };
}
