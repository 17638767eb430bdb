"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import type { z } from "zod";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips, TableFilter } from "@/components/ui/table-tools";
import type { listPromptFolders, listPrompts } from "@/lib/domain/prompts/api";
import { stepsOf } from "./folders";

type Props = {
  project: string;
  asked: { readonly q: string | undefined; readonly folder: string | undefined; readonly label: string | undefined };
  cursor: string | undefined;
  data: z.output<(typeof listPrompts)["returns"]>;
  /** Of the whole project, not of this page. */
  below: z.output<(typeof listPromptFolders)["returns"]>;
};

const pageSize = 50;

/** Prompts by name; a folder is what stands before a /. */
export function PromptsPage({ project, asked, cursor, data, below }: Props) {
  const { q, folder, label } = asked;
  const words = useWords();
  const { link } = useShell();
  const base = `/${project}/prompts`;
  const href = (changed: Record<string, string | undefined>) => {
    const entries = Object.entries({ q, folder, label, ...changed }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return link(entries.length === 0 ? base : `${base}?${new URLSearchParams(entries).toString()}`);
  };
  const head = words.prompts.columns;
  const rows = data.items;
  return (
    <Page>
      <PageHeader
        title={words.prompts.title}
        actions={
          <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={link(`${base}?new=1`)}>
            {words.prompts.create}
          </ButtonLink>
        }
      >
        {words.prompts.about}
      </PageHeader>
      <Card>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 max-md:px-3.5">
          <TableFilter
            action={base}
            keep={{ ...(folder === undefined ? {} : { folder }), ...(label === undefined ? {} : { label }) }}
            value={q ?? ""}
          />
          {below.labels.length > 0 && (
            <FilterChips
              label={words.prompts.columns.labels}
              chips={below.labels.map((each) => ({
                label: each.label,
                href: href({ label: each.label === label ? undefined : each.label }),
                current: each.label === label,
                count: each.prompts,
              }))}
            />
          )}
        </div>
        {(below.items.length > 0 || folder !== undefined) && (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-2.5 max-md:px-3.5">
            {folder !== undefined && <FolderPath folder={folder} href={(path) => href({ folder: path })} />}
            <FilterChips
              label={words.prompts.folders}
              chips={below.items.map((each) => ({
                label: each.folder.slice((folder ?? "").length),
                href: href({ folder: each.folder }),
                count: each.prompts,
              }))}
            />
          </div>
        )}
        <DataTable
          caption={words.prompts.title}
          phone="cards"
          rows={rows}
          rowKey={(prompt) => prompt.id}
          rowHref={(prompt) => link(`${base}/${encodeURIComponent(prompt.name)}`)}
          instead={
            rows.length > 0 ? undefined : q !== undefined || folder !== undefined || label !== undefined ? (
              <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                {words.ui.emptyTableDetail}
              </EmptyState>
            ) : (
              <EmptyState title={words.prompts.empty} action={{ label: words.prompts.create, href: link(`${base}?new=1`) }}>
                {words.prompts.emptyAbout}
              </EmptyState>
            )
          }
          columns={[
            {
              id: "prompt",
              head: head.prompt,
              phone: "title",
              cell: (prompt) => (
                <>
                  <PromptName name={prompt.name} />
                  {prompt.description !== "" && <CellNote className="line-clamp-1 max-w-[60ch]">{prompt.description}</CellNote>}
                </>
              ),
            },
            {
              id: "labels",
              head: head.labels,
              cell: (prompt) =>
                prompt.labels.length === 0 ? (
                  <span className="text-ink-3">{words.prompts.noLabel}</span>
                ) : (
                  <span className="flex flex-wrap gap-1.5">
                    {prompt.labels.map((label) => (
                      <span key={label.label} className="inline-flex items-center gap-1 whitespace-nowrap">
                        <NameTag kind="label">{label.label}</NameTag>
                        <span className="text-small text-ink-3">{words.prompts.version({ number: label.version })}</span>
                      </span>
                    ))}
                  </span>
                ),
            },
            { id: "versions", head: head.versions, align: "right", cell: (prompt) => prompt.versionCount },
            {
              id: "latest",
              head: head.latest,
              align: "right",
              cell: (prompt) =>
                prompt.latestVersion === null ? (
                  <span className="text-ink-3">{words.prompts.noVersion}</span>
                ) : (
                  words.prompts.version({ number: prompt.latestVersion })
                ),
            },
            { id: "created", head: head.created, cell: (prompt) => <RelativeTime at={prompt.createdAt} className="whitespace-nowrap" /> },
          ]}
        />
        {(data.nextCursor !== null || cursor !== undefined) && (
          <CursorPaging
            shown={rows.length}
            pageSize={pageSize}
            nextHref={data.nextCursor === null ? null : href({ cursor: data.nextCursor })}
            firstHref={cursor === undefined ? null : href({})}
          />
        )}
      </Card>
    </Page>
  );
}

/** Where the list stands: each folder on the way leads back to it. */
function FolderPath({ folder, href }: { folder: string; href: (folder: string | undefined) => string }) {
  const words = useWords();
  const steps = stepsOf(folder);
  return (
    <nav aria-label={words.prompts.folderPath} className="text-small">
      <ol className="flex flex-wrap items-center gap-1">
        <li>
          <Link href={href(undefined)} className="text-ink-2 hover:underline max-md:py-2">
            {words.prompts.allFolders}
          </Link>
        </li>
        {steps.map(({ name, path }, index) => (
          <li key={path} className="flex items-center gap-1">
            <span aria-hidden className="text-ink-3">
              /
            </span>
            {index === steps.length - 1 ? (
              <span aria-current="true" className="font-medium">
                {name}
              </span>
            ) : (
              <Link href={href(path)} className="text-ink-2 hover:underline max-md:py-2">
                {name}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function PromptName({ name }: { name: string }) {
  const at = name.lastIndexOf("/") + 1;
  return (
    <>
      {at > 0 && <span className="text-ink-3">{name.slice(0, at)}</span>}
      <span className="font-medium">{name.slice(at)}</span>
    </>
  );
}
