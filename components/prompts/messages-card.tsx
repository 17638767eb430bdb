"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyButton } from "@/components/ui/copy-field";
import type { PromptVersion } from "@/lib/domain/prompts/api";
import { parameterLines } from "./prompt-diff";

const places = /(\{\{[^{}]*\}\})/;

/** Messages one below the other; variables and places of other prompts as chips. */
export function MessageSections({ kind = "chat", messages }: Pick<PromptVersion, "messages"> & { kind?: PromptVersion["kind"] }) {
  const text = useWords().prompts;
  return messages.map((message, index) => {
    const title = kind === "text" ? text.textInChat : text.message({ number: index + 1, role: message.role });
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: messages are known by their place, and a version never changes
      <section key={index} className="border-t border-line" aria-label={title}>
        <div className="flex items-center justify-between bg-sunken py-1 pr-2 pl-4">
          <h3 className="text-small font-medium text-ink-3">{title}</h3>
          <CopyButton value={message.content} what={title} />
        </div>
        <p className="px-4 py-3 font-mono text-[12.5px]/5 wrap-anywhere whitespace-pre-wrap">
          {message.content.split(places).map((part, at) =>
            places.test(part) ? (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
                key={at}
                className="rounded-[3px] bg-surface px-[3px] text-ink-2 shadow-[inset_0_0_0_1px_var(--line-strong)]"
              >
                {part}
              </span>
            ) : (
              part
            ),
          )}
        </p>
      </section>
    );
  });
}

/** The messages as they were written. */
export function MessagesCard({ version }: { version: PromptVersion }) {
  const words = useWords();
  const text = words.prompts;
  const parameters = parameterLines(version);
  return (
    <Card>
      <CardHead title={version.kind === "text" ? text.templateText : text.tabs.messages} />
      <div>
        <MessageSections kind={version.kind} messages={version.messages} />
        <section className="border-t border-line" aria-label={text.parameters}>
          <h3 className="bg-sunken px-4 py-1.5 text-small font-medium text-ink-3">{text.parameters}</h3>
          {parameters === "" ? (
            <CardBody className="pt-3 text-ink-2">{text.noParameters}</CardBody>
          ) : (
            <div className="p-4">
              <CodeBlock code={parameters} label={text.parameters} />
            </div>
          )}
        </section>
      </div>
    </Card>
  );
}
