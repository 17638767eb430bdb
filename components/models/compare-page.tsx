"use client";

import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { DiffView } from "@/components/ui/diff-view";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StateBadge, StateText } from "@/components/ui/state-badge";
import { dash, formatBytes, formatChange } from "@/lib/core/words/format";
import type { ModelVersion, VersionComparison } from "@/lib/domain/registry/api";
import { ComparePicker } from "./compare-picker";
import { shortDigest } from "./digest";
import { toFieldSections } from "./field-diff";
import { ScoresCard } from "./scores-card";

type Props = { project: string; version: ModelVersion; comparison: VersionComparison; latest: number };

/** Two versions side by side: what was registered, the files, and what was measured. */
export function ComparePage({ project, version, comparison, latest }: Props) {
  const words = useWords();
  const { data, link } = useShell();
  const text = words.models.compare;
  const nameOf = ({ model, version: number }: VersionComparison["base"]) => `${model} ${words.models.version({ number })}`;
  const [base, other] = [nameOf(comparison.base), nameOf(comparison.other)];
  const here = `/${project}/models/${version.model}/${version.number}`;
  const changed = comparison.fields.filter((field) => field.isChanged);
  return (
    <Page>
      <PageChrome
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: words.models.title, href: `/${project}/models` },
          { label: version.model, href: `/${project}/models/${version.model}` },
          { label: words.models.version({ number: version.number }), href: here },
          { label: base },
        ]}
      />
      <PageHeader
        title={text.title({ base, other })}
        badge={<StateBadge state={comparison.other.state} size="lg" />}
        actions={
          latest > 1 ? (
            <ComparePicker
              latest={latest}
              version={version.number}
              base={comparison.base.model === version.model ? comparison.base.version : null}
              href={(number) => link(`${here}?with=${number}`)}
            />
          ) : undefined
        }
      >
        {text.about}
      </PageHeader>
      <ScoresCard comparison={comparison} />
      <ArtifactsDiff comparison={comparison} base={base} other={other} />
      <Card>
        <CardHead title={text.fields} sub={changed.length === 0 ? text.sameFields : text.fieldsSub({ count: changed.length })} />
        {changed.length > 0 && <DiffView beforeName={base} afterName={other} sections={toFieldSections(changed, text.names)} />}
      </Card>
    </Page>
  );
}

const LOOK = { same: "steady", changed: "watch", added: "info", removed: "stopped" } as const;

function ArtifactsDiff({ comparison, base, other }: { comparison: VersionComparison; base: string; other: string }) {
  const words = useWords();
  const text = words.models.compare;
  const { base: before, other: after } = comparison.sizeBytes;
  const change = before === null || after === null ? "" : ` (${formatChange(after / before - 1)})`;
  const cell = (side: VersionComparison["artifacts"][number]["base"]) =>
    side === null ? (
      <span className="text-ink-3">{dash}</span>
    ) : (
      <>
        {formatBytes(side.sizeBytes)}
        <CellNote>
          <code title={side.sha256}>{shortDigest(side.sha256)}</code>
        </CellNote>
      </>
    );
  return (
    <Card>
      <CardHead title={text.artifacts} sub={`${formatBytes(before)} → ${formatBytes(after)}${change}`} />
      {comparison.artifacts.length === 0 ? (
        <CardBody className="text-ink-2">{words.models.artifacts.none}</CardBody>
      ) : (
        <DataTable
          caption={text.artifacts}
          rows={comparison.artifacts}
          rowKey={(artifact) => artifact.name}
          columns={[
            { id: "name", head: words.models.artifacts.file, cell: (artifact) => <code className="wrap-anywhere">{artifact.name}</code> },
            { id: "base", head: base, align: "right", cell: (artifact) => cell(artifact.base) },
            { id: "other", head: other, align: "right", cell: (artifact) => cell(artifact.other) },
            {
              id: "change",
              head: words.models.scores.change,
              cell: (artifact) => <StateText state={LOOK[artifact.change]}>{text.change[artifact.change]}</StateText>,
            },
          ]}
        />
      )}
    </Card>
  );
}
