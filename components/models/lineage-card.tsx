"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { prepareJoint } from "@/components/charts/prepare/joint";
import type { TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import type { ModelVersion, VersionLineage } from "@/lib/domain/registry/api";
import { type LineageNode, toMaking, toOrigins, toResults, toThis } from "./lineage-nodes";

type Props = { project: string; version: ModelVersion; lineage: VersionLineage; recent: TrafficData; environment: string };

/** From code and data over this version to what was made of it and the releases that serve it. Only what was registered stands here. */
export function LineageCard({ project, version, lineage, recent, environment }: Props) {
  const words = useWords();
  const { link, linkTo, environmentName } = useShell();
  const text = words.models.lineage;
  const look = { words, project, environment, link, linkTo, environmentName };
  const origins = toOrigins(version, lineage, look);
  const making = toMaking(version, look);
  const { nodes: results, more } = toResults(version, lineage, { look, recent });
  const most = Math.max(origins.length, making.length, results.length, 1);
  const before = making.length > 0 ? making.length : origins.length;
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody
        className={cn(
          "grid items-center gap-y-3",
          making.length > 0
            ? "md:grid-cols-[minmax(0,1fr)_28px_minmax(0,1fr)_28px_minmax(0,1fr)_28px_minmax(0,1fr)]"
            : "md:grid-cols-[minmax(0,1fr)_28px_minmax(0,1fr)_28px_minmax(0,1fr)]",
        )}
      >
        <Side nodes={origins} instead={text.noOrigin} />
        {making.length > 0 && (
          <>
            <Joint left={origins.length} right={making.length} most={most} />
            <Side nodes={making} instead="" />
          </>
        )}
        <Joint left={before} right={1} most={most} />
        <Node node={toThis(version, look)} />
        <Joint left={1} right={results.length} most={most} />
        <Side nodes={results} instead={text.noUse}>
          {more > 0 && <p className="text-small text-ink-3">{text.more({ count: more })}</p>}
        </Side>
      </CardBody>
    </Card>
  );
}

function Side({ nodes, instead, children }: { nodes: readonly LineageNode[]; instead: string; children?: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-2.5">
      {nodes.map((node) => (
        <Node key={node.id} node={node} />
      ))}
      {nodes.length === 0 && <p className="text-ink-3">{instead}</p>}
      {children}
    </div>
  );
}

// Where columns stand below each other a short plain line says the direction.
function Joint(sides: { left: number; right: number; most: number }) {
  return (
    <>
      <svg
        aria-hidden="true"
        viewBox="0 0 28 100"
        preserveAspectRatio="none"
        className="h-full w-7 self-stretch overflow-visible max-md:hidden"
      >
        <path d={prepareJoint(sides)} fill="none" stroke="var(--control-line)" strokeWidth={1.25} vectorEffect="non-scaling-stroke" />
      </svg>
      <span aria-hidden className="mx-auto h-3 w-px bg-control-line md:hidden" />
    </>
  );
}

function Node({ node }: { node: LineageNode }) {
  const { icon: Icon, href } = node;
  const look = cn(
    "flex min-h-[58px] min-w-0 gap-2.5 rounded-[8px] border border-line bg-surface px-3 py-2",
    node.isThis && "border-ink shadow-[inset_0_0_0_1px_var(--ink)]",
    node.isQuiet && "text-ink-3",
    href !== undefined && "hover:border-control-line hover:bg-hover",
  );
  const content = (
    <>
      <Icon className="mt-0.5 size-4 shrink-0 stroke-[1.75] text-ink-3" aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-micro text-ink-3">{node.label}</span>
        <span className="block truncate font-[550]" title={node.value}>
          {node.value}
        </span>
        {node.note !== undefined && (
          <span className="block truncate text-small text-ink-3" title={node.note}>
            {node.note}
          </span>
        )}
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
