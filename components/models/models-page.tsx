"use client";

import { Plus } from "lucide-react";
import type { z } from "zod";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips, TableFilter } from "@/components/ui/table-tools";
import { dash } from "@/lib/core/words/format";
import { type listModels, VERSION_STATES, type VersionState } from "@/lib/domain/registry/api";
import { type VersionFilter, VersionFilters } from "./version-filters";

type Props = {
  project: string;
  q: string | undefined;
  tag: string | undefined;
  state: VersionState | undefined;
  narrowed: VersionFilter;
  cursor: string | undefined;
  data: z.output<(typeof listModels)["returns"]>;
};

const pageSize = 50;
const mostTags = 12;

const given = (parts: Record<string, string | undefined>): [string, string][] =>
  Object.entries(parts).filter((entry): entry is [string, string] => entry[1] !== undefined);

/** The registry by name, narrowed by text, tag, or the state of a version. */
export function ModelsPage({ project, q, tag, state, narrowed, cursor, data }: Props) {
  const words = useWords();
  const { link, environmentName } = useShell();
  const base = `/${project}/models`;
  const href = (changed: Record<string, string | undefined>) => {
    const entries = given({ q, tag, state, ...narrowed, ...changed });
    return link(entries.length === 0 ? base : `${base}?${new URLSearchParams(entries).toString()}`);
  };
  const head = words.models.columns;
  const rows = data.items;
  const tags = [...new Set([...(tag === undefined ? [] : [tag]), ...rows.flatMap((model) => model.tags)])].slice(0, mostTags);
  return (
    <Page>
      <PageHeader
        title={words.models.title}
        actions={
          <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={link(`${base}?new=1`)}>
            {words.models.create}
          </ButtonLink>
        }
      >
        {words.models.about}
      </PageHeader>
      <Card>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 max-md:px-3.5">
          <TableFilter action={base} keep={Object.fromEntries(given({ tag, state, ...narrowed }))} value={q ?? ""} />
          <VersionFilters action={base} keep={Object.fromEntries(given({ q, tag, state }))} filter={narrowed} />
          <FilterChips
            label={words.models.statesLabel}
            chips={VERSION_STATES.map((each) => ({
              label: words.states[each],
              href: href({ state: each === state ? undefined : each }),
              current: each === state,
            }))}
          />
          {tags.length > 0 && (
            <FilterChips
              label={words.models.tagsLabel}
              chips={tags.map((each) => ({ label: each, href: href({ tag: each === tag ? undefined : each }), current: each === tag }))}
            />
          )}
        </div>
        <DataTable
          caption={words.models.title}
          phone="cards"
          rows={rows}
          rowKey={(model) => model.id}
          rowHref={(model) => link(`${base}/${model.name}`)}
          instead={
            rows.length > 0 ? undefined : given({ q, tag, state, ...narrowed }).length > 0 ? (
              <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                {words.ui.emptyTableDetail}
              </EmptyState>
            ) : (
              <EmptyState title={words.models.empty} action={{ label: words.models.create, href: link(`${base}?new=1`) }}>
                {words.models.emptyAbout}
              </EmptyState>
            )
          }
          columns={[
            {
              id: "model",
              head: head.model,
              phone: "title",
              cell: (model) => (
                <>
                  <span className="font-medium">{model.name}</span>
                  {model.description !== "" && <CellNote className="line-clamp-1 max-w-[60ch]">{model.description}</CellNote>}
                </>
              ),
            },
            {
              id: "tags",
              head: head.tags,
              cell: (model) => <span className="text-small text-ink-2">{model.tags.length === 0 ? dash : model.tags.join(", ")}</span>,
            },
            { id: "versions", head: head.versions, align: "right", cell: (model) => model.versionCount },
            {
              id: "latest",
              head: head.latest,
              align: "right",
              cell: (model) =>
                model.latestVersion === null ? (
                  <span className="text-ink-3">{words.models.noVersion}</span>
                ) : (
                  <span className="inline-flex items-center gap-2.5 whitespace-nowrap">
                    {model.latestState !== null && <StateText state={model.latestState} className="text-small" />}
                    {words.models.version({ number: model.latestVersion })}
                  </span>
                ),
            },
            {
              id: "serves",
              head: head.serves,
              cell: (model) =>
                model.serves.length === 0 ? (
                  <span className="text-ink-3">{words.models.versions.nowhere}</span>
                ) : (
                  model.serves.map((use) => (
                    <CellNote key={`${use.environment} ${use.endpoint} ${use.version}`} className="text-ink-2">
                      {words.models.lineage.release({ endpoint: use.endpoint, release: words.endpoints.release({ number: use.release }) })},{" "}
                      {environmentName(use.environment)}, {words.models.version({ number: use.version })}
                    </CellNote>
                  ))
                ),
            },
            { id: "created", head: head.created, cell: (model) => <RelativeTime at={model.createdAt} className="whitespace-nowrap" /> },
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
