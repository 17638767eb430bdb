"use client";

import { PencilLine, SquareTerminal } from "lucide-react";
import type { Scope } from "@/components/overview/scope";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardHead, Columns } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-field";
import { DiffView } from "@/components/ui/diff-view";
import { KeyFacts } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { SegmentLinks, TabLinks } from "@/components/ui/tab-links";
import type { ComposedPrompt, Prompt, PromptUse, PromptVersion } from "@/lib/domain/prompts/api";
import { type Comments, CommentsCard } from "./comments-card";
import { HistoryCard, type LabelMoves } from "./history-card";
import { LabelsCard } from "./labels-card";
import { MessagesCard } from "./messages-card";
import { countChanges, toDiffSections } from "./prompt-diff";
import { ServedCard } from "./served-card";
import { UsesCard } from "./uses-card";
import { VariablesCard } from "./variables-card";
import { takesIn } from "./version-draft";
import { VersionList } from "./version-list";
import { VersusPicker } from "./versus-picker";

type Props = {
  scope: Scope;
  prompt: Prompt;
  version: PromptVersion;
  /** The newest ones, for the list beside. */
  versions: readonly PromptVersion[];
  hasMore: boolean;
  /** The version to compare with; null where there is no other one. */
  versus: PromptVersion | null;
  /** `messages` as written, `served` with other prompts in their places, or what changed. */
  tab: "messages" | "served" | "changes";
  /** What `served` shows, or why it cannot; null on another tab. */
  served: { readonly result: ComposedPrompt | null; readonly refusal: string | null } | null;
  oneColumn: boolean;
  moves: LabelMoves;
  protectedNames: readonly string[];
  comments: Comments;
  /** Releases that hold this version. */
  uses: readonly PromptUse[];
};

/** One version: its messages, or what changed against another one; labels and variables below. */
export function PromptVersionPage({
  scope,
  prompt,
  version,
  versions,
  hasMore,
  versus,
  tab,
  served,
  oneColumn,
  moves,
  protectedNames,
  comments,
  uses,
}: Props) {
  const words = useWords();
  const { data, link } = useShell();
  const text = words.prompts;
  const name = (number: number) => text.version({ number });
  const base = `/${scope.project}/prompts/${encodeURIComponent(prompt.name)}`;
  const here = `${base}/${version.number}`;
  const changesHref = (part: { versus?: number; columns?: string }) => {
    const query = new URLSearchParams({ tab: "changes" });
    const other = part.versus ?? versus?.number;
    if (other !== undefined) query.set("versus", String(other));
    if (part.columns !== undefined) query.set("columns", part.columns);
    return link(`${here}?${query.toString()}`);
  };
  return (
    <Page>
      <PageChrome
        crumbs={[
          { label: data.project.name, href: `/${scope.project}` },
          { label: text.title, href: `/${scope.project}/prompts` },
          { label: prompt.name, href: base },
          { label: name(version.number) },
        ]}
      />
      <PageHeader
        title={`${prompt.name} ${name(version.number)}`}
        badge={version.labels.map((label) => (
          <NameTag key={label} kind="label">
            {label}
          </NameTag>
        ))}
        actions={
          <>
            <ButtonLink
              icon={<SquareTerminal aria-hidden />}
              href={link(`/${scope.project}/playground?prompt=${encodeURIComponent(prompt.name)}&version=${version.number}`)}
            >
              {words.playground.open}
            </ButtonLink>
            <ButtonLink variant="primary" icon={<PencilLine aria-hidden />} href={link(`${base}?new=version&from=${version.number}`)}>
              {text.versions.create}
            </ButtonLink>
          </>
        }
      >
        {version.note !== "" && `${version.note.replace(/\.$/, "")}. `}
        {text.written({ name: version.createdBy })}, <RelativeTime at={version.createdAt} />.
      </PageHeader>
      <TabLinks
        label={text.tabs.label}
        tabs={[
          version.kind === "text"
            ? { label: text.templateText, href: link(here), current: tab === "messages" }
            : { label: text.tabs.messages, href: link(here), current: tab === "messages", count: version.messages.length },
          ...(takesIn(version) ? [{ label: text.tabs.served, href: link(`${here}?tab=served`), current: tab === "served" }] : []),
          ...(versus === null
            ? []
            : [{ label: text.tabs.changes({ version: name(versus.number) }), href: changesHref({}), current: tab === "changes" }]),
        ]}
      />
      <KeyFacts
        facts={[
          { label: text.facts.kind, value: text.kinds[version.kind] },
          {
            label: text.facts.hash,
            value: (
              <span className="inline-flex items-center gap-1">
                <code title={version.contentHash}>{version.contentHash.slice(0, 12)}</code>
                <CopyButton value={version.contentHash} what={text.facts.hash} className="-my-1" />
              </span>
            ),
          },
          ...(version.kind === "text" ? [] : [{ label: text.facts.messages, value: version.messages.length }]),
          { label: text.facts.variables, value: version.variables.length },
          { label: text.facts.parameters, value: Object.keys(version.parameters).length },
          {
            label: text.facts.labels,
            value: version.labels.length === 0 ? <span className="text-ink-3">{text.facts.none}</span> : version.labels.join(", "),
          },
        ]}
      />
      <div className="grid items-start gap-(--gap-page) lg:grid-cols-[260px_minmax(0,1fr)]">
        <div className="max-lg:order-last">
          <VersionList project={scope.project} prompt={prompt} versions={versions} current={version.number} hasMore={hasMore} />
        </div>
        <div className="flex min-w-0 flex-col gap-(--gap-page)">
          {tab === "changes" && versus !== null ? (
            <ChangesCard
              before={versus}
              after={version}
              oneColumn={oneColumn}
              href={changesHref}
              picker={
                <VersusPicker
                  prompt={prompt}
                  version={version.number}
                  versus={versus.number}
                  href={(number) => changesHref({ versus: number })}
                />
              }
            />
          ) : served !== null ? (
            <ServedCard project={scope.project} served={served} />
          ) : (
            <MessagesCard version={version} />
          )}
          <Columns>
            <LabelsCard scope={scope} prompt={prompt} protectedNames={protectedNames} version={version.number} />
            <HistoryCard moves={moves} />
          </Columns>
          <VariablesCard version={version} />
          <UsesCard project={scope.project} uses={uses} />
          <CommentsCard scope={scope} version={version} initial={comments} />
        </div>
      </div>
    </Page>
  );
}

type ChangesProps = {
  before: PromptVersion;
  after: PromptVersion;
  oneColumn: boolean;
  href: (part: { columns?: string }) => string;
  picker: React.ReactNode;
};

function ChangesCard({ before, after, oneColumn, href, picker }: ChangesProps) {
  const words = useWords();
  const text = words.prompts;
  const sections = toDiffSections(before, after, words);
  const count = countChanges(sections);
  const isSame = before.contentHash === after.contentHash;
  return (
    <Card>
      <CardHead
        title={text.changes}
        sub={isSame ? text.sameContent : text.changeCount(count)}
        right={
          <>
            {picker}
            <span className="max-lg:hidden">
              <SegmentLinks
                size="sm"
                label={text.changes}
                items={[
                  { label: words.ui.sideBySide, href: href({}), current: !oneColumn },
                  { label: words.ui.oneColumn, href: href({ columns: "1" }), current: oneColumn },
                ]}
              />
            </span>
          </>
        }
      />
      <DiffView
        beforeName={text.version({ number: before.number })}
        afterName={text.version({ number: after.number })}
        sections={sections}
        oneColumn={oneColumn}
      />
    </Card>
  );
}
