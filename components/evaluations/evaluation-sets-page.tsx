"use client";

import type { z } from "zod";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { formatCount } from "@/lib/core/words/format";
import type { listEvaluationSets } from "@/lib/domain/evaluations/api";

type Props = { scope: Scope; sets: z.output<(typeof listEvaluationSets)["returns"]>; cursor: string | undefined };

const pageSize = 50;

/** The project's evaluation sets by name. */
export function EvaluationSetsPage({ scope: { project }, sets, cursor }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.evaluations;
  const base = `/${project}/evaluation-sets`;
  const playground = link(`/${project}/playground`);
  return (
    <Page>
      <PageHeader title={text.title} actions={<ButtonLink href={playground}>{text.toPlayground}</ButtonLink>}>
        {text.about}
      </PageHeader>
      <Card>
        <DataTable
          caption={text.title}
          phone="cards"
          rows={sets.items}
          rowKey={(set) => set.id}
          rowHref={(set) => link(`${base}/${set.name}`)}
          columns={[
            { id: "name", head: text.columns.name, phone: "title", cell: (set) => <span className="font-medium">{set.name}</span> },
            { id: "cases", head: text.columns.cases, align: "right", cell: (set) => formatCount(set.caseCount) },
            { id: "by", head: text.columns.createdBy, cell: (set) => set.createdBy },
            { id: "at", head: text.columns.created, cell: (set) => <RelativeTime at={set.createdAt} /> },
          ]}
          instead={
            sets.items.length > 0 ? undefined : (
              <EmptyState title={text.empty} action={{ label: text.toPlayground, href: playground }}>
                {text.emptyAbout}
              </EmptyState>
            )
          }
        />
        {(sets.nextCursor !== null || cursor !== undefined) && (
          <CursorPaging
            shown={sets.items.length}
            pageSize={pageSize}
            nextHref={sets.nextCursor === null ? null : link(`${base}?cursor=${encodeURIComponent(sets.nextCursor)}`)}
            firstHref={cursor === undefined ? null : link(base)}
          />
        )}
      </Card>
    </Page>
  );
}
