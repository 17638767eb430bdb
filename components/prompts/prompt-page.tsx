"use client";

import { Plus } from "lucide-react";
import type { z } from "zod";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardHead, MainAside } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import type { listPromptVersions, Prompt } from "@/lib/domain/prompts/api";
import { HistoryCard, type LabelMoves } from "./history-card";
import { LabelsCard } from "./labels-card";

type Props = {
  scope: Scope;
  prompt: Prompt;
  versions: z.output<(typeof listPromptVersions)["returns"]>;
  moves: LabelMoves;
  protectedNames: readonly string[];
  cursor: string | undefined;
};

const pageSize = 50;

/** One prompt: its versions, its labels, and every move of them. */
export function PromptPage({ scope, prompt, versions, moves, protectedNames, cursor }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.prompts.versions;
  const base = `/${scope.project}/prompts/${encodeURIComponent(prompt.name)}`;
  const create = link(`${base}?new=version`);
  return (
    <Page>
      <PageHeader
        title={prompt.name}
        actions={
          <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={create}>
            {text.create}
          </ButtonLink>
        }
      >
        {prompt.description === "" ? words.prompts.about : prompt.description}
      </PageHeader>
      <MainAside
        aside={
          <>
            <LabelsCard scope={scope} prompt={prompt} protectedNames={protectedNames} version={null} />
            <HistoryCard moves={moves} />
          </>
        }
      >
        <Card>
          <CardHead title={text.title} right={prompt.versionCount} />
          <DataTable
            caption={text.title}
            phone="cards"
            rows={versions.items}
            rowKey={(version) => version.id}
            rowHref={(version) => link(`${base}/${version.number}`)}
            instead={
              versions.items.length > 0 ? undefined : (
                <EmptyState title={text.none} action={{ label: text.create, href: create }}>
                  {text.noneDetail}
                </EmptyState>
              )
            }
            columns={[
              {
                id: "version",
                head: text.title,
                phone: "title",
                cell: (version) => (
                  <>
                    <span className="font-medium">{words.prompts.version({ number: version.number })}</span>
                    <CellNote>{version.note === "" ? text.noNote : version.note}</CellNote>
                  </>
                ),
              },
              {
                id: "labels",
                head: words.prompts.columns.labels,
                cell: (version) => (
                  <span className="flex flex-wrap gap-1.5">
                    {version.labels.map((label) => (
                      <NameTag key={label} kind="label">
                        {label}
                      </NameTag>
                    ))}
                  </span>
                ),
              },
              {
                id: "hash",
                head: words.prompts.facts.hash,
                cell: (version) => <code title={version.contentHash}>{version.contentHash.slice(0, 12)}</code>,
              },
              {
                id: "created",
                head: words.prompts.columns.created,
                cell: (version) => (
                  <span className="whitespace-nowrap">
                    <RelativeTime at={version.createdAt} />
                    <CellNote>{version.createdBy}</CellNote>
                  </span>
                ),
              },
            ]}
          />
          {(versions.nextCursor !== null || cursor !== undefined) && (
            <CursorPaging
              shown={versions.items.length}
              pageSize={pageSize}
              nextHref={versions.nextCursor === null ? null : link(`${base}?cursor=${encodeURIComponent(versions.nextCursor)}`)}
              firstHref={cursor === undefined ? null : link(base)}
            />
          )}
        </Card>
      </MainAside>
    </Page>
  );
}
