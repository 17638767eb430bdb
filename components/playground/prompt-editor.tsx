"use client";

import { Plus, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type MessageDraft, templateMistake } from "@/components/prompts/version-draft";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { Message, type PromptVersion } from "@/lib/domain/prompts/api";
import type { PlaygroundDraft } from "./playground-draft";

const roles = Message.shape.role.options;

type Props = {
  project: string;
  prompts: readonly string[];
  chosen: string | undefined;
  versions: readonly number[];
  source: PromptVersion | null;
  draft: PlaygroundDraft;
  saved: boolean;
  onChange: (draft: PlaygroundDraft) => void;
  onReset: () => void;
};

/** Which prompt, in which version, and its text to write on. */
export function PromptEditor({ project, prompts, chosen, versions, source, draft, saved, onChange, onReset }: Props) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const text = words.playground;
  const form = words.prompts.form;
  const version = (number: number) => words.prompts.version({ number });
  const go = (query: string) => router.push(link(`/${project}/playground${query}`));
  const state = source === null ? text.unsaved : (saved ? text.saved : text.edited)({ version: version(source.number) });
  const put = (messages: readonly MessageDraft[]) => onChange({ ...draft, messages });
  const change = (id: number, part: Partial<MessageDraft>) => put(draft.messages.map((m) => (m.id === id ? { ...m, ...part } : m)));
  return (
    <Card>
      <CardHead
        title={text.prompt}
        sub={state}
        right={
          source !== null &&
          !saved && (
            <Button size="sm" variant="ghost" onClick={onReset}>
              {text.reset}
            </Button>
          )
        }
      />
      <CardBody className="flex flex-col gap-3.5">
        <div className="grid grid-cols-[minmax(0,1fr)_110px] gap-3">
          <SelectField
            label={text.prompt}
            name="prompt"
            value={chosen ?? ""}
            onChange={(event) => go(event.target.value === "" ? "" : `?prompt=${encodeURIComponent(event.target.value)}`)}
            options={[
              { value: "", label: text.noPrompt },
              ...[...new Set([...prompts, ...(chosen === undefined ? [] : [chosen])])].map((name) => ({ value: name, label: name })),
            ]}
          />
          <SelectField
            label={text.version}
            name="version"
            disabled={source === null}
            value={String(source?.number ?? "")}
            onChange={(event) => go(`?prompt=${encodeURIComponent(chosen ?? "")}&version=${event.target.value}`)}
            options={[...new Set([...versions, ...(source === null ? [] : [source.number])])].map((n) => ({
              value: String(n),
              label: version(n),
            }))}
          />
        </div>
        {draft.messages.map((message, index) => (
          <div key={message.id} className="flex flex-col gap-2 border-t border-line pt-3">
            <div className="flex items-end justify-between gap-2">
              <SelectField
                label={form.message({ number: index + 1 })}
                name={`role-${message.id}`}
                value={message.role}
                onChange={(event) => change(message.id, { role: roles.find((role) => role === event.target.value) ?? "user" })}
                options={roles.map((role) => ({ value: role, label: role }))}
                className="w-[170px]"
              />
              {draft.messages.length > 1 && (
                <IconButton
                  label={form.removeMessage({ number: index + 1 })}
                  onClick={() => put(draft.messages.filter((each) => each.id !== message.id))}
                >
                  <Trash2 aria-hidden />
                </IconButton>
              )}
            </div>
            <TextAreaField
              label={`${form.content} ${index + 1}`}
              name={`content-${message.id}`}
              pointer={`/content/messages/${index}/content`}
              error={templateMistake(message.content) ?? undefined}
              mono
              className="[&_textarea]:field-sizing-content [&_textarea]:max-h-96 [&_textarea]:min-h-20"
              value={message.content}
              onChange={(event) => change(message.id, { content: event.target.value })}
            />
          </div>
        ))}
        <div>
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            onClick={() => put([...draft.messages, { id: Math.max(0, ...draft.messages.map((m) => m.id)) + 1, role: "user", content: "" }])}
          >
            {form.addMessage}
          </Button>
        </div>
        <div className="grid gap-3 border-t border-line pt-3 md:grid-cols-3">
          <TextField
            label={form.temperature}
            name="temperature"
            inputMode="decimal"
            value={draft.temperature}
            onChange={(event) => onChange({ ...draft, temperature: event.target.value })}
          />
          <TextField
            label={form.topP}
            name="top_p"
            inputMode="decimal"
            value={draft.topP}
            onChange={(event) => onChange({ ...draft, topP: event.target.value })}
          />
          <TextField
            label={form.maxTokens}
            name="max_tokens"
            inputMode="numeric"
            value={draft.maxTokens}
            onChange={(event) => onChange({ ...draft, maxTokens: event.target.value })}
          />
        </div>
      </CardBody>
    </Card>
  );
}
