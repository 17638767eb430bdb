"use client";

import type { Scope } from "@/components/overview/scope";
import { PointersCard } from "@/components/pointers/pointers-card";
import { useWords } from "@/components/shell/words-provider";
import type { ModelAlias } from "@/lib/domain/pointers/api";
import type { Model } from "@/lib/domain/registry/api";

type Props = { scope: Scope; model: Model; aliases: readonly ModelAlias[]; protectedNames: readonly string[] };

/** Where each alias of a model stands, and the act that moves one. */
export function AliasesCard({ scope, model, aliases, protectedNames }: Props) {
  const words = useWords();
  return (
    <PointersCard
      scope={scope}
      owner={{ kind: "model-alias", name: model.name, latestVersion: model.latestVersion ?? 0, protectedNames }}
      pointers={aliases.map(({ alias: name, version, movedAt }) => ({ name, version, movedAt }))}
      version={null}
      text={words.pointers.aliases}
    />
  );
}
