"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { Variable } from "@/lib/domain/prompts/api";
import { freshVariable, isJsonType, readJsonText, schemaMistake, type VariableDraft } from "./version-draft";

const types = Variable.shape.type.unwrap().options;

type Props = {
  names: readonly string[];
  drafts: Readonly<Record<string, VariableDraft>>;
  onChange: (name: string, draft: VariableDraft) => void;
};

/** The variables that the messages use, each with its type and what holds when the caller gives none. */
export function VariableFields({ names, drafts, onChange }: Props) {
  const words = useWords();
  const text = words.prompts.form;
  return (
    <Card>
      <CardHead title={text.variables} sub={text.variablesSub} />
      <CardBody className="flex flex-col gap-4">
        {names.length === 0 && <p className="text-ink-2">{text.variablesNone}</p>}
        {names.map((name, index) => {
          const draft = drafts[name] ?? freshVariable;
          const at = `/variables/${index}`;
          const mistake = schemaMistake(draft.schema);
          const change = (part: Partial<VariableDraft>) => onChange(name, { ...draft, ...part });
          return (
            <fieldset key={name} className="grid min-w-0 gap-3 border-t border-line pt-3 first:border-t-0 first:pt-0 md:grid-cols-2">
              <legend className="float-left mb-1 w-full md:col-span-2">
                <code className="font-medium">{`{{${name}}}`}</code>
              </legend>
              <SelectField
                label={text.type}
                name={`type-${name}`}
                pointer={`${at}/type`}
                value={draft.type}
                onChange={(event) => change({ type: types.find((type) => type === event.target.value) ?? "string" })}
                options={types.map((type) => ({ value: type, label: text.types[type] }))}
              />
              <TextField
                label={isJsonType(draft.type) ? text.defaultJson : text.default}
                name={`default-${name}`}
                pointer={`${at}/default`}
                error={!draft.required && isJsonType(draft.type) && readJsonText(draft.default) === undefined ? text.badJson : undefined}
                disabled={draft.required}
                value={draft.default}
                onChange={(event) => change({ default: event.target.value })}
              />
              <CheckboxField
                label={text.required}
                checked={draft.required}
                onCheckedChange={(checked) => change({ required: checked === true })}
              />
              <TextField
                label={text.variableDescription}
                name={`description-${name}`}
                pointer={`${at}/description`}
                optional
                value={draft.description}
                onChange={(event) => change({ description: event.target.value })}
              />
              <details className="md:col-span-2" open={draft.schema !== "" || undefined}>
                <summary className="cursor-pointer text-small text-ink-2">{text.schemaSummary}</summary>
                <TextAreaField
                  label={text.schema}
                  name={`schema-${name}`}
                  pointer={`${at}/schema`}
                  hint={text.schemaHint}
                  error={mistake === null ? undefined : text[mistake]}
                  optional
                  mono
                  rows={Math.min(10, Math.max(2, draft.schema.split("\n").length))}
                  className="pt-2"
                  value={draft.schema}
                  onChange={(event) => change({ schema: event.target.value })}
                />
              </details>
            </fieldset>
          );
        })}
      </CardBody>
    </Card>
  );
}
