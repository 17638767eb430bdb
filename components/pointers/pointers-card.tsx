"use client";

import { Tag } from "lucide-react";
import { type ReactNode, useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CardList } from "@/components/ui/lists";
import { NameTag } from "@/components/ui/name-tag";
import { RelativeTime } from "@/components/ui/relative-time";
import { MovePointerDialog } from "./move-pointer-dialog";
import type { PointerOwner } from "./pointer-calls";

interface Pointer {
  readonly name: string;
  readonly version: number;
  readonly movedAt: string;
}

type Props = {
  scope: Scope;
  owner: Omit<PointerOwner, "pointers">;
  pointers: readonly Pointer[];
  /** The version that is read: a pointer can be set on it. Null on the owner's own page. */
  version: number | null;
  text: { title: string; sub: string; none: string; moveHere: string };
  /** What stands below the list, such as how to read it. */
  children?: ReactNode;
};

const historyPath = (project: string, owner: Pick<PointerOwner, "kind" | "name">, name: string): string =>
  owner.kind === "prompt-label"
    ? `/${project}/prompts/${encodeURIComponent(owner.name)}/labels/${name}`
    : `/${project}/models/${encodeURIComponent(owner.name)}/aliases/${name}`;

/** Where each label or alias stands, its history, and the act that moves one. */
export function PointersCard({ scope, owner, pointers, version, text, children }: Props) {
  const words = useWords();
  const { link } = useShell();
  const [moving, setMoving] = useState<{ pointer: string | null } | null>(null);
  const may = mayAct(scope, "registry:write");
  const target = version ?? owner.latestVersion;
  const known = { ...owner, pointers: pointers.map((pointer) => pointer.name) };
  const plainKind = owner.kind === "prompt-label" ? "label" : "alias";
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {pointers.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <CardList label={text.title}>
          {pointers.map((pointer) => (
            <li key={pointer.name} className="flex items-center justify-between gap-3">
              <span className="min-w-0">
                <NameTag kind={owner.protectedNames.includes(pointer.name) ? "protected" : plainKind}>{pointer.name}</NameTag>{" "}
                <b>{words.pointers.version({ number: pointer.version })}</b>
                <span className="block text-small text-ink-3">
                  <RelativeTime at={pointer.movedAt} />,{" "}
                  <TextLink href={link(historyPath(scope.project, owner, pointer.name))}>{words.pointers.history}</TextLink>
                </span>
              </span>
              <Button size="sm" disabled={!may || owner.latestVersion < 2} onClick={() => setMoving({ pointer: pointer.name })}>
                {words.pointers.move}
              </Button>
            </li>
          ))}
        </CardList>
      )}
      {children}
      {target > 0 && (
        <CardFoot>
          <Button size="sm" icon={<Tag aria-hidden />} disabled={!may} onClick={() => setMoving({ pointer: null })}>
            {text.moveHere}
          </Button>
          {!may && <span>{words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("registry:write")] })}</span>}
        </CardFoot>
      )}
      {moving !== null && target > 0 && (
        <MovePointerDialog scope={scope} owner={known} pointer={moving.pointer} version={target} onClose={() => setMoving(null)} />
      )}
    </Card>
  );
}
