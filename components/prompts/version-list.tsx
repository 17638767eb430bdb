"use client";

import Link from "next/link";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { NameTag } from "@/components/ui/name-tag";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Prompt, PromptVersion } from "@/lib/domain/prompts/api";

type Props = { project: string; prompt: Prompt; versions: readonly PromptVersion[]; current: number | null; hasMore: boolean };

/** The versions beside the one that is read, newest first. */
export function VersionList({ project, prompt, versions, current, hasMore }: Props) {
  const words = useWords();
  const { link } = useShell();
  const base = `/${project}/prompts/${encodeURIComponent(prompt.name)}`;
  return (
    <Card>
      <CardHead title={words.prompts.versions.title} right={prompt.versionCount} />
      <ol className="[&>li]:border-t [&>li]:border-line">
        {versions.map((version) => (
          <li key={version.id}>
            <Link
              href={link(`${base}/${version.number}`)}
              aria-current={version.number === current ? "true" : undefined}
              className={cn(
                "grid grid-cols-[40px_minmax(0,1fr)] gap-x-2 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2",
                version.number === current && "bg-selected hover:bg-selected",
              )}
            >
              <b>{words.prompts.version({ number: version.number })}</b>
              <span className="min-w-0">
                <span className="block wrap-anywhere">
                  {version.note === "" ? <span className="text-ink-3">{words.prompts.versions.noNote}</span> : version.note}
                </span>
                <span className="block text-small text-ink-3">
                  {version.createdBy}, <RelativeTime at={version.createdAt} />
                </span>
                {version.labels.length > 0 && (
                  <span className="mt-1 flex flex-wrap gap-1.5">
                    {version.labels.map((label) => (
                      <NameTag key={label} kind="label">
                        {label}
                      </NameTag>
                    ))}
                  </span>
                )}
              </span>
            </Link>
          </li>
        ))}
      </ol>
      {hasMore && (
        <CardFoot>
          <TextLink href={link(base)}>{words.actions.showAll({ count: prompt.versionCount })}</TextLink>
        </CardFoot>
      )}
    </Card>
  );
}
