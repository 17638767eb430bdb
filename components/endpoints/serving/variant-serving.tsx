"use client";

import { Plus, Trash2 } from "lucide-react";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { BALANCING } from "@/lib/contracts/gateway-config";
import type { FallbackDraft, VariantDraft } from "../release-draft";
import { ClassChoice } from "./class-choice";
import { NumberField } from "./number-field";
import { isWithin } from "./settings-draft";

type Props = {
  draft: VariantDraft;
  /** All variants of the release that is being written. */
  drafts: readonly VariantDraft[];
  /** JSON pointer of the variant. */
  at: string;
  onChange: (part: Partial<VariantDraft>) => void;
};

/** How a variant's requests are spread over its backends, and who answers when none of them can. */
export function VariantServing({ draft, drafts, at, onChange }: Props) {
  const text = useWords().serving;
  return (
    <>
      <SelectField
        label={text.balancing.title}
        name={`balancing-${draft.id}`}
        pointer={`${at}/balancing`}
        hint={text.balancing.hints[draft.balancing]}
        value={draft.balancing}
        onChange={(event) => onChange({ balancing: BALANCING.find((each) => each === event.target.value) ?? "round_robin" })}
        options={BALANCING.map((each) => ({ value: each, label: text.balancing.names[each] }))}
      />
      <TextField
        label={text.input.label}
        name={`maxInputTokens-${draft.id}`}
        pointer={`${at}/maxInputTokens`}
        inputMode="numeric"
        autoComplete="off"
        optional
        hint={text.input.hint}
        error={isWithin(draft.maxInputTokens, { min: 1, max: 100_000_000 }) ? undefined : text.outside({ min: "1", max: "100,000,000" })}
        value={draft.maxInputTokens}
        onChange={(event) => onChange({ maxInputTokens: event.target.value })}
      />
      {draft.balancing === "weighted" &&
        draft.backends.map((backend, index) => (
          <NumberField
            key={backend}
            label={text.balancing.weightOf({ backend })}
            name={`backendWeight-${draft.id}-${index}`}
            pointer={`${at}/backendWeights/${index}`}
            value={draft.backendWeights[backend] ?? ""}
            bounds={{ min: 1, max: 1_000 }}
            fallback={1}
            onChange={(weight) => onChange({ backendWeights: { ...draft.backendWeights, [backend]: weight } })}
          />
        ))}
      <Fallbacks draft={draft} drafts={drafts} at={at} onChange={onChange} />
    </>
  );
}

const MOST = 5;

function Fallbacks({ draft, drafts, at, onChange }: Props) {
  const text = useWords().serving.fallbacks;
  const others = drafts.filter((each) => each.id !== draft.id);
  const free = others.find((each) => draft.fallbacks.every((step) => step.variantId !== each.id));
  const change = (index: number, part: Partial<FallbackDraft>) =>
    onChange({ fallbacks: draft.fallbacks.map((step, place) => (place === index ? { ...step, ...part } : step)) });
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-3.5 md:col-span-2">
      <div>
        <h3 className="text-small font-medium">{text.title}</h3>
        <p className="text-small text-ink-3">{others.length === 0 ? text.needsVariant : text.about}</p>
      </div>
      {draft.fallbacks.map((step, index) => (
        <div key={step.id} className="grid items-start gap-3 rounded-control border border-line p-3 md:grid-cols-[minmax(0,1fr)_auto]">
          <SelectField
            label={text.step({ number: index + 1 })}
            name={`fallback-${draft.id}-${index}`}
            pointer={`${at}/fallbacks/${index}/variant`}
            value={String(step.variantId)}
            onChange={(event) => change(index, { variantId: Number(event.target.value) })}
            options={others.map((each) => ({ value: String(each.id), label: each.name }))}
          />
          <IconButton
            label={text.remove({ number: index + 1 })}
            onClick={() => onChange({ fallbacks: draft.fallbacks.filter((_, place) => place !== index) })}
            className="md:mt-6"
          >
            <Trash2 aria-hidden />
          </IconButton>
          <ClassChoice
            label={text.on}
            name={`fallbackOn-${draft.id}-${index}`}
            pointer={`${at}/fallbacks/${index}/on`}
            error={step.on.length === 0 ? text.chooseOne : undefined}
            value={step.on}
            onChange={(on) => change(index, { on })}
          />
        </div>
      ))}
      {free !== undefined && draft.fallbacks.length < MOST && (
        <div>
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            onClick={() =>
              onChange({
                fallbacks: [
                  ...draft.fallbacks,
                  {
                    id: Math.max(0, ...draft.fallbacks.map((step) => step.id)) + 1,
                    variantId: free.id,
                    on: ["overloaded", "unavailable", "timeout"],
                  },
                ],
              })
            }
          >
            {text.add}
          </Button>
        </div>
      )}
    </div>
  );
}
