"use client";

import { Plus } from "lucide-react";
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
import type { listPrompts } from "@/lib/domain/prompts/api";
import { foldersOf, parentFolder } from "./folders";

type Props = {
  project: string;
  q: string | undefined;
  folder: string | undefined;
  cursor: string | undefined;
  data: z.output<(typeof listPrompts)["returns"]>;
};

const pageSize = 50;

/** Prompts by name; a folder is what stands before a /. */
export function PromptsPage({ project, q, folder, cursor, data }: Props) {
  const words = useWords();
  const { link } = useShell();
  const base = `/${project}/prompts`;
  const href = (changed: Record<string, string | undefined>) => {
    const entries = Object.entries({ q, folder, ...changed }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return link(entries.length === 0 ? base : `${base}?${new URLSearchParams(entries).toString()}`);
  };
  const head = words.prompts.columns;
  const rows = data.items;
  const folders = foldersOf(
    rows.map((prompt) => prompt.name),
    folder ?? "",
  );
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
          <TableFilter action={base} keep={folder === undefined ? {} : { folder }} value={q ?? ""} />
          {(folders.length > 0 || folder !== undefined) && (
            <FilterChips
              label={words.prompts.folders}
              chips={[
                ...(folder === undefined ? [] : [{ label: folder, href: href({ folder: parentFolder(folder) }), current: true }]),
                ...folders.map(({ path, count }) => ({ label: path, href: href({ folder: path }), count })),
              ]}
            />
          )}
        </div>
        <DataTable
          caption={words.prompts.title}
          phone="cards"
          rows={rows}
          rowKey={(prompt) => prompt.id}
          rowHref={(prompt) => link(`${base}/${encodeURIComponent(prompt.name)}`)}
          instead={
            rows.length > 0 ? undefined : q !== undefined || folder !== undefined ? (
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

function PromptName({ name }: { name: string }) {
  const at = name.lastIndexOf("/") + 1;
  return (
    <>
      {at > 0 && <span className="text-ink-3">{name.slice(0, at)}</span>}
      <span className="font-medium">{name.slice(at)}</span>
    </>
  );
}
