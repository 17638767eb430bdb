"use client";

import { Check } from "lucide-react";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { AttentionList } from "@/components/ui/lists";
import { RelativeTime } from "@/components/ui/relative-time";
import { listNeeds } from "./needs-you";

type Props = { sources: Omit<Parameters<typeof listNeeds>[0], "words" | "link">; project: string };

export function NeedsYouCard({ sources, project }: Props) {
  const words = useWords();
  const { link } = useShell();
  const needs = listNeeds({
    ...sources,
    words,
    link: (path) => (path.startsWith("#") ? `${link(`/${project}`)}${path}` : link(`/${project}${path}`)),
  });
  return (
    <Card>
      <CardHead title={words.overview.needsYou} sub={needs.length > 0 ? words.overview.openItems({ count: needs.length }) : undefined} />
      {needs.length === 0 ? (
        <CardBody className="flex items-center gap-2 text-ink-2">
          <Check className="size-4 shrink-0 stroke-2 text-good-ink" aria-hidden />
          {words.overview.nothingWaits}
        </CardBody>
      ) : (
        <AttentionList
          label={words.overview.needsYou}
          items={needs.map(({ at, ends: _, ...need }) => ({ ...need, since: at === null ? undefined : <RelativeTime at={at} /> }))}
        />
      )}
    </Card>
  );
}
