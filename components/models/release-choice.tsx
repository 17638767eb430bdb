"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import type { ModelVersion } from "@/lib/domain/registry/api";

type Props = { project: string; version: ModelVersion; endpoints: readonly Endpoint[] };

/** For which endpoint the release is written; the form then begins with this version. */
export function ReleaseChoice({ project, version, endpoints }: Props) {
  const words = useWords();
  const { link, environmentName, environment } = useShell();
  const name = `${version.model} ${words.models.version({ number: version.number })}`;
  const head = words.overview.columns;
  return (
    <Page>
      <PageHeader title={`${words.models.releaseIt}: ${name}`}>{words.endpoints.releaseForm.about}</PageHeader>
      <Card className="max-w-[860px]">
        <CardHead title={words.rollouts.form.chooseEndpoint} sub={environmentName(environment)} />
        <DataTable
          caption={words.endpoints.title}
          rows={endpoints}
          rowKey={(endpoint) => endpoint.id}
          rowHref={(endpoint) =>
            link(`/${project}/endpoints/${endpoint.name}?new=release&model=${version.model}&version=${version.number}`)
          }
          instead={
            endpoints.length > 0 ? undefined : (
              <EmptyState
                title={words.endpoints.empty}
                action={{ label: words.endpoints.create, href: link(`/${project}/endpoints?new=1`) }}
              >
                {words.overview.emptyAbout}
              </EmptyState>
            )
          }
          columns={[
            {
              id: "endpoint",
              head: head.endpoint,
              cell: (endpoint) => (
                <>
                  <span className="font-medium">{endpoint.name}</span>
                  {endpoint.description !== "" && <CellNote>{endpoint.description}</CellNote>}
                </>
              ),
            },
            {
              id: "active",
              head: words.endpoints.facts.active,
              align: "right",
              cell: (endpoint) =>
                endpoint.activeRelease === null ? (
                  <span className="text-ink-3">{words.ui.none}</span>
                ) : (
                  words.endpoints.release({ number: endpoint.activeRelease.number })
                ),
            },
          ]}
        />
      </Card>
    </Page>
  );
}
