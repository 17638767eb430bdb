"use client";

import { Plus, Trash2 } from "lucide-react";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextAreaField } from "@/components/ui/field";
import { Message } from "@/lib/domain/prompts/api";
import { type MessageDraft, templateMistake } from "./version-draft";

const roles = Message.shape.role.options;
const rowsFor = (content: string) => Math.min(16, Math.max(4, content.split("\n").length + 1));

type Props = { messages: readonly MessageDraft[]; onChange: (messages: readonly MessageDraft[]) => void };

/** The messages of a chat prompt; mistakes of a template land on its message while typing. */
export function MessageFields({ messages, onChange }: Props) {
  const text = useWords().prompts.form;
  const change = (id: number, part: Partial<MessageDraft>) =>
    onChange(messages.map((message) => (message.id === id ? { ...message, ...part } : message)));
  return (
    <>
      {messages.map((message, index) => (
        <Card key={message.id}>
          <CardHead
            title={text.message({ number: index + 1 })}
            right={
              messages.length > 1 && (
                <IconButton
                  label={text.removeMessage({ number: index + 1 })}
                  onClick={() => onChange(messages.filter((each) => each.id !== message.id))}
                >
                  <Trash2 aria-hidden />
                </IconButton>
              )
            }
          />
          <CardBody className="flex flex-col gap-3.5">
            <SelectField
              label={text.role}
              name={`role-${message.id}`}
              pointer={`/messages/${index}/role`}
              value={message.role}
              onChange={(event) => change(message.id, { role: roles.find((role) => role === event.target.value) ?? "user" })}
              options={roles.map((role) => ({ value: role, label: role }))}
              className="max-w-[240px]"
            />
            <TextAreaField
              label={text.content}
              name={`content-${message.id}`}
              pointer={`/messages/${index}/content`}
              hint={text.contentHint}
              error={templateMistake(message.content) ?? undefined}
              mono
              rows={rowsFor(message.content)}
              value={message.content}
              onChange={(event) => change(message.id, { content: event.target.value })}
            />
          </CardBody>
        </Card>
      ))}
      <div>
        <Button
          size="sm"
          icon={<Plus aria-hidden />}
          onClick={() => onChange([...messages, { id: Math.max(...messages.map((each) => each.id)) + 1, role: "user", content: "" }])}
        >
          {text.addMessage}
        </Button>
      </div>
    </>
  );
}

/** The one template of a text prompt. */
export function TemplateField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const text = useWords().prompts.form;
  return (
    <Card>
      <CardBody className="flex flex-col gap-3.5 pt-(--card-pad)">
        <TextAreaField
          label={text.template}
          name="text"
          hint={`${text.templateHint} ${text.contentHint}`}
          error={templateMistake(value) ?? undefined}
          mono
          rows={rowsFor(value)}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </CardBody>
    </Card>
  );
}
