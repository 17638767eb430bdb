"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Note } from "@/components/ui/note";

export interface Unreviewed {
  readonly number: number;
  readonly title: string;
  readonly by: string;
}

/** Stands on every page until another approver has looked at what was done without approval. */
export function UnreviewedBanner({ items, project }: { items: readonly Unreviewed[]; project: string }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.approvals.glass;
  if (items.length === 0) return null;
  return (
    <div className="flex flex-col gap-2 px-(--page-pad) pt-4 print:hidden">
      {items.map((item) => (
        <Note key={item.number} tone="bad" role="alert">
          {text.banner({ title: item.title, name: item.by })}{" "}
          <TextLink href={link(`/${project}/approvals/${item.number}`)}>{text.open}</TextLink>
        </Note>
      ))}
    </div>
  );
}
