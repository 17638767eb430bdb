"use client";

import { Tag } from "lucide-react";
import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { CardList } from "@/components/ui/lists";
import { NameTag } from "@/components/ui/name-tag";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Prompt } from "@/lib/domain/prompts/api";
import { MoveLabelDialog } from "./move-label-dialog";

type Props = {
  scope: Scope;
  prompt: Prompt;
  /** The version that is read: a label can be pointed at it. Null on the prompt's own page. */
  version: number | null;
};

/** Where each label stands, and the act that moves one. */
export function LabelsCard({ scope, prompt, version }: Props) {
  const words = useWords();
  const text = words.prompts.labels;
  const [moving, setMoving] = useState<{ label: string | null } | null>(null);
  const may = mayAct(scope, "registry:write");
  const target = version ?? prompt.latestVersion;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {prompt.labels.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <CardList label={text.title}>
          {prompt.labels.map((label) => (
            <li key={label.label} className="flex items-center justify-between gap-3">
              <span className="min-w-0">
                <NameTag kind="label">{label.label}</NameTag> <b>{words.prompts.version({ number: label.version })}</b>
                <span className="block text-small text-ink-3">
                  <RelativeTime at={label.movedAt} />
                </span>
              </span>
              <Button size="sm" disabled={!may || prompt.versionCount < 2} onClick={() => setMoving({ label: label.label })}>
                {text.move}
              </Button>
            </li>
          ))}
        </CardList>
      )}
      {prompt.labels[0] !== undefined && (
        <div className="border-t border-line px-4 py-3">
          <p className="mb-1.5 text-small text-ink-3">{text.read}</p>
          <CopyField value={`GET /api/v1/prompts/${encodeURIComponent(prompt.name)}/labels/${prompt.labels[0].label}`} />
        </div>
      )}
      {target !== null && (
        <CardFoot>
          <Button size="sm" icon={<Tag aria-hidden />} disabled={!may} onClick={() => setMoving({ label: null })}>
            {text.moveHere}
          </Button>
          {!may && <span>{words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("registry:write")] })}</span>}
        </CardFoot>
      )}
      {moving !== null && target !== null && (
        <MoveLabelDialog scope={scope} prompt={prompt} label={moving.label} version={target} onClose={() => setMoving(null)} />
      )}
    </Card>
  );
}
