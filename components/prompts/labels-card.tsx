"use client";

import type { Scope } from "@/components/overview/scope";
import { PointersCard } from "@/components/pointers/pointers-card";
import { useWords } from "@/components/shell/words-provider";
import { CopyField } from "@/components/ui/copy-field";
import type { Prompt } from "@/lib/domain/prompts/api";

type Props = {
  scope: Scope;
  prompt: Prompt;
  protectedNames: readonly string[];
  /** The version that is read: a label can be pointed at it. Null on the prompt's own page. */
  version: number | null;
};

/** Where each label stands, and the act that moves one. */
export function LabelsCard({ scope, prompt, protectedNames, version }: Props) {
  const words = useWords();
  const text = words.prompts.labels;
  const first = prompt.labels.find((each) => each.version === version) ?? prompt.labels[0];
  const readPath = `/prompts/${encodeURIComponent(prompt.name)}?label=${first?.label}`;
  return (
    <PointersCard
      scope={scope}
      owner={{ kind: "prompt-label", name: prompt.name, latestVersion: prompt.latestVersion ?? 0, protectedNames }}
      pointers={prompt.labels.map(({ label: name, version: number, movedAt }) => ({ name, version: number, movedAt }))}
      version={version}
      text={text}
    >
      {first !== undefined && (
        <div className="border-t border-line px-4 py-3">
          <p className="mb-1.5 text-small text-ink-3">{text.read}</p>
          <CopyField value={`GET /api/v1${readPath}`} />
          <p className="mt-2.5 mb-1.5 text-small text-ink-3">{text.readGateway}</p>
          <CopyField value={`GET /v1${readPath}`} />
        </div>
      )}
    </PointersCard>
  );
}
