"use client";

import { useId } from "react";

type Choice<V extends string> = { value: V; label: string; hint: string };

type Props<V extends string> = {
  legend: string;
  name: string;
  value: V;
  choices: readonly Choice<V>[];
  onChange: (value: V) => void;
};

/** One of a few, each with a sentence on what it means. */
export function ChoiceField<V extends string>({ legend, name, value, choices, onChange }: Props<V>) {
  const id = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-[5px] text-small font-medium">{legend}</legend>
      <div className="grid gap-2 md:grid-cols-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className="flex cursor-pointer items-start gap-2.5 rounded-control border border-line px-3 py-2.5 hover:bg-hover has-checked:border-primary has-checked:bg-sunken"
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
              aria-describedby={`${id}-${choice.value}`}
              aria-label={choice.label}
              className="mt-[3px] size-4 shrink-0 accent-primary"
            />
            <span className="min-w-0">
              {choice.label}
              <span id={`${id}-${choice.value}`} className="block text-small text-ink-3">
                {choice.hint}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
