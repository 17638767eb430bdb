"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { toVariableText } from "@/lib/core/prompt-variables";
import type { PromptVersion } from "@/lib/domain/prompts/api";
import type { PlaygroundDraft } from "./playground-draft";

type Variable = PromptVersion["variables"][number];
type Props = { draft: PlaygroundDraft; variables: readonly Variable[]; onChange: (draft: PlaygroundDraft) => void };

/** What the prompt's variables are filled with, each by its type, and what is said after it. */
export function ValuesCard({ draft, variables, onChange }: Props) {
  const text = useWords().playground;
  return (
    <Card>
      <CardHead title={text.values} />
      <CardBody className="flex flex-col gap-3.5">
        {variables.length === 0 && <p className="text-ink-2">{text.noVariables}</p>}
        {variables.map((variable) => (
          <ValueField
            key={variable.name}
            variable={variable}
            value={draft.values[variable.name] ?? ""}
            onChange={(value) => onChange({ ...draft, values: { ...draft.values, [variable.name]: value } })}
          />
        ))}
        <TextAreaField
          label={text.question}
          name="question"
          hint={text.questionHint}
          optional
          rows={2}
          value={draft.question}
          onChange={(event) => onChange({ ...draft, question: event.target.value })}
        />
      </CardBody>
    </Card>
  );
}

function ValueField({ variable, value, onChange }: { variable: Variable; value: string; onChange: (value: string) => void }) {
  const text = useWords().playground;
  const fallback = variable.default === null ? null : text.defaultIs({ value: toVariableText(variable.default) });
  const shared = {
    label: <code>{variable.name}</code>,
    name: `value-${variable.name}`,
    pointer: `/variables/${variable.name}`,
    hint: [variable.description, fallback].filter(Boolean).join(" · ") || undefined,
    optional: !variable.required,
    value,
  };
  if (variable.type === "boolean")
    return (
      <SelectField
        {...shared}
        onChange={(event) => onChange(event.target.value)}
        options={[
          { value: "", label: text.choose },
          { value: "true", label: text.yes },
          { value: "false", label: text.no },
        ]}
      />
    );
  if (variable.type === "string" || variable.type === "array" || variable.type === "object")
    return (
      <TextAreaField
        {...shared}
        mono={variable.type !== "string"}
        rows={Math.min(8, Math.max(1, value.split("\n").length))}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  return (
    <TextField
      {...shared}
      inputMode={variable.type === "integer" ? "numeric" : "decimal"}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
