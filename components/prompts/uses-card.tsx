"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import type { PromptUse } from "@/lib/domain/prompts/api";

/** The releases that hold a version, those that serve first. */
export function UsesCard({ project, uses }: { project: string; uses: readonly PromptUse[] }) {
  const text = useWords().prompts.uses;
  const { link } = useShell();
  const head = text.columns;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {uses.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <DataTable
          caption={text.title}
          phone="cards"
          rows={uses}
          rowKey={(use) => `${use.environment}/${use.endpoint}/${use.release}/${use.variant}`}
          rowHref={(use) => link(`/${project}/endpoints/${encodeURIComponent(use.endpoint)}?environment=${use.environment}`)}
          columns={[
            { id: "endpoint", head: head.endpoint, phone: "title", cell: (use) => <span className="font-medium">{use.endpoint}</span> },
            { id: "environment", head: head.environment, cell: (use) => use.environment },
            { id: "release", head: head.release, align: "right", cell: (use) => `#${use.release}` },
            {
              id: "variant",
              head: head.variant,
              cell: (use) => (
                <>
                  {use.variant}
                  {use.inside !== null && <CellNote>{text.inside({ prompt: use.inside })}</CellNote>}
                </>
              ),
            },
            {
              id: "state",
              head: head.state,
              cell: (use) => (use.isActive ? text.active : <span className="text-ink-3">{text.idle}</span>),
            },
          ]}
        />
      )}
    </Card>
  );
}
