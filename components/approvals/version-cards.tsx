"use client";

import { toLines } from "@/components/models/field-diff";
import { ScoresCard } from "@/components/models/scores-card";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { DetailList } from "@/components/ui/key-facts";
import { StateText } from "@/components/ui/state-badge";
import type { Words } from "@/lib/core/words";
import { formatBytes } from "@/lib/core/words/format";
import { listShownFields, toShownComparison, type VersionChange } from "./version-change";

const fieldLabel = (field: string, words: Words): string => {
  const { fields } = words.approvals;
  return Object.hasOwn(fields, field) ? fields[field as keyof typeof fields] : field;
};

/** What becomes approved: everything that was registered, its scores beside the parent's, and each artifact with its digest. */
export function VersionCards({ project, change }: { project: string; change: VersionChange }) {
  const words = useWords();
  const text = words.approvals.version;
  const { model, number, parent, scores, version } = change;
  const { derivedFrom } = version;
  const name = `${model} ${words.models.version({ number })}`;
  return (
    <>
      <Card>
        <CardHead title={text.title} sub={text.sub} right={<TextLink href={`/${project}/models/${model}/${number}`}>{name}</TextLink>} />
        <CardBody>
          <DetailList
            items={[
              ...listShownFields(change).map(({ field, value }) => ({
                label: fieldLabel(field, words),
                value: <span className="whitespace-pre-wrap">{toLines(value) || text.none}</span>,
              })),
              {
                label: words.approvals.fields.derivedFrom,
                value:
                  parent === null || derivedFrom === null ? (
                    text.none
                  ) : (
                    <>
                      {parent.model} {words.models.version({ number: parent.version })} ({words.states[parent.state]}),{" "}
                      {words.models.methods[derivedFrom.method]}
                      {derivedFrom.gpuArchitecture !== null && ` ${words.models.lineage.forGpu({ gpu: derivedFrom.gpuArchitecture })}`}
                      <small className="block text-small text-ink-3">{parent.digest}</small>
                    </>
                  ),
              },
            ]}
          />
        </CardBody>
      </Card>
      {scores.length === 0 ? (
        <Card>
          <CardHead title={words.models.scores.title} />
          <CardBody className="text-ink-2">{text.noScores}</CardBody>
        </Card>
      ) : (
        <ScoresCard comparison={toShownComparison(change)} />
      )}
      <ArtifactsShown change={change} />
    </>
  );
}

function ArtifactsShown({ change: { version } }: { change: VersionChange }) {
  const words = useWords();
  const text = words.approvals.version;
  const { artifacts, verification } = version;
  return (
    <Card>
      <CardHead
        title={text.artifacts}
        right={verification.state === "verified" ? <StateText state="verified">{text.verified}</StateText> : undefined}
      />
      {artifacts.length === 0 ? (
        <CardBody className="text-ink-2">{text.noArtifacts}</CardBody>
      ) : (
        <DataTable
          caption={text.artifacts}
          phone="cards"
          rows={artifacts}
          rowKey={(artifact) => artifact.uri}
          columns={[
            {
              id: "file",
              head: words.models.artifacts.file,
              phone: "title",
              cell: (artifact) => (
                <>
                  <code className="wrap-anywhere">{artifact.uri}</code>
                  <CellNote>{words.models.roles[artifact.role]}</CellNote>
                </>
              ),
            },
            {
              id: "size",
              head: words.models.artifacts.size,
              align: "right",
              phone: "corner",
              cell: (artifact) => formatBytes(artifact.sizeBytes),
            },
            {
              id: "digest",
              head: words.models.artifacts.digest,
              phone: "wide",
              cell: (artifact) => <code className="wrap-anywhere">{artifact.sha256}</code>,
            },
          ]}
        />
      )}
    </Card>
  );
}
