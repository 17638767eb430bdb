"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { Note } from "@/components/ui/note";
import type { ComposedPrompt } from "@/lib/domain/prompts/api";
import { MessageSections } from "./messages-card";

type Props = { project: string; served: { readonly result: ComposedPrompt | null; readonly refusal: string | null } };

/** A version with the prompts that stand in it, and which version each of them is at the moment; or why it cannot be composed. */
export function ServedCard({ project, served: { result, refusal } }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.prompts.served;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {result === null ? (
        <CardBody>
          <Note tone="bad" title={text.cannot}>
            {refusal}
          </Note>
        </CardBody>
      ) : (
        <>
          <MessageSections kind={result.kind} messages={result.messages} />
          <section className="border-t border-line" aria-label={text.takenIn}>
            <h3 className="bg-sunken px-4 py-1.5 text-small font-medium text-ink-3">{text.takenIn}</h3>
            <DataTable
              caption={text.takenIn}
              rows={result.includes}
              rowKey={(include) => include.reference}
              columns={[
                { id: "place", head: text.columns.place, cell: (include) => <code>{`{{> ${include.reference}}}`}</code> },
                {
                  id: "version",
                  head: text.columns.version,
                  cell: (include) => (
                    <TextLink href={link(`/${project}/prompts/${encodeURIComponent(include.name)}/${include.version}`)}>
                      {include.name} {words.prompts.version({ number: include.version })}
                    </TextLink>
                  ),
                },
                {
                  id: "hash",
                  head: text.columns.hash,
                  cell: (include) => <code title={include.contentHash}>{include.contentHash.slice(0, 12)}</code>,
                },
              ]}
            />
            <p className="border-t border-line px-4 py-2.5 text-small text-ink-3">{text.release}</p>
          </section>
        </>
      )}
    </Card>
  );
}
