"use client";

import { Trash2 } from "lucide-react";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField, Field, SelectField, TextField } from "@/components/ui/field";
import { NameTag } from "@/components/ui/name-tag";
import type { Words } from "@/lib/core/words";
import type { Backend } from "@/lib/domain/backends/api";
import type { Prompt } from "@/lib/domain/prompts/api";
import type { Model } from "@/lib/domain/registry/api";
import { type VariantDraft, versionNumbers } from "./release-draft";
import { VariantServing } from "./serving/variant-serving";

type Props = {
  draft: VariantDraft;
  /** All variants of the release that is being written. */
  drafts: readonly VariantDraft[];
  index: number;
  choices: { models: readonly Model[]; prompts: readonly Prompt[]; backends: readonly Backend[] };
  onChange: (part: Partial<VariantDraft>) => void;
  onRemove?: () => void;
};

/** One variant of the release that is being written. */
export function VariantFields({ draft, drafts, index, choices, onChange, onRemove }: Props) {
  const words = useWords();
  const text = words.endpoints.releaseForm;
  const at = `/variants/${index}`;
  const model = choices.models.find((each) => each.name === draft.model);
  const prompt = choices.prompts.find((each) => each.name === draft.prompt);
  const version = (number: number) => ({ value: String(number), label: `v${number}` });
  return (
    <Card>
      <CardHead
        title={text.variant({ number: index + 1 })}
        right={
          onRemove && (
            <IconButton label={text.removeVariant({ number: index + 1 })} onClick={onRemove}>
              <Trash2 aria-hidden />
            </IconButton>
          )
        }
      />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <TextField
          label={text.name}
          name={`name-${draft.id}`}
          pointer={`${at}/name`}
          value={draft.name}
          onChange={(event) => onChange({ name: event.target.value })}
          autoComplete="off"
        />
        <TextField
          label={text.weight}
          name={`weight-${draft.id}`}
          pointer={`${at}/weightBps`}
          inputMode="decimal"
          value={draft.weight}
          onChange={(event) => onChange({ weight: event.target.value })}
          autoComplete="off"
        />
        <SelectField
          label={text.model}
          name={`model-${draft.id}`}
          pointer={`${at}/model`}
          value={draft.model}
          onChange={(event) => {
            const chosen = choices.models.find((each) => each.name === event.target.value);
            onChange({ model: event.target.value, modelVersion: String(chosen?.latestVersion ?? "") });
          }}
          options={choices.models.map((each) => ({ value: each.name, label: each.name, disabled: each.latestVersion === null }))}
        />
        <SelectField
          label={text.modelVersion}
          name={`modelVersion-${draft.id}`}
          pointer={`${at}/modelVersion`}
          value={draft.modelVersion}
          onChange={(event) => onChange({ modelVersion: event.target.value })}
          options={versionNumbers(model?.latestVersion ?? null).map(version)}
        />
        <SelectField
          label={text.prompt}
          name={`prompt-${draft.id}`}
          pointer={`${at}/prompt/name`}
          value={draft.prompt}
          onChange={(event) => {
            const chosen = choices.prompts.find((each) => each.name === event.target.value);
            onChange({ prompt: event.target.value, promptVersion: String(chosen?.latestVersion ?? "") });
          }}
          options={[
            { value: "", label: text.noPrompt },
            ...choices.prompts.map((each) => ({ value: each.name, label: each.name, disabled: each.latestVersion === null })),
          ]}
        />
        <SelectField
          label={text.promptVersion}
          name={`promptVersion-${draft.id}`}
          pointer={`${at}/prompt`}
          value={draft.promptVersion}
          disabled={prompt === undefined}
          hint={draft.promptVersion.startsWith("label:") ? text.labelHint : undefined}
          onChange={(event) => onChange({ promptVersion: event.target.value })}
          options={promptOptions(prompt, words)}
        />
        <BackendChoice draft={draft} pointer={`${at}/backends`} backends={choices.backends} onChange={onChange} />
        <TextField
          label={text.temperature}
          name={`temperature-${draft.id}`}
          pointer={`${at}/parameters/temperature`}
          inputMode="decimal"
          optional
          hint={text.parameterHint}
          value={draft.temperature}
          onChange={(event) => onChange({ temperature: event.target.value })}
        />
        <TextField
          label={text.maxTokens}
          name={`maxTokens-${draft.id}`}
          pointer={`${at}/parameters/max_tokens`}
          inputMode="numeric"
          optional
          value={draft.maxTokens}
          onChange={(event) => onChange({ maxTokens: event.target.value })}
        />
        <VariantServing draft={draft} drafts={drafts} at={at} onChange={onChange} />
      </CardBody>
    </Card>
  );
}

function promptOptions(prompt: Prompt | undefined, words: Words) {
  if (prompt === undefined) return [];
  const text = words.endpoints.releaseForm;
  return [
    ...versionNumbers(prompt.latestVersion).map((number) => ({ value: String(number), label: `v${number}` })),
    ...prompt.labels.map(({ label, version }) => ({ value: `label:${label}`, label: text.labelOption({ label, version }) })),
  ];
}

type BackendProps = { draft: VariantDraft; pointer: string; backends: readonly Backend[]; onChange: Props["onChange"] };

function BackendChoice({ draft, pointer, backends, onChange }: BackendProps) {
  const words = useWords();
  const { data } = useShell();
  const text = words.endpoints.releaseForm;
  return (
    <Field
      label={text.backends}
      name={`backends-${draft.id}`}
      pointer={pointer}
      hint={backends.length === 0 ? text.noBackends : text.backendsHint}
      className="md:col-span-2"
    >
      {({ id, "aria-invalid": invalid, "aria-describedby": describedBy, "data-pointer": dataPointer }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot be the label that Field draws
        <div
          id={id}
          role="group"
          aria-label={text.backends}
          aria-invalid={invalid}
          aria-describedby={describedBy}
          data-pointer={dataPointer}
          tabIndex={-1}
          className="grid gap-2 rounded-control border border-line px-3 py-2.5 aria-invalid:border-bad-solid md:grid-cols-2"
        >
          {backends.length === 0 && <span className="text-ink-3">{data.project.name}</span>}
          {backends.map((backend) => (
            <CheckboxField
              key={backend.name}
              label={
                <span className="inline-flex flex-wrap items-center gap-1.5">
                  {backend.name}
                  {backend.isSimulated && <NameTag kind="simulated" />}
                </span>
              }
              hint={backend.servedModel ?? undefined}
              checked={draft.backends.includes(backend.name)}
              onCheckedChange={(checked) =>
                onChange({
                  backends: checked === true ? [...draft.backends, backend.name] : draft.backends.filter((name) => name !== backend.name),
                })
              }
            />
          ))}
        </div>
      )}
    </Field>
  );
}
