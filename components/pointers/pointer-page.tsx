"use client";

import { useState } from "react";
import { mayAct, type Scope } from "@/components/overview/scope";
import type { Crumb } from "@/components/shell/environment";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { KeyFacts } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { Timeline } from "@/components/ui/timeline";
import type { PointerMove } from "@/lib/domain/pointers/api";
import { MovePointerDialog } from "./move-pointer-dialog";
import type { PointerOwner } from "./pointer-calls";
import { RestoreButton } from "./restore-button";
import { TimeTravelCard } from "./time-travel-card";

type Props = {
  scope: Scope;
  owner: PointerOwner;
  name: string;
  /** Up to the owner. */
  crumbs: readonly Crumb[];
  /** Newest first; the newest two hundred. */
  moves: readonly PointerMove[];
  hasMore: boolean;
  /** The instant that the address asks about; null: now. */
  at: string | null;
  /** By what was written by then; null: by all that is written. */
  knownAt: string | null;
  nowMs: number;
};

/** One label or alias: where it is, where it was at any instant, every move, and the way back. */
export function PointerPage({ scope, owner, name, crumbs, moves, hasMore, at, knownAt, nowMs }: Props) {
  const words = useWords();
  const { data, link } = useShell();
  const text = words.pointers.page;
  const [moving, setMoving] = useState(false);
  const [last] = moves;
  const isProtected = owner.protectedNames.includes(name);
  const version = (number: number | null) => (number === null ? text.nowhere : words.pointers.version({ number }));
  const may = mayAct(scope, "registry:write");
  const kind = isProtected ? "protected" : owner.kind === "prompt-label" ? "label" : "alias";
  return (
    <Page>
      <PageChrome crumbs={[{ label: data.project.name, href: `/${scope.project}` }, ...crumbs, { label: name }]} />
      <PageHeader
        title={text.title({ owner: owner.name, name })}
        badge={<NameTag kind={kind}>{name}</NameTag>}
        actions={
          <Button variant="primary" disabled={!may} onClick={() => setMoving(true)}>
            {isProtected ? words.pointers.ask : words.pointers.move}
          </Button>
        }
      >
        {text.about}
      </PageHeader>
      <KeyFacts
        facts={[
          { label: text.now, value: version(last?.to ?? null) },
          { label: text.since, value: last === undefined ? "–" : <RelativeTime at={last.validFrom} /> },
          { label: text.moves, value: last?.revision ?? 0 },
          { label: text.protected, value: isProtected ? text.yes : text.no },
        ]}
      />
      <TimeTravelCard name={name} moves={moves} at={at} knownAt={knownAt} nowMs={nowMs} />
      <Card>
        <CardHead
          title={text.list}
          sub={text.listSub}
          right={last !== undefined && may && <RestoreButton scope={scope} owner={owner} name={name} last={last} />}
        />
        <CardBody>
          <Timeline
            label={text.list}
            events={moves.map((move) => ({
              id: String(move.revision),
              tone: move.to === null ? "idle" : "good",
              title: text.move({ from: version(move.from), to: version(move.to) }),
              at: move.recordedAt,
              actor: move.actor,
              reason: move.reason,
              detail: <MoveDetail move={move} href={(number) => link(`/${scope.project}/approvals/${number}`)} />,
            }))}
          />
          {hasMore && <p className="mt-3 text-small text-ink-3">{text.onlyNewest({ count: moves.length })}</p>}
        </CardBody>
      </Card>
      {moving && (
        <MovePointerDialog scope={scope} owner={owner} pointer={name} version={owner.latestVersion} onClose={() => setMoving(false)} />
      )}
    </Page>
  );
}

function MoveDetail({ move, href }: { move: PointerMove; href: (number: number) => string }) {
  const words = useWords();
  const text = words.pointers.page;
  return (
    <>
      {move.validFrom !== move.recordedAt && (
        <span>
          {text.toldLater} <RelativeTime at={move.validFrom} />.{" "}
        </span>
      )}
      {move.approval !== null && <TextLink href={href(move.approval)}>{text.approval({ number: move.approval })}</TextLink>}
    </>
  );
}
