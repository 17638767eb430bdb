"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { ChangeList } from "@/components/ui/change-list";
import { CodeBlock } from "@/components/ui/code-block";
import { DiffView } from "@/components/ui/diff-view";
import { CheckList } from "@/components/ui/lists";
import { LegendItem } from "@/components/ui/split-bar";
import type { Words } from "@/lib/core/words";
import type { ApprovalContent } from "@/lib/domain/approvals/api";
import {
  type Composed,
  listFieldChanges,
  type PointerChange,
  readComposed,
  readPointerChange,
  toComposedSections,
  toPromptSections,
} from "./pointer-change";
import { StartCards } from "./start-cards";
import { readStartChange } from "./start-change";
import { VersionCards } from "./version-cards";
import { readVersionChange } from "./version-change";

export function versionText(version: { number: number } | null, words: Words): string {
  return version === null ? words.approvals.facts.nowhere : words.pointers.version({ number: version.number });
}

const fieldLabel = (field: string, words: Words): string => {
  const { fields } = words.approvals;
  return Object.hasOwn(fields, field) ? fields[field as keyof typeof fields] : field;
};

const hashLook = (field: string, value: string) => (field === "contentHash" || field === "digest" ? value.slice(0, 12) : value);

/** What is and what would be, drawn from the very JSON that is approved. */
export function ChangeCards({ project, content }: { project: string; content: ApprovalContent }) {
  const words = useWords();
  const change = readPointerChange(content);
  const version = readVersionChange(content);
  const start = readStartChange(content);
  if (start !== null) return <StartCards project={project} change={start} />;
  if (version !== null) return <VersionCards project={project} change={version} />;
  if (change === null)
    return (
      <Card>
        <CardHead title={words.approvals.changes.title} />
        <CodeBlock label={words.approvals.changes.title} code={JSON.stringify(content.change, null, 2)} wrap />
      </Card>
    );
  return <PointerCards change={change} />;
}

function PointerCards({ change }: { change: PointerChange }) {
  const words = useWords();
  const text = words.approvals;
  const [was, willBe] = [versionText(change.from, words), versionText(change.to, words)];
  const sections = change.kind === "prompt-label" ? toPromptSections(change, words) : null;
  const composed = change.kind === "prompt-label" ? toComposedSections(change, words) : null;
  return (
    <>
      <Card>
        <CardHead
          title={text.changes.title}
          right={
            <>
              <LegendItem tone="control">{text.changes.was({ version: was })}</LegendItem>
              <LegendItem tone="treatment">{text.changes.willBe({ version: willBe })}</LegendItem>
            </>
          }
        />
        <ChangeList
          changes={listFieldChanges(change).map(({ field, was: before, willBe: after, isSame }) => ({
            id: field,
            label: fieldLabel(field, words),
            was: <span className="wrap-anywhere whitespace-pre-wrap">{hashLook(field, before)}</span>,
            willBe: isSame ? null : <span className="wrap-anywhere whitespace-pre-wrap">{hashLook(field, after)}</span>,
          }))}
        />
      </Card>
      {sections !== null && sections.length > 0 && (
        <Card>
          <CardHead title={text.diff} sub={`${change.owner} ${was} → ${willBe}`} />
          <DiffView beforeName={was} afterName={willBe} sections={sections} />
        </Card>
      )}
      {composed !== null && (
        <Card>
          <CardHead title={text.composed.title} sub={text.composed.sub} />
          <DiffView beforeName={was} afterName={willBe} sections={composed} />
        </Card>
      )}
      <IncludesCard composed={readComposed(change.to)} />
    </>
  );
}

const holdLooks = { version: "pass", protected: "pass", free: "inconclusive" } as const;

/** Every prompt that the new version takes in, as it stands now, and what holds it there afterwards. */
function IncludesCard({ composed }: { composed: Composed | null }) {
  const words = useWords();
  const text = words.approvals.composed;
  if (composed === null || composed.includes.length === 0) return null;
  return (
    <Card>
      <CardHead title={text.includes} sub={text.includesSub} />
      <CardBody>
        <CheckList
          label={text.includes}
          items={composed.includes.map(({ reference, version, contentHash, held }) => ({
            id: reference,
            state: holdLooks[held],
            title: <code className="wrap-anywhere">{reference}</code>,
            detail: text.held[held],
            note: `${words.pointers.version({ number: version })} ${contentHash.slice(0, 12)}`,
          }))}
        />
      </CardBody>
    </Card>
  );
}
