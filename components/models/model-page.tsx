"use client";

import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { z } from "zod";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardHead, MainAside } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging, FilterChips } from "@/components/ui/table-tools";
import type { Words } from "@/lib/core/words";
import { dash, formatBytes } from "@/lib/core/words/format";
import { type listModelVersions, type Model, type ModelVersionLine, VERSION_STATES, type VersionState } from "@/lib/domain/registry/api";

type Props = {
  project: string;
  model: Model;
  versions: z.output<(typeof listModelVersions)["returns"]>;
  state: VersionState | undefined;
  cursor: string | undefined;
  aside: ReactNode;
};

const pageSize = 50;

export const sizeOf = (version: ModelVersionLine): number => version.artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0);

/** `support-chat r2 in production` of the active releases that name the version. */
export function servesText(version: ModelVersionLine, words: Words, environmentName: (name: string) => string): string[] {
  return version.usedBy
    .filter((use) => use.shareBps > 0)
    .map((use) => {
      const release = words.models.lineage.release({ endpoint: use.endpoint, release: words.endpoints.release({ number: use.release }) });
      return `${release}, ${environmentName(use.environment)}`;
    });
}

/** One model with its versions. */
export function ModelPage({ project, model, versions, state, cursor, aside }: Props) {
  const words = useWords();
  const { link, environmentName } = useShell();
  const text = words.models.versions;
  const base = `/${project}/models/${model.name}`;
  const href = (changed: Record<string, string | undefined>) => {
    const wanted: Record<string, string | undefined> = { state, ...changed };
    const entries = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return link(entries.length === 0 ? base : `${base}?${new URLSearchParams(entries).toString()}`);
  };
  return (
    <Page>
      <PageHeader
        title={model.name}
        actions={
          <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={link(`${base}?new=version`)}>
            {text.create}
          </ButtonLink>
        }
      >
        {model.description === "" ? words.models.about : model.description}
        {model.tags.length > 0 && <span className="text-ink-3"> {model.tags.join(", ")}</span>}
      </PageHeader>
      <MainAside aside={aside}>
        <Card>
          <CardHead title={text.title} sub={text.sub} right={words.models.versionCount({ count: model.versionCount })} />
          <div className="border-t border-line px-4 py-3 max-md:px-3.5">
            <FilterChips
              label={words.models.statesLabel}
              chips={VERSION_STATES.map((each) => ({
                label: words.states[each],
                href: href({ state: each === state ? undefined : each }),
                current: each === state,
              }))}
            />
          </div>
          <DataTable
            caption={text.title}
            phone="cards"
            rows={versions.items}
            rowKey={(version) => version.id}
            rowHref={(version) => link(`${base}/${version.number}`)}
            instead={
              versions.items.length > 0 ? undefined : state !== undefined ? (
                <EmptyState title={words.ui.emptyTable} action={{ label: words.actions.clearFilters, href: link(base) }}>
                  {words.ui.emptyTableDetail}
                </EmptyState>
              ) : (
                <EmptyState title={text.none} action={{ label: text.create, href: link(`${base}?new=version`) }}>
                  {text.noneDetail}
                </EmptyState>
              )
            }
            columns={[
              {
                id: "number",
                head: text.number,
                phone: "title",
                cell: (version) => (
                  <>
                    <span className="font-medium">{words.models.version({ number: version.number })}</span>
                    {version.description !== "" && <CellNote className="line-clamp-2 max-w-[60ch]">{version.description}</CellNote>}
                  </>
                ),
              },
              {
                id: "state",
                head: text.state,
                cell: (version) => (
                  <>
                    <StateText state={version.state} />
                    {version.artifacts.length > 0 && version.verification.state !== "verified" && (
                      <CellNote>
                        {words.models.artifacts.title}: {words.states[version.verification.state].toLowerCase()}
                      </CellNote>
                    )}
                  </>
                ),
              },
              {
                id: "engine",
                head: text.engine,
                cell: (version) => (
                  <span className="whitespace-nowrap">
                    {version.engine}, {version.precision}
                  </span>
                ),
              },
              {
                id: "size",
                head: text.size,
                align: "right",
                cell: (version) => (version.artifacts.length === 0 ? dash : formatBytes(sizeOf(version))),
              },
              {
                id: "serves",
                head: text.serves,
                cell: (version) => {
                  const serves = servesText(version, words, environmentName);
                  return serves.length === 0 ? <span className="text-ink-3">{text.nowhere}</span> : serves.join("; ");
                },
              },
              {
                id: "created",
                head: text.created,
                phone: "corner",
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
              nextHref={versions.nextCursor === null ? null : href({ cursor: versions.nextCursor })}
              firstHref={cursor === undefined ? null : href({})}
            />
          )}
        </Card>
      </MainAside>
    </Page>
  );
}
