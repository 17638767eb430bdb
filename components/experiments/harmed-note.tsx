"use client";

import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Note } from "@/components/ui/note";
import type { Experiment, HarmedSegment } from "@/lib/domain/experiments/api";
import { harmedSentences } from "./segments-model";

type Props = { experiment: Experiment; harmed: readonly HarmedSegment[]; href?: string };

/** That deploying would harm segments which the plan declared: beside the verdict, which it does not change. */
export function HarmedNote({ experiment, harmed, href }: Props) {
  const words = useWords();
  const text = words.segments;
  if (harmed.length === 0) return null;
  const count = new Set(harmed.map(({ dimension, value }) => `${dimension} ${value}`)).size;
  return (
    <Note tone="hold" role="status" title={text.harmedTitle({ count })}>
      <ul className="list-disc pl-4">
        {harmedSentences(harmed, experiment, words).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="mt-1 text-small text-ink-2">
        {text.harmedAbout} {href !== undefined && <TextLink href={href}>{text.open}</TextLink>}
      </p>
    </Note>
  );
}
